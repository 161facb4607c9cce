//! `transpose_columns_to_rows`: columns become rows of (label, value).

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer};

use model::field::Kind;

use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::kinds::kind_words;
use crate::located::{At, Located};
use crate::plan::{Column, Line, NodeId, Op, Unpivot};
use crate::problem::{Problem, words};
use crate::settings::{Either, name_or, not_empty, read_shape, schema_of};

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    rows: At<Vec<RowSetting>>,
    label_as: At<String>,
    values_as: At<Vec<At<String>>>,
    #[serde(default)]
    keep: Option<Vec<At<String>>>,
    #[serde(default)]
    skip_blanks: bool,
}

/// A row that each row becomes: a column's name, or a label and the columns of its values.
struct RowSetting {
    label: At<String>,
    fields: Vec<At<String>>,
}

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RowMap {
    label: At<String>,
    fields: Vec<At<String>>,
}

impl<'de> Deserialize<'de> for RowSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<RowMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(value) => {
                let name = At { value, position };
                Self { label: name.clone(), fields: vec![name] }
            }
            Either::Map(RowMap { label, fields }) => Self { label, fields },
        })
    }
}

impl JsonSchema for RowSetting {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TransposedRow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<RowMap>(generator)
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.rows, "rows", &settings.rows, problems);
    not_empty(&settings.values_as, "values_as", &settings.values_as, problems);
    for row in settings.rows.iter().filter(|row| row.fields.len() != settings.values_as.len()) {
        let (given, wanted) = (row.fields.len(), settings.values_as.len());
        problems.push(
            Problem::new(
                "wrong_count",
                format!(
                    "「{}」の列は {given} 個ですが、values_as は {wanted} 個です。同じ数にしてください。",
                    row.label.value
                ),
                format!("\"{}\" has {given} column(s), values_as {wanted}; give as many.", row.label.value),
            )
            .in_setting("rows")
            .at(row.label.position),
        );
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let mut lines = Vec::new();
    for row in &settings.rows.value {
        let columns = row.fields.iter().filter_map(|f| check.column(&input, f, "rows", f.position)).collect();
        lines.push(Line { label: row.label.value.clone(), columns });
    }
    if check.problem_count() > before {
        return None;
    }
    let keep: Vec<usize> = match &settings.keep {
        Some(names) => names.iter().filter_map(|n| check.column(&input, n, "keep", n.position)).collect(),
        None => (0..input.len()).filter(|c| !lines.iter().any(|line| line.columns.contains(c))).collect(),
    };
    let mut columns: Vec<Column> = keep.iter().map(|c| input[*c].clone()).collect();
    columns.push(Column::new(&settings.label_as.value, Kind::Text));
    for (value, name) in settings.values_as.iter().enumerate() {
        columns.push(one_kind(check, &input, &settings, &lines, value, name)?);
    }
    check.unique_names(&columns, "values_as");
    if check.problem_count() > before {
        return None;
    }
    Some(check.node(Op::Unpivot(Unpivot { keep, lines, skip_blanks: settings.skip_blanks }), columns))
}

/// The column of one value of all lines. `None`: the lines' columns are of different kinds, which was reported.
fn one_kind(
    check: &mut StepCheck<'_>,
    input: &[Column],
    settings: &Settings,
    lines: &[Line],
    value: usize,
    name: &At<String>,
) -> Option<Column> {
    let of = |line: &Line| line.columns.get(value).and_then(|c| input.get(*c));
    let first = lines.first().and_then(of)?;
    let same = |c: &Column| c.kind == first.kind && c.inner == first.inner;
    if let Some((row, other)) =
        settings.rows.iter().zip(lines).find_map(|(row, line)| Some((row, of(line).filter(|c| !same(c))?)))
    {
        let (a, b) = (kind_words(first.kind), kind_words(other.kind));
        check.problem(
            Problem::new(
                "transpose_kinds",
                format!("「{}」は{}、「{}」は{}なので、一つの列になりません。set_field_type で先にそろえてください。", first.name, a.ja, other.name, b.ja),
                format!("\"{}\" is of kind {}, \"{}\" of kind {}: they cannot be one column. Bring them together with set_field_type first.", first.name, a.en, other.name, b.en),
            )
            .in_setting("rows")
            .at(row.label.position),
        );
        return None;
    }
    Some(first.named(&name.value))
}

