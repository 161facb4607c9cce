//! `/trigger/v1/{url}/token`, `/run` and `/status`: the shape that krewData callers already use.
//!
//! `{url}` is the secret of the realtime URL. `/token` gives an access token for an hour, `/run` starts one run per
//! record, `/status` tells where a run stands, and nothing of its data.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use model::catalogue;
use model::ids::RunId;
use model::keys;
use model::ledger::Request;
use model::limits::{MAX_RECORDS_PER_CALL, TOKEN_KEPT};
use model::run::{Method, Payload, Run, Trigger};
use model::secret_url::{Secret, SecretItem};
use model::standing::{Line, Standing, standing};
use model::store::{Expect, Item, Write};
use model::unit::{Unit, UnitState};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::answer::{Answer, Refusal};
use crate::door::{self, Opened};
use crate::url::{Parameters, Segments};
use crate::{Deps, admit, record};

fn invalid(what: impl Into<String>) -> Refusal {
    Refusal::new(catalogue::BODY_INVALID).detail(what)
}

/// `/token`. krewData's `krewdataAppUrl` and `serialNumber` are taken and not needed; where they are sent they must be texts.
pub async fn token(State(deps): State<Deps>, Segments(url): Segments<String>, body: Body) -> Result<Answer, Refusal> {
    let opened = door::open(&deps, &url, None).await?;
    let body = door::body(body).await?;
    for name in ["krewdataAppUrl", "serialNumber"] {
        if body.get(name).is_some_and(|v| !v.is_string()) {
            return Err(invalid(format!("{name} must be a string")));
        }
    }
    let token = Secret::random();
    let until = deps.ledger.clock().now() + TOKEN_KEPT;
    let item = SecretItem { unit: opened.unit.id, until: Some(until) };
    let write = Write::put(keys::token(&token.hash()), &item, Expect::Absent)?.expiring(until);
    deps.ledger.store().commit(vec![write]).await?;
    Ok(Answer::ok(json!({ "accessToken": token.reveal(), "expiresIn": TOKEN_KEPT.as_secs() })))
}

/// `/run`: `accessToken`, `user`, `appId`, and `record` or `records`; each record is a run, in order.
pub async fn run(State(deps): State<Deps>, Segments(url): Segments<String>, body: Body) -> Result<Answer, Refusal> {
    let Opened { unit, state } = door::open(&deps, &url, None).await?;
    let body = door::body(body).await?;
    check_body_token(&deps, &body, &unit).await?;
    let app = body.get("appId").and_then(record::id_number);
    let app = app.ok_or_else(|| invalid("appId must be the app's number"))?;
    if app != unit.app {
        return Err(Refusal::new(catalogue::APP_OTHER).detail(format!("app {app}")));
    }
    let user = record::user(body.get("user"))?;
    let records: Vec<&Json> = match (body.get("record"), body.get("records")) {
        (Some(one), None) => vec![one],
        (None, Some(Json::Array(many))) => many.iter().collect(),
        _ => return Err(invalid("either record (an object) or records (a list) is needed")),
    };
    if !(1..=MAX_RECORDS_PER_CALL).contains(&records.len()) {
        return Err(invalid(format!("records must be 1 to {MAX_RECORDS_PER_CALL}; send more in further calls")));
    }
    let request = |entry: &Json| {
        let entry = entry.as_object().ok_or_else(|| invalid("a record must be an object"))?;
        let (set, number) = record::parameters(&unit, entry)?;
        let records = number.into_iter().collect();
        let trigger = Trigger { user: user.clone(), records, ..Trigger::new(Method::Api, app) };
        Ok(Request { trigger, payload: Payload { sets: vec![set] }, again_of: None })
    };
    let requests = records.into_iter().map(request).collect::<Result<Vec<_>, Refusal>>()?;
    admit(&deps, &unit, state, requests).await
}

async fn check_body_token(deps: &Deps, body: &Map<String, Json>, unit: &Unit) -> Result<(), Refusal> {
    match body.get("accessToken") {
        Some(Json::String(token)) => door::check_token(deps, token, unit).await,
        _ => Err(invalid("accessToken must be a string; /token gives one")),
    }
}

/// `/status` by POST: `accessToken` and `runId` in the body.
pub async fn status(State(deps): State<Deps>, Segments(url): Segments<String>, body: Body) -> Result<Answer, Refusal> {
    let opened = door::open(&deps, &url, None).await?;
    let body = door::body(body).await?;
    check_body_token(&deps, &body, &opened.unit).await?;
    let run = body.get("runId").and_then(Json::as_str).ok_or_else(|| invalid("runId must be a string"))?;
    tell(&deps, opened, run).await
}

/// Parameters of `/status` by GET.
#[derive(Deserialize)]
pub struct StatusQuery {
    #[serde(rename = "runId")]
    run_id: Option<String>,
    #[serde(rename = "accessToken")]
    access_token: Option<String>,
}

/// `/status` by GET: `runId` in the query; the token in `Authorization: Bearer` (or in the query, which proxies may log).
pub async fn status_by_get(
    State(deps): State<Deps>,
    Segments(url): Segments<String>,
    Parameters(query): Parameters<StatusQuery>,
    headers: HeaderMap,
) -> Result<Answer, Refusal> {
    let opened = door::open(&deps, &url, None).await?;
    let bearer = headers.get("authorization").and_then(|h| h.to_str().ok()).and_then(|h| h.strip_prefix("Bearer "));
    let token = bearer.map(str::to_owned).or(query.access_token);
    let token = token.ok_or_else(|| invalid("accessToken is needed; /token gives one"))?;
    door::check_token(&deps, &token, &opened.unit).await?;
    tell(&deps, opened, &query.run_id.ok_or_else(|| invalid("runId is needed"))?).await
}

async fn tell(deps: &Deps, opened: Opened, run: &str) -> Result<Answer, Refusal> {
    let unknown = || Refusal::new(catalogue::RUN_UNKNOWN);
    let id: RunId = run.parse().map_err(|_| unknown())?;
    if id.unit != opened.unit.id {
        return Err(unknown());
    }
    let run = deps.ledger.run(&id).await?;
    let state: UnitState = Item::decode(&opened.state)?;
    let waits = standing(deps.ledger.clock().now(), &run, &state, &opened.unit.limits);
    Ok(Answer::ok(told(&run, waits)))
}

/// Where a run stands: nothing here comes from a record.
fn told(run: &Run, waits: Option<Standing>) -> Json {
    let mut body = json!({ "runId": run.id, "state": run.state, "queuedAt": run.queued_at.rfc3339() });
    let mut set = |name: &str, value: Json| body[name] = value;
    if let Some(at) = run.started_at {
        set("startedAt", json!(at.rfc3339()));
    }
    if let Some(at) = run.ended_at {
        set("endedAt", json!(at.rfc3339()));
    }
    if let Some(waits) = waits {
        set("description", json!(waits.ja()));
        set("descriptionEn", json!(waits.en()));
        if let Line::Unit(place) = waits.line {
            set("place", json!(place));
        }
        if let Some(reason) = waits.reason {
            set("waitReason", json!(reason));
        }
        let times = [("waitUntil", waits.until), ("earliestStart", waits.earliest), ("givenUpAt", waits.given_up)];
        for (name, at) in times {
            if let Some(at) = at {
                set(name, json!(at.rfc3339()));
            }
        }
    }
    if let Some(code) = run.code {
        set("error", json!(code));
        set("description", json!(code.ja()));
        set("descriptionEn", json!(code.en()));
    }
    body
}
