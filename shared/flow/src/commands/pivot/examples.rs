//! Examples of `pivot`.

use crate::commands::Example;
use crate::problem::words;

const SALES: &str = "
    | 店: text | 月: number | 金額: number | 客: text |
    | 東       | 4          | 100          | a        |
    | 西       | 5          | 7.5          | b        |
    | 東       | 5          |              | a        |
    | 東       | 4.0        | 20           | c        |
    | 西       | 6          | 1            | b        |
    |          | 4          | 3            |          |
";

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("店と月の表。書いていない月はその他へ", "Shops by months; other months together"),
        inputs: &[("売上", SALES)],
        step: "
command: pivot
keys: [店]
spread: 月
values: [4, 5]
aggregates: [{ function: sum, field: 金額 }]
names: \"{value}月\"
others: その他",
        output: "
            | 店: text | 4月: number | 5月: number | その他: number |
            | 東       | 120         | 0           | 0                |
            | 西       | 0           | 7.5         | 1                |
            |          | 3           | 0           | 0                |
        ",
        kintone: None,
    },
    Example {
        title: words("二つの集計と列の名前", "Two aggregates, and the names of their columns"),
        inputs: &[("売上", SALES)],
        step: "
command: pivot
keys: [店]
spread: 月
values: [{ value: 4, as: 四月 }, { value: 5, as: 五月 }, { value: 6, as: 六月 }]
aggregates:
  - { function: average, field: 金額, as: 平均 }
  - { function: count_distinct, field: 客, as: 客数 }",
        output: "
            | 店: text | 四月_平均: number | 四月_客数: number | 五月_平均: number | 五月_客数: number | 六月_平均: number | 六月_客数: number |
            | 東       | 60                | 2                 |                   | 1                 |                   | 0                 |
            | 西       |                   | 0                 | 7.5               | 1                 | 1                 | 1                 |
            |          | 3                 | 0                 |                   | 0                 |                   | 0                 |
        ",
        kintone: None,
    },
    Example {
        title: words("空も値の一つ、キーなしで一行", "Blank as a value; one row without keys"),
        inputs: &[("売上", SALES)],
        step: "
command: pivot
spread: 店
values: [東, 西, { value: \"\", as: 不明 }]
aggregates: [{ function: count_all, as: 件数 }]",
        output: "
            | 東: number | 西: number | 不明: number |
            | 3          | 2          | 1            |
        ",
        kintone: None,
    },
    Example {
        title: words("0 行の入力", "An input without rows"),
        inputs: &[("売上", "
            | 店: text | 月: number | 金額: number |
        ")],
        step: "
command: pivot
keys: [店]
spread: 月
values: [4]
aggregates: [{ function: max, field: 金額 }]",
        output: "
            | 店: text | 4: number |
        ",
        kintone: None,
    },
];
