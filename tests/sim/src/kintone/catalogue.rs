//! The errors that the API knows apart from the rules of single fields, each with its status, code and sentences.

use super::error::ApiError;
use super::text::Text;

/// A JSON body that cannot be read, or a value of the wrong JSON type.
pub const BAD_JSON: ApiError =
    ApiError::new(400, "CB_IJ01", Text::fixed("不正なJSON文字列です。", "Invalid JSON string."));

/// A request that makes no sense here, such as a method that the resource does not know.
pub const ILLEGAL: ApiError = ApiError::new(400, "CB_IL02", Text::fixed("不正なリクエストです。", "Illegal request."));

/// No credentials were sent.
pub const NOT_LOGGED_IN: ApiError =
    ApiError::new(401, "CB_AU01", Text::fixed("ログインしてください。", "Please login."));

/// Login name or password is wrong.
pub const WRONG_PASSWORD: ApiError = ApiError::new(
    401,
    "CB_WA01",
    Text::fixed(
        "パスワード認証に失敗しました。ログイン名またはパスワードが正しくありません。",
        "Password authentication failed. The login name or the password is incorrect.",
    ),
);

/// The user may not do this.
pub const NO_PRIVILEGE: ApiError =
    ApiError::new(403, "CB_NO02", Text::fixed("権限がありません。", "No privilege to proceed."));

/// The API token lacks the right.
pub const TOKEN_LACKS_RIGHT: ApiError = ApiError::new(
    403,
    "GAIA_NO01",
    Text::fixed(
        "このAPIトークンでは、指定したAPIを実行できません。",
        "Using this API token, you cannot run the specified API.",
    ),
);

/// The API token is unknown, of an app that was never deployed, or of another app.
pub const BAD_TOKEN: ApiError = ApiError::new(
    400,
    "GAIA_IA02",
    Text::fixed(
        "指定したAPIトークンは、アプリで生成されたトークンと異なります。アプリのAPIトークンの設定を確認してください。",
        "The specified API token does not match the API token generated via an app. \
         Check the API token settings of the app.",
    ),
);

/// Two tokens of one app in one request.
pub const DUPLICATE_TOKEN: ApiError = ApiError::new(
    400,
    "GAIA_DA03",
    Text::fixed(
        "同じアプリのAPIトークンを重複して指定することはできません。",
        "You cannot specify a duplicate API token for the same app.",
    ),
);

/// A revision that is not the latest.
pub const STALE_REVISION: ApiError = ApiError::new(
    409,
    "GAIA_CO02",
    Text::fixed(
        "指定したrevisionは最新ではありません。ほかのユーザーがレコードを更新した可能性があります。",
        "The revision is not the latest. Someone may update a record.",
    ),
);

/// Two writers met at one record.
pub const DATABASE_LOCK: ApiError = ApiError::new(
    400,
    "GAIA_DA02",
    Text::fixed(
        "データベースのロックに失敗したため、変更を保存できませんでした。時間をおいて再度お試しください。",
        "Failed to lock the database, so the changes could not be saved. Please try again later.",
    ),
);

/// More requests run at once than the domain may.
pub const TOO_MANY_REQUESTS: ApiError = ApiError::new(
    429,
    "GAIA_TO04",
    Text::fixed(
        "APIの同時リクエスト数が上限を超えています。",
        "The number of concurrent API requests exceeds the limit.",
    ),
);

/// All cursors of the domain are taken.
pub const TOO_MANY_CURSORS: ApiError = ApiError::new(
    429,
    "GAIA_TM12",
    Text::fixed(
        "作成できるカーソルの上限に達しているため、カーソルを作成できません。\
         不要なカーソルを削除するか、しばらく経ってから再実行してください。",
        "A cursor cannot be created because the maximum number of cursors has been reached. \
         Delete unnecessary cursors, or try again later.",
    ),
);

/// The cursor never was, was used up or has expired.
pub const NO_CURSOR: ApiError = ApiError::new(
    404,
    "GAIA_CN01",
    Text::fixed(
        "指定したカーソルは存在しないか、既に有効期限が切れています。",
        "The specified cursor does not exist or has already expired.",
    ),
);

/// A file key that cannot be used here.
pub const NO_FILE: ApiError = ApiError::new(
    404,
    "GAIA_BL01",
    Text::fixed(
        "指定したファイルが見つかりません。削除されている可能性があります。",
        "The specified file is not found. The file may have been deleted.",
    ),
);

/// The comment does not exist.
pub const NO_COMMENT: ApiError = ApiError::new(
    400,
    "GAIA_RE02",
    Text::fixed(
        "指定したコメントが存在しません。コメントが削除された可能性があります。",
        "The specified comment is not found. The comment may have been deleted.",
    ),
);

