//! What a step that calls a unit asks for.

use flow::plan::Call;
use jiff::tz::TimeZone;
use model::run::ParameterSet;

use crate::table::Table;
use crate::text::value_text;

/// A unit that a flow calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The step.
    pub step: String,
    /// The unit, by id or name.
    pub unit: String,
    /// A set per row; none where it is called without rows.
    pub sets: Vec<ParameterSet>,
    /// The rows' records.
    pub records: Vec<String>,
}

/// What a call step asks for; `None` where it has no rows and asks for nothing then.
pub fn called(step: &str, call: &Call, rows: &Table, zone: &TimeZone) -> Option<Called> {
    if rows.rows() == 0 && !call.when_empty {
        return None;
    }
    let set =
        |row: usize| call.parameters.iter().map(|(name, column)| (name.clone(), rows.value(row, *column))).collect();
    let passed = if call.parameters.is_empty() { 0 } else { rows.rows() };
    let record = |row: usize| call.record.map(|column| value_text(&rows.value(row, column), zone));
    Some(Called {
        step: step.to_owned(),
        unit: call.unit.clone(),
        sets: (0..passed).map(set).collect(),
        records: (0..passed).filter_map(record).filter(|record| !record.is_empty()).collect(),
    })
}
