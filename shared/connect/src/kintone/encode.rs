//! Values to the JSON that kintone takes, written straight into bytes.
//!
//! A value must be of the field's kind: conversions are the flow's business, where they are counted and shown.

use model::field::{Field, FieldType, Kind};
use model::value::{Row, Value};

use super::times::{format_date, format_datetime, format_time};

/// Why a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: {reason}")]
pub struct EncodeError {
    /// Field code.
    pub field: String,
    /// Why, in technical words.
    pub reason: String,
}

impl EncodeError {
    pub(crate) fn new(field: &Field, reason: impl Into<String>) -> Self {
        Self { field: field.code.clone(), reason: reason.into() }
    }
}

/// `{"code":{"value":V},…}`
pub(crate) fn record(out: &mut Vec<u8>, fields: &[Field], values: &[Value]) -> Result<(), EncodeError> {
    if fields.len() != values.len() {
        let reason = format!("{} values for {} fields", values.len(), fields.len());
        return Err(EncodeError { field: String::new(), reason });
    }
    cells(out, fields.iter().zip(values))
}

fn cells<'a>(out: &mut Vec<u8>, all: impl Iterator<Item = (&'a Field, &'a Value)>) -> Result<(), EncodeError> {
    out.push(b'{');
    for (at, (field, value)) in all.enumerate() {
        comma(out, at);
        string(out, &field.code);
        out.extend_from_slice(b":{\"value\":");
        self::value(out, field, value)?;
        out.push(b'}');
    }
    out.push(b'}');
    Ok(())
}

/// The V of `{"value":V}`.
pub(crate) fn value(out: &mut Vec<u8>, field: &Field, value: &Value) -> Result<(), EncodeError> {
    let Some(kind) = field.kind() else {
        return Err(EncodeError::new(field, "never part of a record"));
    };
    if value.kind().is_some_and(|k| k != kind) {
        return Err(EncodeError::new(field, format!("{:?} where {kind:?} belongs", value.kind().unwrap_or(kind))));
    }
    let outside = || EncodeError::new(field, "outside of what kintone holds");
    match value {
        // kintone takes null, "" and [] for blank, each where it belongs.
        Value::Blank => match kind {
            Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows => out.extend_from_slice(b"[]"),
            Kind::Date | Kind::Time | Kind::Datetime => out.extend_from_slice(b"null"),
            Kind::Text if field.field_type == FieldType::DropDown => out.extend_from_slice(b"null"),
            Kind::Text | Kind::Number | Kind::Bool => out.extend_from_slice(b"\"\""),
        },
        Value::Text(text) => string(out, text),
        Value::Number(number) => string(out, &number.to_string()),
        Value::Bool(_) => return Err(EncodeError::new(field, "a truth value, which no kintone field holds")),
        Value::Date(days) => string(out, &format_date(*days).ok_or_else(outside)?),
        Value::Time(seconds) => string(out, &format_time(*seconds).ok_or_else(outside)?),
        Value::Datetime(seconds) => string(out, &format_datetime(*seconds).ok_or_else(outside)?),
        Value::Texts(all) => list(out, all, |out, text| {
            string(out, text);
            Ok(())
        })?,
        Value::Entities(all) => list(out, all, |out, entity| {
            pair(out, "code", &entity.code);
            Ok(())
        })?,
        Value::Files(all) => list(out, all, |out, file| {
            pair(out, "fileKey", &file.file_key);
            Ok(())
        })?,
        Value::Rows(rows) => list(out, rows, |out, row| table_row(out, field, row))?,
    }
    Ok(())
}

/// `{"id":"368","value":{code:{"value":V}}}`; columns that kintone fills itself are left out.
fn table_row(out: &mut Vec<u8>, table: &Field, row: &Row) -> Result<(), EncodeError> {
    out.push(b'{');
    if let Some(id) = &row.id {
        out.extend_from_slice(b"\"id\":");
        string(out, id);
        out.push(b',');
    }
    out.extend_from_slice(b"\"value\":");
    let mut named = Vec::with_capacity(row.cells.len());
    for (code, value) in &row.cells {
        let Some(field) = table.fields.iter().find(|f| f.code == *code) else {
            return Err(EncodeError::new(table, format!("the table has no column {code}")));
        };
        if field.writable() {
            named.push((field, value));
        }
    }
    cells(out, named.into_iter())?;
    out.push(b'}');
    Ok(())
}

fn list<T>(
    out: &mut Vec<u8>,
    all: &[T],
    mut write: impl FnMut(&mut Vec<u8>, &T) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    out.push(b'[');
    for (at, one) in all.iter().enumerate() {
        comma(out, at);
        write(out, one)?;
    }
    out.push(b']');
    Ok(())
}

