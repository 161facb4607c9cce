//! An app's form: its fields with their settings, and how they are read from kintone's `properties`.

use indexmap::IndexMap;
use serde_json::{Map, Value};

pub use crate::field_type::FieldType;
use crate::record::Code;

/// One field of a form, or of a table in it.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDef {
    /// The field code.
    pub code: Code,
    /// The field's type.
    pub kind: FieldType,
    /// All other properties as kintone tells them (`label`, `required`, `options`, `lookup`, ...), without `code`,
    /// `type` and a table's `fields`.
    pub props: Map<String, Value>,
    /// The fields of a table; empty for every other type.
    pub fields: IndexMap<Code, FieldDef>,
}

impl FieldDef {
    /// Reads a field from its `properties` entry. The error names what is missing or unknown.
    pub fn from_properties(code: &str, properties: &Value) -> Result<Self, String> {
        let all = properties.as_object().ok_or_else(|| format!("properties.{code}: not an object"))?;
        let name = all.get("type").and_then(Value::as_str).ok_or_else(|| format!("properties.{code}.type: missing"))?;
        let kind =
            FieldType::from_name(name).ok_or_else(|| format!("properties.{code}.type: {name:?} is no field type"))?;
        let mut props = all.clone();
        props.remove("type");
        props.remove("code");
        let mut fields = IndexMap::new();
        if kind == FieldType::Subtable
            && let Some(Value::Object(inner)) = props.remove("fields")
        {
            for (inner_code, inner_properties) in &inner {
                fields.insert(inner_code.as_str().into(), Self::from_properties(inner_code, inner_properties)?);
            }
        }
        props.entry("label").or_insert_with(|| code.into());
        Ok(Self { code: code.into(), kind, props, fields })
    }

    /// The field as an entry of `properties`.
    pub fn to_properties(&self) -> Value {
        let mut all = self.props.clone();
        all.insert("type".to_owned(), self.kind.name().into());
        all.insert("code".to_owned(), self.code.as_ref().into());
        if self.kind == FieldType::Subtable {
            let inner = self.fields.values().map(|field| (field.code.to_string(), field.to_properties())).collect();
            all.insert("fields".to_owned(), Value::Object(inner));
        }
        Value::Object(all)
    }

    /// A property that is true or false; absent counts as false.
    pub fn flag(&self, name: &str) -> bool {
        match self.props.get(name) {
            Some(Value::Bool(set)) => *set,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }

    /// A property that is text and not empty.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.props.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Whether a value is demanded on every write. kintone accepts the flag on radio buttons and calculated fields,
    /// and never raises it there.
    pub fn required(&self) -> bool {
        self.flag("required") && !matches!(self.kind, FieldType::RadioButton | FieldType::Calc)
    }

    /// Whether duplicate values are prohibited.
    pub fn unique(&self) -> bool {
        self.kind.can_be_unique() && self.flag("unique")
    }

    /// The options of a choice field; `None` for other types.
    pub fn options(&self) -> Option<&Map<String, Value>> {
        if !self.kind.has_options() {
            return None;
        }
        self.props.get("options").and_then(Value::as_object)
    }

    /// Whether the field has this option. A field without a list of options has none.
    pub fn has_option(&self, name: &str) -> bool {
        self.options().is_some_and(|options| options.contains_key(name))
    }

    /// The lookup settings, where the field is a lookup.
    pub fn lookup(&self) -> Option<&Map<String, Value>> {
        self.props.get("lookup").and_then(Value::as_object)
    }

    /// The formula of a calculated field or of a one-line text that is computed.
    pub fn expression(&self) -> Option<&str> {
        self.setting("expression")
    }
}

/// The form of an app.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// Fields by code, in the order of the form; tables hold theirs.
    pub fields: IndexMap<Code, FieldDef>,
    /// The app code, which prefixes record numbers (`CODE-1`).
    pub app_code: Option<String>,
    /// The names of the statuses, first the initial one; empty while process management is off.
    pub statuses: Vec<String>,
}

impl Form {
    /// A field outside tables.
    pub fn find(&self, code: &str) -> Option<&FieldDef> {
        self.fields.get(code)
    }

    /// A field inside a table, with the table.
    pub fn find_in_tables(&self, code: &str) -> Option<(&FieldDef, &FieldDef)> {
        self.fields
            .values()
            .filter(|field| field.kind == FieldType::Subtable)
            .find_map(|table| table.fields.get(code).map(|inner| (table, inner)))
    }

    /// The first field of a type outside tables; each system type occurs once.
    pub fn first_of(&self, kind: FieldType) -> Option<&FieldDef> {
        self.fields.values().find(|field| field.kind == kind)
    }

    /// Whether process management is on.
    pub fn has_process(&self) -> bool {
        !self.statuses.is_empty()
    }

    /// Whether records hold a value under this field: status and assignee only while process management is on,
    /// categories only while they are enabled.
    pub fn is_in_records(&self, field: &FieldDef) -> bool {
        match field.kind {
            FieldType::Status | FieldType::StatusAssignee => self.has_process(),
            FieldType::Category => field.flag("enabled"),
            kind => kind.is_stored(),
        }
    }

    /// What the record number field shows for a record.
    pub fn record_number(&self, id: u64) -> String {
        self.app_code.as_ref().map_or_else(|| id.to_string(), |code| format!("{code}-{id}"))
    }
}
