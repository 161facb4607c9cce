//! The parameters of a call, whether they came as a query string or as JSON, and the checks that all calls share.

use serde_json::{Map, Value};

use super::catalogue::BAD_JSON;
use super::error::{ApiError, ApiResult};
use super::text::Text;

/// Said where a parameter is missing.
pub const PARAMETER_REQUIRED: Text = Text::fixed("必須です。", "Required field.");
/// Said where a number is below one.
pub const AT_LEAST_ONE: Text = Text::fixed("最小でも1以上です。", "must be greater than or equal to 1");
/// Said where a name is none of the allowed ones.
pub const NOT_IN_ENUM: Text = Text::fixed("Enum値のいずれかでなければなりません。", "must be one of the enum value");
/// Said where a number is below zero.
pub const AT_LEAST_ZERO: Text = Text::fixed("最小でも0以上です。", "must be greater than or equal to 0");

/// Named parameters.
#[derive(Debug, Default)]
pub struct Params(pub Map<String, Value>);

impl Params {
    /// The parameters of a JSON value, which must be an object.
    pub fn from_value(value: Value) -> ApiResult<Self> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(BAD_JSON),
        }
    }

    /// Reads a query string. `name[0]=x&name[1]=y` and a repeated `name` give lists; `+` is a space.
    pub fn from_query(query: &str) -> Self {
        let mut map = Map::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), Value::String(decode(value)));
            match name.split_once('[') {
                Some((list, _)) => {
                    let entry = map.entry(list.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
                    if let Value::Array(items) = entry {
                        items.push(value);
                    }
                }
                None => {
                    map.insert(name, value);
                }
            }
        }
        Self(map)
    }

    /// Fails with all those of the names that are missing.
    pub fn require(&self, names: &[&str]) -> ApiResult<()> {
        let missing: Vec<_> = names
            .iter()
            .filter(|name| self.0.get(**name).is_none_or(|value| value.is_null() || *value == ""))
            .map(|name| ((*name).to_owned(), PARAMETER_REQUIRED))
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(ApiError::invalid(missing)) }
    }

    /// A parameter that is there and not null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Takes a parameter out, null counting as absent.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// An id of at least 1, which must be there.
    pub fn id(&self, name: &str) -> ApiResult<u64> {
        self.require(&[name])?;
        self.optional_id(name)?.ok_or(BAD_JSON)
    }

    /// An id of at least 1, where it is there.
    pub fn optional_id(&self, name: &str) -> ApiResult<Option<u64>> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match integer(value)? {
                id if id < 1 => Err(ApiError::invalid_at(name, AT_LEAST_ONE)),
                id => Ok(Some(id.unsigned_abs())),
            },
        }
    }

    /// A whole number of at least 0, or a default.
    pub fn count(&self, name: &str, default: u64) -> ApiResult<u64> {
        match self.get(name) {
            None => Ok(default),
            Some(value) => match integer(value)? {
                count if count < 0 => Err(ApiError::invalid_at(name, AT_LEAST_ZERO)),
                count => Ok(count.unsigned_abs()),
            },
        }
    }

    /// A revision to check against; absent and -1 ask for no check.
    pub fn revision(&self) -> ApiResult<Option<u64>> {
        self.get("revision").map_or(Ok(None), revision)
    }

    /// A text, where it is there.
    pub fn text(&self, name: &str) -> ApiResult<Option<String>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(BAD_JSON),
        }
    }

    /// True or false; absent is false.
    pub fn flag(&self, name: &str) -> ApiResult<bool> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(set)) => Ok(*set),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" || text.is_empty() => Ok(false),
            Some(_) => Err(BAD_JSON),
        }
    }

    /// A list, where it is there. A single text in a query string counts as a list of one.
    pub fn list(&self, name: &str) -> ApiResult<Option<Vec<Value>>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items.clone())),
            Some(Value::String(text)) => Ok(Some(vec![Value::String(text.clone())])),
            Some(_) => Err(BAD_JSON),
        }
    }

    /// A list of texts, where it is there.
    pub fn texts(&self, name: &str) -> ApiResult<Option<Vec<String>>> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                Value::Number(number) => Ok(number.to_string()),
                _ => Err(BAD_JSON),
            })
            .collect::<ApiResult<Vec<_>>>()
            .map(Some)
    }
}

/// A whole number told as a number or as text.
pub fn integer(value: &Value) -> ApiResult<i64> {
    match value {
        Value::Number(number) => number.as_i64().ok_or(BAD_JSON),
        Value::String(text) => text.trim().parse().map_err(|_| BAD_JSON),
        _ => Err(BAD_JSON),
    }
}

/// A revision to check against; null and -1 ask for no check.
pub fn revision(value: &Value) -> ApiResult<Option<u64>> {
    if value.is_null() {
        return Ok(None);
    }
    Ok(u64::try_from(integer(value)?).ok())
}

/// Percent-decoding with `+` as a space. Bytes that are no UTF-8 become the replacement character.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (byte, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_query_string_gives_lists_and_spaces() {
        let params = Params::from_query("app=1&fields[0]=a&fields%5B1%5D=%E6%95%B0&query=x%20%3D+1&q=100%");
        assert_eq!(Value::Object(params.0), json!({"app": "1", "fields": ["a", "数"], "query": "x = 1", "q": "100%"}));
    }

    #[test]
    fn ids_are_numbers_or_text_and_at_least_one() {
        let params = Params::from_value(json!({"a": 3, "b": "4", "c": 0, "d": "x"})).expect("an object");
        assert_eq!(params.id("a"), Ok(3));
        assert_eq!(params.id("b"), Ok(4));
        assert_eq!(params.id("c"), Err(ApiError::invalid_at("c", AT_LEAST_ONE)));
        assert_eq!(params.id("d"), Err(BAD_JSON));
        assert_eq!(params.id("e"), Err(ApiError::invalid_at("e", PARAMETER_REQUIRED)));
    }
}
