//! Reading of an app.

use std::fmt;

use super::Conditions;
use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// Reading of an app.
#[derive(Clone, Debug)]
pub struct Read {
    /// The app's number.
    pub app: u64,
    /// Field code of each column of the node, same order. Only fields that later nodes use.
    pub fields: Vec<String>,
    /// Which records; kintone decides, so the meaning is that of a kintone list.
    pub conditions: Option<Conditions>,
}

impl Read {
    /// Its conditions as kintone's query has them, parameters as they were written; empty for all records.
    pub fn condition_text(&self) -> String {
        self.conditions.as_ref().map(Conditions::text).unwrap_or_default()
    }
}

impl Operation for Read {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        Vec::new()
    }

    fn kept(&self, used: &Columns, _: &Widths, _: &[usize]) -> Vec<usize> {
        used.iter().copied().collect()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.fields = numbers.kept.iter().map(|c| self.fields[*c].clone()).collect();
    }

    fn conditions(&self) -> Vec<&Conditions> {
        self.conditions.iter().collect()
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        writeln!(f, "    read app {}", self.app)?;
        if let Some(conditions) = &self.conditions {
            writeln!(f, "    where {}", conditions.text())?;
        }
        for (column, field) in names.node.columns.iter().zip(&self.fields) {
            if *field != column.name {
                writeln!(f, "    {} is field {field}", column.name)?;
            }
        }
        Ok(())
    }
}
