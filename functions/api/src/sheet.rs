//! `POST /r/{unit}/{secret}/sheet`: a person chose rows of a list and pressed a button.
//!
//! One run for all rows: each flow runs once, and conditions with parameters hold where they hold for any of the rows.
//! Body: `{"app": {"id": 1}, "user": "sato", "records": [{"field": {"type": …, "value": …}}, …]}`, with a `requestId` where
//! the call may be repeated.

use axum::body::Body;
use axum::extract::State;
use model::ledger::Request;
use model::limits::MAX_SHEET_RECORDS;
use model::refusals::Cause;
use model::run::{Method, Payload, Trigger};
use model::unit::Unit;
use serde_json::{Map, Value as Json};

use crate::Deps;
use crate::admission::{Wants, admit};
use crate::answer::{Answer, Refusal};
use crate::door::{self, Call, Turned};
use crate::record::{self, invalid};
use crate::url::Segments;
use crate::visit::Visit;

pub async fn handle(
    State(deps): State<Deps>,
    Segments((unit, secret)): Segments<(String, String)>,
    visit: Visit,
    body: Body,
) -> Result<Answer, Refusal> {
    let (path, body) = (format!("/r/{unit}/sheet"), door::body(body).await);
    let call = Call { secret: &secret, unit: Some(&unit), path, visit: &visit, body };
    admit(&deps, &call, |unit, let_in| {
        let (body, content) = (call.json()?, |refusal| Turned::by(Cause::Content, refusal));
        let request = request(unit, &body).map_err(content)?;
        let request_id = record::request_id(&visit, &body).map_err(content)?;
        let trigger = let_in.mark(Trigger { request_id, ..request.trigger });
        Ok(Wants::Runs(vec![Request { trigger, ..request }], None))
    })
    .await
}

fn request(unit: &Unit, body: &Map<String, Json>) -> Result<Request, Refusal> {
    let app = body.get("app").and_then(|a| record::id_number(a.get("id").unwrap_or(a)));
    let app = app
        .ok_or_else(|| invalid("\"app.id\" にはアプリ番号を指定してください", "\"app.id\" must be the app's number"))?;
    if app != unit.app {
        return Err(record::other_app(app));
    }
    let records = body.get("records").and_then(Json::as_array).filter(|r| (1..=MAX_SHEET_RECORDS).contains(&r.len()));
    let records = records.ok_or_else(|| {
        invalid("\"records\" には1〜500件のレコードを並べてください", "\"records\" must be a list of 1 to 500 records")
    })?;
    let (mut sets, mut numbers) = (Vec::new(), Vec::new());
    for entry in records {
        let entry = entry.as_object().ok_or_else(|| {
            invalid("\"records\" の各要素はオブジェクトです", "each of \"records\" must be an object")
        })?;
        let (set, number) = record::parameters(unit, entry)?;
        sets.push(set);
        numbers.extend(number);
    }
    let user = record::user(body.get("user"))?;
    let trigger = Trigger { user, records: numbers, ..Trigger::new(Method::Sheet, app) };
    Ok(Request { trigger, payload: Payload { sets }, again_of: None })
}
