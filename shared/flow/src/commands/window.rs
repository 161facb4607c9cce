//! `window`: new columns that look at other rows of the same group, in an order.

mod examples;
mod functions;

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::kinds::kind_words;
use crate::located::{At, Located};
use crate::plan::{Column, NodeId, Op, Window, WindowColumn};
use crate::problem::{Position, Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};
use crate::sort_by::{SortBy, key_columns, sort_keys};
use functions::{FunctionName, FunctionName as N, result};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    keys: Vec<At<String>>,
    #[serde(default)]
    order: Vec<SortBy>,
    columns: At<Vec<ColumnSetting>>,
    #[serde(default)]
    result_order: ResultOrder,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ColumnSetting {
    function: At<FunctionName>,
    #[serde(default)]
    field: Option<At<String>>,
    #[serde(default)]
    offset: Option<At<u32>>,
    #[serde(default)]
    rows: Option<At<u32>>,
    #[serde(rename = "as")]
    name: At<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ResultOrder {
    #[default]
    Input,
    Sorted,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.columns, "columns", &settings.columns, problems);
    for column in &settings.columns.value {
        let name = column.function.value;
        let mut report = |code, at: Position, ja: String, en: String| {
            problems.push(Problem::new(code, ja, en).in_setting("columns").at(at));
        };
        if name.takes_field() && column.field.is_none() {
            let at = column.function.position;
            report(
                "missing_key",
                at,
                "計算する列（field）がありません。".into(),
                "The column (\"field\") is missing.".into(),
            );
        }
        if let (false, Some(field)) = (name.takes_field(), &column.field) {
            let (ja, en) =
                ("この関数に field は要りません。消してください。", "This function takes no \"field\"; remove it.");
            report("needless_key", field.position, ja.into(), en.into());
        }
        for (key, given) in [("offset", &column.offset), ("rows", &column.rows)] {
            match (name.takes() == Some(key), given) {
                (true, Some(n)) if n.value == 0 => report(
                    "zero",
                    n.position,
                    format!("「{key}」は 1 以上の整数です。"),
                    format!("\"{key}\" is a whole number of 1 or more."),
                ),
                (true, None) if key == "rows" => report(
                    "missing_key",
                    column.function.position,
                    "行数（rows）がありません。この行を含めて何行を見るかを書いてください。".into(),
                    "The number of rows (\"rows\") is missing: how many rows to look at, this one included.".into(),
                ),
                (false, Some(n)) => report(
                    "needless_key",
                    n.position,
                    format!("この関数に {key} は要りません。消してください。"),
                    format!("This function takes no \"{key}\"; remove it."),
                ),
                _ => {}
            }
        }
        if matches!(name, N::Rank | N::DenseRank) && settings.order.is_empty() {
            report(
                "no_order",
                column.function.position,
                "順位には順序（order）が要ります。order に並べ替える列を書いてください。".into(),
                "A rank needs an order; write the columns to rank by in \"order\".".into(),
            );
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let keys = key_columns(check, &input, &settings.keys, "keys");
    let order = sort_keys(check, &input, &settings.order, "order");
    let (mut new, mut columns) = (Vec::new(), input.clone());
    for setting in &settings.columns.value {
        if let Some((computed, column)) = column(check, &input, setting) {
            new.push(computed);
            columns.push(column);
        }
    }
    check.unique_names(&columns, "columns");
    if check.problem_count() > before {
        return None;
    }
    let sorted = settings.result_order == ResultOrder::Sorted;
    Some(check.node(Op::Window(Window { keys: keys?, order: order?, columns: new, sorted }), columns))
}

fn column(check: &mut StepCheck<'_>, input: &[Column], setting: &ColumnSetting) -> Option<(WindowColumn, Column)> {
    let n = setting.offset.as_ref().or(setting.rows.as_ref()).map_or(1, |n| n.value);
    let function = setting.function.value.function(n);
    let name = setting.name.value.as_str();
    let Some(field) = &setting.field else {
        return Some((WindowColumn { function, column: None }, Column::new(name, Kind::Number)));
    };
    let index = check.column(input, field, "columns", field.position)?;
    let given = &input[index];
    let Some(column) = result(function, given, name) else {
        let kind = kind_words(given.kind);
        check.problem(
            Problem::new(
                "window_kind",
                format!("「{}」は{}なので、この関数には使えません。", given.name, kind.ja),
                format!("\"{}\" is of kind {}; this function cannot take it.", given.name, kind.en),
            )
            .in_setting("columns")
            .at(field.position),
        );
        return None;
    };
    Some((WindowColumn { function, column: Some(index) }, column))
}

/// `window`
pub(super) static DEFINITION: Definition = Definition {
    name: "window",
    version: 1,
    title: words("行間計算", "Window"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "keys",
            form: "[name]",
            required: false,
            text: words(
                "グループの列。値が等しい行が一つのグループです。省くと入力全体が一つのグループです。",
                "Columns whose equal values make a group; without any, the whole input is one.",
            ),
        },
        Setting {
            name: "order",
            form: "[name, { field: name, order: asc | desc, blanks: first | last }]",
            required: false,
            text: words(
                "グループの中の順序。省くと入力の順です。rank と dense_rank には必要です。",
                "The order inside a group; the input's without it. rank and dense_rank need it.",
            ),
        },
        Setting {
            name: "columns",
            form: "[{ function: running_sum, field: name, as: name }]",
            required: true,
            text: words(
                "加える列。previous・next（offset 行前・後の値。省くと 1）、difference（offset 行前との差。日付なら日数）、first・last（グループの最初・最後の空でない値）、carry（この行までで最後の空でない値）、row_number、rank（1, 1, 3）、dense_rank（1, 1, 2）、total（グループの合計）、share（合計に占める割合）、running_sum・running_average・running_min・running_max・running_count（最初からこの行まで）、moving_sum など同じ五つ（この行を含む直前 rows 行）。",
                "The new columns. previous, next (the value `offset` rows before or behind; 1 without it), difference (from `offset` rows before; days for dates), first, last (of the group, not blank), carry (the last value up to this row that is not blank), row_number, rank (1, 1, 3), dense_rank (1, 1, 2), total (of the group), share (of that total), running_sum, running_average, running_min, running_max, running_count (from the first row to this one), moving_sum and the same five (over the last `rows` rows, this one included).",
            ),
        },
        Setting {
            name: "result_order",
            form: "input | sorted",
            required: false,
            text: words(
                "結果の行の順。input（省いたとき）は入力の順のまま、sorted はグループが初めて現れた順に並べ、その中は order の順です。",
                "The order of the result: the input's (without it), or sorted: group by group in order of first appearance, inside by `order`.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "同じグループの他の行を見て計算した列を加えます。累計、前の行の値、順位、構成比、移動平均など。",
        "Adds columns that look at other rows of the same group: running totals, the previous row's value, ranks, shares, moving averages.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空のキーも一つのグループです。合計・平均・最小・最大・件数は空を飛ばします。空だけなら合計と件数は 0、ほかは空です。running_sum は空の行でもそこまでの累計です。share と difference は空なら空です。",
            "Blank is a group key like any other. Sums, averages, min, max and counts skip blanks; of blanks alone, sum and count are 0 and the others blank. running_sum shows the total so far on a blank row too. share and difference of blank are blank.",
        ),
        duplicates: words(
            "order が等しい行は入力の順に並び、累計は一行ずつ進みます。rank と dense_rank は同じ順位になります。",
            "Rows of equal order stand in the input's order, and running values go on row by row. rank and dense_rank are equal for them.",
        ),
        empty_input: words("0 行のままで、列だけが加わります。", "It stays empty; the columns are added."),
        types: words(
            "合計・平均・share は数値、difference は数値と日付、最小・最大は数値・日付・時刻・日時・文字列、そのほかはどの型でも使えます。計算は 10 進で正確です。平均と share は max(10, 小数桁) + 4 桁で四捨五入します。グループの合計が 0 のとき share は空になり、件数に出ます（strict ではエラー）。移動計算は、グループの最初では rows より少ない行で計算します。累計が 38 桁を超えるとエラーです。",
            "Sums, averages and share take numbers, difference numbers and dates, min and max numbers, dates, times, datetimes and text, the others every kind. Arithmetic is decimal and exact; averages and shares are rounded half up at max(10, places) + 4 places. Where a group's sum is 0 the share is blank and counted (an error in strict mode). A moving function looks at fewer rows at the start of a group. A running total of more than 38 digits is an error.",
        ),
        order: words(
            "入力の順のまま（result_order: sorted なら並べ替えた順）。",
            "The input's order, or the sorted one with `result_order: sorted`.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
