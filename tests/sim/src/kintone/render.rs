//! Writes records as JSON bytes, straight from what is stored.

use std::io::Write as _;

use super::rules::{Column, Rules};
use crate::record::Record;

/// Which fields of a record are told.
pub struct Selection<'r> {
    columns: Vec<&'r Column>,
    id: bool,
    revision: bool,
}

impl<'r> Selection<'r> {
    /// All fields, or those that are named; names that the app lacks are passed over.
    pub fn of(rules: &'r Rules, fields: Option<&[String]>) -> Self {
        match fields {
            // An empty list asks for nothing in particular.
            None | Some([]) => Self { columns: rules.columns.iter().collect(), id: true, revision: true },
            Some(named) => {
                let has = |code: &str| named.iter().any(|name| name == code);
                Self {
                    columns: rules.columns.iter().filter(|column| has(&column.code)).collect(),
                    id: has("$id"),
                    revision: has("$revision"),
                }
            }
        }
    }

    /// Writes one record.
    pub fn record(&self, out: &mut Vec<u8>, record: &Record) {
        out.push(b'{');
        let mut first = true;
        let mut comma = |out: &mut Vec<u8>| {
            if !first {
                out.push(b',');
            }
            first = false;
        };
        for column in &self.columns {
            comma(out);
            out.extend_from_slice(&column.head);
            match record.fields.get(&column.code) {
                // Writing into memory cannot fail.
                Some(value) => serde_json::to_writer(&mut *out, value).unwrap_or_default(),
                None => out.extend_from_slice(&column.empty),
            }
            out.push(b'}');
        }
        if self.id {
            comma(out);
            let _ = write!(out, r#""$id":{{"type":"__ID__","value":"{}"}}"#, record.id);
        }
        if self.revision {
            comma(out);
            let _ = write!(out, r#""$revision":{{"type":"__REVISION__","value":"{}"}}"#, record.revision);
        }
        out.push(b'}');
    }

    /// Writes `[record,...]`.
    pub fn records<'a>(&self, out: &mut Vec<u8>, records: impl Iterator<Item = &'a Record>) {
        out.push(b'[');
        for (index, record) in records.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.record(out, record);
        }
        out.push(b']');
    }
}

/// One record with all its fields.
pub fn whole(rules: &Rules, record: &Record) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    Selection::of(rules, None).record(&mut out, record);
    out
}
