//! `create_table`: makes tables of rows, one per key.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::kinds::kind_words;
use crate::located::{At, Located};
use crate::plan::{Column, Nest, NestCell, NodeId, Op};
use crate::problem::{Problem, words};
use crate::settings::{Choice, not_empty, read_shape, schema_of};
use crate::sort_by::{SortBy, key_column, sort_keys};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    table: At<String>,
    keys: At<Vec<Choice>>,
    #[serde(default)]
    fields: Option<At<Vec<Choice>>>,
    #[serde(default)]
    order: Vec<SortBy>,
    #[serde(default)]
    row_id: Option<At<String>>,
    #[serde(default)]
    blank_rows: BlankRows,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum BlankRows {
    #[default]
    Drop,
    Keep,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(settings) = read_shape::<Settings>(settings, problems) {
        not_empty(&settings.keys, "keys", &settings.keys, problems);
        if let Some(fields) = &settings.fields {
            not_empty(fields, "fields", fields, problems);
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let input = check.columns(0);
    let before = check.problem_count();
    let (mut keys, mut columns) = (Vec::new(), Vec::new());
    for choice in &settings.keys.value {
        if let Some(i) = key_column(check, &input, &choice.field, "keys") {
            keys.push(i);
            columns.push(input[i].named(choice.name()));
        }
    }
    let row_id = settings.row_id.as_ref().and_then(|name| row_id(check, &input, name));
    let cells = cells(check, &input, &settings, &keys, row_id);
    let inner = cells.iter().map(|cell| input[cell.column].named(&cell.name)).collect::<Vec<_>>();
    check.unique_names(&inner, "fields");
    if cells.is_empty() && check.problem_count() == before {
        check.problem(
            Problem::new(
                "table_without_columns",
                "テーブルに入る列が一つもありません。入力に列を残すか、「fields」に書いてください。",
                "The table would have no columns; leave some in the input, or name them in \"fields\".",
            )
            .in_setting("table")
            .at(settings.table.position),
        );
    }
    columns.push(Column::table(&settings.table.value, inner));
    check.unique_names(&columns, "table");
    let order = sort_keys(check, &input, &settings.order, "order").unwrap_or_default();
    let keep_blank = settings.blank_rows == BlankRows::Keep;
    (check.problem_count() == before)
        .then(|| check.node(Op::Nest(Nest { keys, cells, row_id, order, keep_blank }), columns))
}

/// The columns that become the table's: those that are chosen, or all but keys, row id and tables.
fn cells(
    check: &mut StepCheck<'_>,
    input: &[Column],
    settings: &Settings,
    keys: &[usize],
    row_id: Option<usize>,
) -> Vec<NestCell> {
    let Some(choices) = &settings.fields else {
        let rest = (0..input.len()).filter(|i| !keys.contains(i) && row_id != Some(*i) && cell_kind(input[*i].kind));
        note_dropped(check, input.iter().filter(|c| !cell_kind(c.kind)).map(|c| c.name.as_str()).collect());
        return rest.map(|column| NestCell { column, name: input[column].name.clone() }).collect();
    };
    let mut cells = Vec::new();
    for choice in &choices.value {
        let Some(column) = check.column(input, &choice.field, "fields", choice.field.position) else { continue };
        if !cell_kind(input[column].kind) {
            let kind = kind_words(input[column].kind);
            check.problem(
                Problem::new(
                    "no_cell",
                    format!("列「{}」は{}なので、テーブルの列にできません。", input[column].name, kind.ja),
                    format!(
                        "The column \"{}\" is of kind {} and cannot stand in a table.",
                        input[column].name, kind.en
                    ),
                )
                .in_setting("fields")
                .at(choice.field.position),
            );
        }
        cells.push(NestCell { column, name: choice.name().to_owned() });
    }
    cells
}

/// A table holds no tables, and kintone has no field of truth values.
fn cell_kind(kind: Kind) -> bool {
    !matches!(kind, Kind::Rows | Kind::Bool)
}

fn note_dropped(check: &mut StepCheck<'_>, dropped: Vec<&str>) {
    if !dropped.is_empty() {
        let dropped = dropped.join(", ");
        check.note(Problem::new(
            "columns_dropped",
            format!("テーブルの列にできない列は入りません: {dropped}"),
            format!("Columns that cannot stand in a table are dropped: {dropped}"),
        ));
    }
}

fn row_id(check: &mut StepCheck<'_>, input: &[Column], name: &At<String>) -> Option<usize> {
    let column = check.column(input, name, "row_id", name.position)?;
    if matches!(input[column].kind, Kind::Number | Kind::Text) {
        return Some(column);
    }
    let kind = kind_words(input[column].kind);
    check.problem(
        Problem::new(
            "row_id_kind",
            format!(
                "行 ID の列「{}」は{}です。expand_table の row_id で作った数値の列を指定してください。",
                name.value, kind.ja
            ),
            format!(
                "The column of row ids, \"{}\", is of kind {}; name the column that expand_table made with row_id.",
                name.value, kind.en
            ),
        )
        .in_setting("row_id")
        .at(name.position),
    );
    None
}

/// `create_table`
pub(super) static DEFINITION: Definition = Definition {
    name: "create_table",
    version: 1,
    title: words("テーブル作成", "Create Table"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "table",
            form: "name",
            required: true,
            text: words("テーブルの列の名前。", "Name of the column of tables."),
        },
        Setting {
            name: "keys",
            form: "[name, { field: name, as: name }]",
            required: true,
            text: words(
                "親になる列。値が同じ行が一つの親になります。",
                "Columns of the parent: rows with equal values have one parent.",
            ),
        },
        Setting {
            name: "fields",
            form: "[name, { field: name, as: name }]",
            required: false,
            text: words(
                "テーブルの列。省くと、キーと行 ID 以外の全部です。",
                "Columns of the table; without it, all but the keys and the row id.",
            ),
        },
        Setting {
            name: "order",
            form: "[name, { field: name, order: asc | desc, blanks: first | last }]",
            required: false,
            text: words(
                "テーブルの中での行の順。省くと入力の順です。",
                "Order of the rows in each table; without it, that of the input.",
            ),
        },
        Setting {
            name: "row_id",
            form: "name",
            required: false,
            text: words(
                "テーブルの行 ID の列（expand_table の row_id）。同じ ID の行として書き込みます。空なら新しい行です。",
                "Column of table rows' ids, as expand_table's row_id makes it: they are written as the rows that they were. Blank is a new row.",
            ),
        },
        Setting {
            name: "blank_rows",
            form: "drop | keep",
            required: false,
            text: words(
                "テーブルの列と行 ID がすべて空の行を、テーブルの行にしない（drop、既定）か、する（keep）か。",
                "Whether a row whose cells and id are all blank is no row of the table (drop, default) or one (keep).",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "キーが同じ行をまとめ、テーブルを持つ一行にします。テーブル展開の逆です。",
        "Gathers the rows of each key into one row with a table: the reverse of Table Expand.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "キーの空も一つのキーです。すべて空の行は `blank_rows` のとおりで、そのキーの行がほかになければテーブルは空になります。",
            "A blank key is a key like any other. Rows of blanks follow `blank_rows`; where a key has no other rows its table is empty.",
        ),
        duplicates: words("同じ行もそれぞれテーブルの行になります。", "Equal rows all become rows of the table."),
        empty_input: words("0 行なら 0 行です。", "No row in, no row out."),
        types: words(
            "テーブルの列は元の列の型です。テーブルと真偽値はテーブルに入れられません。キーにできるのは一つの値を持つ型だけです（チェックボックスやユーザーは set_field_type で文字列にしてください）。",
            "A table's columns have the kinds that they had. Tables and truth values cannot stand in one. Keys must be of simple values; turn check boxes or users into text with set_field_type.",
        ),
        order: words(
            "親はキーが初めて現れた順、テーブルの行は `order` の順（省くと入力の順）です。",
            "Parents by first appearance of their key; rows of a table by `order`, or as they came.",
        ),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("受注番号ごとに明細をまとめる", "Order lines gathered by order"),
            inputs: &[(
                "明細",
                "
                | 受注番号: text | 顧客: text | 品目: text | 数: number |
                | A-1            | 水野商店   | りんご     | 3          |
                | A-2            | 川口商会   |            |            |
                | A-1            | 水野商店   | みかん     | 5          |
                |                | 水野商店   | なし       | 1          |
                | A-1            | 水野商店   | みかん     | 5          |
            ",
            )],
            step: "
command: create_table
table: 明細
keys: [受注番号, 顧客]",
            output: "
                | 受注番号: text | 顧客: text | 明細: rows(品目: text, 数: number) |
                | A-1            | 水野商店   | りんご, 3; みかん, 5; みかん, 5   |
                | A-2            | 川口商会   |                                   |
                |                | 水野商店   | なし, 1                           |
            ",
            kintone: None,
        },
        Example {
            title: words(
                "列を選び、行を並べ、行 ID で元の行に戻す",
                "Columns chosen, rows ordered, and given back as the rows that they were",
            ),
            inputs: &[(
                "明細",
                "
                | 番号: text | 行ID: number | 品目: text | 数: number | 備考: text |
                | A-1        | 12           | りんご     | 3          | x          |
                | A-1        |              | みかん     | 5          |            |
                | A-1        | 11           | なし       |            |            |
            ",
            )],
            step: "
command: create_table
table: 明細
keys: [{ field: 番号, as: 受注番号 }]
fields: [{ field: 数, as: 数量 }, 品目]
order: [{ field: 数, order: desc }]
row_id: 行ID",
            output: "
                | 受注番号: text | 明細: rows(数量: number, 品目: text)      |
                | A-1            | 5, みかん; #12 3, りんご; #11 , なし      |
            ",
            kintone: None,
        },
        Example {
            title: words("空の行もテーブルの行にする", "Rows of blanks become rows too"),
            inputs: &[(
                "明細",
                "
                | 番号: text | 品目: text | 数: number |
                | A-1        |            |            |
                | A-1        | りんご     | 3          |
            ",
            )],
            step: "
command: create_table
table: 明細
keys: [番号]
blank_rows: keep",
            output: "
                | 番号: text | 明細: rows(品目: text, 数: number) |
                | A-1        | , ; りんご, 3                     |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "No rows"),
            inputs: &[("明細", "| 番号: text | 品目: text |")],
            step: "
command: create_table
table: 明細
keys: [番号]",
            output: "| 番号: text | 明細: rows(品目: text) |",
            kintone: None,
        },
    ],
    }
    .kept(),
};
