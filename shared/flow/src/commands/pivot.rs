//! `pivot`: a cross table. Values of one column become columns, with aggregates in the cells.

mod examples;

use schemars::JsonSchema;
use serde::Deserialize;

use super::aggregates::AggregateSetting;
use super::spread::{self, Pattern, SpreadValue};
use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::{NodeId, Op, Pivot};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};
use crate::sort_by::{key_column, key_columns};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    keys: Vec<At<String>>,
    spread: At<String>,
    values: At<Vec<SpreadValue>>,
    aggregates: At<Vec<AggregateSetting>>,
    #[serde(default)]
    names: Option<At<String>>,
    #[serde(default)]
    others: Option<At<String>>,
}

impl Settings {
    fn pattern(&self) -> Pattern<'_> {
        Pattern { written: self.names.as_ref(), several: self.aggregates.len() > 1 }
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.values, "values", &settings.values, problems);
    not_empty(&settings.aggregates, "aggregates", &settings.aggregates, problems);
    for aggregate in &settings.aggregates.value {
        aggregate.shape("aggregates", problems);
        if aggregate.field.is_none() && aggregate.name.is_none() && settings.aggregates.len() > 1 {
            problems.push(
                Problem::new(
                    "missing_key",
                    "結果の列の名前（as）がありません。",
                    "The name of the result (\"as\") is missing.",
                )
                .in_setting("aggregates")
                .at(aggregate.function.position),
            );
        }
    }
    settings.pattern().shape(problems);
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let keys = key_columns(check, &input, &settings.keys, "keys");
    let spread = key_column(check, &input, &settings.spread, "spread");
    let lowered: Vec<_> = settings.aggregates.iter().filter_map(|a| a.lower(check, &input, "aggregates")).collect();
    let (keys, spread) = (keys?, spread?);
    let values = spread::values(check, &input[spread], &settings.values, lowered.len())?;
    let (aggregates, shown): (Vec<_>, Vec<_>) = lowered.into_iter().unzip();

    let mut columns: Vec<_> = keys.iter().map(|k| input[*k].clone()).collect();
    let pattern = settings.pattern();
    for (_, label) in &values {
        columns.extend(shown.iter().map(|column| column.named(pattern.name(label, &column.name))));
    }
    if let Some(others) = &settings.others {
        // No value of the data, so the pattern (`{value}月`) is not for it.
        let plain = Pattern { written: None, several: pattern.several };
        columns.extend(shown.iter().map(|column| column.named(plain.name(others, &column.name))));
    }
    check.unique_names(&columns, "values");
    if check.problem_count() > before {
        return None;
    }
    let values = values.into_iter().map(|(value, _)| value).collect();
    let others = settings.others.is_some();
    Some(check.node(Op::Pivot(Pivot { keys, spread, values, others, aggregates, single: false }), columns))
}

/// `pivot`
pub(super) static DEFINITION: Definition = Definition {
    name: "pivot",
    version: 1,
    title: words("クロス集計", "Pivot"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "keys",
            form: "[name]",
            required: false,
            text: words(
                "行になる列。省くと全体で一行です。",
                "Columns that make the rows; without any, all is one row.",
            ),
        },
        Setting {
            name: "spread",
            form: "name",
            required: true,
            text: words("値を列に広げる列。", "The column whose values become columns."),
        },
        Setting {
            name: "values",
            form: "[text, { value: text, as: name }]",
            required: true,
            text: words(
                "列にする値とその順。結果の列は実行前に決まっている必要があるので、すべて書きます。空の値は { value: \"\", as: 名前 }。",
                "The values that become columns, in order. They are all listed, because the columns of a result are known before a run. The blank value is { value: \"\", as: name }.",
            ),
        },
        Setting {
            name: "aggregates",
            form: "[{ function: sum, field: name, as: name }]",
            required: true,
            text: words(
                "セルの集計。関数は group_by と同じです。",
                "What is computed in the cells; the functions are those of group_by.",
            ),
        },
        Setting {
            name: "names",
            form: "text with {value} and {name}",
            required: false,
            text: words(
                "列の名前の作り方。{value} は値（as があればそれ）、{name} は集計の名前。省くと {value}、集計が二つ以上なら {value}_{name}。",
                "How columns are named: {value} is the value (or its `as`), {name} the aggregate's name. Without it {value}, or {value}_{name} for several aggregates.",
            ),
        },
        Setting {
            name: "others",
            form: "name",
            required: false,
            text: words(
                "書いていない値をまとめる列の名前（names は使いません）。省くとその行は集計されず、件数に出ます（strict ではエラー）。",
                "Name of a column for all values that are not listed (`names` does not change it). Without it their rows are left out and counted (an error in strict mode).",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "一つの列の値を列に広げ、キーごと・値ごとに集計した表を作ります。",
        "A cross table: the values of one column become columns, with aggregates per key and value.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "キーの空は一つの値です。広げる列の空は、書かなければ「書いていない値」です。行のないセルは、合計と件数が 0、ほかは空です。",
            "Blank is a key like any other. Blank in the spread column is a value that is listed or not. A cell without rows has 0 for sums and counts and is blank else.",
        ),
        duplicates: words(
            "同じキー・同じ値の行は一つのセルに集計されます。",
            "Rows of one key and value are aggregated into one cell.",
        ),
        empty_input: words("0 行なら 0 行です。", "No row in, no row out."),
        types: words(
            "値は広げる列の型として読み、値で比べます（数値の 1 と 1.0 は同じ）。列は 1,000 までです。",
            "The listed values are read as values of the column's kind and compare by value (1 equals 1.0). At most 1,000 columns.",
        ),
        order: words(
            "行はキーが初めて現れた順、列は values の順（others は最後）。",
            "Rows by first appearance of the key; columns as `values` lists them, others last.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
