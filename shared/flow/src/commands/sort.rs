//! `sort`: brings rows into an order.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Definition, Example, Reference, Role, Setting};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::{NodeId, Op, Sort};
use crate::problem::{Problem, words};
use crate::settings::{not_empty, read_shape, schema_of};
use crate::sort_by::{SortBy, sort_keys};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    keys: At<Vec<SortBy>>,
    #[serde(default)]
    limit: Option<At<u32>>,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    if let Some(settings) = read_shape::<Settings>(settings, problems) {
        not_empty(&settings.keys, "keys", &settings.keys, problems);
        if let Some(limit) = settings.limit.filter(|limit| limit.value == 0) {
            problems.push(
                Problem::new(
                    "zero",
                    "「limit」は 1 以上の整数です。行を残さないステップは要りません。",
                    "\"limit\" is a whole number of 1 or more: a step that keeps no row is not needed.",
                )
                .in_setting("limit")
                .at(limit.position),
            );
        }
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let columns = check.columns(0);
    let keys = sort_keys(check, &columns, &settings.keys, "keys")?;
    let limit = settings.limit.map(|limit| limit.value as usize);
    Some(check.node(Op::Sort(Sort { keys, limit }), columns))
}

/// `sort`
pub(super) static DEFINITION: Definition = Definition {
    name: "sort",
    version: 1,
    title: words("並べ替え", "Sort"),
    role: Role::Middle,
    inputs: 1..=1,
    settings: &[
        Setting {
            name: "keys",
            form: "[name, { field: name, order: asc | desc, blanks: first | last }]",
            required: true,
            text: words(
                "並べ替える列。先に書いたものが優先です。order を省くと昇順、blanks を省くと空は最も小さい値として扱います（昇順なら先頭、降順なら末尾）。",
                "Columns to sort by, the most important first. Ascending without `order`; without `blanks`, blank is the smallest value: first in ascending order, last in descending order.",
            ),
        },
        Setting {
            name: "limit",
            form: "number",
            required: false,
            text: words(
                "並べ替えた後に先頭から残す行数。省くと全部です。",
                "How many rows to keep from the top; all of them without it.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "行を一つまたは複数の列で並べ替えます。上位の何行かだけを残すこともできます。",
        "Brings the rows into an order by one or more columns, and keeps only the first few where asked to.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空は先頭か末尾にまとまります（blanks）。空どうしは等しいとみなします。",
            "Blanks stand together at the start or the end (`blanks`) and are equal to one another.",
        ),
        duplicates: words(
            "キーが等しい行は入力の順のままです（安定）。行が減ることはありません（limit を除く）。",
            "Rows with equal keys keep the order of the input (stable). No row is dropped, but by `limit`.",
        ),
        empty_input: words("0 行のままです。", "It stays empty."),
        types: words(
            "数値は値の大きさ、日付・時刻・日時は時の順、文字列は文字コード（Unicode）の順です。複数の選択肢・ユーザー・添付ファイル・テーブルはキーにできませんが、列としてはそのまま通ります。",
            "Numbers by value, dates, times and datetimes by time, text by code point. Lists, users, files and tables cannot be keys; as columns they pass through.",
        ),
        order: words("キーの順、等しければ入力の順。", "By the keys; the input's order among equals."),
    },
    schema: schema_of::<Settings>,
    examples: &[
        Example {
            title: words("二つのキー: 部門の昇順、金額の降順", "Two keys: department ascending, amount descending"),
            inputs: &[(
                "売上",
                "
                | 部門: text | 担当: text | 金額: number |
                | 営業2      | 佐藤       | 90           |
                | 営業1      | 鈴木       | 9.5          |
                | 営業1      | 高橋       | 100          |
                | 営業2      | 田中       | 1000         |
                | 営業1      | 伊藤       | 100.00       |
            ",
            )],
            step: "
command: sort
keys: [部門, { field: 金額, order: desc }]",
            output: "
                | 部門: text | 担当: text | 金額: number |
                | 営業1      | 高橋       | 100          |
                | 営業1      | 伊藤       | 100          |
                | 営業1      | 鈴木       | 9.5          |
                | 営業2      | 田中       | 1000         |
                | 営業2      | 佐藤       | 90           |
            ",
            kintone: None,
        },
        Example {
            title: words("空を末尾に", "Blanks at the end"),
            inputs: &[(
                "課題",
                "
                | 番号: number | 期限: date |
                | 1            |            |
                | 2            | 2026-11-22 |
                | 3            |            |
                | 4            | 2026-11-20 |
            ",
            )],
            step: "
command: sort
keys: [{ field: 期限, blanks: last }]",
            output: "
                | 番号: number | 期限: date |
                | 4            | 2026-11-20 |
                | 2            | 2026-11-22 |
                | 1            |            |
                | 3            |            |
            ",
            kintone: None,
        },
        Example {
            title: words("文字列は文字コードの順", "Text by code point"),
            inputs: &[(
                "商品",
                "
                | コード: text |
                | b10          |
                | あ           |
                | B2           |
                | b2           |
                |              |
                | 10           |
                | 9            |
            ",
            )],
            step: "
command: sort
keys: [コード]",
            output: "
                | コード: text |
                |              |
                | 10           |
                | 9            |
                | B2           |
                | b10          |
                | b2           |
                | あ           |
            ",
            kintone: None,
        },
        Example {
            title: words("上位 2 行", "The first two"),
            inputs: &[(
                "売上",
                "
                | 担当: text | 金額: number |
                | 佐藤       | 90           |
                | 鈴木       |              |
                | 高橋       | 300          |
                | 田中       | -5           |
            ",
            )],
            step: "
command: sort
keys: [{ field: 金額, order: desc }]
limit: 2",
            output: "
                | 担当: text | 金額: number |
                | 高橋       | 300          |
                | 佐藤       | 90           |
            ",
            kintone: None,
        },
        Example {
            title: words("0 行の入力", "An input without rows"),
            inputs: &[(
                "売上",
                "
                | 担当: text | 金額: number |
            ",
            )],
            step: "
command: sort
keys: [金額]",
            output: "
                | 担当: text | 金額: number |
            ",
            kintone: None,
        },
    ],
    }
    .kept(),
};
