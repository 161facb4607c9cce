//! What taking back writes: the records as they are now, beside what a run did to them. What somebody has changed since is
//! left as it is, and told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use connect::kintone::{Kintone, ReadRequest};
use engine::{Record, Table, TableBuilder, Target, restore, restoring};
use flow::plan::Column;
use jiff::tz::TimeZone;
use model::clock::Timestamp;
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::{Row, Value};

use super::standing::{Done, Standing};
use crate::flow_run::{FlowError, OutputChanges, Schemas, concat, read_field};

/// The name of the step that takes back.
pub const STEP: &str = "元に戻す / undo";

/// Why a record is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// It was changed since.
    Changed,
    /// It was deleted since.
    Deleted,
    /// Another record has a value that must be unique.
    Taken,
    /// It was added, and which record it is cannot be known.
    Unknown,
}

impl Left {
    fn told(self) -> &'static str {
        match self {
            Self::Changed => "その後に変更されています / changed since",
            Self::Deleted => "その後に削除されています / deleted since",
            Self::Taken => {
                "重複を禁止した値を別のレコードが使っています / another record has a value that must be unique"
            }
            Self::Unknown => "追加したレコードを特定できません / which record was added cannot be known",
        }
    }
}

/// What is to be written, and what is not.
#[derive(Debug, Default)]
pub struct Restored {
    /// The changes, per app.
    pub outputs: Vec<OutputChanges>,
    /// The former ids of the records that are brought back, in the order in which they are added, by app.
    pub back: BTreeMap<u64, Vec<u64>>,
    /// Records that are left as they are, by app and reason; without an id where it is not known.
    pub left: BTreeMap<(u64, Left), Vec<Option<u64>>>,
    /// Records that were read.
    pub read: u64,
    /// What cannot come back, for people.
    pub notes: Vec<String>,
}

/// Records of a list in a message; the rest is counted.
const TOLD: usize = 200;

