//! Examples of `lookup`.

use crate::commands::Example;
use crate::problem::words;

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        title: words(
            "商品マスタから単価と商品名を持ってくる（見つからなければ空）",
            "Price and name from the master of products; blank where there is none",
        ),
        inputs: &[
            (
                "受注",
                "
                | 商品コード: text | 数: number |
                | B                | 3          |
                | A                | 5          |
                | Z                | 1          |
                |                  | 2          |
                | A                | 1          |
            ",
            ),
            (
                "商品マスタ",
                "
                | コード: text | 商品名: text | 単価: number |
                | A            | りんご       | 120          |
                | B            | みかん       |              |
                |              | 不明         | 1            |
            ",
            ),
        ],
        step: "
command: lookup
app: 12
keys: [{ left: 商品コード, right: コード }]
fields: [{ field: 商品名, default: （未登録） }, { field: 単価, as: 定価 }]",
        output: "
            | 商品コード: text | 数: number | 商品名: text | 定価: number |
            | B                | 3          | みかん       |              |
            | A                | 5          | りんご       | 120          |
            | Z                | 1          | （未登録）   |              |
            |                  | 2          |              |              |
            | A                | 1          | りんご       | 120          |
        ",
        kintone: None,
    },
    Example {
        title: words(
            "同じキーがいくつもあれば最後の行を使う（担当者や明細もそのまま）",
            "The last row where a key has several; users and tables come as they are",
        ),
        inputs: &[
            (
                "受注",
                "
                | 顧客: text |
                | 水野商店   |
                | 川口商会   |
            ",
            ),
            (
                "顧客",
                "
                | 顧客: text | 担当: entities | 連絡先: rows(種別: text, 番号: text) |
                | 水野商店   | sato           | 電話, 03-1                           |
                | 水野商店   | suzuki; sato   | 電話, 03-2; 携帯, 090                |
                | 川口商会   |                |                                      |
            ",
            ),
        ],
        step: "
command: lookup
app: 12
keys: [顧客]
fields: [担当, 連絡先]
duplicates: last",
        output: "
            | 顧客: text | 担当: entities | 連絡先: rows(種別: text, 番号: text) |
            | 水野商店   | suzuki; sato   | 電話, 03-2; 携帯, 090                |
            | 川口商会   |                |                                      |
        ",
        kintone: None,
    },
    Example {
        title: words("キーは二組、数値は値で比べる", "Two keys; numbers by value"),
        inputs: &[
            (
                "実績",
                "
                | 部門: text | 月: number |
                | 営業       | 4.0        |
                | 営業       | 5          |
            ",
            ),
            (
                "予算",
                "
                | 部門: text | 月: number | 予算: number |
                | 営業       | 4          | 100          |
                | 総務       | 4          | 7            |
                | 総務       | 4          | 8            |
            ",
            ),
        ],
        step: "
command: lookup
app: 12
keys: [部門, 月]
fields: [{ field: 予算, default: 0 }]",
        output: "
            | 部門: text | 月: number | 予算: number |
            | 営業       | 4          | 100          |
            | 営業       | 5          | 0            |
        ",
        kintone: None,
    },
    Example {
        title: words("0 行の入力", "No rows"),
        inputs: &[("受注", "| 商品コード: text |"), ("商品マスタ", "| 商品コード: text | 単価: number |")],
        step: "
command: lookup
app: 12
keys: [商品コード]
fields: [単価]",
        output: "| 商品コード: text | 単価: number |",
        kintone: None,
    },
];
