//! Why settings cannot be read: serde's errors as sentences with a position.

use std::fmt;

use serde::de;

use crate::problem::{Position, Problem, proposal};

/// Why settings cannot be read: the sentence and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    pub(super) code: &'static str,
    ja: String,
    pub(super) en: String,
    pub(super) position: Option<Position>,
    /// The settings around the place, the innermost first.
    around: Vec<String>,
}

impl SettingsError {
    pub(super) fn new(code: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, ja: ja.into(), en: en.into(), position: None, around: Vec::new() }
    }

    /// Names the setting that it stands in.
    pub(super) fn within(mut self, setting: &str) -> Self {
        self.around.push(setting.to_owned());
        self
    }

    /// A number with a fraction where a text is asked: it has been through a float, and digits may be gone.
    pub(super) fn unquoted_decimal() -> Self {
        Self::new(
            "unquoted_decimal",
            "小数は引用符で囲んでください（例: \"1.10\"）。囲まないと桁が変わることがあります。",
            "Quote numbers that have a fraction or very many digits, such as \"1.10\": unquoted, digits can be lost.",
        )
    }

    /// The innermost place wins: it is the first to be known.
    pub(super) fn or_at(mut self, position: Position) -> Self {
        self.position.get_or_insert(position);
        self
    }
}

impl From<SettingsError> for Problem {
    fn from(e: SettingsError) -> Self {
        let problem = Problem::new(e.code, e.ja, e.en).at(e.position);
        let around: Vec<String> = e.around.into_iter().rev().collect();
        if around.is_empty() { problem } else { problem.in_setting(around.join(": ")) }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for SettingsError {}

impl de::Error for SettingsError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        // Our own readers say it in both languages, a line each.
        if let Some((ja, en)) = text.split_once('\n') {
            return Self::new("bad_setting", ja, en);
        }
        Self::new(
            "bad_setting",
            format!("設定が正しくありません: {text}"),
            format!("This setting is not right: {text}."),
        )
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let (expected_ja, expected_en) = expected_words(&expected.to_string());
        let (found_ja, found_en) = found_words(&found);
        Self::new(
            "wrong_form",
            format!("値の形が違います。必要なもの: {expected_ja}（書かれているもの: {found_ja}）。"),
            format!("Wrong form: this must be {expected_en}, not {found_en}."),
        )
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let (ja, en) = proposal(field, expected.iter().copied());
        Self::new(
            "unknown_key",
            format!("「{field}」という設定はありません。{ja}"),
            format!("There is no setting \"{field}\".{en}"),
        )
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let all = expected.join(", ");
        Self::new(
            "unknown_choice",
            format!("「{variant}」は選べません。選べるもの: {all}。"),
            format!("\"{variant}\" cannot be chosen here. Choices: {all}."),
        )
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(
            "missing_key",
            format!("設定「{field}」がありません。書いてください。"),
            format!("The setting \"{field}\" is missing; add it."),
        )
    }
}

/// serde's words for what it expects, as a writer of documents knows them.
fn expected_words(serde: &str) -> (String, String) {
    let (ja, en) = match serde {
        "u8" | "u16" | "u32" | "u64" | "usize" => ("0 以上の整数", "a whole number, 0 or larger"),
        "i8" | "i16" | "i32" | "i64" => ("整数", "a whole number"),
        "a list of dates, or an app and its field" => ("日付の並びか、{ app, field } の組", serde),
        "a boolean" => ("true か false", "true or false"),
        "a string" => ("文字列", "a text"),
        "a sequence" => ("並び [ … ]", "a list [ … ]"),
        "a map" => ("{ 名前: 値 } の組", "a map { name: value }"),
        "a text or a list of texts" => ("文字列か、文字列の並び", serde),
        "a name, or a map with the details" => ("名前か、{ … } の組", serde),
        other if other.starts_with("struct ") => ("{ 名前: 値 } の組", "a map { name: value }"),
        other => (other, other),
    };
    (ja.to_owned(), en.to_owned())
}

fn found_words(found: &de::Unexpected<'_>) -> (String, String) {
    use de::Unexpected as U;
    let (ja, en) = match found {
        U::Str(text) => return (format!("文字列「{text}」"), format!("the text \"{text}\"")),
        U::Signed(n) => return (format!("数 {n}"), format!("the number {n}")),
        U::Unsigned(n) => return (format!("数 {n}"), format!("the number {n}")),
        U::Float(n) => return (format!("数 {n}"), format!("the number {n}")),
        U::Bool(b) => return (b.to_string(), b.to_string()),
        U::Seq => ("並び", "a list"),
        U::Map => ("組", "a map"),
        U::Unit => ("空", "nothing"),
        other => return (other.to_string(), other.to_string()),
    };
    (ja.to_owned(), en.to_owned())
}
