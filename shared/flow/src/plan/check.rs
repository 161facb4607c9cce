//! Checking rows: what is checked, the errors as rows of their own, and which rows go on.
//!
//! A data check becomes three operations, so that its errors can be written also where it stops the flow: [`Check`] finds
//! the errors of each row and puts them beside it, [`Violations`] makes rows of them, [`Pass`] lets rows go on or stops.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::{Column, Operator, Predicate};
use crate::conditions::operator_text;
use crate::formula::Expr;
use model::field::Kind;

/// The columns of an error, as a table beside the row: where it was found, what was checked, what is wrong, and the value.
pub const ERROR_COLUMNS: [(&str, Kind); 6] = [
    ("row", Kind::Number),
    ("record", Kind::Text),
    ("field", Kind::Text),
    ("check", Kind::Text),
    ("message", Kind::Text),
    ("value", Kind::Text),
];

/// The parameter that holds the run's id while a plan is run; no field has such a code.
pub const RUN_PARAMETER: &str = "$run";

/// Finds the errors of every row. Its columns are those of its first input, and a table of errors behind them.
/// Further inputs hold, in their first column, values that must exist.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is checked, in order.
    pub tests: Vec<CheckTest>,
    /// The column that names a row's record.
    pub record: Option<usize>,
    /// Checking ends after so many rows with errors; the others go on unchecked, counted.
    pub enough: Option<u64>,
}

/// One thing that is checked of a row.
#[derive(Clone, Debug)]
pub struct CheckTest {
    /// The column that is looked at, and whose value is told; none for a formula of its own.
    pub column: Option<usize>,
    /// The name that is told.
    pub field: String,
    /// The kind of check, by its stored name.
    pub check: &'static str,
    /// What is told to people.
    pub message: String,
    /// When the row is right.
    pub rule: Rule,
    /// Whether a blank is right, whatever the rule says.
    pub may_be_blank: bool,
}

/// When a value is right.
#[derive(Clone, Debug)]
pub enum Rule {
    /// It is not blank.
    Required,
    /// The predicate holds for the row. An error value of a formula does not.
    Holds(Predicate),
    /// It stands so to what the formula yields: both of one kind, compared exactly. A blank there is not looked at; an
    /// error value and a value of another kind are not right.
    Compared {
        /// The comparison: one of the six signs.
        operator: Operator,
        /// What it is compared with.
        with: Expr,
    },
    /// The formula holds for each of its items, which stands in the column in place of the list.
    EachItem(Expr),
    /// It, or each of its items, is in the first column of this input.
    Among(usize),
    /// It, or each of its items, is one of these.
    OneOf(Vec<String>),
}

/// How many rows there must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsTest {
    /// At least.
    pub min: u64,
    /// At most.
    pub max: Option<u64>,
    /// What is told to people.
    pub message: String,
}

impl RowsTest {
    /// Whether so many rows are right.
    pub fn holds(&self, rows: u64) -> bool {
        rows >= self.min && self.max.is_none_or(|max| rows <= max)
    }
}

/// Makes a row of every error: app, step and run in front of [`ERROR_COLUMNS`].
#[derive(Clone, Debug)]
pub struct Violations {
    /// The column of errors.
    pub errors: usize,
    /// The app that the rows come from, where they come from one.
    pub app: Option<u64>,
    /// How many rows there must be.
    pub rows: Vec<RowsTest>,
}

/// Lets rows go on, without their errors; or stops the flow.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The column of errors, the last one.
    pub errors: usize,
    /// How many rows there must be.
    pub rows: Vec<RowsTest>,
    /// The flow is stopped where so many rows are wrong, or the number of rows is.
    pub stop_at: Option<u64>,
    /// Whether rows with errors are left out.
    pub drop: bool,
}

/// The codes of all users, organisations or groups of the domain, in one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Members {
    /// Login names.
    Users,
    /// Codes of organisations.
    Organizations,
    /// Codes of groups.
    Groups,
}

/// The columns of [`Violations`].
pub fn violation_columns() -> Vec<Column> {
    let own = [("app", Kind::Number), ("step", Kind::Text), ("run", Kind::Text)];
    own.iter().chain(&ERROR_COLUMNS).map(|(name, kind)| Column::new(*name, *kind)).collect()
}

