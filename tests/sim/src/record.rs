//! One stored record of an app, in the shape in which kintone tells its values.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

/// A field code. Shared, since every record of an app names the same fields.
pub type Code = Arc<str>;

/// Field code to value. The value is kintone's read shape (the `V` of `{"type":T,"value":V}`): text, null, list or
/// object. A table holds `[{"id":"1","value":{code:{"type":T,"value":V}}}]`.
pub type Fields = BTreeMap<Code, Value>;

/// One stored record. System fields (record number, creator, times, status) stand among `fields` under their codes;
/// `$id` and `$revision` do not.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The number that kintone shows as `$id`: 1 for an app's first record, never used again.
    pub id: u64,
    /// 1 at creation, one more per update.
    pub revision: u64,
    /// When it was last written, to the millisecond (the field of the update time knows only minutes). The index of
    /// `like` lags behind it.
    pub written_at: Timestamp,
    /// The values of the fields.
    pub fields: Fields,
}

impl Record {
    /// The value of a field outside tables, where the record holds one.
    pub fn value(&self, code: &str) -> Option<&Value> {
        self.fields.get(code)
    }

    /// The value of a field as text; `None` where it is absent, null or no text.
    pub fn text(&self, code: &str) -> Option<&str> {
        self.value(code).and_then(Value::as_str)
    }

    /// The rows of a table; empty where the field is absent or no table.
    pub fn rows(&self, table: &str) -> &[Value] {
        self.value(table).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// A field's value inside a row of a table.
pub fn row_value<'a>(row: &'a Value, code: &str) -> Option<&'a Value> {
    row.get("value")?.get(code)?.get("value")
}
