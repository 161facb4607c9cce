//! `transpose_rows_to_columns`: rows of (label, value) become columns.

use schemars::JsonSchema;
use serde::Deserialize;

use super::spread::{self, Pattern, SpreadValue};
use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::{Aggregate, AggregateFunction, NodeId, Op, Pivot};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};
use crate::sort_by::{key_column, key_columns};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    keys: At<Vec<At<String>>>,
    label: At<String>,
    values: At<Vec<SpreadValue>>,
    fields: At<Vec<At<String>>>,
    #[serde(default)]
    names: Option<At<String>>,
}

impl Settings {
    fn pattern(&self) -> Pattern<'_> {
        Pattern { written: self.names.as_ref(), several: self.fields.len() > 1 }
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.keys, "keys", &settings.keys, problems);
    not_empty(&settings.values, "values", &settings.values, problems);
    not_empty(&settings.fields, "fields", &settings.fields, problems);
    settings.pattern().shape(problems);
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let keys = key_columns(check, &input, &settings.keys, "keys");
    let spread = key_column(check, &input, &settings.label, "label");
    let fields: Vec<usize> =
        settings.fields.iter().filter_map(|f| check.column(&input, f, "fields", f.position)).collect();
    let (keys, spread) = (keys?, spread?);
    let values = spread::values(check, &input[spread], &settings.values, fields.len())?;

    let mut columns: Vec<_> = keys.iter().map(|k| input[*k].clone()).collect();
    let pattern = settings.pattern();
    for (_, label) in &values {
        columns.extend(fields.iter().map(|f| input[*f].named(pattern.name(label, &input[*f].name))));
    }
    check.unique_names(&columns, "values");
    if check.problem_count() > before {
        return None;
    }
    let values = values.into_iter().map(|(value, _)| value).collect();
    let first = |column| Aggregate { function: AggregateFunction::First, column };
    let aggregates = fields.into_iter().map(first).collect();
    Some(check.node(Op::Pivot(Pivot { keys, spread, values, others: false, aggregates, single: true }), columns))
}

/// `transpose_rows_to_columns`
pub(super) static DEFINITION: Definition = Definition {
    name: "transpose_rows_to_columns",
    version: 1,
    title: words("行を列に", "Transpose (rows to columns)"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "keys",
            form: "[name]",
            required: true,
            text: words("一行にまとめる列。", "Columns that make one row."),
        },
        Setting {
            name: "label",
            form: "name",
            required: true,
            text: words("列の名前になる値の列（項目）。", "The column whose values say into which column a row goes."),
        },
        Setting {
            name: "values",
            form: "[text, { value: text, as: name }]",
            required: true,
            text: words("その値のうち列にするものと順。", "Which of these values become columns, in order."),
        },
        Setting {
            name: "fields",
            form: "[name]",
            required: true,
            text: words("セルに入る値の列。", "The columns whose values fill the cells."),
        },
        Setting {
            name: "names",
            form: "text with {value} and {name}",
            required: false,
            text: words(
                "列の名前の作り方。省くと {value}、fields が二つ以上なら {value}_{name}（{name} は fields の列名）。",
                "How columns are named. Without it {value}, or {value}_{name} for several fields ({name} is the field).",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "「項目と値」の行を、キーごとに一行の列に並べます。transpose_columns_to_rows の逆です。",
        "Puts rows of label and value side by side as columns, one row per key: transpose_columns_to_rows the other way.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "キーの空は一つの値です。行のないセルは空です。",
            "Blank is a key like any other. A cell without a row is blank.",
        ),
        duplicates: words(
            "同じキー・同じ項目の行が二つ以上あれば、最初の空でない値が入り、余った行は件数に出ます（strict ではエラー）。集計するには pivot を使います。",
            "Of several rows of one key and label the first value that is not blank counts, and the further rows are counted (an error in strict mode). Use pivot to aggregate them.",
        ),
        empty_input: words("0 行なら 0 行です。", "No row in, no row out."),
        types: words(
            "項目の値は、その列の型として読みます。書いていない項目の行は件数に出ます（strict ではエラー）。ほかの列は消えます。",
            "Listed values are read as values of the label's kind. Rows of labels that are not listed are counted (an error in strict mode). Other columns are gone.",
        ),
        order: words(
            "行はキーが初めて現れた順、列は values の順。",
            "Rows by first appearance of the key; columns as `values` lists them.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("手当の行を社員ごとの列に", "Rows of allowances as columns per employee"),
            inputs: &[(
                "手当",
                "
                | 社員: text | 種類: text | 額: number | 開始: date |
                | 佐藤       | 通勤       | 9800       | 2026-04-01 |
                | 鈴木       | 住宅       | 20000      |            |
                | 佐藤       | 住宅       |            | 2026-05-01 |
                | 鈴木       | 通勤       | 4500.5     | 2026-04-01 |
                | 高橋       | 通勤       | 1          |            |
            ",
            )],
            step: "
command: transpose_rows_to_columns
keys: [社員]
label: 種類
values: [通勤, 住宅]
fields: [額]
names: \"{value}手当\"",
            output: "
                | 社員: text | 通勤手当: number | 住宅手当: number |
                | 佐藤       | 9800             |                  |
                | 鈴木       | 4500.5           | 20000            |
                | 高橋       | 1                |                  |
            ",
            kintone: None,
        },
        Example {
            title: words("値の列が二つ、重なった行は最初の値", "Two value columns; of equal labels the first value"),
            inputs: &[(
                "検査",
                "
                | 品: text | 回: number | 値: number | 判定: text |
                | A        | 1          |            |            |
                | A        | 1          | 3          | 良         |
                | A        | 2          | 4          | 否         |
            ",
            )],
            step: "
command: transpose_rows_to_columns
keys: [品]
label: 回
values: [{ value: 1, as: 初回 }, { value: 2, as: 再 }]
fields: [値, 判定]",
            output: "
                | 品: text | 初回_値: number | 初回_判定: text | 再_値: number | 再_判定: text |
                | A        | 3               | 良              | 4             | 否            |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "An input without rows"),
            inputs: &[(
                "検査",
                "
                | 品: text | 回: number | 値: number |
            ",
            )],
            step: "
command: transpose_rows_to_columns
keys: [品]
label: 回
values: [1]
fields: [値]",
            output: "
                | 品: text | 1: number |
            ",
            kintone: None,
        },
    ],
    }
    .kept(),
};
