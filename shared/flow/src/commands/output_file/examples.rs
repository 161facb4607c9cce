//! Examples of `output_file`.

use crate::commands::{Example, Kintone};
use crate::problem::words;

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("すべての列を CSV に書く", "All columns to a CSV file"),
        inputs: &[(
            "在庫",
            "
            | 商品コード: text | 在庫数: number | 備考: text     |
            | A,1              | 10             | 一行目\\n二行目 |
            | B-2              |                | \"急\"          |
        ",
        )],
        step: "
command: output_file
file: 在庫.csv
format: csv
csv: { newline: lf }",
        output: "",
        kintone: Some(Kintone::File("商品コード,在庫数,備考\n\"A,1\",10,\"一行目\n二行目\"\nB-2,,\"\"\"急\"\"\"\n")),
    },
    Example {
        title: words("列を選び、日付と数値の形を決める", "Chosen columns, with formats"),
        inputs: &[(
            "請求",
            "
            | 取引先: text | 金額: number | 期日: date |
            | 山田商店     | 1234567.5    | 2026-11-30 |
            | 佐藤工業     | -900         |            |
        ",
        )],
        step: "
command: output_file
file: 請求_{yyyyMM}.tsv
format: csv
csv: { delimiter: tab, newline: lf }
columns:
  - { field: 期日, as: 支払期日, format: yyyy/M/d }
  - { field: 金額, format: \"#,##0\" }",
        output: "",
        kintone: Some(Kintone::File("支払期日\t金額\n2026/11/30\t1,234,567.5\n\t-900\n")),
    },
    Example {
        title: words("行に番号を付ける", "Rows with numbers"),
        inputs: &[(
            "請求",
            "
            | 取引先: text | 金額: number |
            | 山田商店     | 1200         |
            | 佐藤工業     | 900          |
        ",
        )],
        step: "
command: output_file
file: 請求.csv
format: csv
csv: { newline: lf }
numbers:
  - { as: 請求番号, name: 請求番号, digits: 4, prefix: INV- }",
        output: "",
        kintone: Some(Kintone::File("取引先,金額,請求番号\n山田商店,1200,INV-0001\n佐藤工業,900,INV-0002\n")),
    },
    Example {
        title: words("0 行なら見出しだけ", "Without rows, the header alone"),
        inputs: &[(
            "結果",
            "
            | 商品コード: text |
        ",
        )],
        step: "
command: output_file
file: 結果.csv
format: csv
mode: new_name",
        output: "",
        kintone: Some(Kintone::File("商品コード\r\n")),
    },
];
