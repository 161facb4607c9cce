//! Adding, changing and removing single records, with every rule that kintone applies to them. The calls of the API,
//! the screen and the control endpoint all come through here.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::changes::Changes;
use super::error::{ApiError, ApiResult};
use super::rules::Rules;
use super::scope::Scope;
use super::text::Text;
use super::values::rules_check;
use super::values::temporal::to_minute;
use super::values::write::{Place, Writer};
use super::world::World;
use super::{catalogue, compute, defaults, lookup};
use crate::form::{FieldDef, FieldType, Form};
use crate::record::{Fields, Record};
use crate::spec::Right;

/// Stands for the id of a record that has none yet.
const NEW: u64 = 0;

/// An edit of the records of one app by one call: gathers what is wrong over all its records.
pub struct Edit<'w> {
    /// The domain.
    pub world: &'w mut World,
    /// What has been changed.
    pub changes: &'w mut Changes,
    /// Who, when.
    pub scope: &'w Scope,
    /// The app.
    pub app: u64,
    form: Arc<Form>,
    rules: Arc<Rules>,
    errors: Vec<(String, Text)>,
}

impl<'w> Edit<'w> {
    /// Begins an edit of an app that is known to be there.
    pub fn begin(world: &'w mut World, changes: &'w mut Changes, scope: &'w Scope, app: u64) -> ApiResult<Self> {
        let held = world.app(app)?;
        let (form, rules) = (Arc::clone(&held.form), Arc::clone(&held.rules));
        Ok(Self { world, changes, scope, app, form, rules, errors: Vec::new() })
    }

