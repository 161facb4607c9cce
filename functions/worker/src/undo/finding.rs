//! Finding records that were added where the answer that named their ids was lost.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use connect::kintone::{Kintone, ReadRequest};
use engine::{Record, Table, TableBuilder, comparable};
use flow::plan::Column;
use model::clock::Timestamp;
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::Value;

use crate::flow_run::{FlowError, concat, read_field};

/// By how many seconds kintone's clock may be behind, beside the minutes that it cuts times to.
const SKEW: i64 = 300;

/// The ids of records that hold what was written to `added`, in its order: of those that were added since, that nobody has
/// changed, and whose ids are not known to be others'. Where more records hold the same than were added, none is taken for its
/// own.
pub async fn find(
    kintone: &Kintone,
    schema: &AppSchema,
    since: Timestamp,
    added: &[&Record],
    known: &BTreeSet<u64>,
) -> Result<Vec<Option<u64>>, FlowError> {
    if added.is_empty() {
        return Ok(Vec::new());
    }
    let codes: BTreeSet<&str> = added.iter().flat_map(|r| r.iter()).map(|(code, _)| code.as_str()).collect();
    // Tables hold more than what was written of them, and files have keys of their own.
    let told_apart = |field: &&Field| !matches!(field.field_type, FieldType::File | FieldType::Subtable);
    let fields: Vec<&Field> = codes.iter().filter_map(|code| schema.field(code)).filter(told_apart).collect();
    let own = ["$id", "$revision"].map(|name| Column::new(name, Kind::Number));
    let columns: Vec<Column> = own.into_iter().chain(fields.iter().filter_map(|f| Column::of_field(f))).collect();
    let created = schema.fields.iter().find(|field| field.field_type == FieldType::CreatedTime);
    let since = jiff::Timestamp::from_second((since.seconds() - SKEW) / 60 * 60).unwrap_or_default();
    let condition = created.map(|field| format!("{} >= \"{since}\"", field.code));
    let read = columns.iter().map(|column| read_field(schema, &column.name, column)).collect();
    let request = ReadRequest { app: schema.app, fields: read, condition };
    let found = concat(kintone.read(&request, || TableBuilder::new(&columns)).await?.sinks)?;
    let mut candidates: HashMap<Vec<Value>, Vec<u64>> = HashMap::new();
    for (id, row) in rows_of(&found) {
        if number(&found, "$revision", row) == Some(1) && !known.contains(&id) {
            candidates
                .entry(fields.iter().map(|f| comparable(&value(&found, &f.code, row))).collect())
                .or_default()
                .push(id);
        }
    }
    let held = |record: &Record, field: &Field| {
        record.iter().find(|(code, _)| *code == field.code).map_or(Value::Blank, |(_, value)| comparable(value))
    };
    let wanted: Vec<Vec<Value>> =
        added.iter().map(|record| fields.iter().map(|field| held(record, field)).collect()).collect();
    let mut counts: HashMap<&Vec<Value>, usize> = HashMap::new();
    wanted.iter().for_each(|values| *counts.entry(values).or_default() += 1);
    candidates.retain(|values, ids| counts.get(values) == Some(&ids.len()));
    Ok(wanted.iter().map(|values| candidates.get_mut(values).and_then(Vec::pop)).collect())
}

/// The row of each record, by id.
pub(super) fn rows_of(table: &Table) -> BTreeMap<u64, usize> {
    (0..table.rows()).filter_map(|row| Some((number(table, "$id", row)?, row))).collect()
}

pub(super) fn number(table: &Table, code: &str, row: usize) -> Option<u64> {
    u64::try_from(table.column(code)?.number(row)?.to_i64()?).ok()
}

pub(super) fn value(table: &Table, code: &str, row: usize) -> Value {
    table.column(code).map_or(Value::Blank, |column| column.value(row))
}
