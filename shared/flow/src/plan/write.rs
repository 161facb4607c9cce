//! Writing to an app.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// Writing to an app.
#[derive(Clone, Debug)]
pub struct Write {
    /// The app's number.
    pub app: u64,
    /// How.
    pub method: Method,
    /// Input column and field code.
    pub mapping: Vec<(usize, String)>,
}

/// How records are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Records with an equal key are updated where they differ.
    Update {
        /// Field codes of the key; each is in the mapping. `$id` or the record number is a key too.
        key: Vec<String>,
        /// Whether rows without a record of their key are added; else they are counted as skipped.
        insert: bool,
    },
    /// The app holds exactly the result afterwards.
    Regenerate {
        /// Consent to an empty result, which empties the app.
        allow_empty: bool,
    },
    /// All rows are added.
    Append,
}

impl Operation for Write {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        vec![self.mapping.iter().map(|(c, _)| *c).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.mapping.iter_mut().for_each(|(c, _)| *c = numbers.input(*c));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let how = match &self.method {
            Method::Update { key, insert } => {
                format!("update by {}{}", key.join(", "), if *insert { ", insert the rest" } else { "" })
            }
            Method::Regenerate { allow_empty } => {
                format!("regenerate{}", if *allow_empty { ", may become empty" } else { "" })
            }
            Method::Append => "append".to_owned(),
        };
        writeln!(f, "    write app {}: {how}", self.app)?;
        for (column, field) in &self.mapping {
            writeln!(f, "    {field} <- {}", names.input(0, *column))?;
        }
        Ok(())
    }
}
