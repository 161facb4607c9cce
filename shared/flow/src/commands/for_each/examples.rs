//! Examples of `for_each`.

use crate::commands::Example;
use crate::problem::words;

/// The rows that most examples group.
const SALES: (&str, &str) = (
    "売上",
    "
    | 部門: text | 商品: text | 金額: number |
    | 営業       | A          | 100          |
    | 総務       | B          | 50           |
    | 営業       | B          | 300          |
    |            | A          | 7            |
    | 営業       | A          | 200          |
",
);

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        title: words(
            "部門ごとに、部門の平均以上の売上だけを残す",
            "Of each department, the sales that are at least its mean",
        ),
        inputs: &[SALES],
        step: "
command: for_each
keys: [部門]
steps:
  - { name: 平均, command: group_by, from: 入力, keys: [部門], aggregates: [{ function: average, field: 金額, as: 平均 }] }
  - { name: 並べる, command: join, from: [入力, 平均], kind: left, keys: [部門], fields: [平均] }
  - { name: 以上, command: filter, from: 並べる, formula: 金額 >= 平均 }
  - { name: 列, command: select_fields, from: 以上, fields: [商品, 金額] }",
        output: "
            | 部門: text | 商品: text | 金額: number |
            | 営業       | B          | 300          |
            | 営業       | A          | 200          |
            | 総務       | B          | 50           |
            |            | A          | 7            |
        ",
        kintone: None,
    },
    Example {
        title: words(
            "グループごとに集計し、キーの名前を変える",
            "An aggregate of each group, with the key renamed",
        ),
        inputs: &[SALES],
        step: "
command: for_each
keys: [{ field: 部門, as: 部署 }]
steps:
  - { name: 合計, command: group_by, from: group, aggregates: [{ function: sum, field: 金額, as: 合計 }] }",
        output: "
            | 部署: text | 合計: number |
            | 営業       | 600          |
            | 総務       | 50           |
            |            | 7            |
        ",
        kintone: None,
    },
    Example {
        title: words(
            "中で枝に分け、別のアプリを参照する",
            "Branches inside, and a lookup in another app",
        ),
        inputs: &[
            SALES,
            (
                "商品",
                "
                | 商品: text | 名前: text |
                | A          | りんご     |
                | B          | みかん     |
            ",
            ),
        ],
        step: "
command: for_each
keys: [部門]
limit: 10
steps:
  - { name: 振分, command: split, from: 入力, branches: [{ name: 高い, formula: 金額 >= 100 }] }
  - { name: 名前, command: lookup, from: 振分/高い, app: 12, keys: [商品], fields: [名前] }",
        output: "
            | 部門: text | 商品: text | 金額: number | 名前: text |
            | 営業       | A          | 100          | りんご     |
            | 営業       | B          | 300          | みかん     |
            | 営業       | A          | 200          | りんご     |
        ",
        kintone: None,
    },
    Example {
        title: words("0 行の入力", "No rows"),
        inputs: &[("売上", "| 部門: text | 金額: number |")],
        step: "
command: for_each
keys: [部門]
steps:
  - { name: 合計, command: group_by, from: 入力, aggregates: [{ function: sum, field: 金額, as: 合計 }] }",
        output: "| 部門: text | 合計: number |",
        kintone: None,
    },
];
