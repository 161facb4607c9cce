//! The functions of `window`: their names, what they take, and what they yield.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use crate::kinds::is_ordered;
use crate::plan::{Column, Measure, WindowFunction as W};

#[derive(Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FunctionName {
    Previous,
    Next,
    Difference,
    First,
    Last,
    Carry,
    RowNumber,
    Rank,
    DenseRank,
    Total,
    Share,
    RunningSum,
    RunningAverage,
    RunningMin,
    RunningMax,
    RunningCount,
    MovingSum,
    MovingAverage,
    MovingMin,
    MovingMax,
    MovingCount,
}

use FunctionName as N;

impl FunctionName {
    /// `offset` for those that look at one other row, `rows` for those over some rows.
    pub(super) fn takes(self) -> Option<&'static str> {
        match self {
            N::Previous | N::Next | N::Difference => Some("offset"),
            N::MovingSum | N::MovingAverage | N::MovingMin | N::MovingMax | N::MovingCount => Some("rows"),
            _ => None,
        }
    }

    /// False for functions of the rows' places alone.
    pub(super) fn takes_field(self) -> bool {
        !matches!(self, N::RowNumber | N::Rank | N::DenseRank)
    }

    /// The function, over or beyond so many rows.
    pub(super) fn function(self, n: u32) -> W {
        match self {
            N::Previous => W::Previous(n),
            N::Next => W::Next(n),
            N::Difference => W::Difference(n),
            N::First => W::First,
            N::Last => W::Last,
            N::Carry => W::Carry,
            N::RowNumber => W::RowNumber,
            N::Rank => W::Rank,
            N::DenseRank => W::DenseRank,
            N::Total => W::Total,
            N::Share => W::Share,
            N::RunningSum => W::Running(Measure::Sum),
            N::RunningAverage => W::Running(Measure::Average),
            N::RunningMin => W::Running(Measure::Min),
            N::RunningMax => W::Running(Measure::Max),
            N::RunningCount => W::Running(Measure::Count),
            N::MovingSum => W::Moving(Measure::Sum, n),
            N::MovingAverage => W::Moving(Measure::Average, n),
            N::MovingMin => W::Moving(Measure::Min, n),
            N::MovingMax => W::Moving(Measure::Max, n),
            N::MovingCount => W::Moving(Measure::Count, n),
        }
    }
}

/// The new column; `None` where the function cannot take such values.
pub(super) fn result(function: W, given: &Column, name: &str) -> Option<Column> {
    let number = given.kind == Kind::Number;
    let fits = match function {
        W::Total | W::Share | W::Running(Measure::Sum | Measure::Average) => number,
        W::Moving(Measure::Sum | Measure::Average, _) => number,
        W::Difference(_) => number || given.kind == Kind::Date,
        W::Running(Measure::Min | Measure::Max) | W::Moving(Measure::Min | Measure::Max, _) => {
            is_ordered(given.kind) || given.kind == Kind::Text
        }
        _ => true,
    };
    let same = match function {
        W::Previous(_) | W::Next(_) | W::First | W::Last | W::Carry => true,
        W::Running(m) | W::Moving(m, _) => matches!(m, Measure::Min | Measure::Max),
        _ => false,
    };
    fits.then(|| if same { given.named(name) } else { Column::new(name, Kind::Number) })
}
