//! The entries of the catalogue, one by one. A new one stands in [`ALL`] too.

mod requests;

use super::Retry::{self, AfterFix, Later, Never};
use super::doors::*;
use super::{Code, Entry};

pub use requests::*;

pub(super) const fn entry(
    code: &'static str,
    status: u16,
    retry: Retry,
    [ja, remedy_ja]: [&'static str; 2],
    [en, remedy_en]: [&'static str; 2],
) -> Entry {
    Entry { code, status, retry, ja, remedy_ja, en, remedy_en }
}

/// No such run, or none that this caller has asked for.
pub const RUN_UNKNOWN: Code = Code(&entry(
    "run.unknown",
    404,
    Never,
    ["このURLで起動した実行の中に、その実行はありません。", "同じURLへの要求が返したrunIdを指定してください。"],
    ["No such run was started through this URL.", "Give a runId that a call of this same URL was answered with."],
));
/// The run has not ended, or has.
pub const RUN_NOT_ENDED: Code = Code(&entry(
    "run.not_ended",
    409,
    Later,
    ["その実行はまだ終わっていません。", "終わってからもう一度実行してください。"],
    ["The run has not ended yet.", "Run it again when it has."],
));
/// It waited too long.
pub const TIMED_OUT: Code = Code(&entry(
    "run.timed_out",
    500,
    AfterFix,
    [
        "待機時間の上限を超えたため、実行せずに終了しました。",
        "suiro run again で実行し直せます。頻繁に起きるときは待機時間の上限か実行回数の上限を見直してください。",
    ],
    [
        "It waited longer than the wait limit and was never run.",
        "Run it with `suiro run again`; if this happens often, look at the unit's wait limit and rate.",
    ],
));
/// Nobody knows what was written.
pub const UNCERTAIN: Code = Code(&entry(
    "run.uncertain",
    500,
    AfterFix,
    [
        "途中で中断し、どこまで書き込まれたか確認できません。",
        "出力アプリを確認してから、必要なら suiro run again で実行し直してください。",
    ],
    [
        "It was cut off, and it cannot be known what was written.",
        "Look at the output apps, then `suiro run again` if needed.",
    ],
));
/// Workers died with it too often.
pub const WORKER_DIED: Code = Code(&entry(
    "run.worker_died",
    500,
    AfterFix,
    [
        "実行中のワーカーが繰り返し停止したため、実行を打ち切りました。",
        "出力アプリとワーカーのログ(メモリ不足など)を確認してください。",
    ],
    [
        "Its workers died again and again, so it was given up.",
        "Look at the output apps and at the worker's log (memory?).",
    ],
));
/// A flow document is not right.
pub const FLOW_INVALID: Code = Code(&entry(
    "flow.invalid",
    500,
    AfterFix,
    ["フローの定義に問題があります。", "suiro flow check で問題の一覧を確認し、直してください。"],
    ["The flow's document is not right.", "See all problems with `suiro flow check`, and mend them."],
));
/// An administrator cancelled the run.
pub const RUN_CANCELLED: Code = Code(&entry(
    "run.cancelled",
    500,
    Never,
    ["管理者が実行をキャンセルしました。", "必要なら suiro run again で実行し直してください。"],
    ["An administrator cancelled the run.", "Run it again with `suiro run again` if it is needed."],
));
/// What a run was asked with is gone.
pub const REQUEST_GONE: Code = Code(&entry(
    "run.request_gone",
    500,
    Never,
    [
        "要求の内容(起動したレコードの値)を読み取れないため、続きを実行していません。内容を保存する期間は14日です。",
        "書き込み済みの件数をメッセージとログで確認し、必要ならkintoneやAPIから起動し直してください。",
    ],
    [
        "What the run was asked with (the values of the record that started it) cannot be read, so it does not go on; it is kept for 14 days.",
        "See in the message and the log what was written, and start the unit anew from kintone or by the API where that is needed.",
    ],
));
/// A computation failed.
pub const FLOW_FAILED: Code = Code(&entry(
    "flow.failed",
    500,
    AfterFix,
    [
        "フローの計算が失敗しました。このフローでは何も書き込んでいません。",
        "メッセージのステップ・フィールド・行を確認してください。",
    ],
    ["The flow's computation failed; this flow wrote nothing.", "See step, field and row in the message."],
));
/// kintone cannot be read.
pub const READ_FAILED: Code = Code(&entry(
    "kintone.read_failed",
    500,
    Later,
    [
        "kintoneのレコードを読み取れません。このフローでは何も書き込んでいません。",
        "メッセージのアプリを確認してください。",
    ],
    ["kintone's records cannot be read; this flow wrote nothing.", "See the app in the message."],
));
/// A right is missing.
pub const NOT_PERMITTED: Code = Code(&entry(
    "kintone.not_permitted",
    500,
    AfterFix,
    [
        "kintoneの権限が足りません。空の入力として扱うことはしません。",
        "APIトークンまたはユーザーに、メッセージのアプリの閲覧・追加・編集・削除の権限を与えてください。",
    ],
    [
        "A right in kintone is missing; it is never taken for an empty input.",
        "Give the API token or user the rights to view, add, edit and delete in the app named.",
    ],
));
/// The log record of a run was taken away while it was running.
pub const LOG_RECORD_GONE: Code = Code(&entry(
    "log.record_gone",
    500,
    AfterFix,
    [
        "実行中にログレコードが削除されたか、書き込めなくなりました。二重書き込みを防ぐ印がそこにあるため、残りは書き込んでいません。",
        "ログレコードとログアプリの権限を確認し、メッセージの書き込み済みの件数を見てから suiro run again で実行し直してください。",
    ],
    [
        "The run's log record was deleted, or can no longer be written, while it was running. The mark that keeps anything from being written twice stands there, so the rest is not written.",
        "Look at the log app and its rights; see in the message what was written, then run it again with `suiro run again`.",
    ],
));
/// The log app has another run's record under the number of this one.
pub const LOG_RECORD_TAKEN: Code = Code(&entry(
    "log.record_taken",
    500,
    AfterFix,
    [
        "同じ実行IDの、別の実行のログレコードがログアプリにあります(以前の環境か、復元する前の表の実行です)。その内容を引き継がないよう、実行していません。",
        "この実行単位のログアプリを新しいアプリに変えるか、古いログレコードを別のアプリに移して削除してから、suiro run again で実行し直してください。",
    ],
    [
        "The log app has a record of another run under this run's id (of another place, or of a table before it was restored). What it says is not this run's, so nothing was run.",
        "Give the unit a new log app, or move the old log records away and delete them; then run it again with `suiro run again`.",
    ],
));
/// The log app cannot be written.
pub const LOG_FAILED: Code = Code(&entry(
    "log.write_failed",
    500,
    AfterFix,
    [
        "ログアプリに書き込めないため、実行を始めていません。",
        "メッセージのアプリと、その閲覧・追加・編集の権限を確認し、suiro run again で実行し直してください。",
    ],
    [
        "The log app cannot be written, so the run did not begin.",
        "Look at the app named and the rights to view, add and edit its records, then `suiro run again`.",
    ],
));
/// kintone refuses the records.
pub const WRITE_REFUSED: Code = Code(&entry(
    "kintone.write_refused",
    500,
    AfterFix,
    ["kintoneがレコードの書き込みを拒否しました。", "メッセージのレコードとフィールドを確認してください。"],
    ["kintone refused the records.", "See the record and the field in the message."],
));
/// A file cannot be read or written.
pub const FILE_FAILED: Code = Code(&entry(
    "file.failed",
    500,
    Later,
    ["ファイルを読み書きできません。", "メッセージのステップとファイルを確認してください。"],
    ["A file cannot be read or written.", "See the step and the file in the message."],
));
/// Somebody else changes the same records all the time.
pub const CONFLICT: Code = Code(&entry(
    "kintone.conflict",
    500,
    Later,
    [
        "ほかの人が同じレコードを更新し続けたため、3回計算し直しても書き込めませんでした。",
        "suiro run again で実行し直してください。",
    ],
    [
        "Somebody kept changing the same records: three computations could not be written.",
        "Run it again with `suiro run again`.",
    ],
));
/// kintone is not there.
pub const KINTONE_UNAVAILABLE: Code = Code(&entry(
    "kintone.unavailable",
    500,
    Later,
    ["kintoneが応答しません。", "kintoneの稼働状況を確認し、あとで suiro run again で実行し直してください。"],
    ["kintone does not answer.", "See whether it is in maintenance, and run it again later with `suiro run again`."],
));
/// A data check stopped the flow.
pub const DATA_CHECK_STOPPED: Code = Code(&entry(
    "flow.data_check",
    500,
    AfterFix,
    [
        "データチェックでエラーが見つかったため、フローを止めました。",
        "示したエラーと、エラーアプリがあればそのレコードを見て元のデータを直し、もう一度実行してください。",
    ],
    [
        "A data check found errors and stopped the flow.",
        "Look at the errors shown, and at the records of the error app where there is one; mend the data, and run it again.",
    ],
));
/// A flow wants to write more records than the domain may write at one moment.
pub const OVER_BUDGET: Code = Code(&entry(
    "output.over_budget",
    500,
    AfterFix,
    [
        "1回に書き込もうとしたレコード(元に戻すときは戻すレコード)が、ドメインで同時に書き込めるレコード数の上限を超えています。書き込み済みの件数はメッセージのとおりです。",
        "出力を減らすかフローを分けてください。元に戻すときなど減らせない場合、管理者は suiro domain limits で上限を変えられます。",
    ],
    [
        "More records would be written at once, or taken back, than the domain may write at one moment. The message says what was written.",
        "Write fewer records, or split the flow; where that cannot be, as for an undo, an administrator can change the limit with suiro domain limits.",
    ],
));
/// A flow has waited too long for its turn to write.
pub const BUDGET_WAITED: Code = Code(&entry(
    "output.waited_too_long",
    500,
    Later,
    [
        "書き込みの順番が、待てる時間のうちに来ませんでした。書き込み済みの件数はメッセージのとおりです。",
        "suiro run again で実行し直してください。ほかの実行が長く書き込み続けていないか suiro top で確認してください。",
    ],
    [
        "Its turn to write did not come within the time that a run waits for it. The message says what was written.",
        "Run it again with `suiro run again`; see with `suiro top` which runs write for so long.",
    ],
));
/// A flow would read more records than it may.
pub const TOO_MANY_READ: Code = Code(&entry(
    "input.too_many",
    500,
    AfterFix,
    [
        "フローが読み取るレコードが上限を超えています。まだ何も書き込んでいません。",
        "絞り込み条件で減らすか、フローを分けるか、スケジュール実行にしてください。管理者は suiro unit update か suiro domain limits で上限を変えられます。",
    ],
    [
        "The flow would read more records than it may. Nothing of it was written.",
        "Read fewer by a condition, split the flow, or run it by a schedule; an administrator can change the cap with suiro unit update or suiro domain limits.",
    ],
));
/// A flow would write more records than it may.
pub const TOO_MANY_WRITTEN: Code = Code(&entry(
    "output.too_many",
    500,
    AfterFix,
    [
        "フローが書き込むレコードが上限を超えています。まだ何も書き込んでいません。",
        "出力を減らすか、フローを分けるか、スケジュール実行にしてください。管理者は suiro unit update か suiro domain limits で上限を変えられます。",
    ],
    [
        "The flow would write more records than it may. Nothing of it was written.",
        "Write fewer records, split the flow, or run it by a schedule; an administrator can change the cap with suiro unit update or suiro domain limits.",
    ],
));
/// What a run wrote cannot be taken back.
pub const UNDO_REFUSED: Code = Code(&entry(
    "undo.refused",
    500,
    Never,
    [
        "この実行は元に戻せません。何も書き込んでいません。",
        "示した理由を確認してください。元に戻すための控えは、suiro unit update --undo keep としてからの実行について、直近100回分だけ残ります。",
    ],
    [
        "This run cannot be undone. Nothing was written.",
        "See the reason shown. What undo needs is kept of runs after suiro unit update --undo keep, and of the last 100 runs.",
    ],
));
/// Something of a run could not be taken back.
pub const UNDO_INCOMPLETE: Code = Code(&entry(
    "undo.incomplete",
    500,
    AfterFix,
    [
        "一部は元に戻していません。その後に変更されたレコード、元の値を書き込めないレコード、内容が分からない書き込みは、そのままにしています。",
        "示したレコードを確認し、必要なら手で直してください。",
    ],
    [
        "Something was not taken back: what was changed since, what refuses its former values, and writes that are not known are left as they are.",
        "Look at the records shown, and mend them by hand where that is needed.",
    ],
));
/// A call of another unit is refused.
pub const CALL_REFUSED: Code = Code(&entry(
    "call.refused",
    500,
    AfterFix,
    [
        "ほかの実行単位を呼び出せません。",
        "示した理由を直してください。互いに呼び合う実行単位は、呼び出しを一方だけにしてください。",
    ],
    [
        "Another unit cannot be called.",
        "Mend the reason shown; of units that call one another, let only one call the other.",
    ],
));
/// A number that is not registered, or counters where there is no table.
pub const NUMBER_UNKNOWN: Code = Code(&entry(
    "number.unknown",
    500,
    AfterFix,
    [
        "採番できません。",
        "ドメインの番号は suiro number set で登録してください。採番のあるフローは実行単位として実行します。",
    ],
    [
        "Numbers cannot be given.",
        "Register a number of the domain with `suiro number set`; a flow that numbers is run as a unit.",
    ],
));
/// The connection or its credential is not usable.
pub const CONNECTION_INVALID: Code = Code(&entry(
    "connection.invalid",
    500,
    AfterFix,
    ["接続の設定または認証情報が使えません。", "suiro unit add で接続と認証情報を確認してください。"],
    ["The connection or its credential cannot be used.", "Look at the connection and its credential."],
));
/// Our own store does not answer.
pub const INTERNAL: Code = Code(&entry(
    "internal",
    503,
    Later,
    [
        "Suiroの内部で一時的な問題が起きています。要求を受け付けたか確認できません。",
        "少し待ってからもう一度送信してください。同じ通知と、同じrequestIdの要求は、二重に実行しません。",
    ],
    [
        "Suiro has a passing problem inside; whether the request was accepted is not known.",
        "Send it again in a moment; the same notification, or a request with the same requestId, is not run twice.",
    ],
));

/// The whole catalogue, in the order of docs/errors.md.
pub const ALL: &[Code] = &[
    URL_UNKNOWN,
    METHOD_UNKNOWN,
    BODY_MALFORMED,
    BODY_TOO_LARGE,
    BODY_INVALID,
    APP_OTHER,
    EVENT_UNKNOWN,
    EVENT_IGNORED,
    NOTIFICATION_SEEN,
    UNIT_DISABLED,
    UNIT_UNKNOWN,
    TOO_MANY_WAITING,
    UNIT_FLOOD,
    UNIT_SWITCHED_OFF,
    URL_EXPIRES,
    URL_DEAD,
    CREDENTIAL_EXPIRES,
    CREDENTIAL_EXPIRED,
    CREDENTIAL_REFUSED,
    SIGNATURE_INVALID,
    SIGNATURE_USED,
    TOKEN_INVALID,
    RUN_UNKNOWN,
    RUN_NOT_ENDED,
    TIMED_OUT,
    UNCERTAIN,
    WORKER_DIED,
    FLOW_INVALID,
    RUN_CANCELLED,
    REQUEST_GONE,
    FLOW_FAILED,
    READ_FAILED,
    NOT_PERMITTED,
    LOG_FAILED,
    LOG_RECORD_GONE,
    LOG_RECORD_TAKEN,
    WRITE_REFUSED,
    FILE_FAILED,
    CONFLICT,
    KINTONE_UNAVAILABLE,
    DATA_CHECK_STOPPED,
    CALL_REFUSED,
    OVER_BUDGET,
    BUDGET_WAITED,
    TOO_MANY_READ,
    TOO_MANY_WRITTEN,
    UNDO_REFUSED,
    UNDO_INCOMPLETE,
    NUMBER_UNKNOWN,
    CONNECTION_INVALID,
    INTERNAL,
];
