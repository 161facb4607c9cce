//! What `output_app` says of itself: its settings and its behaviour.

use crate::commands::{Behaviour, Setting};
use crate::problem::words;

/// Its settings.
pub(super) const SETTINGS: &[Setting] = &[
    Setting { name: "app", form: "12", required: true, text: words("アプリの番号。", "Number of the app.") },
    Setting {
        name: "method",
        form: "update | regenerate | append",
        required: true,
        text: words(
            "update はキーが同じレコードを更新、regenerate はアプリの中身を結果と同じにし、append はすべて追加します。",
            "update changes records of equal key, regenerate makes the app hold exactly the result, append adds all rows.",
        ),
    },
    Setting {
        name: "key",
        form: "code | [code]",
        required: false,
        text: words(
            "update のキー。値の重複を禁止したフィールド、レコード番号、`$id` のどれかを含めます。mapping にもなければなりません。",
            "Key of an update: it holds a field that forbids duplicates, the record number or `$id`, and is in the mapping.",
        ),
    },
    Setting {
        name: "insert",
        form: "true | false",
        required: false,
        text: words(
            "update で、キーの合うレコードのない行を追加するか。既定は false で、数えて飛ばします。",
            "Whether an update adds rows without a record of their key; false by default: they are counted and skipped.",
        ),
    },
    Setting {
        name: "mapping",
        form: "{ code: column }",
        required: false,
        text: words(
            "書くフィールドと列。省くと、書ける同名のフィールド全部です（update では、添付ファイルと、tables にないテーブルを除きます）。",
            "Field and column. Without it, all writable fields with a column of their name (an update leaves files alone, and tables that `tables` does not name).",
        ),
    },
    Setting {
        name: "allow_empty",
        form: "true | false",
        required: false,
        text: words(
            "regenerate で、結果が 0 行のときアプリを空にしてよいか。既定は false で、エラーにします。",
            "Whether regenerate may empty the app when there is no row; false by default: that is an error.",
        ),
    },
    Setting {
        name: "order",
        form: "[name, { field: name, order: asc | desc, blanks: first | last }]",
        required: false,
        text: words(
            "追加するレコードの順（sort の keys と同じ書き方）。今あるレコードの順は変わりません。既定は入力の順です。",
            "The order in which records are added, written as the keys of sort; what is there stays where it is. By default the input's order.",
        ),
    },
    Setting {
        name: "tables",
        form: "{ table: { method, key, unmatched, mapping, order, numbers } }",
        required: false,
        text: words(
            "テーブルの書き方。method は replace（既定。フローの行と同じにする）、append（後ろに加える）、merge（key の同じ行を更新し、ないものを加える）。merge では、フローにない列はアプリの値のまま残り、相手のない行は unmatched: keep（既定）なら残し、delete なら消します。mapping は「テーブルの中のコード: フローのテーブルの列」、order は加える行（replace なら全部の行）の順、numbers は加える行のレコード内の番号（field、digits、prefix か prefix_formula、suffix か suffix_formula）です。",
            "How tables are written. method is replace (default: the table holds the flow's rows), append (they come behind), or merge (rows of equal key are updated, others added). Under merge, columns that the flow does not carry keep the app's values, and rows without a partner stay (unmatched: keep, default) or go (delete). mapping is code in the table: column of the flow's table; order sorts added rows (all rows under replace); numbers numbers added rows within the record (field, digits, prefix or prefix_formula, suffix or suffix_formula).",
        ),
    },
    Setting {
        name: "numbers",
        form: "[{ field, digits, unit, group, name, cycle, first_month, prefix, prefix_formula, suffix, suffix_formula }]",
        required: false,
        text: words(
            "追加するレコードだけに付ける番号。unit は app（既定。group のフィールドの値ごとにもできる）か domain（ドメインに登録した番号 name）。cycle は none、daily、monthly、yearly、fiscal_year（first_month から）。digits 桁まで 0 で埋め、あふれれば桁が増えます。前後の文字は prefix と suffix、式なら prefix_formula と suffix_formula で、数値のフィールドでは無視します。アプリの番号は一続きで、前後の文字が違っても同じ番号は二度使いません（文字ごとに 1 から数えるなら group に）。初めての文字では、その文字が付いた今の最大の番号の次に進みます。失敗した実行の番号は欠番になります。",
            "Numbers for added records only. unit is app (default; by the values of the group fields, if given) or domain (the number registered as name). cycle is none, daily, monthly, yearly or fiscal_year (from first_month). Numbers have at least so many digits, zeros in front, and grow. Texts around them are prefix and suffix, by formula prefix_formula and suffix_formula; a field of numbers ignores them. Numbers by app are one line whatever the texts around them (count each text by itself with group); with texts that are new it goes on behind the largest that the app holds with them. Numbers of a run that fails are not used again.",
        ),
    },
    Setting {
        name: "refresh_lookups",
        form: "true | false",
        required: false,
        text: words(
            "ルックアップのキーを、同じ値でも書き、コピー元の今の値を取り直すか。既定は false です。",
            "Whether keys of lookups are written also where they are equal, so that kintone fetches what they copy again; false by default.",
        ),
    },
];

/// Its behaviour.
pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    blanks: words(
        "空の値は空として書きます。キーに空のある行は、insert なら追加し、そうでなければ数えて飛ばします。merge するテーブルで、キーに空のある行は数えて飛ばします。",
        "Blanks are written as blanks. A row with a blank key is added where insert is on, else counted and skipped. In a table that is merged, a row with a blank key is counted and skipped.",
    ),
    duplicates: words(
        "書こうとする行に同じキーが二つあればエラーで、何も書きません。先に group_by でまとめてください。merge するテーブルの行も同じです。",
        "Two rows of one key are an error and nothing is written; bring them together with group_by first. So it is with the rows of a table that is merged.",
    ),
    empty_input: words(
        "update と append は 0 行なら何もしません。regenerate は allow_empty がなければエラーです。",
        "update and append do nothing without rows; regenerate is an error unless allow_empty is on.",
    ),
    types: words(
        "数値や日付は文字列のフィールドにも書けます。文字列を数値や日付のフィールドに書くときは行ごとに変換し、できない値は空にして数えます（strict ではエラー）。アプリの小数桁への丸めや、時刻・秒の切り捨ても数えます（strict ではエラーなので、先に ROUND などで丸めます）。計算・レコード番号・作成者・ルックアップのコピー先などは書けません（ルックアップはキーだけを書きます）。添付ファイルは、名前・大きさ・種類が同じものがなければ、フローが読んだアプリからコピーします。",
        "Numbers and dates can go to text fields. Text to numbers or dates is converted row by row; what cannot be becomes blank and is counted (an error in strict). So are numbers that are rounded to the app's decimals and times of day or seconds that are cut off (for strict, round them in a step before). Calculated fields, record numbers, creators, fields filled by a lookup and the like cannot be written (of a lookup, the key is). Files are copied from the app that the flow read, unless the record holds one of equal name, size and type.",
    ),
    order: words(
        "追加は入力の順、order があればその順です。重複を禁止した値がレコードの間で移るときは、空ける側を先に書きます。",
        "Rows are added in the order of the input, or as `order` says. Where a value that must be unique moves from one record to another, the one that gives it up is written first.",
    ),
};
