//! Examples of `input_file`.

use crate::commands::{Example, Kintone};
use crate::problem::words;

pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: words("見出しのある CSV を型を決めて読む", "A CSV with a header, with kinds"),
        inputs: &[],
        step: "
command: input_file
file: 受注/{yyyyMMdd}.csv
format: csv
columns:
  - 商品コード
  - { name: 数量, kind: number, as: 受注数 }
  - { name: 日付, kind: date }",
        output: "
            | 商品コード: text | 受注数: number | 日付: date |
            | A-1              | 3              | 2026-11-21 |
            | B,2              | 0.5            |            |
        ",
        kintone: Some(Kintone::File("日付,商品コード,備考,数量\n2026/11/21,A-1,急ぎ,3\n\n,\"B,2\",,0.50\n")),
    },
    Example {
        title: words("空の行と、変換できない値", "Blank rows, and values that do not convert"),
        inputs: &[],
        step: "
command: input_file
file: 在庫.tsv
format: csv
csv: { delimiter: tab }
columns:
  - 品名
  - { name: 在庫数, kind: number, format: \"#,##0\" }",
        output: "
            | 品名: text   | 在庫数: number |
            | ねじ\\n大箱  | 12000          |
            | くぎ         |                |
        ",
        kintone: Some(Kintone::File("品名\t在庫数\r\n\"ねじ\r\n大箱\"\t12,000\r\n\t\r\nくぎ\t不明\r\n")),
    },
    Example {
        title: words("見出しのないファイルを列の番号で読む", "A file without a header, by place"),
        inputs: &[],
        step: "
command: input_file
file: 振込.csv
format: csv
csv: { header: false, delimiter: semicolon }
columns:
  - { name: 口座, column: 2 }
  - { name: 支払日, column: 1, kind: date, format: yyyyMMdd }",
        output: "
            | 口座: text | 支払日: date |
            | 0012345    | 2026-11-30   |
            | 0099999    | 2026-12-01   |
        ",
        kintone: Some(Kintone::File("20261130;0012345;100\n20261201;0099999;200\n")),
    },
    Example {
        title: words("空のファイルは 0 行", "An empty file yields no row"),
        inputs: &[],
        step: "
command: input_file
file: 追加分.csv
format: csv
columns: [商品コード]
missing: ok",
        output: "
            | 商品コード: text |
        ",
        kintone: Some(Kintone::File("")),
    },
];
