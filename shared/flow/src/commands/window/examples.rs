//! Examples of `window`.

use crate::commands::Example;
use crate::problem::words;

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("顧客ごとの累計と前回の値（行の順は変わらない）", "Running total and previous value per customer; rows stay in place"),
        inputs: &[("売上", "
            | 顧客: text | 日付: date  | 金額: number |
            | A          | 2026-11-20  | 100          |
            | B          | 2026-11-20  | 7            |
            | A          | 2026-11-18  | 30.5         |
            | A          | 2026-11-19  |              |
            | B          | 2026-11-21  | -2           |
        ")],
        step: "
command: window
keys: [顧客]
order: [日付]
columns:
  - { function: running_sum, field: 金額, as: 累計 }
  - { function: running_count, field: 金額, as: 回数 }
  - { function: previous, field: 金額, as: 前回 }
  - { function: difference, field: 日付, as: 間隔 }
  - { function: carry, field: 金額, as: 直近 }",
        output: "
            | 顧客: text | 日付: date  | 金額: number | 累計: number | 回数: number | 前回: number | 間隔: number | 直近: number |
            | A          | 2026-11-20  | 100          | 130.5        | 2            |              | 1            | 100          |
            | B          | 2026-11-20  | 7            | 7            | 1            |              |              | 7            |
            | A          | 2026-11-18  | 30.5         | 30.5         | 1            |              |              | 30.5         |
            | A          | 2026-11-19  |              | 30.5         | 1            | 30.5         | 1            | 30.5         |
            | B          | 2026-11-21  | -2           | 5            | 2            | 7            | 1            | -2           |
        ",
        kintone: None,
    },
    Example {
        title: words("順位（同点あり）と行番号、並べ替えた結果", "Ranks with ties and row numbers, in sorted order"),
        inputs: &[("成績", "
            | 支店: text | 担当: text | 点: number |
            | 東         | 佐藤       | 80         |
            | 西         | 鈴木       | 70         |
            | 東         | 高橋       | 90         |
            | 東         | 田中       | 80.0       |
            | 東         | 伊藤       |            |
            | 西         | 渡辺       | 75         |
            | 東         | 山本       | 60         |
        ")],
        step: "
command: window
keys: [支店]
order: [{ field: 点, order: desc }]
columns:
  - { function: row_number, as: 番号 }
  - { function: rank, as: 順位 }
  - { function: dense_rank, as: 段位 }
result_order: sorted",
        output: "
            | 支店: text | 担当: text | 点: number | 番号: number | 順位: number | 段位: number |
            | 東         | 高橋       | 90         | 1            | 1            | 1            |
            | 東         | 佐藤       | 80         | 2            | 2            | 2            |
            | 東         | 田中       | 80         | 3            | 2            | 2            |
            | 東         | 山本       | 60         | 4            | 4            | 3            |
            | 東         | 伊藤       |            | 5            | 5            | 4            |
            | 西         | 渡辺       | 75         | 1            | 1            | 1            |
            | 西         | 鈴木       | 70         | 2            | 2            | 2            |
        ",
        kintone: None,
    },
    Example {
        title: words("構成比: 割り算の規則で正確に", "Shares of a total, by the one rule of division"),
        inputs: &[("売上", "
            | 商品: text | 金額: number |
            | A          | 1            |
            | B          | 2            |
            | C          |              |
        ")],
        step: "
command: window
columns:
  - { function: total, field: 金額, as: 合計 }
  - { function: share, field: 金額, as: 構成比 }",
        output: "
            | 商品: text | 金額: number | 合計: number | 構成比: number   |
            | A          | 1            | 3            | 0.33333333333333 |
            | B          | 2            | 3            | 0.66666666666667 |
            | C          |              | 3            |                  |
        ",
        kintone: None,
    },
    Example {
        title: words("3 行の移動平均・最大、次の行、最初の値", "Moving average and maximum of three rows, next row, first value"),
        inputs: &[("気温", "
            | 日: date   | 度: number |
            | 2026-11-01 |            |
            | 2026-11-02 | 10         |
            | 2026-11-03 | 13         |
            | 2026-11-04 | 9.5        |
            | 2026-11-05 | 8          |
        ")],
        step: "
command: window
order: [日]
columns:
  - { function: moving_average, field: 度, rows: 3, as: 平均 }
  - { function: moving_max, field: 度, rows: 3, as: 最高 }
  - { function: moving_sum, field: 度, rows: 2, as: 二日 }
  - { function: running_min, field: 度, as: 最低 }
  - { function: next, field: 日, offset: 2, as: 二日後 }
  - { function: first, field: 度, as: 初日 }",
        output: "
            | 日: date   | 度: number | 平均: number     | 最高: number | 二日: number | 最低: number | 二日後: date | 初日: number |
            | 2026-11-01 |            |                  |              | 0            |              | 2026-11-03   | 10           |
            | 2026-11-02 | 10         | 10               | 10           | 10           | 10           | 2026-11-04   | 10           |
            | 2026-11-03 | 13         | 11.5             | 13           | 23           | 10           | 2026-11-05   | 10           |
            | 2026-11-04 | 9.5        | 10.83333333333333 | 13          | 22.5         | 9.5          |              | 10           |
            | 2026-11-05 | 8          | 10.16666666666667 | 13          | 17.5         | 8            |              | 10           |
        ",
        kintone: None,
    },
    Example {
        title: words("0 行の入力", "An input without rows"),
        inputs: &[("売上", "
            | 商品: text | 金額: number |
        ")],
        step: "
command: window
keys: [商品]
columns: [{ function: share, field: 金額, as: 構成比 }]",
        output: "
            | 商品: text | 金額: number | 構成比: number |
        ",
        kintone: None,
    },
];
