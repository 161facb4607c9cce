//! Examples of `output_app`.

use crate::commands::{Example, Kintone};
use crate::problem::words;

/// Examples, run by the tests.
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("キーで更新する。合わない行は飛ばす", "Update by key; unmatched rows are skipped"),
        inputs: &[(
            "結果",
            "
            | 商品コード: text | 在庫数: number |
            | A                | 5              |
            | Z                | 1              |
            |                  | 2              |
        ",
        )],
        step: "
command: output_app
app: 21
method: update
key: 商品コード",
        output: "
            | 商品コード: text | 在庫数: number | 倉庫: text |
            | A                | 5              | 東京       |
            | B                | 20             | 大阪       |
        ",
        kintone: Some(Kintone::Before(
            "
            | 商品コード: text unique | 在庫数: number | 倉庫: text |
            | A                       | 10             | 東京       |
            | B                       | 20             | 大阪       |
        ",
        )),
    },
    Example {
        title: words("なければ追加する。列名を対応させる", "Add what is missing; map names"),
        inputs: &[(
            "結果",
            "
            | 品番: text | 残り: number |
            | B          | 0            |
            | Z          | 1            |
        ",
        )],
        step: "
command: output_app
app: 21
method: update
key: [商品コード]
insert: true
mapping:
  商品コード: 品番
  在庫数: 残り",
        output: "
            | 商品コード: text | 在庫数: number |
            | A                | 10             |
            | B                | 0              |
            | Z                | 1              |
        ",
        kintone: Some(Kintone::Before(
            "
            | 商品コード: text unique | 在庫数: number |
            | A                       | 10             |
            | B                       | 20             |
        ",
        )),
    },
    Example {
        title: words("中身を入れ替える", "Replace the content"),
        inputs: &[(
            "結果",
            "
            | 商品コード: text | 在庫数: number |
            | B                | 20             |
            | C                | 3              |
        ",
        )],
        step: "
command: output_app
app: 21
method: regenerate",
        output: "
            | 商品コード: text | 在庫数: number |
            | B                | 20             |
            | C                | 3              |
        ",
        kintone: Some(Kintone::Before(
            "
            | 商品コード: text unique | 在庫数: number |
            | A                       | 10             |
            | B                       | 20             |
        ",
        )),
    },
    Example {
        title: words("すべて追加する", "Add all"),
        inputs: &[(
            "結果",
            "
            | 商品コード: text | 数量: number |
            | A                | 5            |
            | A                | 5            |
        ",
        )],
        step: "
command: output_app
app: 21
method: append",
        output: "
            | 商品コード: text | 数量: number |
            | A                | 1            |
            | A                | 5            |
            | A                | 5            |
        ",
        kintone: Some(Kintone::Before(
            "
            | 商品コード: text | 数量: number |
            | A                | 1            |
        ",
        )),
    },
    Example {
        title: words(
            "テーブルの行をキーで合わせる。フローにない列（メモ）と、相手のない行は残る",
            "Merge the rows of a table by key; the column that the flow lacks and rows without a partner stay",
        ),
        inputs: &[(
            "出荷",
            "
                | 受注番号: text | 明細: rows(品目: text, 出荷数: number) |
                | A-1            | みかん, 5; りんご, 3                  |
                | A-2            |                                       |
            ",
        )],
        step: "
command: output_app
app: 21
method: update
key: 受注番号
tables:
  明細: { method: merge, key: 品目 }",
        output: "
                | 受注番号: text | 明細: rows(品目: text, 出荷数: number, メモ: text) |
                | A-1            | #7 りんご, 3, 冷蔵; #8 なし, 1, ; # みかん, 5,      |
                | A-2            | #9 もも, 2, 急ぎ                                    |
            ",
        kintone: Some(Kintone::Before(
            "
                | 受注番号: text unique | 明細: rows(品目: text, 出荷数: number, メモ: text) |
                | A-1                   | #7 りんご, 1, 冷蔵; #8 なし, 1,                     |
                | A-2                   | #9 もも, 2, 急ぎ                                    |
            ",
        )),
    },
    Example {
        title: words(
            "テーブルを入れ替える。同じ行はそのまま、行番号は新しい行だけに付く",
            "Replace a table; an equal row stays, and only new rows are numbered",
        ),
        inputs: &[(
            "明細",
            "
                | 受注番号: text | 明細: rows(品目: text) |
                | A-1            | りんご; みかん          |
            ",
        )],
        step: "
command: output_app
app: 21
method: update
key: 受注番号
tables:
  明細: { numbers: [{ field: 行, digits: 2 }] }",
        output: "
                | 受注番号: text | 明細: rows(品目: text, 行: text) |
                | A-1            | #7 りんご, 01; # みかん, 02       |
            ",
        kintone: Some(Kintone::Before(
            "
                | 受注番号: text unique | 明細: rows(品目: text, 行: text) |
                | A-1                   | #7 りんご, 01; #8 なし, 02        |
            ",
        )),
    },
    Example {
        title: words(
            "追加するレコードに番号を付ける（顧客ごと、年を頭に）",
            "Number added records, by customer, with the year in front",
        ),
        inputs: &[(
            "受注",
            "
                | 顧客: text | 日付: date |
                | X社        | 2026-11-20 |
                | X社        | 2026-11-21 |
                | Y社        | 2026-11-21 |
            ",
        )],
        step: "
command: output_app
app: 21
method: append
numbers:
  - { field: 番号, digits: 3, group: 顧客, prefix_formula: 'YEAR(日付) & \"-\"' }",
        output: "
                | 顧客: text | 日付: date | 番号: text |
                | X社        | 2025-01-05 | 2025-007   |
                | Y社        | 2026-10-01 | 2026-099   |
                | X社        | 2026-11-20 | 2026-001   |
                | X社        | 2026-11-21 | 2026-002   |
                | Y社        | 2026-11-21 | 2026-100   |
            ",
        kintone: Some(Kintone::Before(
            "
                | 顧客: text | 日付: date | 番号: text |
                | X社        | 2025-01-05 | 2025-007   |
                | Y社        | 2026-10-01 | 2026-099   |
            ",
        )),
    },
    Example {
        title: words("追加する順を決める", "Choose the order of added records"),
        inputs: &[(
            "移動",
            "
                | 商品: text | 数量: number |
                | A          | 1            |
                | B          |              |
                | C          | 9            |
            ",
        )],
        step: "
command: output_app
app: 21
method: append
order: [{ field: 数量, order: desc }]",
        output: "
                | 商品: text | 数量: number |
                | C          | 9            |
                | A          | 1            |
                | B          |              |
            ",
        kintone: Some(Kintone::Before(
            "
                | 商品: text | 数量: number |
            ",
        )),
    },
    Example {
        title: words(
            "添付ファイルを移す（名前・大きさ・種類が同じものはそのまま）",
            "Carry attached files; those of equal name, size and type stay",
        ),
        inputs: &[(
            "写真",
            "
                | 商品: text | 写真: files     |
                | A          | a.jpg; plan.pdf |
                | B          |                 |
            ",
        )],
        step: "
command: output_app
app: 21
method: update
key: 商品
mapping: { 商品: 商品, 写真: 写真 }",
        output: "
                | 商品: text | 写真: files     |
                | A          | a.jpg; plan.pdf |
                | B          |                 |
            ",
        kintone: Some(Kintone::Before(
            "
                | 商品: text unique | 写真: files |
                | A                 | a.jpg       |
                | B                 | old.jpg     |
            ",
        )),
    },
];
