//! Rows made of a range: days of a calendar, numbers.

use std::fmt;

use super::operation::{Columns, Names, Operation, Widths};
use crate::formula::Expr;

/// One column of values from the first to the last.
#[derive(Clone, Debug)]
pub struct Series {
    /// The first value: a formula over no columns.
    pub from: Expr,
    /// No value is beyond this one.
    pub to: Expr,
    /// From one value to the next.
    pub step: SeriesStep,
    /// Most rows; more are an error.
    pub limit: u32,
}

/// From one value of a series to the next.
#[derive(Clone, Debug)]
pub enum SeriesStep {
    /// Dates so many days apart.
    Days(u32),
    /// Dates so many months apart, on the day of the first one, or the month's last day where it has no such day.
    Months(u32),
    /// Every day that is no Saturday, no Sunday and none of the flow's holidays.
    BusinessDays,
    /// Numbers so far apart: a formula over no columns; downwards below zero.
    Numbers(Expr),
}

impl Operation for Series {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        Vec::new()
    }

    fn most_rows(&self, _: &[u64]) -> Option<u64> {
        None
    }

    fn formulas(&self) -> Vec<&Expr> {
        let step = if let SeriesStep::Numbers(step) = &self.step { Some(step) } else { None };
        [&self.from, &self.to].into_iter().chain(step).collect()
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, _: &Names<'_>) -> fmt::Result {
        let step = match &self.step {
            SeriesStep::Days(n) => format!("{n} days"),
            SeriesStep::Months(n) => format!("{n} months"),
            SeriesStep::BusinessDays => "business days".into(),
            SeriesStep::Numbers(step) => step.source().to_owned(),
        };
        writeln!(f, "    from {} to {} by {step}, at most {} rows", self.from.source(), self.to.source(), self.limit)
    }
}