/// `transpose_columns_to_rows`
pub(super) static DEFINITION: Definition = Definition {
    name: "transpose_columns_to_rows",
    version: 1,
    title: words("列を行に", "Transpose (columns to rows)"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "rows",
            form: "[name, { label: text, fields: [name] }]",
            required: true,
            text: words(
                "行にする列とその順。名前だけなら項目名は列の名前です。fields に列を並べると、一行に値が二つ以上入ります。",
                "The columns that become rows, in order. A name alone is its own label; with several `fields` a row has several values.",
            ),
        },
        Setting {
            name: "label_as",
            form: "name",
            required: true,
            text: words("項目名が入る列の名前。", "Name of the column that holds the labels."),
        },
        Setting {
            name: "values_as",
            form: "[name]",
            required: true,
            text: words(
                "値が入る列の名前。fields と同じ数です。",
                "Names of the columns that hold the values, as many as `fields`.",
            ),
        },
        Setting {
            name: "keep",
            form: "[name]",
            required: false,
            text: words(
                "各行に繰り返す列。省くと、rows にない列すべてです。",
                "Columns that every new row repeats; all that `rows` does not name without it.",
            ),
        },
        Setting {
            name: "skip_blanks",
            form: "true | false",
            required: false,
            text: words(
                "値がすべて空の行を作らないか。省くと作ります。",
                "Whether to make no row where all values are blank; without it there is one.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "横に並んだ列を、「項目と値」の行にします。4月・5月・6月の列を 3 行に、など。",
        "Makes rows of label and value out of columns that stand side by side: columns for April, May and June become three rows.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空の値も一行になります（skip_blanks: true なら、なりません）。",
            "A blank value makes a row too, but not with `skip_blanks: true`.",
        ),
        duplicates: words("同じ内容の行もすべて残ります。", "Equal rows all stay."),
        empty_input: words("0 行なら 0 行です。", "No row in, no row out."),
        types: words(
            "一つの値の列に入る列は、すべて同じ型でなければなりません（違えば検査でエラー）。どの型でも使えます。",
            "Columns that become one value column must be of one kind, or the check refuses them. Every kind will do.",
        ),
        order: words("入力の順。一行の中では rows の順。", "The input's order; of one row, the order of `rows`."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("月の列を行に", "Columns of months as rows"),
            inputs: &[(
                "予算",
                "
                | 部門: text | 4月: number | 5月: number |
                | 営業       | 100         | 1.25        |
                | 総務       |             | 30          |
            ",
            )],
            step: "
command: transpose_columns_to_rows
rows: [4月, 5月]
label_as: 月
values_as: [予算]",
            output: "
                | 部門: text | 月: text | 予算: number |
                | 営業       | 4月      | 100          |
                | 営業       | 5月      | 1.25         |
                | 総務       | 4月      |              |
                | 総務       | 5月      | 30           |
            ",
            kintone: None,
        },
        Example {
            title: words("二つずつの列を一行に、空の行は作らない", "Two columns each, without blank rows"),
            inputs: &[(
                "注文",
                "
                | 番号: number | 品1: text | 数1: number | 品2: text | 数2: number | 備考: text |
                | 1            | A         | 3           | B         |             | x          |
                | 2            |           |             | C         | 0.5         | y          |
                | 3            |           |             |           |             | z          |
            ",
            )],
            step: "
command: transpose_columns_to_rows
rows:
  - { label: 明細1, fields: [品1, 数1] }
  - { label: 明細2, fields: [品2, 数2] }
label_as: 行
values_as: [品, 数]
keep: [番号]
skip_blanks: true",
            output: "
                | 番号: number | 行: text | 品: text | 数: number |
                | 1            | 明細1    | A        | 3          |
                | 1            | 明細2    | B        |            |
                | 2            | 明細2    | C        | 0.5        |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "An input without rows"),
            inputs: &[(
                "予算",
                "
                | 部門: text | 4月: date | 5月: date |
            ",
            )],
            step: "
command: transpose_columns_to_rows
rows: [4月, 5月]
label_as: 月
values_as: [締日]",
            output: "
                | 部門: text | 月: text | 締日: date |
            ",
            kintone: None,
        },
    ],
    }
    .kept(),
};