    /// Ends the edit: fails with everything that was wrong.
    pub fn finish(self) -> ApiResult<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(self.errors)) }
    }

    /// Adds a record and returns its id and revision. Where its values break rules it is not stored, and `finish`
    /// fails.
    pub fn add(&mut self, input: Map<String, Value>, index: Option<usize>) -> ApiResult<(u64, u64)> {
        let mut sent = self.sent(input, true)?;
        let form = Arc::clone(&self.form);
        let (now, person) = (self.scope.now, self.scope.person(self.world));
        let before = self.errors.len();
        let mut fields = Fields::new();
        let mut writer = self.writer();
        for field in form.fields.values().filter(|field| form.is_in_records(field)) {
            let value = match (field.kind, sent.shift_remove(field.code.as_ref())) {
                (FieldType::RecordNumber, _) => continue,
                (FieldType::Creator | FieldType::Modifier, Some(input)) => {
                    let code = input.get("code").and_then(Value::as_str).ok_or(catalogue::BAD_JSON)?;
                    writer.world.entity(code)
                }
                (FieldType::CreatedTime | FieldType::UpdatedTime, Some(input)) => {
                    let text = input.as_str().and_then(super::values::temporal::instant);
                    text.ok_or(catalogue::BAD_JSON)?.into()
                }
                (FieldType::Creator | FieldType::Modifier, None) => person.clone(),
                (FieldType::CreatedTime | FieldType::UpdatedTime, None) => to_minute(now).into(),
                (FieldType::Status, _) => form.statuses.first().map_or(Value::Null, |name| name.as_str().into()),
                (kind, Some(input)) if !kind.is_system() => {
                    writer.value(field, input, None, Place::of(index))?.unwrap_or_else(|| field.kind.empty())
                }
                (_, _) => defaults::of(field, &mut writer).unwrap_or_else(|| field.kind.empty()),
            };
            fields.insert(field.code.clone(), value);
        }
        let mut wrong = writer.errors;
        self.errors.append(&mut wrong);
        super::status::assign_first(self.world, self.app, &form, &person, &mut fields);
        let record = Record { id: NEW, revision: 1, written_at: now, fields };
        Ok((self.settle(record, None, index, before)?, 1))
    }

    /// Changes a record and returns its new revision.
    pub fn update(
        &mut self,
        id: u64,
        revision: Option<u64>,
        input: Map<String, Value>,
        index: Option<usize>,
    ) -> ApiResult<u64> {
        let mut sent = self.sent(input, false)?;
        let form = Arc::clone(&self.form);
        let (now, person) = (self.scope.now, self.scope.person(self.world));
        let old = self.world.app(self.app)?.records().get(&id).ok_or_else(|| catalogue::no_record(id))?.clone();
        self.check_revision(&old, revision)?;
        let before = self.errors.len();
        let mut fields = old.fields.clone();
        let touched: Vec<String> = sent.keys().cloned().collect();
        let mut writer = self.writer();
        for (code, input) in sent.drain(..) {
            let Some(field) = form.find(&code).filter(|field| !field.kind.is_system()) else { continue };
            let held = old.fields.get(code.as_str());
            if let Some(value) = writer.value(field, input, held, Place::of(index))? {
                fields.insert(field.code.clone(), value);
            }
        }
        let mut wrong = writer.errors;
        self.errors.append(&mut wrong);
        self.stamp(&form, &mut fields, &person);
        let record = Record { id, revision: old.revision + 1, written_at: now, fields };
        self.settle(record, Some(&touched), index, before)?;
        Ok(old.revision + 1)
    }

    /// Removes a record.
    pub fn delete(&mut self, id: u64, revision: Option<u64>) -> ApiResult<()> {
        let app = self.world.app(self.app)?;
        let old = app.records().get(&id).ok_or_else(|| catalogue::no_record(id))?;
        self.check_revision(old, revision)?;
        self.changes.remove(self.world, self.app, id);
        Ok(())
    }

    /// Stores a record as it stands, with a new modifier and time; for status and assignees.
    pub fn store_stamped(&mut self, mut record: Record) {
        let person = self.scope.person(self.world);
        let form = Arc::clone(&self.form);
        self.stamp(&form, &mut record.fields, &person);
        record.written_at = self.scope.now;
        self.changes.store(self.world, self.app, record);
    }

    /// Fails where the record is not of that revision.
    pub fn check_revision(&self, record: &Record, revision: Option<u64>) -> ApiResult<()> {
        if revision.is_none_or(|revision| revision == record.revision) {
            return Ok(());
        }
        match self.world.switches.lock_failure_one_in {
            0 => Err(catalogue::STALE_REVISION),
            cases if super::error::random_u64().is_multiple_of(cases) => Err(catalogue::DATABASE_LOCK),
            _ => Err(catalogue::STALE_REVISION),
        }
    }

    fn stamp(&self, form: &Form, fields: &mut Fields, person: &Value) {
        if let Some(field) = form.first_of(FieldType::Modifier) {
            fields.insert(field.code.clone(), person.clone());
        }
        if let Some(field) = form.first_of(FieldType::UpdatedTime) {
            fields.insert(field.code.clone(), to_minute(self.scope.now).into());
        }
    }

    fn writer(&mut self) -> Writer<'_> {
        let precision = self.world.apps.get(&self.app).map(|app| app.live.precision).unwrap_or_default();
        Writer { app: self.app, precision, now: self.scope.now, errors: Vec::new(), world: self.world }
    }

    /// Lookups, computed fields and rules; then the record is stored, unless this record broke a rule. A new record gets
    /// its id only then. Returns the id.
    fn settle(
        &mut self,
        mut record: Record,
        touched: Option<&[String]>,
        index: Option<usize>,
        before: usize,
    ) -> ApiResult<u64> {
        let rules = Arc::clone(&self.rules);
        if rules.has_lookups {
            lookup::fill(self.world, self.scope, &self.form, &mut record.fields, touched)?;
        }
        if rules.has_formulas {
            let precision = self.world.app(self.app)?.live.precision;
            compute::all(&self.form, &mut record.fields, precision);
        }
        let app = self.world.app(self.app)?;
        rules_check::check(app, &rules.demanding, &record.fields, record.id, index, &mut self.errors);
        if self.errors.len() > before {
            return Ok(record.id);
        }
        if record.id == NEW {
            record.id = self.world.app_mut(self.app)?.next_id();
            if let Some(number) = self.form.first_of(FieldType::RecordNumber) {
                record.fields.insert(number.code.clone(), self.form.record_number(record.id).into());
            }
        }
        let id = record.id;
        self.changes.store(self.world, self.app, record);
        Ok(id)
    }

    /// The values of `{code: {"value": V}}` for known fields. Unknown codes and fields without `value` are passed over.
    fn sent(&self, input: Map<String, Value>, adding: bool) -> ApiResult<indexmap::IndexMap<String, Value>> {
        let mut sent = indexmap::IndexMap::with_capacity(input.len());
        for (code, cell) in input {
            let Some(field) = self.form.find(&code) else { continue };
            let Value::Object(mut cell) = cell else { return Err(catalogue::BAD_JSON) };
            let Some(value) = cell.remove("value") else { continue };
            if self.is_writable(field, adding)? {
                sent.insert(code, value);
            }
        }
        Ok(sent)
    }

    fn is_writable(&self, field: &FieldDef, adding: bool) -> ApiResult<bool> {
        match field.kind {
            FieldType::Creator | FieldType::CreatedTime | FieldType::Modifier | FieldType::UpdatedTime => {
                // Only who manages the app may say who made a record and when.
                if adding {
                    self.scope.allow(self.world, self.app, &[Right::Admin])?;
                }
                Ok(adding)
            }
            FieldType::Calc if self.world.switches.refuse_calc_writes => Err(catalogue::BAD_JSON),
            kind if !kind.is_stored() || kind.is_system() => Ok(false),
            _ => Ok(field.expression().is_none() && !self.rules.lookup_targets.contains(&field.code)),
        }
    }
}
