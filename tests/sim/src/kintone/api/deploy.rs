//! Deploying: the preview settings come into force, after a while, for all apps of the call or for none.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Answer;
use crate::form::FieldType;
use crate::kintone::app::{App, Deploy};
use crate::kintone::catalogue::{self, BAD_JSON};
use crate::kintone::compute;
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::lookup;
use crate::kintone::params::{self, Params};
use crate::kintone::scope::Scope;
use crate::kintone::settings::Settings;
use crate::kintone::text::Text;
use crate::kintone::world::World;
use crate::spec::Right;

/// The most apps of one deploy.
const APPS_AT_MOST: usize = 300;

const TOO_MANY_APPS: Text =
    Text::fixed("一度に300件までのアプリを指定できます。", "A maximum of 300 apps can be specified at one time.");

/// `POST preview/app/deploy.json`.
pub fn start(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["apps"])?;
    let revert = params.flag("revert")?;
    let asked = params.list("apps")?.unwrap_or_default();
    if asked.len() > APPS_AT_MOST {
        return Err(ApiError::invalid_at("apps", TOO_MANY_APPS));
    }
    let mut ids = Vec::with_capacity(asked.len());
    for entry in asked {
        let entry = Params::from_value(entry)?;
        let (id, revision) = (entry.id("app")?, entry.revision()?);
        let app = scope.allow(world, id, &[Right::Admin])?;
        if app.deploy.as_ref().is_some_and(|deploy| !deploy.done) {
            return Err(catalogue::DEPLOY_RUNS);
        }
        if revision.is_some_and(|revision| revision != app.preview.revision) {
            return Err(catalogue::STALE_REVISION);
        }
        if !revert {
            check(world, &app.preview)?;
        }
        ids.push(id);
    }
    let delay = SignedDuration::from_millis(i64::try_from(world.switches.deploy_delay_ms).unwrap_or(i64::MAX));
    let person = scope.person(world);
    for id in ids {
        let app = world.app_mut(id)?;
        if revert {
            app.preview = app.live.clone();
            continue;
        }
        app.deploy = Some(Deploy { until: scope.now.checked_add(delay).unwrap_or(scope.now), done: false });
        app.modified = (scope.now, person.clone());
    }
    settle(world, scope.now);
    Ok(json!({}).into())
}

/// `GET preview/app/deploy.json`.
pub fn status(world: &World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["apps"])?;
    let mut told = Vec::new();
    for id in params.list("apps")?.unwrap_or_default() {
        let id = u64::try_from(params::integer(&id)?).map_err(|_| BAD_JSON)?;
        let app = scope.allow(world, id, &[Right::Admin])?;
        let running = app.deploy.as_ref().is_some_and(|deploy| !deploy.done);
        told.push(json!({ "app": id.to_string(), "status": if running { "PROCESSING" } else { "SUCCESS" } }));
    }
    Ok(json!({ "apps": told }).into())
}

/// Whether some deploy is due to end.
pub fn is_due(world: &World, now: Timestamp) -> bool {
    world.apps.values().any(|app| ends(app, now))
}

/// Brings into force what is due.
pub fn settle(world: &mut World, now: Timestamp) {
    for app in world.apps.values_mut().filter(|app| ends(app, now)) {
        if let Some(deploy) = &mut app.deploy {
            deploy.done = true;
        }
        app.live = app.preview.clone();
        app.deployed = true;
        app.settings_changed();
        fit_records(app);
    }
}

fn ends(app: &App, now: Timestamp) -> bool {
    app.deploy.as_ref().is_some_and(|deploy| !deploy.done && deploy.until <= now)
}

/// Values of fields that went are dropped; where process management was turned on, records stand in the first status.
fn fit_records(app: &mut App) {
    let form = std::sync::Arc::clone(&app.form);
    let status = form.first_of(FieldType::Status).filter(|_| form.has_process()).map(|field| field.code.clone());
    let first = form.statuses.first().map_or(Value::Null, |name| name.as_str().into());
    for record in app.records_mut() {
        record.fields.retain(|code, _| form.find(code).is_some());
        if let Some(code) = &status {
            record.fields.entry(code.clone()).or_insert_with(|| first.clone());
        }
    }
}

/// What shows only at the deploy: keys of lookups that are not unique, and formulas that cannot be computed.
fn check(world: &World, settings: &Settings) -> ApiResult<()> {
    compute::check(&settings.form)?;
    let tables = settings.form.fields.values().flat_map(|field| field.fields.values());
    for field in settings.form.fields.values().chain(tables) {
        let Some(lookup) = field.lookup() else { continue };
        let key = lookup.get("relatedKeyField").and_then(Value::as_str).unwrap_or("");
        let source = lookup::related_app(world, lookup).and_then(|app| app.live.form.find(key));
        let usable = source.is_some_and(|key| key.unique() || key.kind == FieldType::RecordNumber);
        if !usable {
            return Err(catalogue::lookup_key_not_unique(&field.code));
        }
    }
    Ok(())
}