impl Restored {
    /// What was left, for people; empty where nothing was.
    pub fn left_text(&self) -> String {
        let of = |((app, why), ids): (&(u64, Left), &Vec<Option<u64>>)| {
            let list: Vec<String> = ids.iter().flatten().take(TOLD).map(|id| format!("#{id}")).collect();
            let more = if ids.len() > list.len() { " …" } else { "" };
            format!("アプリ / app {app}: {} × {}: {}{more}", why.told(), ids.len(), list.join(" "))
        };
        self.left.iter().map(of).collect::<Vec<_>>().join("\n")
    }
}

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
        let mut restored = Restored::default();
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
                }
            }
            let unknown: Vec<&Record> = standing.unknown.iter().filter(|(a, _)| *a == app).map(|(_, r)| r).collect();
            self.find_unknown(&mut part, &unknown, &mut restored).await?;
            self.of_app(part, &mut restored).await?;
        }
        if !standing.files.is_empty() {
            let files = standing.files.join(", ");
            restored.notes.push(format!("ファイルは戻しません / files are not taken back: {files}"));
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
        let ids: Vec<u64> = part.changed.keys().chain(part.added.keys()).copied().collect();
        let present = self.by_ids(part.schema, &columns, &ids).await?;
        restored.read += present.rows() as u64;
        let rows_of = rows_of(&present);
        part.leave_what_changed(&present, &rows_of, restored);
        let mut rows = part.rows(&fields, &present, &rows_of);
        self.leave_what_is_taken(&mut part, &fields, &present, &mut rows, restored).await?;
        let away: BTreeSet<u64> = part.added.keys().copied().collect();
        let back: Vec<u64> = rows.iter().filter(|row| row.id.is_none()).map(|row| row.was).collect();
        let shape = Column::new("$id", Kind::Number);
        let shape: Vec<Column> =
            std::iter::once(shape).chain(fields.iter().filter_map(|f| Column::of_field(f))).collect();
        let values: Vec<Vec<Value>> = rows.into_iter().map(Wanted::into_values).collect();
        let table = Table::from_rows(&shape, &values)?;
        let zone = TimeZone::UTC;
        let target = Target { step: STEP, write: &write, schema: part.schema, zone: &zone, strict: true };
        let changes = restore(&table, &target, &present, &away)?;
        if !changes.is_empty() {
            restored.back.insert(part.app, back);
            restored.outputs.push(OutputChanges { step: STEP.into(), app: part.app, changes, adds_by_key: false });
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

    /// Finds records that were added and whose ids nobody noted: those that were added since the run began, that nobody has
    /// changed, and that hold what was written. Where more hold the same than the run added, none is taken for its own.
    async fn find_unknown(
        &self,
        part: &mut OfApp<'_>,
        unknown: &[&Record],
        restored: &mut Restored,
    ) -> Result<(), FlowError> {
        if unknown.is_empty() {
            return Ok(());
        }
        let codes: BTreeSet<&str> = unknown.iter().flat_map(|r| r.iter()).map(|(code, _)| code.as_str()).collect();
        let fields = codes.iter().filter_map(|code| part.schema.field(code));
        // Tables hold more than what was written of them.
        let told_apart = |field: &&Field| !matches!(field.field_type, FieldType::File | FieldType::Subtable);
        let fields: Vec<&Field> = fields.filter(told_apart).collect();
        let own = ["$id", "$revision"].map(|name| Column::new(name, Kind::Number));
        let columns: Vec<Column> = own.into_iter().chain(fields.iter().filter_map(|f| Column::of_field(f))).collect();
        let created = part.schema.fields.iter().find(|field| field.field_type == FieldType::CreatedTime);
        // kintone keeps minutes.
        let since = jiff::Timestamp::from_second(self.since.seconds() / 60 * 60).unwrap_or_default();
        let condition = created.map(|field| format!("{} >= \"{since}\"", field.code));
        let read_fields = columns.iter().map(|column| read_field(part.schema, &column.name, column)).collect();
        let request = ReadRequest { app: part.app, fields: read_fields, condition };
        let read = self.kintone.read(&request, || TableBuilder::new(&columns)).await?;
        restored.read += read.records;
        let found = concat(read.sinks)?;
        let known = |id: u64| part.added.contains_key(&id) || part.changed.contains_key(&id);
        let mut candidates: HashMap<Vec<Value>, Vec<u64>> = HashMap::new();
        for (id, row) in rows_of(&found) {
            if number(&found, "$revision", row) == Some(1) && !known(id) {
                let values = fields.iter().map(|f| value(&found, &f.code, row)).collect();
                candidates.entry(values).or_default().push(id);
            }
        }
        let mut wanted: HashMap<Vec<Value>, usize> = HashMap::new();
        for record in unknown {
            let value =
                |field: &&Field| record.iter().find(|(c, _)| *c == field.code).map_or(Value::Blank, |(_, v)| v.clone());
            *wanted.entry(fields.iter().map(value).collect()).or_default() += 1;
        }
        for (values, count) in wanted {
            match candidates.remove(&values) {
                Some(ids) if ids.len() == count => part.added.extend(ids.into_iter().map(|id| (id, 1))),
                _ => restored.leave(part.app, Left::Unknown, std::iter::repeat_n(None, count)),
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
            restored.leave(part.app, Left::Taken, [Some(row.was)]);
        }
    }
}

impl Restored {
    fn leave(&mut self, app: u64, why: Left, ids: impl IntoIterator<Item = Option<u64>>) {
        self.left.entry((app, why)).or_default().extend(ids);
    }
}

/// A record as it shall be.
struct Wanted {
    /// Its id; `None`: it is brought back.
    id: Option<u64>,
    /// The id that it has or had.
    was: u64,
    /// A value per field.
    values: Vec<Value>,
}

impl Wanted {
    fn into_values(self) -> Vec<Value> {
        let id = self.id.and_then(|id| i64::try_from(id).ok()).map_or(Value::Blank, |id| Value::Number(id.into()));
        std::iter::once(id).chain(self.values).collect()
    }
}

impl<'a> OfApp<'a> {
    /// The fields that are written: all that was changed or is brought back, as far as they can be written. What cannot is told.
    fn fields(&self, restored: &mut Restored) -> Vec<&'a Field> {
        let befores =
            self.changed.values().map(|(before, _)| *before).chain(self.deleted.iter().map(|(_, before)| *before));
        let mut held: BTreeMap<&str, usize> = BTreeMap::new();
        for (code, value) in befores.flatten() {
            let lost = self.schema.field(code).is_none_or(|field| loses(field, value));
            *held.entry(code).or_default() += usize::from(lost && !value.is_blank());
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

    fn leave_what_changed(&mut self, present: &Table, rows: &BTreeMap<u64, usize>, restored: &mut Restored) {
        let app = self.app;
        let mut stays = |id: u64, revision: u64, may_be_gone: bool| match rows.get(&id) {
            Some(row) if number(present, "$revision", *row) == Some(revision) => true,
            Some(_) => {
                restored.leave(app, Left::Changed, [Some(id)]);
                false
            }
            // Whoever deleted an added record has taken it back.
            None if may_be_gone => false,
            None => {
                restored.leave(app, Left::Deleted, [Some(id)]);
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
fn loses(field: &Field, value: &Value) -> bool {
    match value {
        Value::Files(files) => !files.is_empty(),
        Value::Rows(rows) => rows.iter().flat_map(|row| &row.cells).any(|(_, value)| loses(field, value)),
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

/// The row of each record, by id.
fn rows_of(table: &Table) -> BTreeMap<u64, usize> {
    (0..table.rows()).filter_map(|row| Some((number(table, "$id", row)?, row))).collect()
}

fn number(table: &Table, code: &str, row: usize) -> Option<u64> {
    u64::try_from(table.column(code)?.number(row)?.to_i64()?).ok()
}

fn value(table: &Table, code: &str, row: usize) -> Value {
    table.column(code).map_or(Value::Blank, |column| column.value(row))
}
