//! `/trigger/v1/{url}/token`, `/run` and `/status`: the shape that krewData callers already use.
//!
//! `{url}` is the secret of the realtime URL. `/token` gives an access token for an hour, `/run` starts one run per
//! record, `/status` tells a caller where a run stands that it asked for, and nothing of its data.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use model::catalogue;
use model::clock::Timestamp;
use model::ids::RunId;
use model::keys;
use model::ledger::Request;
use model::limits::{MAX_RECORDS_PER_CALL, TOKEN_KEPT};
use model::refusals::Cause;
use model::run::{Method, Payload, Run, Trigger};
use model::secret_url::{Secret, SecretItem};
use model::standing::{Line, Standing, standing};
use model::store::{Expect, Write};
use model::unit::Unit;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::Deps;
use crate::admission::{Wants, admit};
use crate::answer::{Answer, Refusal};
use crate::door::{self, Call, Opened, Turned};
use crate::record::{self, invalid};
use crate::url::{Parameters, Segments};
use crate::visit::Visit;

fn call<'a>(secret: &'a str, way: &str, visit: &'a Visit, body: Result<Bytes, Refusal>) -> Call<'a> {
    Call { secret, unit: None, path: format!("/trigger/v1/{way}"), visit, body }
}

/// `/token`. krewData's `krewdataAppUrl` and `serialNumber` are taken and not needed; where they are sent they must be texts.
///
/// Where many are asked for within a second, the last one is given again: a flood of them costs some writes a second.
pub async fn token(
    State(deps): State<Deps>,
    Segments(url): Segments<String>,
    visit: Visit,
    body: Body,
) -> Result<Answer, Refusal> {
    let call = call(&url, "token", &visit, door::body(body).await);
    let (hash, now) = (call.hash()?, deps.ledger.clock().now());
    let opened = door::enter(&deps, &call).await?;
    if let Err(turned) = token_request(&call) {
        return Err(door::turn(&deps, &opened, turned).await);
    }
    if let Some((token, until)) = deps.guard.issued(&hash, now) {
        return Ok(given(&token, now, until));
    }
    let token = Secret::random();
    let until = now + TOKEN_KEPT;
    let item =
        SecretItem { caller: opened.secret.caller.clone(), ..SecretItem::new(opened.unit.id.clone(), Some(until)) };
    let write = Write::put(keys::token(&token.hash()), &item, Expect::Absent)?.expiring(until);
    deps.ledger.store().commit(vec![write]).await?;
    deps.guard.issue(&hash, &token, until, now);
    Ok(given(&token, now, until))
}

fn token_request(call: &Call<'_>) -> Result<(), Turned> {
    let body = call.json()?;
    for name in ["krewdataAppUrl", "serialNumber"] {
        if body.get(name).is_some_and(|v| !v.is_string()) {
            return Err(Turned::by(
                Cause::Content,
                invalid(format!("{name} は文字列です"), format!("{name} must be a string")),
            ));
        }
    }
    Ok(())
}

fn given(token: &Secret, now: Timestamp, until: Timestamp) -> Answer {
    let seconds = now.until(until).as_millis().div_ceil(1_000);
    Answer::ok(json!({ "accessToken": token.reveal(), "expiresIn": u64::try_from(seconds).unwrap_or(u64::MAX) }))
}

/// `/run`: `accessToken`, `user`, `appId`, and `record` or `records`; each record is a run, in order. With a `requestId` (or
/// the header `Idempotency-Key`) it may be repeated: the same starts nothing, and is answered with the runs of the first time.
pub async fn run(
    State(deps): State<Deps>,
    Segments(url): Segments<String>,
    visit: Visit,
    body: Body,
) -> Result<Answer, Refusal> {
    let call = call(&url, "run", &visit, door::body(body).await);
    admit(&deps, &call, |unit, let_in| {
        let body = call.json()?;
        let content = |refusal| Turned::by(Cause::Content, refusal);
        let token = body_token(&body).map_err(content)?;
        let request_id = record::request_id(&visit, &body).map_err(content)?;
        let mut requests = requests(unit, &body).map_err(content)?;
        for request in &mut requests {
            request.trigger = let_in.mark(Trigger { request_id: request_id.clone(), ..request.trigger.clone() });
        }
        Ok(Wants::Runs(requests, Some(token)))
    })
    .await
}

