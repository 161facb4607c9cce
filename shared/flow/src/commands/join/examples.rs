//! Examples of `join`.

use crate::commands::Example;
use crate::problem::words;

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("左の行をすべて残し、同名の列に _1 が付く", "All left rows stay; a taken name gets _1"),
        inputs: &[
            (
                "受注",
                "
                    | 商品コード: text | 受注数: number | 更新日: date |
                    | B                | 3              | 2026-11-21 |
                    | A                | 5              | 2026-11-20 |
                    | Z                | 1              |            |
                    |                  | 9              |            |
                ",
            ),
            (
                "在庫",
                "
                    | 商品コード: text | 在庫数: number | 更新日: date |
                    | A                | 10             | 2026-11-01 |
                    | B                | 20             | 2026-11-02 |
                    |                  | 99             | 2026-11-03 |
                ",
            ),
        ],
        step: "
command: join
kind: left
keys: [商品コード]
fields: [在庫数, 更新日]",
        output: "
                | 商品コード: text | 受注数: number | 更新日: date | 在庫数: number | 更新日_1: date |
                | B                | 3              | 2026-11-21   | 20             | 2026-11-02     |
                | A                | 5              | 2026-11-20   | 10             | 2026-11-01     |
                | Z                | 1              |              |                |                |
                |                  | 9              |              |                |                |
            ",
        kintone: None,
    },
    Example {
        title: words("両側を残し、キーは二組、数値は値で比べる", "Both sides stay; two keys; numbers by value"),
        inputs: &[
            (
                "予算",
                "
                    | 部門: text | 月: number | 予算: number |
                    | 営業       | 4          | 100          |
                    | 営業       | 5          | 100          |
                ",
            ),
            (
                "実績",
                "
                    | 課: text | 月: number | 金額: number |
                    | 営業     | 4.0        | 60           |
                    | 営業     | 4          | 30           |
                    | 総務     | 4          | 7            |
                ",
            ),
        ],
        step: "
command: join
kind: full
keys:
  - { left: 部門, right: 課 }
  - 月",
        output: "
                | 部門: text | 月: number | 予算: number | 課: text | 月_1: number | 金額: number |
                | 営業       | 4          | 100          | 営業     | 4            | 60           |
                | 営業       | 4          | 100          | 営業     | 4            | 30           |
                | 営業       | 5          | 100          |          |              |              |
                |            |            |              | 総務     | 4            | 7            |
            ",
        kintone: None,
    },
    Example {
        title: words("相手のある行だけ", "Only rows with a partner"),
        inputs: &[
            (
                "受注",
                "
                    | 商品コード: text | 受注数: number |
                    | A                | 5              |
                    | Z                | 1              |
                ",
            ),
            (
                "在庫",
                "
                    | 商品コード: text | 在庫数: number |
                    | A                | 10             |
                ",
            ),
        ],
        step: "
command: join
kind: inner
keys: [商品コード]
fields: [{ field: 在庫数, as: 現在庫 }]",
        output: "
                | 商品コード: text | 受注数: number | 現在庫: number |
                | A                | 5              | 10             |
            ",
        kintone: None,
    },
    Example {
        title: words("両側に名前を付ける", "Names for both sides"),
        inputs: &[
            (
                "予算",
                "
                    | 部門: text | 金額: number | 備考: text |
                    | 営業       | 100          | a          |
                ",
            ),
            (
                "実績",
                "
                    | 部門: text | 金額: number |
                    | 営業       | 90           |
                ",
            ),
        ],
        step: "
command: join
kind: left
keys: [部門]
fields: [金額]
names: { left: \"予算_{name}\", right: \"{name}_実績\" }",
        output: "
                | 部門: text | 予算_金額: number | 備考: text | 金額_実績: number |
                | 営業       | 100               | a          | 90                |
            ",
        kintone: None,
    },
];
