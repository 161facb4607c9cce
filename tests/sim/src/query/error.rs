//! Why a query is refused: status, code and sentence in both languages.
//!
//! Codes and Japanese sentences are those that real kintone was seen to answer; English ones are ours where none is known.

use super::ast::Op;

/// A refused query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// HTTP status; 400 for every query error.
    pub status: u16,
    /// kintone's error code.
    pub code: &'static str,
    /// The sentence in Japanese.
    pub ja: String,
    /// The sentence in English.
    pub en: String,
    /// The entry of `errors` that comes with `CB_VA01`, and with no other code.
    pub errors: Option<Box<QueryProblem>>,
}

/// One entry of the `errors` object of a `CB_VA01` answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryProblem {
    /// The key under `errors`.
    pub path: &'static str,
    /// The only element of `messages`, in Japanese.
    pub ja: String,
    /// The only element of `messages`, in English.
    pub en: String,
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.code, self.en)
    }
}

impl std::error::Error for QueryError {}

impl QueryError {
    fn new(code: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        QueryError { status: 400, code, ja: ja.into(), en: en.into(), errors: None }
    }

    /// The text is no query.
    pub fn syntax() -> Self {
        let problem = QueryProblem {
            path: "query",
            ja: "クエリ記法が間違っています。".into(),
            en: "The query syntax is incorrect.".into(),
        };
        let mut error = Self::new("CB_VA01", "入力内容が正しくありません。", "Missing or invalid input.");
        error.errors = Some(Box::new(problem));
        error
    }

    /// `limit` over 500.
    pub fn limit() -> Self {
        Self::new(
            "GAIA_QU01",
            "limit には 500 以下の値を指定してください。",
            "The value for limit must be 500 or less.",
        )
    }

    /// `offset` over 10,000.
    pub fn offset() -> Self {
        Self::new(
            "GAIA_QU02",
            "offset には 10,000 以下の値を指定してください。",
            "The value for offset must be 10,000 or less.",
        )
    }

    /// No such field.
    pub fn unknown_field(name: &str) -> Self {
        Self::new(
            "GAIA_IQ11",
            format!("指定されたフィールド（{name}）が見つかりません。"),
            format!("The specified field ({name}) was not found."),
        )
    }

    /// The operator does not go with the field's type.
    pub fn operator(code: &str, op: Op) -> Self {
        let op = op.text();
        Self::new(
            "GAIA_IQ03",
            format!("{code}フィールドのフィールドタイプには演算子{op}を使用できません。"),
            format!("The operator {op} cannot be used with the field type of the field {code}."),
        )
    }

    /// `=` or `!=` on a field of a table.
    pub fn table_equality(code: &str, op: Op) -> Self {
        let op = op.text();
        Self::new(
            "GAIA_IQ07",
            format!(
                "レコードを読み込めません。テーブルに設定している場合、{code}フィールドのフィールドタイプには、演算子{op}を使用できません。"
            ),
            format!("Failed to load records. The operator {op} cannot be used with the field {code} in a table."),
        )
    }

    /// A choice that the field does not offer.
    pub fn option(label: &str, value: &str) -> Self {
        Self::new(
            "GAIA_IQ10",
            format!("フィールド「{label}」の項目に「{value}」は存在しません。"),
            format!("The option \"{value}\" does not exist in the field \"{label}\"."),
        )
    }

    /// The status field of an app without process management.
    pub fn no_process() -> Self {
        Self::new(
            "GAIA_ST02",
            "処理に失敗しました。プロセス管理機能が無効化されています。",
            "Your request failed. The process management feature has been disabled.",
        )
    }

    /// A dotted name on a field that is no related-records field.
    pub fn dotted(label: &str) -> Self {
        Self::new(
            "GAIA_IR02",
            format!(
                "フィールド「{label}」に指定したクエリが正しくありません。指定したクエリは、関連レコード一覧フィールドでのみ使用できます。"
            ),
            format!(
                "The query for the field \"{label}\" is invalid. It can only be used with a related-records field."
            ),
        )
    }

    /// A field that records cannot be sorted by.
    pub fn sort_key(label: &str) -> Self {
        Self::new(
            "GAIA_IS02",
            format!("「{label}」フィールドはソート条件に使用できません。"),
            format!("The field \"{label}\" cannot be used as a sort condition."),
        )
    }

    /// A day that no month has.
    pub fn month_day(value: &str) -> Self {
        Self::new(
            "GAIA_IQ23",
            format!("指定した日にち（{value}）は無効です。1から31までの整数で指定します。"),
            format!("The specified day ({value}) is invalid. Specify an integer from 1 to 31."),
        )
    }

    /// A unit that `FROM_TODAY` does not know.
    pub fn unit() -> Self {
        Self::new(
            "GAIA_IQ25",
            "FROM_TODAY()の第2引数には、「DAYS」「WEEKS」「MONTHS」「YEARS」のいずれかを指定します。",
            "The second argument of FROM_TODAY() must be DAYS, WEEKS, MONTHS or YEARS.",
        )
    }

    /// A function with arguments that it does not take.
    pub fn arguments() -> Self {
        Self::new("GAIA_IL08", "クエリの指定が不正です。", "The specified query is invalid.")
    }
}
