//! The typed handle on a running simulator, with the same power as the control endpoint, and what a person does on
//! kintone's screen.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::calls::Call;
use crate::clock::Clock;
use crate::faults::Fault;
use crate::form::FieldDef;
use crate::generate;
use crate::http::domain::{ADMINISTRATOR, Domain};
use crate::kintone::api::{self, Refusal, fields};
use crate::kintone::app::App;
use crate::kintone::changes::Changes;
use crate::kintone::edit::Edit;
use crate::kintone::error::{ApiError, random_id};
use crate::kintone::notices;
use crate::kintone::params::Params;
use crate::kintone::render;
use crate::kintone::route::Op;
use crate::kintone::scope::{Caller, Scope};
use crate::kintone::settings::Settings;
use crate::record::Record;
use crate::spec::{AppSpec, Generate, Right, TokenSpec, UserSpec, WebhookEvent, WebhookSpec};
use crate::switches::Switches;
use crate::webhook::{Delivery, WEBHOOKS_PER_APP};

/// What the control handle refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlError {
    /// The order itself makes no sense.
    Order(String),
    /// kintone's rules refuse it.
    Kintone(Box<ApiError>),
}

impl From<ApiError> for ControlError {
    fn from(error: ApiError) -> Self {
        Self::Kintone(Box::new(error))
    }
}

impl std::fmt::Display for ControlError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Order(why) => out.write_str(why),
            Self::Kintone(error) => {
                write!(out, "{}: {}", error.code, error.body(crate::kintone::text::Lang::En))
            }
        }
    }
}

impl std::error::Error for ControlError {}

/// What the control handle returns.
pub type ControlResult<T> = Result<T, ControlError>;

/// A handle on a running simulator. Cheap to clone; usable from any thread.
#[derive(Debug, Clone)]
pub struct Control(pub(crate) Arc<Domain>);

impl Control {
    /// Makes an app, at once deployed, and returns its id.
    pub fn create_app(&self, spec: AppSpec) -> ControlResult<u64> {
        let mut settings = Settings::new(&spec.name, spec.lang.as_deref().unwrap_or("ja"));
        for (code, properties) in &spec.fields {
            let mut field = FieldDef::from_properties(code, properties).map_err(ControlError::Order)?;
            fields::complete(&mut field);
            settings.add_field(field);
        }
        settings.form.app_code = spec.code;
        if let Some(precision) = &spec.number_precision {
            settings.precision = settings.precision.updated(precision);
        }
        if let Some(process) = &spec.process {
            settings.set_process(process);
        }
        crate::kintone::compute::check(&settings.form)?;
        let scope = self.administrator(None);
        let mut world = self.0.write();
        let id = match spec.id {
            Some(id) if id == 0 || world.apps.contains_key(&id) => {
                return Err(ControlError::Order(format!("app id {id} is taken or 0")));
            }
            Some(id) => id,
            None => world.next_app(),
        };
        world.last_app = world.last_app.max(id);
        if settings.name.is_empty() {
            settings.name = format!("App {id}");
        }
        let mut app = App::new(id, settings, true, (scope.now, scope.person(&world)));
        app.guest_space = spec.guest_space;
        world.apps.insert(id, app);
        Ok(id)
    }

    /// Makes an API token with those rights and returns it.
    pub fn add_token(&self, app: u64, rights: &[Right]) -> ControlResult<String> {
        self.add_token_spec(TokenSpec { app, rights: rights.to_vec(), token: None })
    }

    /// Makes an API token, chosen or random, and returns it.
    pub fn add_token_spec(&self, spec: TokenSpec) -> ControlResult<String> {
        let mut world = self.0.write();
        world.app(spec.app)?;
        let token = spec.token.clone().unwrap_or_else(|| format!("{}{}", random_id(), random_id()));
        world.tokens.insert(token.clone(), spec);
        Ok(token)
    }

    /// Makes or replaces a user.
    pub fn add_user(&self, user: UserSpec) {
        self.0.write().users.insert(user.login.clone(), user);
    }

