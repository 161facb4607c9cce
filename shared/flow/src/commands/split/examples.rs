//! Examples of `split`. Each shows the rows of one branch, which the first line of its output names.

use crate::commands::Example;
use crate::problem::words;

/// The rows that all examples but the last one split.
const ORDERS: (&str, &str) = (
    "受注",
    "
    | 番号: number | 地域: text | 金額: number |
    | 1            | 東京       | 500          |
    | 2            | 大阪       | 2000         |
    | 3            |            | 3000         |
    | 4            | 東京       | 1500         |
    | 5            | 名古屋     |              |
",
);

const BY_REGION: &str = "
command: split
branches:
  - { name: 東京, conditions: [{ field: 地域, operator: \"=\", value: 東京 }] }
  - { name: 高額, formula: 金額 >= 1000 }
rest: その他";

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        title: words("一つ目の枝", "The first branch"),
        inputs: &[ORDERS],
        step: BY_REGION,
        output: "
            例/東京
            | 番号: number | 地域: text | 金額: number |
            | 1            | 東京       | 500          |
            | 4            | 東京       | 1500         |
        ",
        kintone: None,
    },
    Example {
        title: words("二つ目の枝には、一つ目に入った行は入らない", "The second branch has no row of the first"),
        inputs: &[ORDERS],
        step: BY_REGION,
        output: "
            例/高額
            | 番号: number | 地域: text | 金額: number |
            | 2            | 大阪       | 2000         |
            | 3            |            | 3000         |
        ",
        kintone: None,
    },
    Example {
        title: words("どの枝にも入らない行", "The rows that are in no branch"),
        inputs: &[ORDERS],
        step: BY_REGION,
        output: "
            例/その他
            | 番号: number | 地域: text | 金額: number |
            | 5            | 名古屋     |              |
        ",
        kintone: None,
    },
    Example {
        title: words("当てはまるすべての枝に入れる", "Rows in every branch that they meet"),
        inputs: &[ORDERS],
        step: "
command: split
mode: all
branches:
  - { name: 東京, conditions: [{ field: 地域, operator: \"=\", value: 東京 }] }
  - { name: 高額, formula: 金額 >= 1000 }",
        output: "
            例/高額
            | 番号: number | 地域: text | 金額: number |
            | 2            | 大阪       | 2000         |
            | 3            |            | 3000         |
            | 4            | 東京       | 1500         |
        ",
        kintone: None,
    },
    Example {
        title: words("式がエラーになる行は次の枝へ", "A row whose formula is an error goes on to later branches"),
        inputs: &[(
            "売上",
            "
            | 番号: number | 金額: number | 数量: number |
            | 1            | 100          | 4            |
            | 2            | 100          | 0            |
        ",
        )],
        step: "
command: split
branches: [{ name: 高い, formula: 金額 / 数量 >= 20 }]
rest: その他",
        output: "
            例/その他
            | 番号: number | 金額: number | 数量: number |
            | 2            | 100          | 0            |
        ",
        kintone: None,
    },
];
