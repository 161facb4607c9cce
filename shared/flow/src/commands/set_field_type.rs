//! `set_field_type`: turns columns into another field type.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::{Field, Kind};

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::field_types::{TypeName, retyping};
use crate::kinds::{Conversion, kind_words, other_entities};
use crate::located::{At, Located};
use crate::plan::{Column, Nature, NodeId, Op, Retype, UnknownOption};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};

mod examples;

/// Between the items of a list where the settings say nothing.
const SEPARATOR: &str = ",";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    fields: At<Vec<Change>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    field: At<String>,
    to: At<TypeName>,
    #[serde(default, rename = "as")]
    rename: Option<String>,
    #[serde(default)]
    separator: Option<At<String>>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    unknown: Option<At<UnknownName>>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum UnknownName {
    First,
    Blank,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.fields, "fields", &settings.fields, problems);
    for change in &settings.fields.value {
        let setting = format!("fields: {}", change.field.value);
        if let Some(separator) = change.separator.as_ref().filter(|s| s.is_empty()) {
            problems.push(
                Problem::new("empty_separator", "区切り文字が空です。", "The separator is empty.")
                    .in_setting(&setting)
                    .at(separator.position),
            );
        }
        if !change.options.is_empty() && !change.to.has_options() {
            problems.push(
                Problem::new(
                    "no_options",
                    "「options」は、選択肢のあるタイプ（radio_button、drop_down、check_box、multi_select）だけに書けます。",
                    "\"options\" belongs to types with options: radio_button, drop_down, check_box, multi_select.",
                )
                .in_setting(&setting)
                .at(change.to.position),
            );
        }
        if let Some(unknown) = change.unknown.as_ref().filter(|_| change.options.is_empty()) {
            problems.push(
                Problem::new(
                    "no_options",
                    "「unknown」には「options」が要ります。選択肢が分からなければ、知らない値もありません。",
                    "\"unknown\" needs \"options\": without them no value is unknown.",
                )
                .in_setting(&setting)
                .at(unknown.position),
            );
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let mut columns = input.clone();
    let mut retypes: Vec<Retype> = Vec::new();
    for change in &settings.fields.value {
        let Some(column) = check.column(&input, &change.field, "fields", change.field.position) else { continue };
        let kind = input[column].kind;
        if retypes.iter().any(|r| r.column == column) {
            check.problem(
                Problem::new(
                    "changed_twice",
                    format!("列「{}」の変換が二つあります。一つにしてください。", change.field.value),
                    format!("The column \"{}\" is changed twice; keep one of them.", change.field.value),
                )
                .in_setting("fields")
                .at(change.field.position),
            );
        } else if retyping(kind, change.to.kind()) == Conversion::Never {
            check.problem(inconvertible(&input[column], change));
        }
        let name = change.rename.as_deref().unwrap_or(&change.field);
        let Some(changed) = Column::of_field(&change.to.field(name)) else { continue };
        if let Some(problem) = other_entities(&input[column], &changed) {
            check.problem(problem.in_setting("fields").at(change.to.position));
        }
        columns[column] = changed;
        retypes.push(Retype {
            column,
            record_number: input[column].nature == Nature::RecordNumber,
            field: Field { options: change.options.clone(), ..change.to.field(name) },
            separator: change.separator.as_ref().map_or(SEPARATOR, |s| s.value.as_str()).to_owned(),
            unknown: match change.unknown.as_ref().map(|u| u.value) {
                None => UnknownOption::ByType,
                Some(UnknownName::First) => UnknownOption::First,
                Some(UnknownName::Blank) => UnknownOption::Blank,
            },
        });
    }
    check.unique_names(&columns, "fields");
    (check.problem_count() == before).then(|| check.node(Op::Retype(retypes), columns))
}

fn inconvertible(column: &Column, change: &Change) -> Problem {
    let (is, to) = (kind_words(column.kind), kind_words(change.to.kind()));
    let (remedy_ja, remedy_en) = if column.kind == Kind::Rows {
        ("expand_table で行に展開してから変換してください", "expand it with expand_table first")
    } else {
        ("data_edit の式で計算してください", "compute it with a formula in a data_edit step")
    };
    Problem::new(
        "kinds_do_not_convert",
        format!("列「{}」は{}なので、{}には変換できません。{remedy_ja}。", column.name, is.ja, to.ja),
        format!("The column \"{}\" is of kind {} and does not become {}; {remedy_en}.", column.name, is.en, to.en),
    )
    .in_setting("fields")
    .at(change.to.position)
}

/// `set_field_type`
pub(super) static DEFINITION: Definition = Definition {
    name: "set_field_type",
    version: 1,
    title: words("フィールドタイプ設定", "Set Field Type"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[Setting {
        name: "fields",
        form: "[{ field: name, to: type, as: name, separator: \",\", options: [text], unknown: first | blank }]",
        required: true,
        text: words(FORM_JA, FORM_EN),
    }],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "列を別のフィールドタイプの値に変えます。変えられない値は空になり、数えられます（strict ではフローが止まります）。",
        "Turns columns into another field type. A value that does not convert becomes blank and is counted; in `strict` the flow stops.",
    ),
    behaviour: Behaviour {
        blanks: words("空は空のままで、数えません。", "Blanks stay blank and are not counted."),
        duplicates: words(
            "行は変わりません。チェックボックスなどの同じ選択肢は、options があれば一つになります。",
            "Rows are what they were. Equal items of a list become one where `options` is given.",
        ),
        empty_input: words(
            "0 行なら 0 行で、列の型は変わります。",
            "No row in, no row out; the columns' types change all the same.",
        ),
        types: words(
            "文字列から数値・日付・時刻・日時は、読める書き方だけ（1234.5、2026-03-01、2026/3/1、9:05、2026-03-01 9:05）。読めない値（「1,000円」など）は空にして数えます。日時から日付・時刻、日付から日時（その日の 0 時）はフローのタイムゾーンで。小数は丸めません。アプリコードの付いたレコード番号（SALES-12）は、その番号になります。複数の値から文字列は separator でつなぎ、文字列から複数の値は separator で分けて前後の空白を除きます。ユーザー・組織・グループはコード、添付ファイルはファイル名です。ユーザー・組織・グループは互いには変えられません（文字列を経れば、コードとして変えられます）。計算、作成者、作成日時、レコード番号なども、その値の型として変えられます。テーブルは変えられません。",
            "Text becomes a number, date, time or datetime only where it is written as one (1234.5, 2026-03-01, 2026/3/1, 9:05, 2026-03-01 9:05); anything else, such as \"1,000 yen\", becomes blank and is counted. Datetime to date or time, and date to datetime (its midnight), in the flow's time zone. Numbers are not rounded. A record number with the app's code in front (SALES-12) becomes its number. Lists become text joined with the separator; text becomes a list by splitting at it, without blanks around items. Users, organisations and groups go by code, files by name; the three do not become one another (by way of text, their codes do). Calculated fields, creators, times of creation, record numbers and the like change as values of their kind. Tables do not change.",
        ),
        order: words("行の順も列の位置も変わりません。", "Rows and columns keep their places."),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};

const FORM_JA: &str = "列、新しいタイプ（`to`）、新しい名前（`as`、省くと同じ）の並び。`to` は text | multi_line_text | rich_text | link | number | radio_button | drop_down | check_box | multi_select | date | time | datetime | user_select | organization_select | group_select。`separator` は複数の値と文字列の間の区切り（既定は `,`）。`options` は選択肢で、書くとそれ以外の値を数え、`unknown` のとおりにします: first は最初の選択肢、blank は空（チェックボックスと複数選択では、その項目だけを除く）。既定は radio_button が first、ほかは blank。";

const FORM_EN: &str = "Columns, their new type (`to`) and new name (`as`, the same if left out). `to` is text | multi_line_text | rich_text | link | number | radio_button | drop_down | check_box | multi_select | date | time | datetime | user_select | organization_select | group_select. `separator` stands between the items of a list in a text (`,` by default). With `options` any other value is counted and becomes what `unknown` says: the first option, or blank (for check boxes and multiple choice only that item goes). By default first for radio_button, blank for the others.";