fn pair(out: &mut Vec<u8>, name: &str, text: &str) {
    out.push(b'{');
    string(out, name);
    out.push(b':');
    string(out, text);
    out.push(b'}');
}

fn comma(out: &mut Vec<u8>, at: usize) {
    if at > 0 {
        out.push(b',');
    }
}

/// A JSON string. Of a text, everything but quotes, backslashes and control characters stands as it is.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let short: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..at]);
        if short.is_empty() {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            out.extend_from_slice(short);
        }
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

/// A key's value as kintone wants it in `updateKey`: text or number, never blank.
pub(crate) fn key(out: &mut Vec<u8>, field: &Field, value: &Value) -> Result<(), EncodeError> {
    match value {
        Value::Text(_) | Value::Number(_) => self::value(out, field, value),
        Value::Blank => Err(EncodeError::new(field, "a blank key finds no record")),
        _ => Err(EncodeError::new(field, "a key is a text or a number")),
    }
}

#[cfg(test)]
mod tests {
    use model::value::{Entity, FileRef};

    use super::*;

    fn json(field_type: FieldType, value: &Value) -> Result<String, EncodeError> {
        let mut field = Field::new("f", field_type);
        field.fields = vec![Field::new("品名", FieldType::SingleLineText), Field::new("計", FieldType::Calc)];
        let mut out = Vec::new();
        super::value(&mut out, &field, value)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn each_kind_has_kintones_form() {
        use FieldType as T;
        let sato = Entity { code: "sato".into(), name: "佐藤".into() };
        let file = FileRef { file_key: "k".into(), name: "n".into(), content_type: String::new(), size: "1".into() };
        let cells = vec![("品名".into(), Value::Text("ペン".into())), ("計".into(), Value::Number(1.into()))];
        let rows = vec![Row { id: Some("7".into()), cells }, Row { id: None, cells: vec![] }];
        let table = [
            (T::SingleLineText, Value::Text("a\"\\\n\u{1}あ".into()), r#""a\"\\\n\u0001あ""#),
            (T::Number, Value::Number("1.50".parse().unwrap()), r#""1.5""#),
            (T::Date, Value::Date(19_782), r#""2024-02-29""#),
            (T::Time, Value::Time(55_860), r#""15:31""#),
            (T::Datetime, Value::Datetime(86_460), r#""1970-01-02T00:01:00Z""#),
            (T::CheckBox, Value::Texts(vec!["a".into(), "b".into()]), r#"["a","b"]"#),
            (T::UserSelect, Value::Entities(vec![sato]), r#"[{"code":"sato"}]"#),
            (T::File, Value::Files(vec![file]), r#"[{"fileKey":"k"}]"#),
            (T::Subtable, Value::Rows(rows), r#"[{"id":"7","value":{"品名":{"value":"ペン"}}},{"value":{}}]"#),
            (T::SingleLineText, Value::Blank, r#""""#),
            (T::Number, Value::Blank, r#""""#),
            (T::Date, Value::Blank, "null"),
            (T::DropDown, Value::Blank, "null"),
            (T::CheckBox, Value::Blank, "[]"),
            (T::Subtable, Value::Blank, "[]"),
        ];
        for (field_type, value, expected) in table {
            assert_eq!(json(field_type, &value).unwrap(), expected, "{field_type:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        use FieldType as T;
        for (field_type, value) in [
            (T::Number, Value::Text("1".into())),
            (T::SingleLineText, Value::Number(1.into())),
            (T::SingleLineText, Value::Bool(true)),
            (T::Time, Value::Time(86_400)),
            (T::Date, Value::Date(i32::MAX)),
            (T::Group, Value::Blank),
            (T::Subtable, Value::Rows(vec![Row { id: None, cells: vec![("無".into(), Value::Blank)] }])),
        ] {
            assert!(json(field_type, &value).is_err(), "{field_type:?} {value:?}");
        }
        let fields = [Field::new("a", T::Number)];
        assert!(record(&mut Vec::new(), &fields, &[]).is_err());
        assert!(key(&mut Vec::new(), &fields[0], &Value::Blank).is_err());
        assert!(key(&mut Vec::new(), &fields[0], &Value::Date(1)).is_err());
    }

    #[test]
    fn any_text_survives_a_json_reader() {
        let all: String = (0..0x300u32).chain(0x2020..0x2030).filter_map(char::from_u32).collect();
        let mut out = Vec::new();
        string(&mut out, &all);
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), all);
    }
}
