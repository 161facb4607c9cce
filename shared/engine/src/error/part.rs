//! Which part of a formula an error value comes from.

use flow::formula::{Context, Expr, RowView};

use crate::report::shown;

/// The part of a formula that an error value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormulaPart {
    /// The part; empty where there is nothing more to say than the error.
    pub part: String,
    /// The whole formula; empty where it is the part.
    pub formula: String,
}

impl FormulaPart {
    /// What a row makes of a formula that yields an error value for it.
    pub(crate) fn of(expr: &Expr, row: &dyn RowView, context: &Context<'_>) -> Box<Self> {
        let (part, formula) = (expr.blame(row, context), expr.source().trim());
        let whole = part.len() == formula.trim_start_matches('=').trim_start().len();
        let formula = if whole { String::new() } else { shown(formula) };
        Box::new(Self { part: shown(part), formula })
    }

    pub(super) fn english(&self) -> String {
        match (self.part.as_str(), self.formula.as_str()) {
            ("", _) => String::new(),
            (part, "") => format!(" at `{part}`"),
            (part, formula) => format!(" at `{part}` in `{formula}`"),
        }
    }

    pub(super) fn japanese(&self) -> String {
        match (self.part.as_str(), self.formula.as_str()) {
            ("", _) => String::new(),
            (part, "") => format!("（`{part}`）"),
            (part, formula) => format!("（`{formula}` の中の `{part}`）"),
        }
    }
}
