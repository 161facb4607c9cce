//! What taking back writes: the records as they are now, beside what a run did to them. What somebody has changed since is
//! left as it is, and told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use connect::kintone::{Kintone, ReadRequest};
use engine::{Record, Table, TableBuilder, restoring};
use flow::plan::Column;
use model::clock::Timestamp;
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::{Row, Value};

use super::finding::{find, number, rows_of, value};
use super::fitting::{Fitting, Wanted};
use super::left::{Leaving, Left, Restored};
use super::lost::Lost;
use super::standing::{Done, Standing};
use crate::flow_run::{FlowError, OutputChanges, Schemas, concat, read_field};

/// The name of the step that takes back.
pub const STEP: &str = "元に戻す / undo";

/// With what taking back works.
pub struct Restoring<'a> {
    /// The client.
    pub kintone: &'a Kintone,
    /// The apps' fields; those of all apps of the standing.
    pub schemas: &'a Schemas,
    /// When the run started whose writes are taken back.
    pub since: Timestamp,
}

/// One app's part.
struct OfApp<'a> {
    app: u64,
    schema: &'a AppSchema,
    /// Records to change back: what they held, and their revision if nobody has changed them since.
    changed: BTreeMap<u64, (&'a Record, u64)>,
    /// Records to bring back.
    deleted: Vec<(u64, &'a Record)>,
    /// Records to take away, and their revision if nobody has changed them since.
    added: BTreeMap<u64, u64>,
}

impl Restoring<'_> {
    /// What would take everything back that nobody has changed since.
    pub async fn restored(&self, standing: &Standing) -> Result<Restored, FlowError> {
        let mut restored =
            Restored { left: Leaving { unknown: standing.missing, ..Leaving::default() }, ..Restored::default() };
        if standing.unnoted > 0 {
            restored.notes.push(format!(
                "{0}件の書き込みは、反映の記録が残っていないため、実行の記録と今のレコードから確かめました / {0} writes were not noted one by one; what became of them was told from the run's record and the records as they are now",
                standing.unnoted
            ));
        }
        let mut apps: BTreeSet<u64> = standing.records.keys().map(|(app, _)| *app).collect();
        apps.extend(standing.unknown.iter().map(|(app, _)| *app));
        for app in apps {
            let schema = self.schemas.get(app).ok_or_else(|| crate::flow_run::unknown_app(app))?;
            let mut part = OfApp { app, schema, changed: BTreeMap::new(), deleted: Vec::new(), added: BTreeMap::new() };
            for ((_, id), done) in standing.records.range((app, 0)..=(app, u64::MAX)) {
                match done {
                    Done::Changed { before, revision } => drop(part.changed.insert(*id, (before, *revision))),
                    Done::Deleted { before } => part.deleted.push((*id, before)),
                    Done::Added { revision } => drop(part.added.insert(*id, *revision)),
                    Done::Gone => {}
                    Done::Disturbed => restored.left.leave(app, Left::Changed, [Some(*id)]),
                }
            }
            let unknown: Vec<&Record> = standing.unknown.iter().filter(|(a, _)| *a == app).map(|(_, r)| r).collect();
            self.find_unknown(&mut part, &unknown, &mut restored).await?;
            self.of_app(part, &mut restored).await?;
        }
        if !standing.disturbed.is_empty() {
            let records: Vec<String> = standing.disturbed.iter().map(|(app, id)| format!("{app}#{id}")).collect();
            restored.notes.push(format!(
                "実行の途中で誰かが変更し、その後に削除されたレコードは、削除されたときの内容で戻します / records that somebody changed in the course of the run before it deleted them come back as they were then: {}",
                records.join(" ")
            ));
        }
        if !standing.files.is_empty() {
            let files = standing.files.join(", ");
            restored.notes.push(format!("ファイルは戻しません / files are not taken back: {files}"));
        }
        if !standing.numbers.is_empty() {
            let numbers = Vec::from_iter(standing.numbers.iter().cloned()).join(", ");
            restored.notes.push(format!(
                "採番した番号は使ったままです（欠番になります） / numbers that were given stay used: {numbers}"
            ));
        }
        if !standing.calls.is_empty() {
            let calls = standing.calls.join(", ");
            restored.notes.push(format!(
                "呼び出した実行単位の結果は戻しません / what called units did is not taken back: {calls}"
            ));
        }
        Ok(restored)
    }

    async fn of_app(&self, mut part: OfApp<'_>, restored: &mut Restored) -> Result<(), FlowError> {
        let fields = part.fields(restored);
        let codes: Vec<String> = fields.iter().map(|field| field.code.clone()).collect();
        let write = restoring(part.app, &codes);
        let columns = engine::target_fields(&write, part.schema);
        let gone = part.deleted.iter().map(|(id, _)| *id);
        let ids: Vec<u64> = part.changed.keys().chain(part.added.keys()).copied().chain(gone).collect();
        let present = self.by_ids(part.schema, &columns, &ids).await?;
        restored.read += present.rows() as u64;
        let rows_of = rows_of(&present);
        part.leave_what_was_not_deleted(&rows_of, restored);
        part.leave_what_changed(&present, &rows_of, restored);
        let mut rows = part.rows(&fields, &present, &rows_of);
        self.leave_what_is_taken(&mut part, &fields, &present, &mut rows, restored).await?;
        let away: BTreeSet<u64> = part.added.keys().copied().collect();
        let fitting = Fitting { schema: part.schema, write: &write, fields: &fields, present: &present };
        let mut refused = Vec::new();
        fitting.leave_what_does_not_fit(&mut rows, &mut refused);
        for (was, why) in refused {
            restored.left.leave(part.app, Left::Refused(why), [Some(was)]);
        }
        let written: BTreeSet<u64> = rows.iter().map(|row| row.was).collect();
        let of_rows = |id: &u64| written.contains(id);
        let lost = Lost {
            schema: part.schema,
            changed: part.changed.iter().filter(|(id, _)| of_rows(id)).map(|(_, (before, _))| *before).collect(),
            back: part.deleted.iter().filter(|(id, _)| of_rows(id)).map(|(_, before)| *before).collect(),
        };
        restored.notes.extend(lost.notes());
        let back: Vec<u64> = rows.iter().filter(|row| row.id.is_none()).map(|row| row.was).collect();
        let changes = fitting.changes(&rows, &away)?;
        if !changes.is_empty() {
            restored.back.insert(part.app, back);
            let (step, key) = (STEP.into(), Vec::new());
            restored.outputs.push(OutputChanges { step, app: part.app, changes, key, adds_by_key: false });
        }
        Ok(())
    }

    async fn by_ids(&self, schema: &AppSchema, columns: &[Column], ids: &[u64]) -> Result<Table, FlowError> {
        if ids.is_empty() {
            return Ok(Table::empty(columns));
        }
        let fields = columns.iter().map(|column| read_field(schema, &column.name, column)).collect();
        let request = ReadRequest { app: schema.app, fields, condition: None };
        let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
        let read = self.kintone.read_by_keys(&request, "$id", &ids, || TableBuilder::new(columns)).await?;
        concat(read.sinks)
    }

    /// Finds records that were added and whose ids nobody noted.
    async fn find_unknown(
        &self,
        part: &mut OfApp<'_>,
        unknown: &[&Record],
        restored: &mut Restored,
    ) -> Result<(), FlowError> {
        let known: BTreeSet<u64> = part.added.keys().chain(part.changed.keys()).copied().collect();
        for found in find(self.kintone, part.schema, self.since, unknown, &known).await? {
            match found {
                Some(id) => drop(part.added.insert(id, 1)),
                None => restored.left.leave(part.app, Left::Unknown, [None]),
            }
        }
        Ok(())
    }

    /// Leaves what would take a value that another record has and that must be unique.
    async fn leave_what_is_taken(
        &self,
        part: &mut OfApp<'_>,
        fields: &[&Field],
        present: &Table,
        rows: &mut Vec<Wanted>,
        restored: &mut Restored,
    ) -> Result<(), FlowError> {
        let mut holders: Vec<(usize, HashMap<Value, u64>)> = Vec::new();
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.unique) {
            let values: Vec<String> = rows.iter().filter_map(|row| flow::literal::print(&row.values[at])).collect();
            let own = Column::new("$id", Kind::Number);
            let columns: Vec<Column> = std::iter::once(own).chain(Column::of_field(field)).collect();
            let read = columns.iter().map(|column| read_field(part.schema, &column.name, column)).collect();
            let request = ReadRequest { app: part.app, fields: read, condition: None };
            let read =
                self.kintone.read_by_keys(&request, &field.code, &values, || TableBuilder::new(&columns)).await?;
            let found = concat(read.sinks)?;
            holders.push((
                at,
                rows_of(&found).into_iter().map(|(id, row)| (value(&found, &field.code, row), id)).collect(),
            ));
        }
        let rows_now = rows_of(present);
        // Who is left gives nothing up, and others may be left because of it.
        loop {
            let gives = |at: usize, holder: u64, wanted: &Value| {
                let of = rows.iter().find(|row| row.id == Some(holder));
                part.added.contains_key(&holder) || of.is_some_and(|row| row.values[at] != *wanted)
            };
            let taken = rows.iter().position(|row| {
                holders.iter().any(|(at, holders)| {
                    let wanted = &row.values[*at];
                    let own =
                        row.id.and_then(|id| rows_now.get(&id)).map(|now| value(present, &fields[*at].code, *now));
                    let changes = !wanted.is_blank() && own.as_ref() != Some(wanted);
                    let holder = holders.get(wanted).filter(|holder| Some(**holder) != row.id);
                    changes && holder.is_some_and(|holder| !gives(*at, *holder, wanted))
                })
            });
            let Some(at) = taken else { return Ok(()) };
            let row = rows.remove(at);
            part.changed.remove(&row.was);
            restored.left.leave(part.app, Left::Taken, [Some(row.was)]);
        }
    }
}