    /// Switches a user off: records may still name the user, who counts as no member any more.
    pub fn disable_user(&self, login: &str) {
        self.0.write().disabled_users.insert(login.to_owned());
    }

    /// Makes an organisation.
    pub fn add_organization(&self, code: &str) {
        self.0.write().organizations.insert(code.to_owned());
    }

    /// Makes a group.
    pub fn add_group(&self, code: &str) {
        self.0.write().groups.insert(code.to_owned());
    }

    /// Puts Basic authentication in front of everything, or takes it away.
    pub fn set_basic(&self, credentials: Option<(&str, &str)>) {
        self.0.write().basic = credentials.map(|(user, password)| (user.to_owned(), password.to_owned()));
    }

    /// Adds records in kintone's write shape (`{code: {"value": V}}`), all or none, under kintone's rules but without
    /// webhooks, and returns their ids.
    pub fn put_records(&self, app: u64, records: Vec<Value>) -> ControlResult<Vec<u64>> {
        let scope = self.administrator_in(app)?;
        let mut world = self.0.write();
        let mut changes = Changes::default();
        let added = (|| {
            let mut edit = Edit::begin(&mut world, &mut changes, &scope, app)?;
            let mut ids = Vec::with_capacity(records.len());
            for (index, record) in records.into_iter().enumerate() {
                let record = Params::from_value(record)?.0;
                ids.push(edit.add(record, Some(index))?.0);
            }
            edit.finish()?;
            Ok(ids)
        })();
        if added.is_err() {
            changes.roll_back(&mut world);
        }
        added
    }

    /// Generates many records quickly and returns the first and the last id.
    pub fn generate(&self, order: &Generate) -> ControlResult<Option<(u64, u64)>> {
        let scope = self.administrator_in(order.app)?;
        Ok(generate::run(&mut self.0.write(), &scope, order)?)
    }

    /// All records of an app by id; empty for an unknown app.
    pub fn records(&self, app: u64) -> Vec<Record> {
        self.0.read().apps.get(&app).map_or_else(Vec::new, |app| app.records().values().cloned().collect())
    }

    /// One record.
    pub fn record(&self, app: u64, id: u64) -> Option<Record> {
        self.0.read().apps.get(&app)?.records().get(&id).cloned()
    }

    /// How many records an app holds.
    pub fn count(&self, app: u64) -> usize {
        self.0.read().apps.get(&app).map_or(0, |app| app.records().len())
    }

    /// All records of an app as the API tells them, in JSON, by id.
    pub fn dump(&self, app: u64) -> ControlResult<Vec<u8>> {
        let world = self.0.read();
        let app = world.app(app)?;
        let mut body = Vec::new();
        render::Selection::of(&app.rules, None).records(&mut body, app.records().values());
        Ok(body)
    }

    /// The calls received, in the order in which their answers were ready.
    pub fn calls(&self) -> Vec<Call> {
        self.0.calls.calls()
    }

    /// Forgets the calls received.
    pub fn clear_calls(&self) {
        self.0.calls.clear_calls();
    }

    /// Calls by day (UTC) and app.
    pub fn counters(&self) -> BTreeMap<String, BTreeMap<u64, u64>> {
        self.0.calls.counters()
    }

    /// The switches.
    pub fn switches(&self) -> Switches {
        self.0.read().switches.clone()
    }

    /// Sets all switches.
    pub fn set(&self, switches: Switches) {
        self.0.write().switches = switches;
    }

