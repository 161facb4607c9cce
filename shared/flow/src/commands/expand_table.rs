//! `expand_table`: makes rows of a table field's rows.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::kinds::kind_words;
use crate::located::{At, Located};
use crate::plan::{Column, Expand, ExpandColumn, NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{Choice, not_empty, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    table: At<String>,
    #[serde(default)]
    fields: Option<Vec<Choice>>,
    #[serde(default)]
    table_fields: Option<Vec<Choice>>,
    #[serde(default)]
    empty: Empty,
    #[serde(default)]
    row_id: Option<String>,
    #[serde(default)]
    row_number: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Empty {
    #[default]
    Keep,
    Drop,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(settings) = read_shape::<Settings>(settings, problems)
        && let Some(fields) = &settings.table_fields
        && settings.row_id.is_none()
        && settings.row_number.is_none()
    {
        not_empty(fields, "table_fields", &settings.table, problems);
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let table = table(check, &input, &settings.table)?;
    let inner = &input[table].inner;

    let (mut columns, mut output): (Vec<Column>, Vec<ExpandColumn>) = (Vec::new(), Vec::new());
    for (i, name) in chosen(check, &input, settings.fields.as_deref(), "fields") {
        if settings.fields.is_none() && i == table {
            continue;
        }
        if i == table {
            check.problem(
                Problem::new(
                    "table_kept",
                    format!("展開するテーブル「{}」は fields に書けません。行に変わります。", input[i].name),
                    format!("The table \"{}\" becomes rows and cannot be among \"fields\".", input[i].name),
                )
                .in_setting("fields")
                .at(settings.table.position),
            );
        }
        columns.push(input[i].named(name.unwrap_or_else(|| input[i].name.clone())));
        output.push(ExpandColumn::Parent(i));
    }
    let number = |name: &Option<String>, place| name.as_ref().map(|n| (Column::new(n, Kind::Number), place));
    let counted =
        [number(&settings.row_id, ExpandColumn::RowId), number(&settings.row_number, ExpandColumn::RowNumber)];
    for (column, place) in counted.into_iter().flatten() {
        columns.push(column);
        output.push(place);
    }
    for (i, name) in chosen(check, inner, settings.table_fields.as_deref(), "table_fields") {
        let name = name.unwrap_or_else(|| super::join::free_name(&inner[i].name, &columns));
        columns.push(inner[i].named(name));
        output.push(ExpandColumn::Cell(inner[i].name.clone()));
    }
    check.unique_names(&columns, "fields");
    let keep_empty = settings.empty == Empty::Keep;
    (check.problem_count() == before).then(|| check.node(Op::Expand(Expand { table, output, keep_empty }), columns))
}

/// The columns that are chosen, all of them where nothing is said; a name where one was given.
fn chosen(
    check: &mut StepCheck<'_>,
    columns: &[Column],
    choices: Option<&[Choice]>,
    setting: &str,
) -> Vec<(usize, Option<String>)> {
    match choices {
        None => (0..columns.len()).map(|i| (i, None)).collect(),
        Some(choices) => choices
            .iter()
            .filter_map(|c| Some((check.column(columns, &c.field, setting, c.field.position)?, c.rename.clone())))
            .collect(),
    }
}

/// The column of tables, with columns that are known.
fn table(check: &mut StepCheck<'_>, input: &[Column], name: &At<String>) -> Option<usize> {
    let column = check.column(input, name, "table", name.position)?;
    let tables: Vec<&str> = input.iter().filter(|c| c.kind == Kind::Rows).map(|c| c.name.as_str()).collect();
    let (ja, en) = match (&input[column], tables.join(", ")) {
        (found, _) if found.kind == Kind::Rows && !found.inner.is_empty() => return Some(column),
        (found, _) if found.kind == Kind::Rows => (
            format!("テーブル「{}」の列が分かりません。", found.name),
            format!("The columns of the table \"{}\" are not known.", found.name),
        ),
        (found, tables) => {
            let kind = kind_words(found.kind);
            let known = if tables.is_empty() {
                ("入力にテーブルはありません。".to_owned(), " The input has no table.".to_owned())
            } else {
                (format!("テーブル: {tables}"), format!(" Tables: {tables}"))
            };
            (
                format!("「{}」は{}で、テーブルではありません。{}", found.name, kind.ja, known.0),
                format!("\"{}\" is of kind {} and no table.{}", found.name, kind.en, known.1),
            )
        }
    };
    check.problem(Problem::new("no_table", ja, en).in_setting("table").at(name.position));
    None
}

/// `expand_table`
pub(super) static DEFINITION: Definition = Definition {
    name: "expand_table",
    version: 1,
    title: words("テーブル展開", "Table Expand"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "table",
            form: "name",
            required: true,
            text: words(
                "展開するテーブル。一つのステップで一つです。二つのテーブルを並べると行が掛け算になるので、テーブルごとに分けて展開してください。",
                "The table, one per step: two side by side would multiply their rows, so expand each in a step of its own.",
            ),
        },
        Setting {
            name: "fields",
            form: "[name, { field: name, as: name }]",
            required: false,
            text: words(
                "残す親の列。省くと、このテーブル以外の全部です。",
                "Columns of the record that stay; without it, all but this table.",
            ),
        },
        Setting {
            name: "table_fields",
            form: "[name, { field: name, as: name }]",
            required: false,
            text: words(
                "テーブルの列。省くと全部です。親と同じ名前には `_1` が付きます。",
                "Columns of the table; without it, all. A name that the record has gets `_1`.",
            ),
        },
        Setting {
            name: "empty",
            form: "keep | drop",
            required: false,
            text: words(
                "テーブルが空のレコード: keep（既定）はテーブルの列を空にして一行残し、drop は除きます。",
                "Records whose table is empty: keep (default) leaves one row with blanks for the table's columns, drop leaves none.",
            ),
        },
        Setting {
            name: "row_id",
            form: "name",
            required: false,
            text: words(
                "テーブルの行 ID を入れる列の名前。create_table で行をもとの行として書き戻すときに使います。",
                "Name of a column for the table row's id, with which create_table can give rows back as what they were.",
            ),
        },
        Setting {
            name: "row_number",
            form: "name",
            required: false,
            text: words(
                "テーブルの中での行番号（1 から）を入れる列の名前。",
                "Name of a column for the row's number in its table, from 1.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "テーブルの一行を一行に展開します。親のレコードの値は行ごとに繰り返します。",
        "Makes a row of every row of a table; the values of its record are repeated beside it.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "値がすべて空のテーブルの行も一行になります。空のテーブルは `empty` のとおりです。",
            "A table row of blanks is a row too. Empty tables follow `empty`.",
        ),
        duplicates: words("同じ行もそれぞれ残ります。", "Equal rows all stay."),
        empty_input: words("0 行なら 0 行です。", "No row in, no row out."),
        types: words(
            "テーブルの列はそのフィールドの型です。ほかのテーブルは、選べば親の値として繰り返します。展開後の行数がレコード数として数えられ、上限（既定 100 万行）を超えるとフローは止まります。",
            "A table's columns have the kinds of their fields. Another table that is chosen is repeated like any value. The rows after expanding count as records; beyond the limit (a million by default) the flow stops.",
        ),
        order: words("入力の順、その中ではテーブルの順です。", "The order of the input, and in it that of the table."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words(
                "明細を一行ずつに（空のテーブルも一行残る）",
                "Order lines to rows; an empty table leaves one row",
            ),
            inputs: &[(
                "受注",
                "
                | 受注番号: text | 顧客: text | 明細: rows(品目: text, 数: number) |
                | A-1            | 水野商店   | りんご, 3; みかん, 5              |
                | A-2            | 川口商会   |                                   |
                | A-3            | 水野商店   | りんご, 1                         |
            ",
            )],
            step: "
command: expand_table
table: 明細",
            output: "
                | 受注番号: text | 顧客: text | 品目: text | 数: number |
                | A-1            | 水野商店   | りんご     | 3          |
                | A-1            | 水野商店   | みかん     | 5          |
                | A-2            | 川口商会   |            |            |
                | A-3            | 水野商店   | りんご     | 1          |
            ",
            kintone: None,
        },
        Example {
            title: words(
                "列を選び、名前を変え、空のテーブルを除く",
                "Columns chosen and renamed, empty tables dropped",
            ),
            inputs: &[(
                "受注",
                "
                | 受注番号: text | 顧客: text | 明細: rows(品目: text, 数: number) |
                | A-1            | 水野商店   | りんご, 3; みかん, ; , 5          |
                | A-2            | 川口商会   |                                   |
            ",
            )],
            step: "
command: expand_table
table: 明細
fields: [{ field: 受注番号, as: 番号 }]
table_fields: [数, { field: 品目, as: 商品 }]
empty: drop",
            output: "
                | 番号: text | 数: number | 商品: text |
                | A-1        | 3          | りんご     |
                | A-1        |            | みかん     |
                | A-1        | 5          |            |
            ",
            kintone: None,
        },
        Example {
            title: words("行 ID と行番号、同じ名前には _1", "Row ids and numbers; a taken name gets _1"),
            inputs: &[(
                "受注",
                "
                | 担当: text | 明細: rows(品目: text, 担当: text) |
                | 佐藤       | #101 りんご, 鈴木; みかん, 佐藤   |
                | 鈴木       |                                   |
            ",
            )],
            step: "
command: expand_table
table: 明細
row_id: 行ID
row_number: 行番号",
            output: "
                | 担当: text | 行ID: number | 行番号: number | 品目: text | 担当_1: text |
                | 佐藤       | 101          | 1              | りんご     | 鈴木         |
                | 佐藤       |              | 2              | みかん     | 佐藤         |
                | 鈴木       |              |                |            |              |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "No rows"),
            inputs: &[("受注", "| 受注番号: text | 明細: rows(品目: text, 数: number) |")],
            step: "
command: expand_table
table: 明細",
            output: "| 受注番号: text | 品目: text | 数: number |",
            kintone: None,
        },
    ],
    }
    .kept(),
};
