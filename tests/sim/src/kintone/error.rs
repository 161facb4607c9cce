//! The shape of kintone's errors: status, code, message and, for validation, the paths with their messages.

use serde_json::{Map, Value, json};

use super::text::{Lang, Text};

/// An error answer of kintone's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The code, for example `GAIA_RE01`.
    pub code: &'static str,
    /// The sentence.
    pub message: Text,
    /// Paths of the request with what is wrong there; for `CB_VA01` alone.
    pub errors: Vec<(String, Text)>,
}

/// What the calls of the API return.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An error without paths.
    pub const fn new(status: u16, code: &'static str, message: Text) -> Self {
        Self { status, code, message, errors: Vec::new() }
    }

    /// A validation error (`CB_VA01`) with its paths.
    pub fn invalid(errors: Vec<(String, Text)>) -> Self {
        let message = Text::fixed("入力内容が正しくありません。", "Missing or invalid input.");
        Self { status: 400, code: "CB_VA01", message, errors }
    }

    /// A validation error at one path.
    pub fn invalid_at(path: impl Into<String>, message: Text) -> Self {
        Self::invalid(vec![(path.into(), message)])
    }

    /// The body, with a fresh random id.
    pub fn body(&self, lang: Lang) -> Value {
        let mut body = json!({ "code": self.code, "id": random_id(), "message": self.message.tell(lang) });
        if !self.errors.is_empty() {
            let mut paths = Map::new();
            for (path, message) in &self.errors {
                let entry = paths.entry(path.clone()).or_insert_with(|| json!({ "messages": [] }));
                if let Some(messages) = entry["messages"].as_array_mut() {
                    messages.push(message.tell(lang).into());
                }
            }
            body["errors"] = Value::Object(paths);
        }
        body
    }
}

/// The 20 letters and digits by which kintone's support finds an error again.
pub fn random_id() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut id = String::with_capacity(20);
    while id.len() < 20 {
        let random = random_u64();
        for shift in 0..8 {
            if id.len() < 20 {
                let byte = usize::try_from(random >> (shift * 8) & 0xff).unwrap_or(0);
                id.push(char::from(ALPHABET[byte % ALPHABET.len()]));
            }
        }
    }
    id
}

/// 64 random bits from the system. A system without randomness gives the clock's bits: ids here need no secrecy.
pub fn random_u64() -> u64 {
    getrandom::u64().unwrap_or_else(|_| jiff::Timestamp::now().as_nanosecond() as u64)
}

/// A random UUID (version 4), as kintone names cursors, uploaded files and notifications.
pub fn random_uuid() -> String {
    let (high, low) = (random_u64(), random_u64());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_one_path_stand_together() {
        let error = ApiError::invalid(vec![
            ("app".to_owned(), Text::fixed("一", "one")),
            ("id".to_owned(), Text::fixed("二", "two")),
            ("app".to_owned(), Text::fixed("三", "three")),
        ]);
        let body = error.body(Lang::En);
        assert_eq!(body["errors"], json!({"app": {"messages": ["one", "three"]}, "id": {"messages": ["two"]}}));
        assert_eq!(body["id"].as_str().map(str::len), Some(20));
    }

    #[test]
    fn a_uuid_has_its_form() {
        let uuid = random_uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(uuid.split('-').nth(2).is_some_and(|part| part.starts_with('4')));
    }
}