/// A normal path was used for an app of a guest space.
pub const GUEST_PATH_NEEDED: ApiError = ApiError::new(
    400,
    "GAIA_IL23",
    Text::fixed(
        "ゲストスペース内のアプリを操作する場合は、ゲストスペースのAPIのパスを指定してください。",
        "To operate an app in a guest space, specify the path of the API for guest spaces.",
    ),
);

/// The status cannot be changed in this way.
pub const STATUS_NOT_POSSIBLE: ApiError = ApiError::new(
    400,
    "GAIA_IL03",
    Text::fixed(
        "ステータスの変更に失敗しました。ほかのユーザーが、設定またはステータスを変更した可能性があります。",
        "Failed to update the status. The settings or the status itself may have been changed by someone.",
    ),
);

/// The app has no process management.
pub const PROCESS_OFF: ApiError = ApiError::new(
    400,
    "GAIA_ST02",
    Text::fixed(
        "操作に失敗しました。プロセス管理機能が無効化されています。",
        "Your request failed. The process management feature has been disabled.",
    ),
);

/// Only the assignee may do this.
pub const NOT_ASSIGNEE: ApiError = ApiError::new(
    400,
    "GAIA_NT01",
    Text::fixed("作業者だけがステータスを変更できます。", "Only the assignee can change the status."),
);

/// Settings are being deployed.
pub const DEPLOY_RUNS: ApiError = ApiError::new(
    400,
    "GAIA_AP22",
    Text::fixed(
        "アプリの設定を運用環境に反映する処理が実行中です。完了するまでお待ちください。",
        "The app settings are being deployed. Wait until the deployment ends.",
    ),
);

/// Two rows of one table carry one id.
pub const DUPLICATE_ROW: ApiError = ApiError::new(
    400,
    "GAIA_SI01",
    Text::fixed("テーブルの行IDが重複しています。", "The IDs of the table rows are duplicated."),
);

/// No app has this id.
pub fn no_app(id: impl std::fmt::Display) -> ApiError {
    ApiError::new(
        404,
        "GAIA_AP01",
        Text::made(
            format!("指定したアプリ（id: {id}）が見つかりません。削除されている可能性があります。"),
            format!("The app (ID: {id}) not found. The app may have been deleted."),
        ),
    )
}

/// No record has this id.
pub fn no_record(id: u64) -> ApiError {
    ApiError::new(
        404,
        "GAIA_RE01",
        Text::made(
            format!("指定したレコード（id: {id}）が見つかりません。"),
            format!("The specified record (ID: {id}) is not found."),
        ),
    )
}

/// No record has this value in the key field.
pub fn no_record_for_key(status: u16, field: &str, value: &str) -> ApiError {
    ApiError::new(
        status,
        "GAIA_RE20",
        Text::made(
            format!("フィールド「{field}」の値が「{value}」であるレコードが見つかりません。"),
            format!("No record has the value \"{value}\" in the field \"{field}\"."),
        ),
    )
}

/// No record of the source app has this key.
pub fn lookup_misses(field: &str, value: &str) -> ApiError {
    ApiError::new(
        400,
        "GAIA_LO04",
        Text::made(
            format!(
                "フィールド「{field}」の値「{value}」が、ルックアップの参照先のフィールドにないか、\
                 またはアプリやフィールドの閲覧権限がありません。"
            ),
            format!(
                "A value \"{value}\" in the field \"{field}\" does not exist in the datasource app for lookup, \
                 or you do not have permission to view the app or the field."
            ),
        ),
    )
}

/// The key field of a lookup does not prohibit duplicates.
pub fn lookup_key_not_unique(field: &str) -> ApiError {
    ApiError::new(
        400,
        "GAIA_LO03",
        Text::made(
            format!("ルックアップ「{field}」のコピー元のフィールドは、値の重複を禁止している必要があります。"),
            format!("The key field of the lookup \"{field}\" must prohibit duplicate values."),
        ),
    )
}

/// A setting names a field that does not exist.
pub fn no_such_field_in_settings(code: &str) -> ApiError {
    ApiError::new(
        400,
        "GAIA_FC01",
        Text::made(
            format!("指定されたフィールド（code: {code}）が見つかりません。"),
            format!("The specified field (code: {code}) not found."),
        ),
    )
}

/// A formula that kintone refuses.
pub fn bad_formula(code: &str, why: &str) -> ApiError {
    ApiError::new(
        400,
        "GAIA_IL01",
        Text::made(
            format!("フィールド「{code}」の計算式が正しくありません（{why}）。"),
            format!("The formula of the field \"{code}\" is not valid ({why})."),
        ),
    )
}
