//! What `data_check` says of itself: its settings and its behaviour.

use crate::commands::{Behaviour, Setting};
use crate::problem::words;

/// Its settings.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "checks",
        form: "[{ check, field, … , message }]",
        required: true,
        text: words(
            "チェックの並び。required: 値がある。compare: operator で value（固定値）、with（ほかの列）、formula（式）、relative（今日から { days, weeks, months, years }）のどれかと比べる。range: min か min_formula 以上、max か max_formula 以下。format: 正規表現 pattern に合う。exists: ほかの app のフィールド in にある値。option: app の選択フィールド in の選択肢。user・organization・group: ドメインにいる（kintone のパスワード認証が要る）。formula: 式が TRUE（field はエラーに示す列）。records: レコードの件数が min 以上 max 以下（どちらも省くと 1 件以上）。message はエラーに書く文です。",
            "The checks. required: there is a value. compare: by operator with one of value (fixed), with (another column), formula, relative (today plus { days, weeks, months, years }). range: from min or min_formula to max or max_formula. format: matches the regular expression pattern. exists: among the values of the field in of another app. option: among the options of the choice field in of an app. user, organization, group: known in the domain (needs a connection by password). formula: yields TRUE (field: the column told with an error). records: from min to max records (without both: at least one). message is told with an error.",
        ),
    },
    Setting {
        name: "on_error",
        form: "continue | stop",
        required: false,
        text: words(
            "エラーがあるとき。continue（既定）は続け、stop はフローを止めます。止めたフローは、エラーアプリのほかに何も書きません。",
            "What errors do: continue (default) goes on; stop stops the flow, which then writes nothing but the error app.",
        ),
    },
    Setting {
        name: "stop_at",
        form: "1",
        required: false,
        text: words(
            "on_error: stop で、エラーのあるレコードが何件になったら止めるか。既定は 1 です。records のエラーは、この件数によらず止めます。",
            "Under on_error: stop, at how many records with errors it stops; 1 by default. A wrong number of records (check: records) stops it whatever this says.",
        ),
    },
    Setting {
        name: "after_error",
        form: "check_all | skip",
        required: false,
        text: words(
            "check_all（既定）はすべてのレコードを調べます。skip は、エラーのあるレコードが 1 件（stop_at があればその件数）になったら残りを調べず、調べなかった数を数えます。",
            "check_all (default) checks all records; skip ends checking at the first record with errors (or at stop_at of them) and counts those that were not checked.",
        ),
    },
    Setting {
        name: "rows_with_errors",
        form: "pass | drop",
        required: false,
        text: words(
            "エラーのある行を次のステップに渡すか（pass、既定）、除くか（drop）。",
            "Whether rows with errors go on (pass, default) or are left out (drop).",
        ),
    },
    Setting {
        name: "errors",
        form: "{ app, mapping: { code: content } }",
        required: false,
        text: words(
            "エラーを追加するアプリ。content は app（元のアプリ）、step、run（実行ID）、row（行）、record（元のレコード番号）、field、check、message、value。mapping を省くと、この名前か、元アプリ、ステップ、実行ID、行、元レコード番号、フィールド、チェック、メッセージ、値というコードのフィールドに書きます。",
            "The app to which errors are added. content is app (where the row comes from), step, run (its id), row, record, field, check, message or value. Without a mapping, fields of these codes (or their Japanese names, shown beside) take them.",
        ),
    },
];

/// Its behaviour.
pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    blanks: words(
        "空の値は required と formula だけがエラーにします。ほかのチェックは空を調べません（compare の is empty と is not empty を除く）。比べる相手（with、formula、min_formula、max_formula）が空の行も調べません。",
        "A blank is an error for required and formula only; the other checks do not look at blanks (but compare with is empty and is not empty), nor at rows in which what they compare with (with, formula, min_formula, max_formula) is blank.",
    ),
    duplicates: words(
        "一つの行に複数のエラーがあれば、エラーごとに一件書きます。止める件数は行で数えます。",
        "Every error of a row is one record in the error app; for stopping, rows are counted.",
    ),
    empty_input: words(
        "0 行なら、records のほかにエラーはありません。",
        "Without rows there is no error but that of records.",
    ),
    types: words(
        "range は数値・日付・時刻・日時だけです。compare と range が比べるのは同じ型の値だけで、文字列は大文字・小文字も区別して比べます（相手が value でも with でも式でも同じ）。複数の値（選択肢、ユーザーなど）は、すべてが当てはまれば正しいとします。エラーになる式は成り立たないものとします。",
        "range takes numbers, dates, times and datetimes. compare and range compare values of one kind only, texts exactly, be it with value, with another column or with a formula. A list (choices, users) is right where all its items are. A formula that is an error does not hold.",
    ),
    order: words(
        "行は入力の順、エラーは行とチェックの順です。",
        "Rows keep their order; errors follow rows and checks.",
    ),
};
