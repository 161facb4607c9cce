//! The entries of the catalogue about who is let in, one by one. A new one stands in [`super::ALL`] too.

use super::Code;
use super::Retry::{AfterFix, Later, Never};
use super::entries::entry;

/// The URL is not known: unknown unit, wrong, dropped or expired secret; all look the same.
pub const URL_UNKNOWN: Code = Code(&entry(
    "url.unknown",
    404,
    Never,
    ["このURLは無効です。", "実行単位の設定画面で現在のURLを確認してください。再生成・無効化されたURLは使えません。"],
    ["This URL is not valid.", "Look up the unit's present URL; a regenerated or dropped URL no longer works."],
));
/// So many calls were refused that they are only counted.
pub const UNIT_FLOOD: Code = Code(&entry(
    "unit.flood",
    202,
    AfterFix,
    [
        "この実行単位への要求が多すぎるため、実行せず件数だけを記録しています。",
        "待機が減ってから送り直してください。心当たりのない要求であれば suiro unit url でURLを再生成し、許可するアドレスや署名の設定を検討してください。",
    ],
    [
        "So many calls of this unit are refused that they are counted and not run.",
        "Send them again when fewer wait. If you do not know the sender, regenerate the URL with `suiro unit url`, and consider allowed addresses or signatures.",
    ],
));
/// The unit was switched off because too many calls were refused.
pub const UNIT_SWITCHED_OFF: Code = Code(&entry(
    "unit.switched_off",
    403,
    AfterFix,
    [
        "断った要求が設定した件数に達したため、実行単位を自動的に無効にしました。",
        "送信元を確認してから suiro unit enable で有効にしてください。URLが漏れた疑いがあれば suiro unit url で再生成してください。",
    ],
    [
        "The unit was disabled by itself: as many calls were refused as its setting names.",
        "Find out who sends them, then `suiro unit enable`; if the URL has leaked, regenerate it with `suiro unit url`.",
    ],
));
/// A secret of a URL dies soon.
pub const URL_EXPIRES: Code = Code(&entry(
    "url.expires",
    500,
    AfterFix,
    [
        "リアルタイム実行URLの有効期限が近づいています。",
        "suiro unit url または suiro unit caller renew に --overlap を付けて新しいURLを作り、送信側の設定を変えてください。",
    ],
    [
        "A realtime URL expires soon.",
        "Make a new one with `suiro unit url` or `suiro unit caller renew` and --overlap, and give it to its senders.",
    ],
));
/// A URL was called that is no longer good. The caller is told [`URL_UNKNOWN`], the unit's owner this.
pub const URL_DEAD: Code = Code(&entry(
    "url.dead",
    404,
    AfterFix,
    [
        "期限が切れた、または再生成・削除で無効になったURLが呼ばれました。この要求では何も実行していません。",
        "kintoneのWebhookの設定など送信側を現在のURLに変えてください。起動しなかった更新は、kintoneでレコードを保存し直すと実行されます。心当たりのない送信であれば何もする必要はありません。",
    ],
    [
        "A URL was called that has expired, or that was regenerated or removed. Nothing was run for it.",
        "Give its sender (the webhook of the kintone app, say) the present URL; what was missed runs when its record is saved again in kintone. If you do not know the sender, nothing needs to be done.",
    ],
));
/// What opens kintone dies soon.
pub const CREDENTIAL_EXPIRES: Code = Code(&entry(
    "credential.expires",
    500,
    AfterFix,
    [
        "この実行単位がkintoneに接続する認証情報の期限が近づいています。",
        "kintoneで新しいAPIトークンまたはパスワードを用意し、suiro unit update に --api-token(または --user と --password)と次の --credential-expires を付けて入れ替えてください。",
    ],
    [
        "What opens kintone for this unit expires soon.",
        "Make a new API token or password in kintone and give it to `suiro unit update` by --api-token (or --user and --password), with its own --credential-expires.",
    ],
));
/// What opens kintone dies today.
pub const CREDENTIAL_EXPIRED: Code = Code(&entry(
    "credential.expired",
    500,
    AfterFix,
    [
        "この実行単位がkintoneに接続する認証情報が、登録された期限の日を迎えました。",
        "まだ入れ替えていなければ、suiro unit update に --api-token(または --user と --password)を付けて今すぐ入れ替えてください。期限が延びたのであれば --credential-expires だけを変えてください。",
    ],
    [
        "The day has come on which what opens kintone for this unit was said to expire.",
        "Replace it now with `suiro unit update` and --api-token (or --user and --password); where it lives longer, change --credential-expires alone.",
    ],
));
/// kintone does not know what opens it.
pub const CREDENTIAL_REFUSED: Code = Code(&entry(
    "credential.refused",
    500,
    AfterFix,
    [
        "kintoneがAPIトークンまたはログイン名とパスワードを認めません。",
        "メッセージのアプリのAPIトークンが渡されているか、トークンの削除やパスワードの変更がないか確認し、suiro unit update に --api-token(または --user と --password)を付けて入れ替えてから、suiro run again で実行し直してください。",
    ],
    [
        "kintone does not accept the API token, or the login name and its password.",
        "See whether a token of the app named is given, was deleted, or a password changed; replace it with `suiro unit update` and --api-token (or --user and --password), then `suiro run again`.",
    ],
));
/// The signature is missing, wrong, or of another time.
pub const SIGNATURE_INVALID: Code = Code(&entry(
    "signature.invalid",
    401,
    AfterFix,
    [
        "要求の署名がないか、正しくないか、時刻が範囲外です。",
        "x-suiro-timestamp と x-suiro-signature の作り方と、送信側の時計を確認してください。",
    ],
    [
        "The request's signature is missing, wrong, or of another time.",
        "Look at how x-suiro-timestamp and x-suiro-signature are made, and at the sender's clock.",
    ],
));
/// The signature has started a run already.
pub const SIGNATURE_USED: Code = Code(&entry(
    "signature.used",
    409,
    Never,
    [
        "この署名の要求はすでに受け付けています。二重には実行しません。",
        "runIdがあれば、それが初回に始めた実行です。新しい要求には、新しい時刻で署名してください。",
    ],
    [
        "The request with this signature was accepted before; it is not run twice.",
        "The runId, where there is one, names the run of the first time. Sign a new request with a new time.",
    ],
));
/// The access token is missing, wrong or too old.
pub const TOKEN_INVALID: Code = Code(&entry(
    "token.invalid",
    401,
    Later,
    ["アクセストークンが正しくないか、期限が切れています。", "/tokenで取り直してください。有効期間は1時間です。"],
    ["The access token is wrong or too old.", "Get a new one from /token; it is good for an hour."],
));
/// The unit is disabled.
pub const UNIT_DISABLED: Code = Code(&entry(
    "unit.disabled",
    403,
    AfterFix,
    ["この実行単位は無効になっています。", "suiro unit enable で有効にしてください。"],
    ["The unit is disabled.", "Enable it with `suiro unit enable`."],
));
/// Too many wait.
pub const TOO_MANY_WAITING: Code = Code(&entry(
    "unit.too_many_waiting",
    429,
    Later,
    [
        "待機中の要求が多く、待機時間の上限までに開始できません。",
        "Retry-Afterの秒数を待ってから、もう一度要求してください。",
    ],
    [
        "So many requests wait that this one could not start before its wait limit.",
        "Ask again after the seconds in Retry-After.",
    ],
));
