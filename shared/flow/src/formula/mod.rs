//! Excel's formula language over a row of values.

/// A checked formula.
#[derive(Clone, Debug)]
pub struct Expr;
