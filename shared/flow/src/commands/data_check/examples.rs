//! Examples of `data_check`.

use crate::commands::Example;
use crate::problem::words;

/// Examples, run by the tests.
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words(
            "エラーの行を除いて続ける。空は required だけがエラーにする",
            "Go on without the wrong rows; only required minds a blank",
        ),
        inputs: &[(
            "受注",
            "
                | 受注番号: text | 数量: number | 郵便番号: text |
                | A-1            | 3            | 123-4567       |
                |                | 5            | 123-4567       |
                | A-3            | 0            |                |
                | A-4            |              | 1234567        |
                | A-5            |              |                |
            ",
        )],
        step: "
command: data_check
rows_with_errors: drop
checks:
  - { check: required, field: 受注番号 }
  - { check: range, field: 数量, min: 1, max: 99 }
  - { check: format, field: 郵便番号, pattern: '^\\d{3}-\\d{4}$' }",
        output: "
                | 受注番号: text | 数量: number | 郵便番号: text |
                | A-1            | 3            | 123-4567       |
                | A-5            |              |                |
            ",
        kintone: None,
    },
    Example {
        title: words(
            "ほかの列、式、今日から数えた日と比べる",
            "Compare with a column, a formula, a day counted from today",
        ),
        inputs: &[(
            "出荷",
            "
                | 受注日: date | 納期: date | 期限: date |
                | 2026-11-20   | 2026-11-25 | 2026-12-21 |
                | 2026-11-20   | 2026-11-19 | 2026-12-21 |
                | 2026-11-20   | 2026-11-25 | 2026-12-20 |
                | 2027-01-01   | 2027-01-05 | 2027-01-31 |
            ",
        )],
        step: "
command: data_check
rows_with_errors: drop
checks:
  - { check: compare, field: 納期, operator: '>=', with: 受注日 }
  - { check: compare, field: 期限, operator: '>=', relative: { months: 1 } }
  - { check: compare, field: 受注日, operator: '<=', formula: TODAY() }",
        output: "
                | 受注日: date | 納期: date | 期限: date |
                | 2026-11-20   | 2026-11-25 | 2026-12-21 |
            ",
        kintone: None,
    },
    Example {
        title: words(
            "複数の値はすべてを調べる。文字列は大文字・小文字も区別し、相手が空なら調べない",
            "Of a list all items are checked; texts are compared exactly, and not with a blank",
        ),
        inputs: &[(
            "登録",
            "
                | コード: text | 確認: text | 分類: texts  |
                | AbC          | AbC        | 食品; 冷蔵   |
                | AbC          | ABC        | 食品         |
                | AbC          |            |              |
                | AbC          | AbC        | 食品; 玩具   |
            ",
        )],
        step: "
command: data_check
rows_with_errors: drop
checks:
  - { check: compare, field: コード, operator: '=', with: 確認 }
  - { check: compare, field: 分類, operator: in, value: [食品, 冷蔵] }",
        output: "
                | コード: text | 確認: text | 分類: texts  |
                | AbC          | AbC        | 食品; 冷蔵   |
                | AbC          |            |              |
            ",
        kintone: None,
    },
    Example {
        title: words("ほかのアプリにある値だけを通す", "Let only values of another app pass"),
        inputs: &[
            (
                "受注",
                "
                | 商品コード: text | 分類: texts |
                | A                | 食品; 冷蔵  |
                | Z                | 食品        |
                | B                | 食品; 玩具  |
                |                  |             |
            ",
            ),
            (
                "商品",
                "
                | コード: text | 分類: texts |
                | A            | 食品        |
                | B            | 冷蔵        |
            ",
            ),
        ],
        step: "
command: data_check
rows_with_errors: drop
checks:
  - { check: exists, field: 商品コード, app: 12, in: コード }
  - { check: exists, field: 分類, app: 12, in: 分類 }",
        output: "
                | 商品コード: text | 分類: texts |
                | A                | 食品; 冷蔵  |
                |                  |             |
            ",
        kintone: None,
    },
    Example {
        title: words(
            "最初のエラーで調べるのをやめる（残りは調べずに渡す）",
            "End checking at the first error; the rest goes on unchecked",
        ),
        inputs: &[(
            "受注",
            "
                | 金額: number |
                | 5            |
                | -1           |
                | -2           |
            ",
        )],
        step: "
command: data_check
after_error: skip
rows_with_errors: drop
checks: [{ check: formula, formula: 金額 >= 0, field: 金額 }]",
        output: "
                | 金額: number |
                | 5            |
                | -2           |
            ",
        kintone: None,
    },
    Example {
        title: words(
            "0 件を調べる（エラーは行ではないので、行は変わらない）",
            "Check for records; with none, there is no row to drop",
        ),
        inputs: &[("受注", "| 金額: number |")],
        step: "
command: data_check
checks: [{ check: records }]",
        output: "| 金額: number |",
        kintone: None,
    },
];
