//! Values out of a request's record: kintone's record JSON, of which only the fields that flows name are kept.

use serde_json::Value as Json;

use crate::decimal::Decimal;
use crate::field::{Field, FieldType, Kind};
use crate::value::{Entity, FileRef, Value};

/// Why a field of a request cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {}", reason.1)]
pub struct PayloadError {
    /// The field code.
    pub field: String,
    /// What is wrong, in plain words.
    pub reason: Reason,
}

/// What is wrong, in Japanese and in English.
pub type Reason = (&'static str, &'static str);

impl PayloadError {
    /// The error in Japanese; its English is what it displays.
    pub fn ja(&self) -> String {
        format!("{}: {}", self.field, self.reason.0)
    }
}

/// The value of `{"type": "NUMBER", "value": "12"}`. Without a type (callers of the API may leave it out) the kind that is
/// known of the field decides, and where none is known the value's form.
pub fn field_value(code: &str, field: &Json, known: Option<Kind>) -> Result<Value, PayloadError> {
    let wrong = |reason| PayloadError { field: code.to_owned(), reason };
    let object = field
        .as_object()
        .ok_or_else(|| wrong(("\"value\" を持つオブジェクトではありません", "must be an object with a \"value\"")))?;
    let value = object.get("value").ok_or_else(|| wrong(("\"value\" がありません", "has no \"value\"")))?;
    let kind = match object.get("type") {
        None | Some(Json::Null) => known,
        Some(t) => {
            let field_type = FieldType::deserialize_name(t)
                .ok_or_else(|| wrong(("\"type\" が文字列ではありません", "has a \"type\" that is no text")))?;
            Field::new(code, field_type).kind()
        }
    };
    by_kind(kind, value).map_err(wrong)
}

impl FieldType {
    fn deserialize_name(name: &Json) -> Option<Self> {
        serde_json::from_value(name.clone()).ok().filter(|_| name.is_string())
    }
}

fn by_kind(kind: Option<Kind>, value: &Json) -> Result<Value, Reason> {
    match value {
        Json::Null => return Ok(Value::Blank),
        Json::String(s) if s.is_empty() => return Ok(Value::Blank),
        Json::Array(a) if a.is_empty() => return Ok(Value::Blank),
        _ => {}
    }
    match (kind, value) {
        (Some(Kind::Number), Json::String(s)) => number(s),
        (Some(Kind::Number) | None, Json::Number(n)) => number(&n.to_string()),
        (Some(Kind::Date), Json::String(s)) => {
            let date: jiff::civil::Date =
                s.parse().map_err(|_| ("日付ではありません(YYYY-MM-DD)", "is no date (YYYY-MM-DD)"))?;
            Ok(Value::Date(days(date)))
        }
        (Some(Kind::Time), Json::String(s)) => {
            let time: jiff::civil::Time = s.parse().map_err(|_| ("時刻ではありません(HH:MM)", "is no time (HH:MM)"))?;
            Ok(Value::Time(i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second())))
        }
        (Some(Kind::Datetime), Json::String(s)) => {
            let at: jiff::Timestamp = s.parse().map_err(|_| {
                ("日時ではありません(YYYY-MM-DDTHH:MM:SSZ)", "is no date and time (YYYY-MM-DDTHH:MM:SSZ)")
            })?;
            Ok(Value::Datetime(at.as_second()))
        }
        // kintone keeps line feeds alone; text that differs by carriage returns would be written anew on every run.
        (Some(Kind::Text) | None, Json::String(s)) => Ok(Value::Text(s.replace("\r\n", "\n"))),
        (Some(Kind::Text), Json::Number(n)) => Ok(Value::Text(n.to_string())),
        (Some(Kind::Texts | Kind::Entities | Kind::Files) | None, Json::Array(list)) => list_value(kind, list),
        (Some(Kind::Entities) | None, Json::Object(_)) => Ok(Value::Entities(vec![entity(value)?])),
        (Some(Kind::Rows), Json::Array(_)) => {
            Err(("テーブルはパラメータにできません", "is a table; a table cannot be a parameter"))
        }
        _ => Err(("値がフィールドの種類に合いません", "has a value that does not fit its type")),
    }
}