impl<'a> OfApp<'a> {
    /// The fields that are written: all that was changed or is brought back, as far as they can be written. What cannot is told.
    fn fields(&self, restored: &mut Restored) -> Vec<&'a Field> {
        let befores =
            self.changed.values().map(|(before, _)| *before).chain(self.deleted.iter().map(|(_, before)| *before));
        let mut held: BTreeMap<&str, usize> = BTreeMap::new();
        for (code, value) in befores.flatten() {
            *held.entry(code).or_default() += usize::from(has_files(value));
        }
        let mut fields = Vec::new();
        for (code, lost) in held {
            let app = self.app;
            match self.schema.field(code) {
                Some(field) if field.writable() && field.field_type != FieldType::File => fields.push(field),
                Some(_) => {}
                None => restored
                    .notes
                    .push(format!("アプリ / app {app}: フィールドがもうありません / a field is gone: {code}")),
            }
            if lost > 0 && self.schema.field(code).is_some() {
                restored.notes.push(format!(
                    "アプリ / app {app}: {code}: 添付ファイルは戻せません / attached files cannot come back × {lost}"
                ));
            }
        }
        fields
    }

    /// A record that is still there was never deleted; nobody can give another one its number.
    fn leave_what_was_not_deleted(&mut self, rows: &BTreeMap<u64, usize>, restored: &mut Restored) {
        let (there, gone) = std::mem::take(&mut self.deleted).into_iter().partition(|(id, _)| rows.contains_key(id));
        self.deleted = gone;
        let there: Vec<(u64, &Record)> = there;
        if !there.is_empty() {
            restored.left.leave(self.app, Left::Unknown, there.into_iter().map(|(id, _)| Some(id)));
        }
    }

    fn leave_what_changed(&mut self, present: &Table, rows: &BTreeMap<u64, usize>, restored: &mut Restored) {
        let app = self.app;
        let mut stays = |id: u64, revision: u64, may_be_gone: bool| match rows.get(&id) {
            Some(row) if number(present, "$revision", *row) == Some(revision) => true,
            Some(_) => {
                restored.left.leave(app, Left::Changed, [Some(id)]);
                false
            }
            // Whoever deleted an added record has taken it back.
            None if may_be_gone => false,
            None => {
                restored.left.leave(app, Left::Deleted, [Some(id)]);
                false
            }
        };
        self.changed.retain(|id, (_, revision)| stays(*id, *revision, false));
        self.added.retain(|id, revision| stays(*id, *revision, true));
    }

    /// The records as they shall be: fields that were not changed as they are now.
    fn rows(&self, fields: &[&Field], present: &Table, rows: &BTreeMap<u64, usize>) -> Vec<Wanted> {
        let held = |before: &Record, field: &Field| {
            before.iter().find(|(code, _)| *code == field.code).map(|(_, value)| without_files(field, value))
        };
        let changed = self.changed.iter().filter_map(|(id, (before, _))| {
            let row = *rows.get(id)?;
            let value = |field: &&Field| held(before, field).unwrap_or_else(|| value(present, &field.code, row));
            Some(Wanted { id: Some(*id), was: *id, values: fields.iter().map(value).collect() })
        });
        let deleted = self.deleted.iter().map(|(id, before)| {
            let value = |field: &&Field| held(before, field).unwrap_or_default();
            Wanted { id: None, was: *id, values: fields.iter().map(value).collect() }
        });
        changed.chain(deleted).collect()
    }
}

/// Whether a value has attached files, which cannot come back: kintone deletes them with the record.
fn has_files(value: &Value) -> bool {
    match value {
        Value::Files(files) => !files.is_empty(),
        Value::Rows(rows) => rows.iter().flat_map(|row| &row.cells).any(|(_, value)| has_files(value)),
        _ => false,
    }
}

/// A value without attached files.
fn without_files(field: &Field, value: &Value) -> Value {
    let Value::Rows(rows) = value else { return value.clone() };
    let is_file = |code: &str| field.fields.iter().any(|f| f.code == code && f.field_type == FieldType::File);
    let row = |row: &Row| Row {
        id: row.id.clone(),
        cells: row.cells.iter().filter(|(code, _)| !is_file(code)).cloned().collect(),
    };
    Value::Rows(rows.iter().map(row).collect())
}