impl Check {
    fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        let of_rule = |rule: &Rule| match rule {
            Rule::Holds(predicate) => predicate.columns(),
            Rule::Compared { with: expr, .. } | Rule::EachItem(expr) => expr.columns(),
            Rule::Required | Rule::Among(_) | Rule::OneOf(_) => Vec::new(),
        };
        self.tests.iter().flat_map(move |t| t.column.into_iter().chain(of_rule(&t.rule))).chain(self.record)
    }
}

impl Operation for Check {
    fn needs(&self, used: &Columns, widths: &Widths) -> Vec<Columns> {
        let width = widths.inputs.first().copied().unwrap_or(0);
        let rows: Columns = used.iter().copied().filter(|c| *c < width).chain(self.columns()).collect();
        let masters = widths.inputs.iter().skip(1).map(|_| Columns::from([0]));
        std::iter::once(rows).chain(masters).collect()
    }

    fn kept(&self, _: &Columns, widths: &Widths, input: &[usize]) -> Vec<usize> {
        input.iter().copied().chain(widths.inputs.first().copied()).collect()
    }

    fn most_rows(&self, inputs: &[u64]) -> Option<u64> {
        inputs.first().copied()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.record = self.record.map(|c| numbers.input(c));
        for test in &mut self.tests {
            test.column = test.column.map(|c| numbers.input(c));
            match &mut test.rule {
                Rule::Holds(predicate) => predicate.renumber(|c| numbers.input(c)),
                Rule::Compared { with: expr, .. } | Rule::EachItem(expr) => expr.remap(|c| numbers.input(c)),
                Rule::Required | Rule::Among(_) | Rule::OneOf(_) => {}
            }
        }
    }

    fn formulas(&self) -> Vec<&Expr> {
        fn of_test(test: &CheckTest) -> Vec<&Expr> {
            match &test.rule {
                Rule::Holds(predicate) => predicate.formulas(),
                Rule::Compared { with: expr, .. } | Rule::EachItem(expr) => vec![expr],
                Rule::Required | Rule::Among(_) | Rule::OneOf(_) => Vec::new(),
            }
        }
        self.tests.iter().flat_map(of_test).collect()
    }

    fn predicates(&self) -> Vec<&Predicate> {
        self.tests
            .iter()
            .filter_map(|t| if let Rule::Holds(predicate) = &t.rule { Some(predicate) } else { None })
            .collect()
    }

    fn predicates_mut(&mut self) -> Vec<&mut Predicate> {
        let tests = self.tests.iter_mut();
        tests.filter_map(|t| if let Rule::Holds(predicate) = &mut t.rule { Some(predicate) } else { None }).collect()
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        for test in &self.tests {
            let rule = match &test.rule {
                Rule::Required => String::new(),
                Rule::Among(input) => format!(": in {}", names.input(*input, 0)),
                Rule::Holds(predicate) => format!(": {}", predicate.text()),
                Rule::Compared { operator, with } => format!(": {} {}", operator_text(*operator), with.source()),
                Rule::EachItem(expr) => format!(": each {}", expr.source()),
                Rule::OneOf(options) => format!(": {}", options.join(", ")),
            };
            writeln!(f, "    {} {}{rule}", test.field, test.check)?;
        }
        match self.enough {
            Some(enough) => writeln!(f, "    until {enough} rows are wrong"),
            None => Ok(()),
        }
    }
}

impl Operation for Violations {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        vec![Columns::from([self.errors])]
    }

    fn most_rows(&self, _: &[u64]) -> Option<u64> {
        None
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.errors = numbers.input(self.errors);
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        writeln!(f, "    a row per error in {}", names.input(0, self.errors))
    }
}

impl Operation for Pass {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        vec![used.iter().copied().chain([self.errors]).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.iter().copied().filter(|c| *c != self.errors).collect()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.errors = numbers.input(self.errors);
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, _: &Names<'_>) -> fmt::Result {
        let stop = self.stop_at.map_or_else(String::new, |n| format!(", stop at {n}"));
        writeln!(f, "    {}{stop}", if self.drop { "without rows with errors" } else { "all rows" })?;
        for rows in &self.rows {
            let max = rows.max.map_or_else(String::new, |max| format!(" to {max}"));
            writeln!(f, "    {}{max} rows", rows.min)?;
        }
        Ok(())
    }
}

impl Operation for Members {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        Vec::new()
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, _: &Names<'_>) -> fmt::Result {
        writeln!(f, "    {self:?} of the domain")
    }
}