fn list_value(kind: Option<Kind>, list: &[Json]) -> Result<Value, Reason> {
    let kind = kind.unwrap_or(if list[0].get("code").is_some() { Kind::Entities } else { Kind::Texts });
    Ok(match kind {
        Kind::Entities => Value::Entities(list.iter().map(entity).collect::<Result<_, _>>()?),
        Kind::Files => {
            let file = |v: &Json| {
                serde_json::from_value::<FileRef>(v.clone())
                    .map_err(|_| ("キーのないファイルがあります", "has a file without key"))
            };
            Value::Files(list.iter().map(file).collect::<Result<_, _>>()?)
        }
        _ => {
            let text = |v: &Json| {
                v.as_str()
                    .map(str::to_owned)
                    .ok_or(("文字列ではない要素があります", "has a list entry that is no text"))
            };
            Value::Texts(list.iter().map(text).collect::<Result<_, _>>()?)
        }
    })
}

fn entity(value: &Json) -> Result<Entity, Reason> {
    serde_json::from_value(value.clone()).map_err(|_| {
        ("\"code\" のないユーザー・組織・グループがあります", "has a user, organisation or group without \"code\"")
    })
}

fn number(text: &str) -> Result<Value, Reason> {
    text.parse::<Decimal>().map(Value::Number).map_err(|_| ("数値ではありません", "is no number"))
}

/// Days since 1970-01-01.
fn days(date: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    (date - epoch).get_days()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_by_type_and_by_form() {
        let value = |json: Json| field_value("f", &json, None);
        let n = |t: &str| Value::Number(t.parse().unwrap());
        assert_eq!(value(json!({"type": "NUMBER", "value": "1.50"})), Ok(n("1.5")));
        assert_eq!(value(json!({"value": 12})), Ok(n("12")));
        assert_eq!(value(json!({"type": "RECORD_NUMBER", "value": "APP-1"})), Ok(Value::Text("APP-1".into())));
        assert_eq!(value(json!({"type": "DATE", "value": "1970-01-03"})), Ok(Value::Date(2)));
        assert_eq!(value(json!({"type": "TIME", "value": "01:02"})), Ok(Value::Time(3720)));
        assert_eq!(value(json!({"type": "DATETIME", "value": "1970-01-01T00:01:00Z"})), Ok(Value::Datetime(60)));
        assert_eq!(value(json!({"type": "CHECK_BOX", "value": ["a"]})), Ok(Value::Texts(vec!["a".into()])));
        assert_eq!(
            field_value("f", &json!({"value": "12"}), Some(Kind::Number)),
            Ok(n("12")),
            "the known kind decides"
        );
        assert_eq!(value(json!({"value": "12"})), Ok(Value::Text("12".into())));
        assert_eq!(value(json!({"type": "MULTI_LINE_TEXT", "value": "a\r\nb"})), Ok(Value::Text("a\nb".into())));
        let sato = Entity { code: "sato".into(), name: "佐藤".into() };
        let creator = json!({"type": "CREATOR", "value": {"code": "sato", "name": "佐藤"}});
        assert_eq!(value(creator), Ok(Value::Entities(vec![sato])));
        for blank in [json!(null), json!(""), json!([])] {
            assert_eq!(value(json!({"type": "DROP_DOWN", "value": blank})), Ok(Value::Blank));
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (json, reason) in [
            (json!("x"), "must be an object with a \"value\""),
            (json!({}), "has no \"value\""),
            (json!({"type": "NUMBER", "value": "abc"}), "is no number"),
            (json!({"type": "DATE", "value": "soon"}), "is no date (YYYY-MM-DD)"),
            (json!({"type": "SUBTABLE", "value": [{}]}), "is a table; a table cannot be a parameter"),
            (json!({"type": "NUMBER", "value": {}}), "has a value that does not fit its type"),
        ] {
            assert_eq!(field_value("f", &json, None).unwrap_err().reason.1, reason);
        }
    }
}
