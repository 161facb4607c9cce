//! `fill_blanks`: puts values where columns are blank.

use schemars::JsonSchema;
use serde::Deserialize;

use super::constant::fixed;
use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located, OneOrMany};
use crate::plan::{Column, Fill, Filling, NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};
use crate::sort_by::{SortBy, key_columns, sort_keys};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    fields: At<Vec<FillSetting>>,
    #[serde(default)]
    keys: Vec<At<String>>,
    #[serde(default)]
    order: Vec<SortBy>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FillSetting {
    field: At<String>,
    #[serde(default)]
    value: Option<OneOrMany>,
    #[serde(default)]
    from: Option<From>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum From {
    Previous,
    Next,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    not_empty(&settings.fields, "fields", &settings.fields, problems);
    for fill in &settings.fields.value {
        if fill.value.is_some() == fill.from.is_some() {
            problems.push(
                Problem::new(
                    "missing_key",
                    "埋める値（value）か、どの行から取るか（from: previous か next）の一つを書いてください。",
                    "Write one of \"value\" (what to put in) and \"from\" (previous or next).",
                )
                .in_setting("fields")
                .at(fill.field.position),
            );
        }
        if let Some(blank) = fill.value.iter().flat_map(|v| &v.0).find(|text| text.value.is_empty()) {
            problems.push(
                Problem::new(
                    "blank_value",
                    "空の値では埋められません。埋める値を書いてください。",
                    "A blank fills nothing; write the value to put in.",
                )
                .in_setting("fields")
                .at(blank.position),
            );
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let before = check.problem_count();
    let columns = check.columns(0);
    let keys = key_columns(check, &columns, &settings.keys, "keys");
    let order = sort_keys(check, &columns, &settings.order, "order");
    let mut filled: Vec<(usize, Filling)> = Vec::new();
    for fill in &settings.fields.value {
        let Some((column, filling)) = filling(check, &columns, fill) else { continue };
        if filled.iter().any(|(other, _)| *other == column) {
            check.problem(
                Problem::new(
                    "column_twice",
                    format!("「{}」が二度書かれています。", fill.field.value),
                    format!("\"{}\" is written twice.", fill.field.value),
                )
                .in_setting("fields")
                .at(fill.field.position),
            );
        }
        filled.push((column, filling));
    }
    if check.problem_count() > before {
        return None;
    }
    Some(check.node(Op::Fill(Fill { keys: keys?, order: order?, columns: filled }), columns))
}

fn filling(check: &mut StepCheck<'_>, columns: &[Column], fill: &FillSetting) -> Option<(usize, Filling)> {
    let column = check.column(columns, &fill.field, "fields", fill.field.position)?;
    let filling = match (&fill.value, fill.from) {
        (Some(value), _) => {
            let kind = columns[column].kind;
            Filling::Constant(fixed(check, kind, &value.0, fill.field.position, "fields")?)
        }
        (None, Some(From::Next)) => Filling::Next,
        (None, _) => Filling::Previous,
    };
    Some((column, filling))
}

/// `fill_blanks`
pub(super) static DEFINITION: Definition = Definition {
    name: "fill_blanks",
    version: 1,
    title: words("空の補完", "Fill Blanks"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "fields",
            form: "[{ field: name, value: text }, { field: name, from: previous | next }]",
            required: true,
            text: words(
                "埋める列。value は決まった値、from は前（previous）または次（next）の行のうち一番近い空でない値。",
                "The columns to fill: with a fixed `value`, or with the nearest value that is not blank in front (previous) or behind (next).",
            ),
        },
        Setting {
            name: "keys",
            form: "[name]",
            required: false,
            text: words(
                "グループの列。別のグループの値では埋めません。省くと全体が一つです。",
                "Columns that make groups: no value is taken from another group. Without it all rows are one.",
            ),
        },
        Setting {
            name: "order",
            form: "[name, { field: name, order: asc | desc, blanks: first | last }]",
            required: false,
            text: words(
                "どの行が前か後かを決める順序。省くと入力の順です。",
                "The order that says which row is in front; the input's without it.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "空の値を、決まった値か、前または次の行の値で埋めます。",
        "Fills blanks with a fixed value, or with the value of the row before or behind.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空だけが変わります。前（次）に空でない値がなければ空のままです。空のキーも一つのグループです。",
            "Only blanks change. Where there is no value in front (behind), the blank stays. Blank is a group key like any other.",
        ),
        duplicates: words("order が等しい行は入力の順に並びます。", "Rows of equal order stand in the input's order."),
        empty_input: words("0 行のままです。", "It stays empty."),
        types: words(
            "value は列の型の値でなければなりません（違えば検査でエラー）。previous・next はどの型でも使えます。添付ファイルとテーブルに value は使えません。",
            "`value` must be a value of the column's kind, or the check refuses it. previous and next take every kind; files and tables take no `value`.",
        ),
        order: words("行の順は変わりません。", "Rows stay where they are."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words(
                "店ごとに日付順で前の値、なければ空のまま",
                "The previous value per shop by date; the first stays blank",
            ),
            inputs: &[(
                "棚卸",
                "
                | 店: text | 日: date   | 単価: number | 状態: text |
                | 東       | 2026-11-03 |              |            |
                | 東       | 2026-11-01 | 10           | 済         |
                | 西       | 2026-11-01 |              | 済         |
                | 西       | 2026-11-02 | 7.5          |            |
                | 東       | 2026-11-02 |              |            |
            ",
            )],
            step: "
command: fill_blanks
keys: [店]
order: [日]
fields:
  - { field: 単価, from: previous }
  - { field: 状態, value: 未 }",
            output: "
                | 店: text | 日: date   | 単価: number | 状態: text |
                | 東       | 2026-11-03 | 10           | 未         |
                | 東       | 2026-11-01 | 10           | 済         |
                | 西       | 2026-11-01 |              | 済         |
                | 西       | 2026-11-02 | 7.5          | 未         |
                | 東       | 2026-11-02 | 10           | 未         |
            ",
            kintone: None,
        },
        Example {
            title: words(
                "結合セルだった見出しを下の行へ、次の値で上の行へ",
                "Headings down from merged cells, and a value up",
            ),
            inputs: &[(
                "表",
                "
                | 部門: text | 課: text | 締日: date |
                | 営業       | 一課     |            |
                |            | 二課     | 2026-11-20 |
                | 総務       |          |            |
            ",
            )],
            step: "
command: fill_blanks
fields:
  - { field: 部門, from: previous }
  - { field: 締日, from: next }",
            output: "
                | 部門: text | 課: text | 締日: date |
                | 営業       | 一課     | 2026-11-20 |
                | 営業       | 二課     | 2026-11-20 |
                | 総務       |          |            |
            ",
            kintone: None,
        },
        Example {
            title: words("数値と複数の選択肢の決まった値", "Fixed values of numbers and of lists"),
            inputs: &[(
                "受注",
                "
                | 数: number | 印: texts |
                |            | 特価      |
                | 2          |           |
            ",
            )],
            step: "
command: fill_blanks
fields:
  - { field: 数, value: \"0.125\" }
  - { field: 印, value: [通常, 新着] }",
            output: "
                | 数: number | 印: texts  |
                | 0.125      | 特価       |
                | 2          | 通常; 新着 |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "An input without rows"),
            inputs: &[(
                "受注",
                "
                | 数: number |
            ",
            )],
            step: "
command: fill_blanks
fields: [{ field: 数, value: 0 }]",
            output: "
                | 数: number |
            ",
            kintone: None,
        },
    ],
    }
    .kept(),
};
