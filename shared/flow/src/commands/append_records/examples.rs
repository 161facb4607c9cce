//! Examples of `append_records`.

use crate::commands::Example;
use crate::problem::words;

const EAST: &str = "
    | 店: text | 日: date   | 売上: number |
    | 東1      | 2026-11-01 | 100          |
    | 東2      | 2026-11-01 |              |
";
const WEST: &str = "
    | 店: text | 売上: number | 客数: number |
    | 西1      | 70.5         | 3            |
    | 東1      | 100          | 5            |
";

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("すべての列", "All columns"),
        inputs: &[("東", EAST), ("西", WEST)],
        step: "
command: append_records",
        output: "
            | 店: text | 日: date   | 売上: number | 客数: number |
            | 東1      | 2026-11-01 | 100          |              |
            | 東2      | 2026-11-01 |              |              |
            | 西1      |            | 70.5         | 3            |
            | 東1      |            | 100          | 5            |
        ",
        kintone: None,
    },
    Example {
        title: words("共通の列だけ、三つの入力", "Only common columns, of three inputs"),
        inputs: &[
            ("東", EAST),
            ("西", WEST),
            (
                "北",
                "
            | 売上: number | 店: text |
            | 8            | 北1      |
        ",
            ),
        ],
        step: "
command: append_records
fields: common",
        output: "
            | 店: text | 売上: number |
            | 東1      | 100          |
            | 東2      |              |
            | 西1      | 70.5         |
            | 東1      | 100          |
            | 北1      | 8            |
        ",
        kintone: None,
    },
    Example {
        title: words("西の列にそろえる", "The columns of one input"),
        inputs: &[("東", EAST), ("西", WEST)],
        step: "
command: append_records
like: 西",
        output: "
            | 店: text | 売上: number | 客数: number |
            | 東1      | 100          |              |
            | 東2      |              |              |
            | 西1      | 70.5         | 3            |
            | 東1      | 100          | 5            |
        ",
        kintone: None,
    },
    Example {
        title: words("型が違う列: 文字列に、日時に", "Different kinds: text, and datetime"),
        inputs: &[
            (
                "旧",
                "
                | 番号: number | 時: date   |
                | 12.50        | 2026-11-01 |
                |              |            |
            ",
            ),
            (
                "新",
                "
                | 番号: text | 時: datetime         |
                | A-1        | 2026-11-02T00:30:00Z |
            ",
            ),
        ],
        step: "
command: append_records",
        output: "
            | 番号: text | 時: datetime         |
            | 12.5       | 2026-10-31T15:00:00Z |
            |            |                      |
            | A-1        | 2026-11-02T00:30:00Z |
        ",
        kintone: None,
    },
    Example {
        title: words("0 行の入力", "An input without rows"),
        inputs: &[
            ("東", EAST),
            (
                "西",
                "
            | 店: text | 客数: number |
        ",
            ),
        ],
        step: "
command: append_records",
        output: "
            | 店: text | 日: date   | 売上: number | 客数: number |
            | 東1      | 2026-11-01 | 100          |              |
            | 東2      | 2026-11-01 |              |              |
        ",
        kintone: None,
    },
];
