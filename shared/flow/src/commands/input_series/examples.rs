//! Examples of `input_series`. They run on 2026-11-21.

use crate::commands::Example;
use crate::problem::words;

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("今日までの一週間", "The week up to today"),
        inputs: &[],
        step: "
command: input_series
as: 日付
first: TODAY() - 6
last: TODAY()
by: day
every: 2",
        output: "
            | 日付: date |
            | 2026-11-15 |
            | 2026-11-17 |
            | 2026-11-19 |
            | 2026-11-21 |
        ",
        kintone: None,
    },
    Example {
        title: words("月末の日から毎月", "Every month from a day that not all months have"),
        inputs: &[],
        step: "
command: input_series
as: 締日
first: 2026-12-31
last: 2027-04-30
by: month",
        output: "
            | 締日: date |
            | 2026-12-31 |
            | 2027-01-31 |
            | 2027-02-28 |
            | 2027-03-31 |
            | 2027-04-30 |
        ",
        kintone: None,
    },
    Example {
        title: words("営業日", "Business days"),
        inputs: &[],
        step: "
command: input_series
as: 営業日
first: 2026-11-20
last: 2026-11-24
by: business_day",
        output: "
            | 営業日: date |
            | 2026-11-20   |
            | 2026-11-23   |
            | 2026-11-24   |
        ",
        kintone: None,
    },
    Example {
        title: words("数を 0.25 ずつ下へ", "Numbers downwards by a quarter"),
        inputs: &[],
        step: "
command: input_series
as: 率
first: 1
last: \"0.3\"
by: number
step: \"-0.25\"",
        output: "
            | 率: number |
            | 1          |
            | 0.75       |
            | 0.5        |
        ",
        kintone: None,
    },
    Example {
        title: words("過ぎた範囲は 0 行", "No row where the range is over"),
        inputs: &[],
        step: "
command: input_series
as: 年
first: 2027-01-01
last: TODAY()
by: year",
        output: "
            | 年: date |
        ",
        kintone: None,
    },
];
