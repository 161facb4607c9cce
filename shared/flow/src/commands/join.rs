//! `join`: puts the columns of two inputs side by side where keys are equal.

mod examples;

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::kinds::{is_scalar, kind_words};
use crate::located::{At, Located};
use crate::plan::{Column, Join, JoinColumn, JoinKind, NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{Choice, KeyPair, not_empty, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    kind: At<HowName>,
    keys: At<Vec<KeyPair>>,
    #[serde(default)]
    fields: Option<Vec<Choice>>,
    #[serde(default)]
    names: Option<At<Names>>,
}

/// How columns are named that both sides have: patterns with `{name}`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Names {
    #[serde(default)]
    left: Option<At<String>>,
    #[serde(default)]
    right: Option<At<String>>,
    #[serde(default)]
    all: bool,
}

/// What stands for a column's name in a pattern.
const NAME: &str = "{name}";

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HowName {
    Inner,
    Left,
    Right,
    Full,
}

impl From<HowName> for JoinKind {
    fn from(name: HowName) -> Self {
        match name {
            HowName::Inner => Self::Inner,
            HowName::Left => Self::Left,
            HowName::Right => Self::Right,
            HowName::Full => Self::Full,
        }
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(settings) = read_shape::<Settings>(settings, problems) {
        not_empty(&settings.keys, "keys", &settings.keys, problems);
        let patterns = settings.names.iter().flat_map(|names| names.left.iter().chain(&names.right));
        for pattern in patterns.filter(|pattern| !pattern.contains(NAME)) {
            problems.push(
                Problem::new(
                    "name_pattern",
                    "列の名前の形に {name} が要ります（例: {name}_実績）。",
                    "The pattern of names needs {name}, as in {name}_actual.",
                )
                .in_setting("names")
                .at(pattern.position),
            );
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let (left, right) = (check.columns(0), check.columns(1));
    let before = check.problem_count();
    let keys: Vec<(usize, usize)> = settings.keys.iter().filter_map(|pair| key(check, &left, &right, pair)).collect();

    let chosen: Vec<(usize, Option<&Choice>)> = match &settings.fields {
        Some(choices) => choices
            .iter()
            .filter_map(|c| Some((check.column(&right, &c.field, "fields", c.field.position)?, Some(c))))
            .collect(),
        None => (0..right.len()).map(|i| (i, None)).collect(),
    };
    let renamed = |choice: Option<&Choice>| choice.and_then(|c| c.rename.clone());
    let taken = |name: &str| chosen.iter().any(|(i, choice)| right[*i].name == name && renamed(*choice).is_none());
    let (mut columns, mut output) = (Vec::new(), Vec::new());
    for (i, column) in left.iter().enumerate().filter(|(_, c)| c.kind != Kind::Rows) {
        let side = settings.names.as_ref().map(|n| (&n.left, n.all));
        columns.push(column.named(patterned(side, &column.name, taken(&column.name))));
        output.push(JoinColumn::Left(i));
    }
    for &(i, choice) in &chosen {
        let column = &right[i];
        if column.kind == Kind::Rows {
            continue;
        }
        let name = match renamed(choice) {
            Some(name) => name,
            // Without patterns, krewData's rule; with them, a name that is still taken is told as twice there.
            None => match &settings.names {
                None => free_name(&column.name, &columns),
                Some(names) => {
                    let both = left.iter().any(|c| c.name == column.name && c.kind != Kind::Rows);
                    patterned(Some((&names.right, names.all)), &column.name, both)
                }
            },
        };
        columns.push(column.named(name));
        output.push(JoinColumn::Right(i));
    }
    check.unique_names(&columns, "fields");
    note_tables(check, &left, &right);
    if check.problem_count() > before {
        return None;
    }
    Some(check.node(Op::Join(Join { kind: settings.kind.value.into(), keys, output }), columns))
}

fn key(check: &mut StepCheck<'_>, left: &[Column], right: &[Column], pair: &KeyPair) -> Option<(usize, usize)> {
    let (left_input, right_input) = (check.input_name(0), check.input_name(1));
    let (l, r) = (
        check.column(left, &pair.left, &format!("keys: {left_input}"), pair.left.position),
        check.column(right, &pair.right, &format!("keys: {right_input}"), pair.right.position),
    );
    let (l, r) = (l?, r?);
    let (lk, rk) = (left[l].kind, right[r].kind);
    let (ln, rn) = (check.input_name(0), check.input_name(1));
    let at = |p: Problem| p.in_setting("keys").at(pair.left.position);
    if lk != rk {
        check.problem(at(Problem::new(
            "key_kinds",
            format!(
                "結合キーの型が違います: {ln} の「{}」は{}、{rn} の「{}」は{}。data_edit の VALUE() や TEXT() でそろえてください。",
                left[l].name, kind_words(lk).ja, right[r].name, kind_words(rk).ja
            ),
            format!(
                "The key's kinds differ: \"{}\" of {ln} is of kind {}, \"{}\" of {rn} of kind {}. Bring them together with VALUE() or TEXT() in a data_edit step.",
                left[l].name, kind_words(lk).en, right[r].name, kind_words(rk).en
            ),
        )));
        return None;
    }
    if !is_scalar(lk) {
        check.problem(at(Problem::new(
            "key_kind",
            format!("「{}」は{}なので結合キーにできません。", left[l].name, kind_words(lk).ja),
            format!("\"{}\" is of kind {} and cannot be a key.", left[l].name, kind_words(lk).en),
        )));
        return None;
    }
    Some((l, r))
}

/// The name by a side's pattern, which is for columns that both sides have, or for all.
fn patterned(side: Option<(&Option<At<String>>, bool)>, name: &str, both: bool) -> String {
    match side {
        Some((Some(pattern), all)) if both || all => pattern.replace(NAME, name),
        _ => name.to_owned(),
    }
}

/// The name, or the name with `_1`, `_2`, … where it is taken.
pub(super) fn free_name(name: &str, columns: &[Column]) -> String {
    let taken = |n: &str| columns.iter().any(|c| c.name == n);
    if !taken(name) {
        return name.to_owned();
    }
    (1..).map(|i| format!("{name}_{i}")).find(|n| !taken(n)).unwrap_or_default()
}

fn note_tables(check: &mut StepCheck<'_>, left: &[Column], right: &[Column]) {
    let tables: Vec<&str> =
        left.iter().chain(right).filter(|c| c.kind == Kind::Rows).map(|c| c.name.as_str()).collect();
    if !tables.is_empty() {
        let tables = tables.join(", ");
        check.note(Problem::new(
            "tables_dropped",
            format!("結合の結果にテーブルは入りません: {tables}"),
            format!("A join's result holds no tables; dropped: {tables}"),
        ));
    }
}

/// `join`
pub(super) static DEFINITION: Definition = Definition {
    name: "join",
    version: 1,
    title: words("アプリ結合", "Join App"),
    role: Role::Middle,
    inputs: 2..=2,
    settings: &[
        Setting {
            name: "kind",
            form: "inner | left | right | full",
            required: true,
            text: words(
                "相手のない行をどちらの側で残すか。inner は残さず、left は左（from の一つ目）、right は右、full は両方。",
                "Which rows stay without a partner: none, those of the left input (the first of `from`), of the right, or of both.",
            ),
        },
        Setting {
            name: "keys",
            form: "[name, { left: name, right: name }]",
            required: true,
            text: words(
                "等しくなければならない列の組。名前が同じなら一つだけ書けます。",
                "Pairs of columns that must be equal; one name where both sides share it.",
            ),
        },
        Setting {
            name: "fields",
            form: "[name, { field: name, as: name }]",
            required: false,
            text: words(
                "右の入力から取る列。省くと全部です。",
                "Columns to take from the right input; all of them without it.",
            ),
        },
        Setting {
            name: "names",
            form: "{ left: \"{name}_a\", right: \"{name}_b\", all: true | false }",
            required: false,
            text: words(
                "両側にある列の名前の作り方。{name} が元の名前です。片側だけ書けば、もう片側は元の名前のままです。all: true なら片側だけの列にも使います。省くと、右の同名の列に `_1` が付きます。fields の as はそのままです。",
                "How columns are named that both sides have; {name} is the column's name. A side without a pattern keeps its names. With `all: true` also columns that one side alone has. Without it a right column of a taken name gets `_1`. An `as` in `fields` stays as it is.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "二つの入力の行を、キーの値が等しいものどうし横につなぎます。",
        "Puts the rows of two inputs side by side where their keys are equal.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "キーに一つでも空がある行は、どの行とも結びつきません（空どうしも）。相手のない側の列は空になります。",
            "A row with a blank in its key matches nothing, not even another blank. Columns of the missing side are blank.",
        ),
        duplicates: words(
            "同じキーの行が左に m 行、右に n 行あれば m × n 行になります。",
            "m rows of a key on the left and n on the right make m × n rows.",
        ),
        empty_input: words(
            "片方が 0 行でも、残すと決めた側の行は残ります。",
            "Where one side has no row, the rows of a side that stays are all there.",
        ),
        types: words(
            "キーの型は組ごとに同じでなければなりません。数値は値で（1 と 1.0 は等しい）、文字列は一文字も違わないかで比べます。右の同名の列には `_1` が付きます。テーブルは結果に入りません。",
            "The kinds of a pair must be the same. Numbers compare by value (1 equals 1.0), text exactly. A right column of a taken name gets `_1`. Tables are dropped.",
        ),
        order: words(
            "左の順、その中では右の順。相手のない右の行は最後に、右の順で並びます。",
            "The left order, then the right order; right rows without a partner come last.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