fn requests(unit: &Unit, body: &Map<String, Json>) -> Result<Vec<Request>, Refusal> {
    let app = body.get("appId").and_then(record::id_number);
    let app = app.ok_or_else(|| invalid("appId にはアプリ番号を指定してください", "appId must be the app's number"))?;
    if app != unit.app {
        return Err(record::other_app(app));
    }
    let user = record::user(body.get("user"))?;
    let records: Vec<&Json> = match (body.get("record"), body.get("records")) {
        (Some(one), None) => vec![one],
        (None, Some(Json::Array(many))) => many.iter().collect(),
        _ => {
            return Err(invalid(
                "record(オブジェクト)か records(リスト)のどちらか一方が必要です",
                "either record (an object) or records (a list) is needed",
            ));
        }
    };
    if !(1..=MAX_RECORDS_PER_CALL).contains(&records.len()) {
        return Err(invalid(
            format!("records は1〜{MAX_RECORDS_PER_CALL}件です。残りは別の呼び出しで送ってください"),
            format!("records must be 1 to {MAX_RECORDS_PER_CALL}; send more in further calls"),
        ));
    }
    let request = |entry: &Json| {
        let entry =
            entry.as_object().ok_or_else(|| invalid("レコードはオブジェクトです", "a record must be an object"))?;
        let (set, number) = record::parameters(unit, entry)?;
        let records = number.into_iter().collect();
        let trigger = Trigger { user: user.clone(), records, ..Trigger::new(Method::Api, app) };
        Ok(Request { trigger, payload: Payload { sets: vec![set] }, again_of: None })
    };
    records.into_iter().map(request).collect()
}

fn body_token(body: &Map<String, Json>) -> Result<String, Refusal> {
    match body.get("accessToken") {
        Some(Json::String(token)) => Ok(token.clone()),
        _ => Err(invalid(
            "accessToken は文字列です。/token で取得してください",
            "accessToken must be a string; /token gives one",
        )),
    }
}

/// `/status` by POST: `accessToken` and `runId` in the body.
pub async fn status(
    State(deps): State<Deps>,
    Segments(url): Segments<String>,
    visit: Visit,
    body: Body,
) -> Result<Answer, Refusal> {
    let call = call(&url, "status", &visit, door::body(body).await);
    let opened = door::enter(&deps, &call).await?;
    let asked = call.json().and_then(|body| {
        let token = body_token(&body).map_err(|refusal| Turned::by(Cause::Content, refusal))?;
        Ok((token, body.get("runId").and_then(Json::as_str).map(str::to_owned)))
    });
    checked(&deps, opened, asked).await
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
    visit: Visit,
    headers: HeaderMap,
) -> Result<Answer, Refusal> {
    let call = call(&url, "status", &visit, Ok(Bytes::new()));
    let opened = door::enter(&deps, &call).await?;
    let bearer = headers.get("authorization").and_then(|h| h.to_str().ok()).and_then(|h| h.strip_prefix("Bearer "));
    let token = bearer.map(str::to_owned).or(query.access_token);
    let token = token.ok_or_else(|| {
        invalid("accessToken が必要です。/token で取得してください", "accessToken is needed; /token gives one")
    });
    let asked = token.map_err(|refusal| Turned::by(Cause::Content, refusal)).map(|token| (token, query.run_id));
    checked(&deps, opened, asked).await
}

/// Tells of a run to who has a token.
async fn checked(
    deps: &Deps,
    opened: Arc<Opened>,
    asked: Result<(String, Option<String>), Turned>,
) -> Result<Answer, Refusal> {
    let checked = match asked {
        Ok((token, run)) => door::check_token(deps, &token, &opened).await.and_then(|()| {
            run.ok_or_else(|| {
                Turned::by(Cause::Content, invalid("runId が必要です(文字列)", "runId is needed, a string"))
            })
        }),
        Err(turned) => Err(turned),
    };
    match checked {
        Ok(run) => tell(deps, &opened, &run).await,
        Err(turned) => Err(door::turn(deps, &opened, turned).await),
    }
}

async fn tell(deps: &Deps, opened: &Opened, run: &str) -> Result<Answer, Refusal> {
    let unknown = || Refusal::new(catalogue::RUN_UNKNOWN);
    let id: RunId = run.parse().map_err(|_| unknown())?;
    if id.unit != opened.unit.id {
        return Err(unknown());
    }
    let run = deps.ledger.run(&id).await?;
    // Ids count up: whoever knows one knows the others.
    if !run.trigger.told_to(opened.secret.caller.as_deref()) {
        return Err(unknown());
    }
    let waits = standing(deps.ledger.clock().now(), &run, &opened.state, &opened.unit.limits);
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
        if let Line::Unit(place) | Line::Budget(place) = waits.line {
            set("place", json!(place));
        }
        if let Some(reason) = waits.reason {
            set("waitReason", json!(reason));
        }
        if let Some((written, of)) = waits.written {
            set("written", json!({ "records": written, "of": of }));
        }
        let times = [
            ("waitingSince", waits.since),
            ("waitUntil", waits.until),
            ("earliestStart", waits.earliest),
            ("givenUpAt", waits.given_up),
        ];
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
