//! Whether an app's fields still take what its records held.

use std::collections::BTreeSet;

use engine::{Changes, EngineError, Table, Target, restore};
use flow::plan::{Column, Write};
use jiff::tz::TimeZone;
use model::field::{AppSchema, Field, Kind};
use model::value::Value;

use super::restoring::STEP;

/// With what records are compared.
pub(super) struct Fitting<'a> {
    pub schema: &'a AppSchema,
    pub write: &'a Write,
    pub fields: &'a [&'a Field],
    pub present: &'a Table,
}

impl Fitting<'_> {
    /// The changes that make the records so, and take those away.
    pub(super) fn changes(&self, rows: &[Wanted], away: &BTreeSet<u64>) -> Result<Changes, EngineError> {
        let own = Column::new("$id", Kind::Number);
        let shape: Vec<Column> =
            std::iter::once(own).chain(self.fields.iter().filter_map(|f| Column::of_field(f))).collect();
        let values: Vec<Vec<Value>> = rows.iter().map(Wanted::values).collect();
        let table = Table::from_rows(&shape, &values)?;
        let zone = TimeZone::UTC;
        let target = Target { step: STEP, write: self.write, schema: self.schema, zone: &zone, strict: true };
        restore(&table, &target, self.present, away)
    }

    /// Leaves records whose former values the app's fields do not take any more, because a choice is gone or a field is of
    /// another type; with the reason.
    pub(super) fn leave_what_does_not_fit(&self, rows: &mut Vec<Wanted>, refused: &mut Vec<(u64, String)>) {
        let Err(error) = self.changes(rows, &BTreeSet::new()) else { return };
        if let [row] = rows.as_slice() {
            refused.push((row.was, why(&error)));
            return rows.clear();
        }
        let mut rest = rows.split_off(rows.len() / 2);
        self.leave_what_does_not_fit(rows, refused);
        self.leave_what_does_not_fit(&mut rest, refused);
        rows.append(&mut rest);
    }
}

/// A record as it shall be.
pub(super) struct Wanted {
    /// Its id; `None`: it is brought back.
    pub id: Option<u64>,
    /// The id that it has or had.
    pub was: u64,
    /// A value per field.
    pub values: Vec<Value>,
}

impl Wanted {
    fn values(&self) -> Vec<Value> {
        let id = self.id.and_then(|id| i64::try_from(id).ok()).map_or(Value::Blank, |id| Value::Number(id.into()));
        std::iter::once(id).chain(self.values.iter().cloned()).collect()
    }
}

/// The reason, without what would be told of a flow: a step, and a mode to choose.
fn why(error: &EngineError) -> String {
    match error {
        EngineError::Conversion { place, value, reason } => {
            format!("{}: 「{value}」は{} / {}", place.field, reason.japanese(), reason.english())
        }
        other => format!("{} / {}", other.ja(), other.en()),
    }
}
