//! Examples of `data_edit`.

use crate::commands::Example;
use crate::problem::words;

pub(super) static EXAMPLES: &[Example] = &[
        Example {
            title: words(
                "引当数を決め、在庫から引く（下の式は上の結果を使う）",
                "Allocate, then subtract: a later formula sees the earlier result",
            ),
            inputs: &[(
                "受注と在庫",
                "
                | 商品コード: text | 受注数: number | 在庫数: number |
                | A                | 5              | 10             |
                | B                | 20             | 7.5            |
            ",
            )],
            step: "
command: data_edit
edits:
  - { field: 引当数, formula: \"MIN(受注数, 在庫数)\" }
  - { field: 在庫数, formula: 在庫数 - 引当数 }",
            output: "
                | 商品コード: text | 受注数: number | 在庫数: number | 引当数: number |
                | A                | 5              | 5              | 5              |
                | B                | 20             | 0              | 7.5            |
            ",
            kintone: None,
        },
        Example {
            title: words("エラーになる行を空にする", "Rows with an error become blank"),
            inputs: &[(
                "売上",
                "
                | 金額: number | 数量: number |
                | 100          | 8            |
                | 50           | 0            |
            ",
            )],
            step: "
command: data_edit
edits:
  - { field: 単価, formula: 金額 / 数量, on_error: blank }
  - { field: 印, formula: 'IF(金額 >= 100, \"大\", \"小\")' }",
            output: "
                | 金額: number | 数量: number | 単価: number | 印: text |
                | 100          | 8            | 12.5         | 大       |
                | 50           | 0            |              | 小       |
            ",
            kintone: None,
        },
    Example {
        title: words("列の型を変える", "A column that changes its kind"),
        inputs: &[(
            "受注",
            "
            | 番号: number | 金額: text |
            | 7            | 1,200      |
            | 12           |            |
        ",
        )],
        step: "
command: data_edit
edits:
  - { field: 番号, formula: 'TEXT(番号, \"000\")', kind: text }
  - { field: 金額, formula: VALUE(金額), kind: number }
  - { field: 税込, formula: 金額 * 1.1 }",
        output: "
            | 番号: text | 金額: number | 税込: number |
            | 007        | 1200         | 1320         |
            | 012        | 0            | 0            |
        ",
        kintone: None,
    },
    Example {
        title: words(
            "日付の編集（空は空のまま。日付の列から数値の列にもなる）",
            "Edits of dates: a blank stays blank, and a column of dates may become one of numbers",
        ),
        inputs: &[(
            "受注",
            "
            | 受注日: date | 締切: datetime       | 曜日: date |
            | 2026-03-31   | 2026-03-31T16:00:00Z | 2026-04-01 |
            |              |                      |            |
        ",
        )],
        step: "
command: data_edit
edits:
  - { field: 年, date: year, of: 受注日 }
  - { field: 年度, date: fiscal_year, of: 締切 }
  - { field: 四半期, date: fiscal_quarter, of: 受注日, first_month: 10 }
  - { field: 月初, date: month_start, of: 受注日 }
  - { field: 月末, date: month_end, of: 締切 }
  - { field: 翌月, date: add_months, of: 受注日, amount: 1 }
  - { field: 受注日, date: add_days, amount: -3 }
  - { field: 曜日, date: weekday_name }",
        output: "
            | 受注日: date | 締切: datetime       | 曜日: text | 年: number | 年度: number | 四半期: number | 月初: date | 月末: date | 翌月: date |
            | 2026-03-28   | 2026-03-31T16:00:00Z | 水         | 2026       | 2026         | 2              | 2026-03-01 | 2026-04-30 | 2026-04-30 |
            |              |                      |            |            |              |                |            |            |            |
        ",
        kintone: None,
    },
    Example {
        title: words("文字列の編集", "Edits of texts"),
        inputs: &[(
            "顧客",
            "
            | コード: text | 番号: number | 名前: text   | 電話: text   |
            | ａｂ１       | 7            | ﾐｽﾞﾉ 商店    | 03-1234-5678 |
            |              |              |              |              |
        ",
        )],
        step: "
command: data_edit
edits:
  - { field: コード, text: half_width }
  - { field: コード, text: upper }
  - { field: 番号, text: pad_left, length: 4, with: \"0\" }
  - { field: 名前, text: full_width }
  - { field: 頭, text: take_left, of: 名前, length: 3 }
  - { field: 電話, text: replace, find: \"-\", with: \"\" }",
        output: "
            | コード: text | 番号: text | 名前: text | 電話: text | 頭: text |
            | AB1          | 0007       | ミズノ　商店 | 0312345678 | ミズノ   |
            |              |            |            |            |          |
        ",
        kintone: None,
    },
    Example {
        title: words("行に番号を付ける（全体で、部門ごとに）", "Rows numbered, over all and in each department"),
        inputs: &[(
            "売上",
            "
            | 部門: text | 番号: text |
            | 営業       | x          |
            | 総務       |            |
            | 営業       |            |
        ",
        )],
        step: "
command: data_edit
edits:
  - { field: 番号, number: { start: 100, step: 10 } }
  - { field: 部門内, number: { keys: [部門] } }",
        output: "
            | 部門: text | 番号: number | 部門内: number |
            | 営業       | 100          | 1              |
            | 総務       | 110          | 1              |
            | 営業       | 120          | 2              |
        ",
        kintone: None,
    },
    Example {
        title: words("0 行の入力", "No rows"),
        inputs: &[("受注", "| 受注日: date |")],
        step: "
command: data_edit
edits: [{ field: 年, date: year, of: 受注日 }, { field: 番号, number: {} }]",
        output: "| 受注日: date | 年: number | 番号: number |",
        kintone: None,
    },
];
