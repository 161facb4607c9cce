//! `data_edit`: computes columns, with formulas or by ready-made edits.

use schemars::JsonSchema;
use serde::Deserialize;

use model::decimal::Decimal;
use model::field::Kind;

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::{StepCheck, formula_shape};
use crate::kinds::kind_words;
use crate::located::{At, Located};
use crate::plan::{Column, NodeId, OnError, SortKey, Window, WindowColumn, WindowFunction};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};
use crate::sort_by::{SortBy, key_columns, sort_keys};

mod build;
mod examples;
mod methods;

use build::Build;
use methods::{DateMethod, TextMethod};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    edits: At<Vec<Edit>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    field: At<String>,
    #[serde(default)]
    formula: Option<At<String>>,
    #[serde(default)]
    date: Option<DateMethod>,
    #[serde(default)]
    text: Option<TextMethod>,
    #[serde(default)]
    number: Option<Numbering>,
    #[serde(default)]
    kind: Option<At<KindName>>,
    #[serde(default)]
    of: Option<At<String>>,
    #[serde(default)]
    amount: Option<At<i64>>,
    #[serde(default)]
    first_month: Option<At<u64>>,
    #[serde(default)]
    length: Option<At<u64>>,
    #[serde(default)]
    find: Option<At<String>>,
    #[serde(default)]
    with: Option<At<String>>,
    #[serde(default)]
    #[schemars(with = "OnErrorName")]
    on_error: Option<At<OnErrorName>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Numbering {
    #[serde(default)]
    start: Option<At<String>>,
    #[serde(default)]
    step: Option<At<String>>,
    #[serde(default)]
    keys: Vec<At<String>>,
    #[serde(default)]
    order: Vec<SortBy>,
}

/// The kind that a column becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Text,
    Number,
    Bool,
    Date,
    Time,
    Datetime,
    Texts,
    Entities,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Text => Self::Text,
            KindName::Number => Self::Number,
            KindName::Bool => Self::Bool,
            KindName::Date => Self::Date,
            KindName::Time => Self::Time,
            KindName::Datetime => Self::Datetime,
            KindName::Texts => Self::Texts,
            KindName::Entities => Self::Entities,
        }
    }
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnErrorName {
    #[default]
    Fail,
    Blank,
}

