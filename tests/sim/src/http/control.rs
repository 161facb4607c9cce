//! The control endpoint under `/_sim/`: JSON in, JSON out, no credentials. README.md of this crate shows it by curl.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::reply::Reply;
use crate::control::{Control, ControlError, ControlResult};
use crate::faults::Fault;
use crate::spec::{AppSpec, Generate, TokenSpec, UserSpec, WebhookSpec};
use crate::switches::Switches;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    app: u64,
    records: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Basic {
    user: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Time {
    advance_s: Option<f64>,
    stop_at: Option<Timestamp>,
    run_from: Option<Timestamp>,
    #[serde(default)]
    reset: bool,
}

#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Add { app: u64, record: Value },
    Update { app: u64, id: u64, record: Value },
    Delete { app: u64, id: u64 },
    Status { app: u64, id: u64, action: String, assignee: Option<String> },
    Comment { app: u64, id: u64, text: String },
}

/// Serves an order. `path` is what follows `/_sim/`.
pub fn serve(control: &Control, method: &str, path: &str, body: &Bytes) -> Reply {
    match order(control, method, path, body) {
        Ok(Some(told)) => Reply::json(200, told),
        Ok(None) => Reply::json(404, json!({ "error": format!("no such order: {method} /_sim/{path}") }).to_string()),
        Err(error) => Reply::json(400, json!({ "error": error.to_string() }).to_string()),
    }
}

fn order(control: &Control, method: &str, path: &str, body: &Bytes) -> ControlResult<Option<Vec<u8>>> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let told = match (method, parts.as_slice()) {
        ("POST", ["apps"]) => json!({ "app": control.create_app(read::<AppSpec>(body)?)? }),
        ("GET", ["apps", app, "records"]) => {
            let app = app.parse().map_err(|_| ControlError::Order(format!("{app:?} is no app id")))?;
            let mut told = b"{\"records\":".to_vec();
            told.extend_from_slice(&control.dump(app)?);
            told.push(b'}');
            return Ok(Some(told));
        }
        ("POST", ["records"]) => {
            let order: Records = read(body)?;
            json!({ "ids": control.put_records(order.app, order.records)? })
        }
        ("POST", ["generate"]) => {
            let range = control.generate(&read::<Generate>(body)?)?;
            json!({ "first": range.map(|range| range.0), "last": range.map(|range| range.1) })
        }
        ("POST", ["tokens"]) => json!({ "token": control.add_token_spec(read::<TokenSpec>(body)?)? }),
        ("POST", ["users"]) => {
            control.add_user(read::<UserSpec>(body)?);
            json!({})
        }
        ("PUT", ["basic"]) => {
            let basic: Basic = read(body)?;
            control.set_basic(Some((&basic.user, &basic.password)));
            json!({})
        }
        ("DELETE", ["basic"]) => {
            control.set_basic(None);
            json!({})
        }
        ("POST", ["webhooks"]) => {
            let hook: WebhookSpec = read(body)?;
            control.add_webhook(hook.app, &hook.url, &hook.events)?;
            json!({})
        }
        ("GET", ["webhooks"]) => json!({ "deliveries": control.deliveries() }),
        ("POST", ["faults"]) => {
            control.add_fault(read::<Fault>(body)?);
            json!({})
        }
        ("GET", ["faults"]) => json!({ "faults": control.faults() }),
        ("DELETE", ["faults"]) => {
            control.clear_faults();
            json!({})
        }
        ("GET", ["switches"]) => json!(control.switches()),
        ("PATCH" | "PUT", ["switches"]) => json!(patch_switches(control, body)?),
        ("GET", ["calls"]) => json!({ "calls": control.calls() }),
        ("DELETE", ["calls"]) => {
            control.clear_calls();
            json!({})
        }
        ("GET", ["counters"]) => json!(control.counters()),
        ("GET", ["time"]) => json!({ "now": control.clock().now() }),
        ("PUT", ["time"]) => set_time(control, &read::<Time>(body)?),
        ("POST", ["screen"]) => act(control, read(body)?)?,
        ("POST", ["reset"]) => {
            control.reset();
            json!({})
        }
        _ => return Ok(None),
    };
    Ok(Some(told.to_string().into_bytes()))
}

fn read<T: DeserializeOwned>(body: &Bytes) -> ControlResult<T> {
    serde_json::from_slice(body).map_err(|error| ControlError::Order(error.to_string()))
}

/// The switches that are sent change, the others stay.
fn patch_switches(control: &Control, body: &Bytes) -> ControlResult<Switches> {
    let wrong = |error: serde_json::Error| ControlError::Order(error.to_string());
    let mut all = serde_json::to_value(control.switches()).map_err(wrong)?;
    let sent: serde_json::Map<String, Value> = read(body)?;
    if let Some(all) = all.as_object_mut() {
        all.extend(sent);
    }
    let switches: Switches = serde_json::from_value(all).map_err(wrong)?;
    control.set(switches.clone());
    Ok(switches)
}

fn set_time(control: &Control, time: &Time) -> Value {
    let clock = control.clock();
    if time.reset {
        clock.reset();
    }
    if let Some(instant) = time.stop_at {
        clock.stop_at(instant);
    }
    if let Some(instant) = time.run_from {
        clock.run_from(instant);
    }
    if let Some(by) = time.advance_s.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        clock.advance(by);
    }
    json!({ "now": clock.now() })
}

fn act(control: &Control, act: Act) -> ControlResult<Value> {
    Ok(match act {
        Act::Add { app, record } => json!({ "id": control.screen_add(app, record)? }),
        Act::Update { app, id, record } => {
            control.screen_update(app, id, record)?;
            json!({})
        }
        Act::Delete { app, id } => {
            control.screen_delete(app, id)?;
            json!({})
        }
        Act::Status { app, id, action, assignee } => {
            control.screen_status(app, id, &action, assignee.as_deref())?;
            json!({})
        }
        Act::Comment { app, id, text } => json!({ "id": control.screen_comment(app, id, &text)? }),
    })
}
