//! What `input_file` says of itself.

use crate::commands::{Behaviour, Setting};
use crate::problem::{Words, words};

pub(super) const TITLE: Words = words("ファイル入力", "Input File");

pub(super) const SUMMARY: Words = words(
    "実行単位のファイル置き場にある CSV か Excel を読みます。列は設定で宣言し、足りない列があれば失敗します。",
    "Reads a CSV file or an Excel workbook of the unit's file store. The columns are declared; one that the file lacks is an error.",
);

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "file",
        form: "folder/name_{yyyyMMdd}.csv",
        required: true,
        text: words(
            "ファイル置き場からの相対パス。`{yyyyMMdd}` などは実行を始めた日時（フローの時間帯）、`%フィールドコード%` は起動したレコードの値になります。`%` そのものは `%%`。パスの外に出る名前は使えません。",
            "Path below the unit's file store. `{yyyyMMdd}` and the like become the time at which the run started (in the flow's zone), `%code%` a value of the record that started it; `%%` is the sign itself. No path leads out of the store.",
        ),
    },
    Setting {
        name: "format",
        form: "csv | excel",
        required: true,
        text: words("CSV か、Excel（.xlsx・.xlsm）か。", "CSV, or Excel (.xlsx, .xlsm)."),
    },
    Setting {
        name: "csv",
        form: "{ encoding: utf-8, delimiter: comma, header: true }",
        required: false,
        text: words(
            "encoding は utf-8・utf-16le・utf-16be・shift_jis・euc-jp・latin-1・gbk、delimiter は comma・semicolon・tab・space、header は最初の行が見出しかどうか。UTF の BOM は読み飛ばします。",
            "encoding: utf-8, utf-16le, utf-16be, shift_jis, euc-jp, latin-1 or gbk; delimiter: comma, semicolon, tab or space; header: whether the first row names the columns. A byte order mark is dropped.",
        ),
    },
    Setting {
        name: "excel",
        form: "{ form: list, sheet: name, from: A1, to: E6, header: true }",
        required: false,
        text: words(
            "form: list は一行に一件の表、single は単票（一枚で一件、列ごとに cell を指定）。sheet を省くと最初のシート。from を省くと A1、to を省くと最後に使われたセルまで。",
            "form: list is a table of one record per row, single a form that is one record, every column with its cell. Without sheet the first one; from is A1 and to the last used cell unless given.",
        ),
    },
    Setting {
        name: "columns",
        form: "[name, { name: name, kind: number, format: \"#,##0\", as: name, column: 3, cell: B2 }]",
        required: true,
        text: words(
            "読む列。kind は text（既定）・number・date・time・datetime・texts・entities。format は日付・時刻の形（yyyyMMdd など）か、桁区切りの数値 `#,##0`。`as` でフローでの名前を変えられます。見出しがなければ column（左から何番目か）、単票では cell を書きます。",
            "Columns to read. kind is text (by default), number, date, time, datetime, texts or entities; format a pattern of dates and times (such as yyyyMMdd) or `#,##0` for numbers with commas; `as` names the column in the flow. Without a header give column, its number from the left; in a form, cell.",
        ),
    },
    Setting {
        name: "missing",
        form: "ok | error",
        required: false,
        text: words(
            "ファイルがないか空のとき。ok（既定）は 0 行として続け、実行の記録に数えます。error は失敗にします。",
            "Where the file is not there or empty: ok (by default) goes on with no row and counts it in the run, error fails.",
        ),
    },
];

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    blanks: words(
        "空のセルは空です。すべてのセルが空の行は読み飛ばします。短い行の足りないセルは空とし、数えます。Excel の結合セルは左上だけが値を持ちます。",
        "An empty cell is blank. A row of empty cells alone is skipped. What a short row lacks is blank, and counted. Of merged cells only the top left one has the value.",
    ),
    duplicates: words(
        "同じ行もそのまま読みます。使う列の見出しが二つあれば失敗します。使わない列は重複しても、名前がなくてもかまいません。",
        "Equal rows are all read. A header that names a declared column twice is an error; columns that are not declared may have any name or none.",
    ),
    empty_input: words(
        "見出しだけのファイルは 0 行です。ないファイルと空のファイルは `missing` に従います。",
        "A file of a header alone yields no row. A file that is not there, or is empty, is for `missing` to decide.",
    ),
    types: words(
        "kind に変換できない値は空にして数えます（strict ではエラー）。読めない文字、列数の合わない行、Excel のエラー値も数えます。CSV のセルの改行は LF にそろえます。Excel の数値は 15 桁、日付は 1900 年か 1904 年の方式に従い、数式は保存された値を使います。NUL のあるファイルは文字コード違いとして失敗します。",
        "What does not convert to the kind becomes blank and is counted (an error in strict), and so are characters that cannot be decoded, rows of another width and Excel's error values. Line breaks in cells become LF. Excel's numbers have 15 digits, its dates follow the workbook's 1900 or 1904 system, formulas give their stored value. A file with NUL characters is an error: its encoding is another one.",
    ),
    order: words("ファイルの順です。", "The order of the file."),
};
