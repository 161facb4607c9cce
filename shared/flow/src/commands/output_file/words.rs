//! What `output_file` says of itself.

use crate::commands::{Behaviour, Setting};
use crate::problem::{Words, words};

pub(super) const TITLE: Words = words("ファイル出力", "Output File");

pub(super) const SUMMARY: Words = words(
    "行を実行単位のファイル置き場に CSV か Excel で書きます。kintone への出力が終わってから書きます。",
    "Writes rows to the unit's file store as CSV or Excel, after the flow's outputs to kintone.",
);

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "file",
        form: "folder/name_{yyyyMMdd}.csv",
        required: true,
        text: words(
            "ファイル置き場からの相対パス。書き方は input_file と同じです。",
            "Path below the unit's file store, written as for input_file.",
        ),
    },
    Setting {
        name: "format",
        form: "csv | excel",
        required: true,
        text: words("CSV か、Excel（.xlsx）か。", "CSV, or Excel (.xlsx)."),
    },
    Setting {
        name: "mode",
        form: "overwrite | append | new_name",
        required: false,
        text: words(
            "overwrite（既定）は置き換え、append は後ろに足し（CSV だけ。見出しか文字コードが違えば、フローは何も書かずに失敗）、new_name は実行ごとに名前の後ろへ実行の番号を付けます。",
            "overwrite (by default) replaces the file, append puts the rows behind those in it (CSV alone; where header or encoding differ the flow fails and writes nothing), new_name adds the run's number to the name.",
        ),
    },
    Setting {
        name: "csv",
        form: "{ encoding: utf-8, bom: false, delimiter: comma, newline: crlf, header: true, unmappable: error }",
        required: false,
        text: words(
            "encoding と delimiter は input_file と同じ。bom は既定で utf-16 に付け、utf-8 に付けません。newline は crlf か lf。unmappable は文字コードにない文字を error（既定）にするか、replace で ? に替えて数えるか。",
            "encoding and delimiter as for input_file. A bom is written in utf-16 and not in utf-8 unless said otherwise; newline is crlf or lf; unmappable characters are an error, or with replace become ? and are counted.",
        ),
    },
    Setting {
        name: "excel",
        form: "{ sheet: Sheet1, header: true }",
        required: false,
        text: words(
            "シートの名前と、見出しの行を書くか。",
            "The sheet's name, and whether a row of names comes first.",
        ),
    },
    Setting {
        name: "columns",
        form: "[name, { field: name, as: name, format: yyyy/MM/dd }]",
        required: false,
        text: words(
            "書く列とその順。`as` は見出し、format は日付・時刻の形か桁区切りの数値 `#,##0`。省くと全部です（テーブルと添付ファイルを除く）。",
            "Columns to write, in order; `as` is the header, format a pattern of dates and times or `#,##0` for numbers. Without it, all but tables and attached files.",
        ),
    },
    Setting {
        name: "numbers",
        form: "[{ as: name, name: number, digits: 3, prefix: text, suffix: text }]",
        required: false,
        text: words(
            "行ごとの番号の列。columns の後ろに並びます。`as` は見出し、name はドメインに登録した番号（suiro number set）、digits 桁まで 0 で埋め、あふれれば桁が増えます。書けなかった実行の番号は欠番になります。実行単位として実行したときだけ書けます。",
            "Columns with a number for each row, behind the others. `as` is the header, name a number that is registered for the domain (`suiro number set`); numbers have at least so many digits, zeros in front, and grow. Numbers of a run that fails are not used again. Such a flow writes only when it is run as a unit.",
        ),
    },
    Setting {
        name: "people",
        form: "code | name",
        required: false,
        text: words(
            "ユーザー・組織・グループを、コード（既定）で書くか、名前で書くか。",
            "Whether users, organisations and groups are written by code (by default) or by name.",
        ),
    },
];

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    blanks: words("空は空のセルになります。", "A blank is an empty cell."),
    duplicates: words("同じ行もそのまま書きます。", "Equal rows are all written."),
    empty_input: words(
        "0 行なら見出しだけのファイルになります。append では、ファイルがなければ見出しだけを書きます。",
        "Without rows the file holds its header alone; so it does after append where there was no file.",
    ),
    types: words(
        "日時はフローの時間帯で書きます（CSV は `2026-11-21T09:00:00+09:00`、Excel はその地の日時）。複数の値は一つのセルの中で改行で分けます。Excel では 15 桁を超える数値と、1900 年 3 月より前の日付は文字列にし、数えます。",
        "Instants are written in the flow's zone (`2026-11-21T09:00:00+09:00` in CSV, the local time in Excel). Several values stand in one cell, a line each. In Excel, numbers of more than 15 digits and dates before March 1900 are written as text, and counted.",
    ),
    order: words("入力の順です。", "The order of the input."),
};
