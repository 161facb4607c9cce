//! `append_records`: puts the rows of several inputs one after the other.

mod examples;

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::{Field, FieldType, Kind};

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::kinds::{Conversion, conversion, kind_words};
use crate::located::{At, Located};
use crate::plan::{Append, Column, Nature, NodeId, Op, Retype, UnknownOption};
use crate::problem::{Problem, proposal, words};
use crate::settings::{read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    fields: Option<At<Fields>>,
    #[serde(default)]
    like: Option<At<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Fields {
    All,
    Common,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(Settings { fields: Some(fields), like: Some(_) }) = read_shape::<Settings>(settings, problems) {
        problems.push(
            Problem::new(
                "needless_key",
                "「fields」と「like」はどちらか一つです。",
                "Write \"fields\" or \"like\", not both.",
            )
            .in_setting("fields")
            .at(fields.position),
        );
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let before = check.problem_count();
    let mut sides: Vec<Vec<Column>> = (0..check.inputs().len()).map(|side| check.columns(side)).collect();
    let names = names(check, &settings, &sides)?;
    let (mut columns, mut retypes) = (Vec::new(), vec![Vec::new(); sides.len()]);
    for name in &names {
        if let Some(column) = common(check, &sides, name) {
            for (side, retypes) in sides.iter_mut().zip(&mut retypes) {
                retypes.extend(bring(side, &column));
            }
            columns.push(column);
        }
    }
    if columns.is_empty() && check.problem_count() == before {
        let at = settings.fields.as_ref().map_or(check.step.name.position, |f| f.position);
        check.problem(
            Problem::new("no_columns", "共通の列がありません。", "The inputs have no column in common.")
                .in_setting("fields")
                .at(at),
        );
    }
    if check.problem_count() > before {
        return None;
    }
    let mut nodes = check.inputs().to_vec();
    for ((node, side), retypes) in nodes.iter_mut().zip(&sides).zip(retypes) {
        if !retypes.is_empty() {
            *node = check.node_over(vec![*node], Op::Retype(retypes), side.clone());
        }
    }
    let place = |name: &str| sides.iter().map(|side| side.iter().position(|c| c.name == name)).collect();
    let places = columns.iter().map(|c| place(&c.name)).collect();
    Some(check.node_over(nodes, Op::Append(Append { columns: places }), columns))
}

/// The names of the result's columns, in their order. `None`: reported.
fn names(check: &mut StepCheck<'_>, settings: &Settings, sides: &[Vec<Column>]) -> Option<Vec<String>> {
    let names = |side: &[Column]| side.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    if let Some(like) = &settings.like {
        let steps: Vec<&str> = (0..sides.len()).map(|side| check.input_name(side)).collect();
        if let Some(side) = steps.iter().position(|name| *name == like.value) {
            return Some(names(&sides[side]));
        }
        let (ja, en) = proposal(like, steps.iter().copied());
        check.problem(
            Problem::new(
                "unknown_step",
                format!("「{}」はこのステップの入力ではありません。{ja}", like.value),
                format!("\"{}\" is no input of this step.{en}", like.value),
            )
            .in_setting("like")
            .at(like.position),
        );
        return None;
    }
    let mut all: Vec<String> = Vec::new();
    for name in sides.iter().flat_map(|side| names(side)) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    if settings.fields.as_ref().is_some_and(|f| f.value == Fields::Common) {
        all.retain(|name| sides.iter().all(|side| side.iter().any(|c| c.name == *name)));
    }
    Some(all)
}

/// The column of this name in the result: of the one kind that all inputs have or convert to. `None`: reported.
fn common(check: &mut StepCheck<'_>, sides: &[Vec<Column>], name: &str) -> Option<Column> {
    let there: Vec<(usize, &Column)> =
        sides.iter().enumerate().filter_map(|(i, side)| Some((i, side.iter().find(|c| c.name == name)?))).collect();
    let (_, first) = there.first()?;
    if let Some((side, other)) = there.iter().find(|(_, c)| c.kind == first.kind && c.inner != first.inner) {
        let (from, step) = (check.input_name(there[0].0), check.input_name(*side));
        let other = other.name.as_str();
        check.problem(
            Problem::new(
                "tables_differ",
                format!("テーブル「{other}」の列が {from} と {step} で違います。先に expand_table で行に展開してください。"),
                format!("The table \"{other}\" has other columns in {from} than in {step}; expand it into rows first (expand_table)."),
            )
            .in_setting("from")
            .at(check.step.name.position),
        );
        return None;
    }
    let fits = |kind: Kind| {
        there.iter().all(|(_, c)| matches!(conversion(c.kind, kind), Conversion::Same | Conversion::Always))
    };
    // Datetime before text: a date becomes its midnight where nothing else is among them. (A datetime would become a date
    // too, but loses its time.)
    let one = there.iter().all(|(_, c)| c.kind == first.kind);
    let wider = [Kind::Datetime, Kind::Text].into_iter();
    if let Some(kind) = one
        .then_some(first.kind)
        .into_iter()
        .chain(wider)
        .find(|kind| fits(*kind) && there.iter().any(|(_, c)| c.kind == *kind))
    {
        let one = there.iter().all(|(_, c)| c.nature == first.nature);
        let nature = if one { first.nature } else { Nature::Plain };
        return Some(Column { kind, nature, ..(*first).clone() });
    }
    let told = |ja: bool| {
        let each = there.iter().map(|(side, c)| {
            let kind = kind_words(c.kind);
            if ja {
                format!("{} では{}", check.input_name(*side), kind.ja)
            } else {
                format!("{} in {}", kind.en, check.input_name(*side))
            }
        });
        each.collect::<Vec<_>>().join(if ja { "、" } else { ", " })
    };
    let (ja, en) = (told(true), told(false));
    check.problem(
        Problem::new(
            "append_kinds",
            format!("列「{name}」の型が違います: {ja}。set_field_type で先にそろえるか、名前を変えてください。"),
            format!("The column \"{name}\" is of different kinds: {en}. Bring them together with set_field_type first, or rename one."),
        )
        .in_setting("from")
        .at(check.step.name.position),
    );
    None
}

/// Makes the input's column one of the result's kind, and tells how.
fn bring(side: &mut [Column], wanted: &Column) -> Option<Retype> {
    let column = side.iter().position(|c| c.name == wanted.name && c.kind != wanted.kind)?;
    side[column].kind = wanted.kind;
    let of = if wanted.kind == Kind::Datetime { FieldType::Datetime } else { FieldType::MultiLineText };
    let field = Field::new(&wanted.name, of);
    Some(Retype { column, field, record_number: false, separator: String::new(), unknown: UnknownOption::ByType })
}

/// `append_records`
pub(super) static DEFINITION: Definition = Definition {
    name: "append_records",
    version: 1,
    title: words("レコード結合", "Append Records"),
    role: Role::Middle,
    inputs: 2..=usize::MAX,
    settings: &[
        Setting {
            name: "fields",
            form: "all | common",
            required: false,
            text: words(
                "結果の列。all（省いたとき）はどれかの入力にある列すべて、common はすべての入力にある列だけ。",
                "The columns of the result: all that any input has (without it), or only those that all have.",
            ),
        },
        Setting {
            name: "like",
            form: "name of an input step",
            required: false,
            text: words(
                "この入力にある列だけにします。ほかの入力にない列は空、ほかの入力だけにある列は消えます。fields とは一緒に書けません。",
                "Exactly the columns of this input: blank where another input lacks them; what only others have is gone. Not together with `fields`.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "二つ以上の入力の行を、上から順に一つにつなげます。列は名前で合わせます。",
        "Puts the rows of two or more inputs one after the other; columns are matched by name.",
    ),
    behaviour: Behaviour {
        blanks: words("入力にない列は、その入力の行では空です。", "A column that an input lacks is blank in its rows."),
        duplicates: words(
            "同じ内容の行も残ります。除くには後ろに remove_duplicates を置きます。",
            "Equal rows all stay; put remove_duplicates behind to drop them.",
        ),
        empty_input: words(
            "0 行の入力は何も加えません。列は数えます。",
            "An input without rows adds none; its columns count.",
        ),
        types: words(
            "同じ名前で型が違う列は、文字列が混ざっていれば文字列に（数値・日付・時刻・日時は kintone の書き方）、日付と日時なら日時に（日付はその日の 0 時）そろえます。そのほかの組み合わせは検査でエラーになります。テーブルは中の列が同じときだけです。",
            "Columns of one name and different kinds become text where a text is among them (numbers, dates, times and datetimes as kintone writes them), and datetime for dates and datetimes (a date is its midnight). Every other mix is refused by the check. Tables need the same columns inside.",
        ),
        order: words(
            "from に書いた順に、それぞれの入力の順。列は、先の入力の列の順です。",
            "The inputs as `from` lists them, each in its own order. Columns stand as in the first input that has them.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