impl From<OnErrorName> for OnError {
    fn from(name: OnErrorName) -> Self {
        match name {
            OnErrorName::Fail => Self::Fail,
            OnErrorName::Blank => Self::Blank,
        }
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.edits, "edits", &settings.edits, problems);
    for edit in &settings.edits.value {
        let setting = format!("edits: {}", edit.field.value);
        let methods = [edit.formula.is_some(), edit.date.is_some(), edit.text.is_some(), edit.number.is_some()];
        if methods.iter().filter(|given| **given).count() != 1 {
            problems.push(
                Problem::new(
                    "one_method",
                    "「formula」「date」「text」「number」のどれか一つを書いてください。",
                    "Write one of \"formula\", \"date\", \"text\" and \"number\".",
                )
                .in_setting(&setting)
                .at(edit.field.position),
            );
            continue;
        }
        let mut own = Vec::new();
        if let (Some(on_error), true) = (&edit.on_error, edit.number.is_some()) {
            own.push(
                Problem::new(
                    "needless_key",
                    "行の番号はエラーになりません。「on_error」を消してください。",
                    "Numbers of rows are never an error; remove \"on_error\".",
                )
                .at(on_error.position),
            );
        }
        methods::shape(edit, &mut own);
        for text in edit.number.iter().flat_map(|n| [&n.start, &n.step]).flatten() {
            if text.parse::<Decimal>().is_err() {
                own.push(
                    Problem::new(
                        "no_number",
                        format!("「{}」は数値ではありません。", text.value),
                        format!("\"{}\" is no number.", text.value),
                    )
                    .at(text.position),
                );
            }
        }
        problems.extend(own.into_iter().map(|p| p.in_setting(&setting)));
        if let Some(formula) = &edit.formula {
            formula_shape(formula, &setting, problems);
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let before = check.problem_count();
    let mut build = Build::new(check);
    for edit in &settings.edits.value {
        let setting = format!("edits: {}", edit.field.value);
        match &edit.number {
            Some(numbering) => number(check, &mut build, edit, numbering, &setting),
            None => compute(check, &mut build, edit, &setting),
        }
    }
    (check.problem_count() == before).then(|| build.finish(check))
}

/// A column that a formula, or an edit that is one, computes.
fn compute(check: &mut StepCheck<'_>, build: &mut Build, edit: &Edit, setting: &str) {
    let existing = build.position(&edit.field);
    let expr = match &edit.formula {
        Some(formula) => check.formula(formula, build.columns(), setting),
        None => formula_of(check, build, edit, setting).and_then(|f| check.formula(&f, build.columns(), setting)),
    };
    let yields = expr.as_ref().and_then(|e| e.kind());
    let stated = edit.kind.as_ref().map(|k| Kind::from(k.value));
    let place = edit.formula.as_ref().map_or(edit.field.position, |f| f.position);
    if let (Some(kind), Some(stated)) = (yields, stated)
        && kind != stated
    {
        check.problem(stated_kind(stated, kind).in_setting(setting).at(place));
    }
    // Only what says so changes a column's kind: the edits that are no formula, and `kind`.
    let changes = stated.is_some() || edit.formula.is_none();
    let kind = match existing.and_then(|i| build.columns().get(i)) {
        Some(column) if !changes => {
            if let Some(kind) = yields.filter(|kind| *kind != column.kind) {
                check.problem(other_kind(column, kind).in_setting(setting).at(place));
            }
            column.kind
        }
        // A new column stands for later edits even where its own formula is wrong, so that one mistake is one problem.
        _ => stated.or(yields).unwrap_or(Kind::Text),
    };
    let assign =
        expr.map(|expr| (expr, edit.on_error.as_ref().map_or(OnError::Fail, |on_error| on_error.value.into())));
    build.assign(check, &edit.field, kind, assign);
}

/// The formula of a date or text edit.
fn formula_of(check: &mut StepCheck<'_>, build: &Build, edit: &Edit, setting: &str) -> Option<At<String>> {
    let name = edit.of.as_ref().unwrap_or(&edit.field);
    let of = check.column(build.columns(), name, setting, name.position)?;
    match methods::formula(edit, build.columns().get(of)?) {
        Ok(value) => Some(At { value, position: edit.field.position }),
        Err(problem) => {
            check.problem(problem.in_setting(setting).at(name.position));
            None
        }
    }
}

/// A column of numbers in the order of rows: a window's, moved and stretched by a formula where it begins or steps otherwise.
fn number(check: &mut StepCheck<'_>, build: &mut Build, edit: &Edit, numbering: &Numbering, setting: &str) {
    let keys = key_columns(check, build.columns(), &numbering.keys, setting).unwrap_or_default();
    let order: Vec<SortKey> = sort_keys(check, build.columns(), &numbering.order, setting).unwrap_or_default();
    let row_number = WindowColumn { function: WindowFunction::RowNumber, column: None };
    let window = Window { keys, order, columns: vec![row_number], sorted: false };
    let text = |written: &Option<At<String>>| written.as_ref().map_or("1", |t| t.value.trim()).to_owned();
    let (start, step) = (text(&numbering.start), text(&numbering.step));
    let name = build.window(check, window);
    let formula =
        At { value: format!("([{}]-1)*({step})+({start})", name.replace(']', "]]")), position: edit.field.position };
    let expr = check.formula(&formula, build.columns(), setting);
    build.assign(check, &edit.field, Kind::Number, expr.map(|expr| (expr, OnError::Fail)));
    build.drop(check, &name);
}

fn stated_kind(stated: Kind, yields: Kind) -> Problem {
    let (is, yields) = (kind_words(stated), kind_words(yields));
    Problem::new(
        "edit_kind",
        format!(
            "kind は{}ですが、式の結果は{}です。VALUE() や TEXT() で直すか、kind を直してください。",
            is.ja, yields.ja
        ),
        format!(
            "\"kind\" says {}, but the formula yields {}. Convert with VALUE() or TEXT(), or correct \"kind\".",
            is.en, yields.en
        ),
    )
}

fn other_kind(column: &Column, kind: Kind) -> Problem {
    let (is, yields) = (kind_words(column.kind), kind_words(kind));
    Problem::new(
        "edit_kind",
        format!(
            "列「{}」は{}ですが、式の結果は{}です。VALUE() や TEXT() で直すか、新しい名前の列にするか、列の型を変えるなら kind: {} を書いてください。",
            column.name,
            is.ja,
            yields.ja,
            crate::kinds::kind_name(kind)
        ),
        format!(
            "The column \"{}\" is of kind {}, but the formula yields {}. Convert with VALUE() or TEXT(), give a new name, or write kind: {} if the column shall change its kind.",
            column.name,
            is.en,
            yields.en,
            crate::kinds::kind_name(kind)
        ),
    )
}

/// `data_edit`
pub(super) static DEFINITION: Definition = Definition {
    name: "data_edit",
    version: 1,
    title: words("データ編集", "Data Edit"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[Setting {
        name: "edits",
        form: "[{ field: name, formula: formula, kind: kind, on_error: fail | blank } | { field: name, date: method, of: name, … } | { field: name, text: method, of: name, … } | { field: name, number: { start: 1, step: 1, keys: [name], order: [name] } }]",
        required: true,
        text: words(EDITS_JA, EDITS_EN),
    }],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "Excel のような式で列を計算します。今ある列を置き換えることも、新しい列を加えることもできます。",
        "Computes columns with Excel-like formulas: existing ones are replaced, new ones are added.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空は、四則演算（+ - * / ^）では 0、文字列の連結（&）では空文字として扱います。MIN、MAX、AVERAGE などの集計する関数は空の値を数えません（Excel と同じ）。関数ごとの扱いは docs/functions.md にあります。",
            "A blank counts as 0 in arithmetic (+ - * / ^) and as an empty text in `&`; functions that aggregate, such as MIN, MAX and AVERAGE, leave blanks out, as in Excel. docs/functions.md tells it of each function.",
        ),
        duplicates: words("同じ行もそれぞれ計算します。", "Equal rows are computed each for itself."),
        empty_input: words(
            "0 行なら 0 行です。新しい列は加わります。",
            "No row in, no row out; new columns are there all the same.",
        ),
        types: words(
            "今ある列には同じ型の結果しか入れられません。新しい列の型は式で決まります。数値は小数も正確です。",
            "An existing column takes results of its own kind only; a new one has the kind of its formula. Numbers are exact.",
        ),
        order: words(
            "入力の順です。新しい列は後ろに、書いた順で並びます。",
            "The order of the input. New columns follow in the order written.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};

const EDITS_JA: &str = "列と、その計算の並び。上から順に計算し、下の計算は上の結果を使います。どれか一つを書きます。<br>`formula`: 式。`on_error` は式がエラーになった行の扱いで、fail（既定）はフローを止めて行を示し、blank は空にして数えます。今ある列の型を変えるときは `kind`（text | number | bool | date | time | datetime | texts | entities）を書きます。<br>`date`: 日付か日時の列 `of`（省くと field）から year、month、day、weekday（日曜が 1）、weekday_name（月）、quarter、fiscal_year、fiscal_quarter（`first_month` は年度の始まりの月、既定は 4）、month_start、month_end、year_start、fiscal_year_start、add_days、add_months、add_years（`amount` だけ後）。<br>`text`: 列 `of` を trim、remove_spaces、clean、upper、lower、half_width、full_width、katakana、hiragana、replace（`find` を `with` に）、pad_left、pad_right（`length` 文字になるまで一文字の `with` で埋める）、take_left、take_right（`length` 文字を取る）。<br>`number`: 行の番号。`start`（既定 1）から `step`（既定 1）ずつ、`keys` があればそのグループごとに、`order` があればその順に。<br>date・text・number は今ある列の型も変えます。";

const EDITS_EN: &str = "Columns and how they are computed, from top to bottom; a later edit sees the results of earlier ones. Each has one of:<br>`formula`. `on_error` decides about rows where it is an error: fail (default) stops the flow and names the row, blank leaves a blank and counts it. `kind` (text | number | bool | date | time | datetime | texts | entities) lets an existing column change its kind.<br>`date`: of the dates or datetimes of `of` (the field itself if left out) year, month, day, weekday (Sunday is 1), weekday_name (月), quarter, fiscal_year, fiscal_quarter (`first_month` begins it, 4 by default), month_start, month_end, year_start, fiscal_year_start, or add_days, add_months, add_years by `amount`.<br>`text`: of the column `of` trim, remove_spaces, clean, upper, lower, half_width, full_width, katakana, hiragana, replace (`find` by `with`), pad_left, pad_right (up to `length` characters with the one character `with`), take_left, take_right (`length` characters).<br>`number`: numbers of the rows, from `start` (1) by `step` (1), in each group of `keys` and by `order` where they are given.<br>date, text and number change the kind of an existing column too.";