    /// Changes some switches: `control.switch(|s| s.service_time_ms = 50)`.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.0.write().switches);
    }

    /// Orders a fault.
    pub fn add_fault(&self, fault: Fault) {
        self.0.faults.add(fault);
    }

    /// The faults that have not struck as often as they should.
    pub fn faults(&self) -> Vec<Fault> {
        self.0.faults.pending()
    }

    /// Drops all faults.
    pub fn clear_faults(&self) {
        self.0.faults.clear();
    }

    /// Adds a webhook to an app, which may have ten.
    pub fn add_webhook(&self, app: u64, url: &str, events: &[WebhookEvent]) -> ControlResult<()> {
        let mut world = self.0.write();
        world.app(app)?;
        if world.webhooks.iter().filter(|hook| hook.app == app).count() >= WEBHOOKS_PER_APP {
            return Err(ControlError::Order(format!("app {app} has {WEBHOOKS_PER_APP} webhooks already")));
        }
        world.webhooks.push(WebhookSpec { app, url: url.to_owned(), events: events.to_vec() });
        Ok(())
    }

    /// Removes all webhooks of an app.
    pub fn clear_webhooks(&self, app: u64) {
        self.0.write().webhooks.retain(|hook| hook.app != app);
    }

    /// What webhooks have sent or dropped.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0.webhooks.deliveries()
    }

    /// Returns when all notifications so far were sent.
    pub async fn webhooks_idle(&self) {
        self.0.webhooks.idle().await;
    }

    /// The simulator's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Forgets everything: apps, tokens, users, switches, faults, calls, time.
    pub fn reset(&self) {
        self.0.reset();
    }

    /// A person adds a record on the screen. Fires webhooks.
    pub fn screen_add(&self, app: u64, record: Value) -> ControlResult<u64> {
        let told = self.act(app, Op::AddRecord, &[("record", record)])?;
        Ok(told["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default())
    }

    /// A person changes a record on the screen. Fires webhooks.
    pub fn screen_update(&self, app: u64, id: u64, record: Value) -> ControlResult<()> {
        self.act(app, Op::UpdateRecord, &[("id", id.into()), ("record", record)]).map(drop)
    }

    /// A person deletes a record on the screen. Fires webhooks, unlike the API's deletion of many.
    pub fn screen_delete(&self, app: u64, id: u64) -> ControlResult<()> {
        let scope = self.administrator_in(app)?;
        let mut world = self.0.write();
        let mut changes = Changes::default();
        Edit::begin(&mut world, &mut changes, &scope, app)?.delete(id, None)?;
        notices::deleted(&world, &scope, &mut changes, app, id);
        self.0.webhooks.tell(changes.notices, &world.webhooks, &world.switches, scope.now);
        Ok(())
    }

    /// A person presses the button of an action on the screen. Fires webhooks.
    pub fn screen_status(&self, app: u64, id: u64, action: &str, assignee: Option<&str>) -> ControlResult<()> {
        let assignee = assignee.map_or(Value::Null, Value::from);
        self.act(app, Op::UpdateStatus, &[("id", id.into()), ("action", action.into()), ("assignee", assignee)])
            .map(drop)
    }

    /// A person writes a comment on the screen. Fires webhooks.
    pub fn screen_comment(&self, app: u64, id: u64, text: &str) -> ControlResult<u64> {
        let comment = serde_json::json!({ "text": text });
        let told = self.act(app, Op::AddComment, &[("record", id.into()), ("comment", comment)])?;
        Ok(told["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default())
    }

    fn act(&self, app: u64, op: Op, params: &[(&str, Value)]) -> ControlResult<Value> {
        let scope = self.administrator_in(app)?;
        let mut named: Map<String, Value> =
            params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        named.insert("app".to_owned(), app.into());
        let mut world = self.0.write();
        let (answer, changes) =
            api::run_write(&mut world, &scope, op, Params(named)).map_err(|refusal| match refusal {
                Refusal::Call(error) | Refusal::Part { error, .. } => error,
            })?;
        self.0.webhooks.tell(changes.notices, &world.webhooks, &world.switches, scope.now);
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn administrator_in(&self, app: u64) -> ControlResult<Scope> {
        let guest_space = self.0.read().app(app)?.guest_space;
        Ok(self.administrator(guest_space))
    }

    fn administrator(&self, guest_space: Option<u64>) -> Scope {
        let caller = Caller::User(ADMINISTRATOR.to_owned());
        Scope { caller, guest_space, now: self.0.clock.now(), tells_webhooks: true }
    }
}
