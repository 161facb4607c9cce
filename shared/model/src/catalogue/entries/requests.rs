//! What is wrong with a request, or with its moment.

use super::super::Code;
use super::super::Retry::Never;
use super::entry;

/// The way exists, the method does not.
pub const METHOD_UNKNOWN: Code = Code(&entry(
    "request.method",
    405,
    Never,
    ["このURLでは使えないHTTPメソッドです。", "POSTで送信してください(/statusはGETも可)。"],
    ["This URL does not take that HTTP method.", "Send a POST (/status also takes GET)."],
));
/// The body is no JSON.
pub const BODY_MALFORMED: Code = Code(&entry(
    "request.malformed",
    400,
    Never,
    ["リクエスト本文をJSONとして読み取れません。", "UTF-8の正しいJSONを送信してください。"],
    ["The request body is not valid JSON.", "Send well-formed JSON in UTF-8."],
));
/// The body is too large.
pub const BODY_TOO_LARGE: Code = Code(&entry(
    "request.too_large",
    413,
    Never,
    ["リクエスト本文が1 MiBを超えています。", "本文を小さくしてください。kintoneは1 MBを超えるWebhookを送信しません。"],
    ["The request body is larger than 1 MiB.", "Make it smaller; kintone itself sends no webhook above 1 MB."],
));
/// A key is missing or of the wrong type.
pub const BODY_INVALID: Code = Code(&entry(
    "request.invalid",
    400,
    Never,
    ["リクエストの内容が正しくありません。", "descriptionに示した項目を直してください。"],
    ["The request's content is not right.", "Mend what the description names."],
));
/// Another app's webhook.
pub const APP_OTHER: Code = Code(&entry(
    "request.other_app",
    400,
    Never,
    [
        "この実行単位の呼び出し元アプリではないアプリからの要求です。",
        "実行単位のURLを、その呼び出し元アプリのWebhookに設定してください。",
    ],
    [
        "The request is about an app that does not call this unit.",
        "Register the unit's URL in the webhook settings of its own calling app.",
    ],
));
/// An event that kintone does not have.
pub const EVENT_UNKNOWN: Code = Code(&entry(
    "request.event_unknown",
    400,
    Never,
    [
        "通知のtypeが不明です。",
        "kintoneのWebhook(ADD_RECORD、UPDATE_RECORD、DELETE_RECORD、UPDATE_STATUS、ADD_RECORD_COMMENT)を送信してください。",
    ],
    [
        "The notification's type is not known.",
        "Send one of kintone's: ADD_RECORD, UPDATE_RECORD, DELETE_RECORD, UPDATE_STATUS, ADD_RECORD_COMMENT.",
    ],
));
/// An event that the unit does not take. Accepted and not run.
pub const EVENT_IGNORED: Code = Code(&entry(
    "request.event_ignored",
    200,
    Never,
    [
        "この実行単位が対象にしていない種類の通知です。実行しません。",
        "対象にするには実行単位のeventsに加えてください。",
    ],
    ["The unit does not take notifications of this type; nothing is run.", "Add the event to the unit to have it run."],
));
/// A notification, or a request with its sender's id, that was accepted before. Accepted and not run.
pub const NOTIFICATION_SEEN: Code = Code(&entry(
    "request.duplicate",
    200,
    Never,
    [
        "この通知または要求はすでに受け付けています。二重には実行しません。",
        "対応は不要です。runIdは初回に始めた実行です。",
    ],
    [
        "This notification or request was accepted before; it is not run twice.",
        "Nothing needs to be done; runId names the run of the first time.",
    ],
));
/// No such unit, for administrators.
pub const UNIT_UNKNOWN: Code = Code(&entry(
    "unit.unknown",
    404,
    Never,
    ["その実行単位はありません。", "suiro unit list で確認してください。"],
    ["There is no such unit.", "See `suiro unit list`."],
));
