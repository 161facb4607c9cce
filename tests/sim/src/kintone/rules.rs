//! What a form demands of records and how it is told, worked out once per deploy and not per record.

use super::lookup;
use crate::form::{FieldDef, FieldType, Form};
use crate::record::Code;

/// What one field demands.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The field code.
    pub code: Code,
    /// The type.
    pub kind: FieldType,
    /// A value must be there.
    pub required: bool,
    /// No two records may share a value.
    pub unique: bool,
    /// The fewest characters.
    pub min_length: Option<usize>,
    /// The most characters.
    pub max_length: Option<usize>,
    /// The least number, as text.
    pub min_value: Option<String>,
    /// The greatest number, as text.
    pub max_value: Option<String>,
    /// `WEB`, `CALL` or `MAIL` for links.
    pub protocol: Option<String>,
    /// The rules of a table's fields.
    pub inner: Vec<Rule>,
}

impl Rule {
    fn of(field: &FieldDef) -> Self {
        let length = |name: &str| field.setting(name).and_then(|text| text.parse().ok());
        Self {
            code: field.code.clone(),
            kind: field.kind,
            required: field.required(),
            unique: field.unique(),
            min_length: length("minLength"),
            max_length: length("maxLength"),
            min_value: field.setting("minValue").map(str::to_owned),
            max_value: field.setting("maxValue").map(str::to_owned),
            protocol: (field.kind == FieldType::Link).then(|| field.setting("protocol").unwrap_or("WEB").to_owned()),
            inner: field.fields.values().map(Self::of).filter(Self::demands).collect(),
        }
    }

    fn demands(&self) -> bool {
        self.required
            || self.unique
            || self.min_length.is_some()
            || self.max_length.is_some()
            || self.min_value.is_some()
            || self.max_value.is_some()
            || self.protocol.is_some()
            || !self.inner.is_empty()
    }
}

/// How a field begins in an answer.
#[derive(Debug, Clone)]
pub struct Column {
    /// The field code.
    pub code: Code,
    /// `"code":{"type":"T","value":`.
    pub head: Vec<u8>,
    /// What a record without the field tells, in JSON.
    pub empty: Vec<u8>,
}

/// Everything of a form that calls need again and again.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The fields that demand something.
    pub demanding: Vec<Rule>,
    /// The codes of the unique fields outside tables.
    pub unique: Vec<Code>,
    /// The fields that records tell, in their order.
    pub columns: Vec<Column>,
    /// Whether any field, in a table or not, is a lookup.
    pub has_lookups: bool,
    /// Whether any field, in a table or not, is computed.
    pub has_formulas: bool,
    /// The fields outside tables that lookups fill, so that writes to them are passed over.
    pub lookup_targets: Vec<Code>,
}

impl Rules {
    /// Works out a form.
    pub fn of(form: &Form) -> Self {
        let lookup_targets = lookup::targets(form.fields.values()).map(Code::from).collect();
        let mut rules = Self { lookup_targets, ..Self::default() };
        for field in form.fields.values() {
            let all = std::iter::once(field).chain(field.fields.values());
            for each in all {
                rules.has_lookups |= each.lookup().is_some();
                rules.has_formulas |= each.expression().is_some();
            }
            if form.is_in_records(field) {
                rules.columns.push(column(field));
            }
            if field.unique() {
                rules.unique.push(field.code.clone());
            }
            let rule = Rule::of(field);
            if rule.demands() {
                rules.demanding.push(rule);
            }
        }
        rules
    }
}

fn column(field: &FieldDef) -> Column {
    let mut head = serde_json::to_vec(field.code.as_ref()).unwrap_or_default();
    head.extend_from_slice(b":{\"type\":\"");
    head.extend_from_slice(field.kind.name().as_bytes());
    head.extend_from_slice(b"\",\"value\":");
    let empty = serde_json::to_vec(&field.kind.empty()).unwrap_or_default();
    Column { code: field.code.clone(), head, empty }
}
