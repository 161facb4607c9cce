//! Columns that become another type.

use std::fmt;

use model::field::Field;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// A column that becomes another type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retype {
    /// The column, of the input and of the result.
    pub column: usize,
    /// What it becomes: kintone's type with its options, as if it were written to such a field. The code is its name in messages.
    pub field: Field,
    /// Whether its texts are record numbers: a number is what stands behind the app's code.
    pub record_number: bool,
    /// Between the items of a list where it becomes text or comes from text.
    pub separator: String,
    /// What becomes of a choice that is not among the options.
    pub unknown: UnknownOption,
}

/// What becomes of a choice that is not among the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum UnknownOption {
    /// The first option for a radio button, nothing for other fields.
    #[default]
    ByType,
    /// The first option.
    First,
    /// Nothing.
    Blank,
}

/// Whether a flow fails must not depend on what follows, so its columns are needed even where their result is not used.
impl Operation for Vec<Retype> {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        vec![used.iter().copied().chain(self.iter().map(|r| r.column)).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.iter_mut().for_each(|r| r.column = numbers.input(r.column));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        for retype in self {
            let (name, from) = (names.own(retype.column), names.input(0, retype.column));
            let to = crate::field_types::name_of(retype.field.field_type);
            let options = match retype.field.options.join(", ") {
                options if options.is_empty() => String::new(),
                options => format!(" of ({options})"),
            };
            let was = if from == name { String::new() } else { format!("{from} as ") };
            writeln!(f, "    {name} := {was}{to}{options}")?;
        }
        Ok(())
    }
}
