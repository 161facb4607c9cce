//! A formula's value in Suiro.

use flow::formula::{Context, ErrorValue, Parameters, compile};
use flow::plan::Column;
use jiff::tz::TimeZone;
use model::value::Value;

use super::cells;

/// 2026-01-31T15:04:05+09:00, the run's now.
const NOW: i64 = 1_769_839_445;

/// What Suiro makes of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A value.
    Value(Value),
    /// An error value.
    Error(ErrorValue),
    /// Refused before any row is seen, with the problem's code: kinds that can never work.
    Refused(&'static str),
}

impl Outcome {
    /// The value, where it is one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// The parser and evaluator over the row of [`cells`].
pub struct Suiro {
    columns: Vec<Column>,
    row: Vec<Value>,
    zone: TimeZone,
    parameters: Parameters,
}

impl Default for Suiro {
    fn default() -> Self {
        Self {
            columns: cells::columns(),
            row: cells::row(),
            // Tokyo has had no summer time since 1951, and no formula here makes an earlier instant.
            zone: TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC),
            parameters: Parameters::default(),
        }
    }
}

impl Suiro {
    /// Computes a formula.
    pub fn compute(&self, formula: &str) -> Outcome {
        let expr = match compile(formula, &self.columns) {
            Ok(expr) => expr,
            Err(problems) => return Outcome::Refused(problems.first().map_or("formula", |p| p.code)),
        };
        let ctx = Context::new(NOW, &self.zone, &self.parameters);
        match expr.eval(&self.row, &ctx) {
            Ok(value) => Outcome::Value(value),
            Err(error) => Outcome::Error(error),
        }
    }
}
