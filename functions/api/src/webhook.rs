//! `POST /r/{unit}/{secret}`: kintone tells of a change; one record, one run.

use axum::body::Body;
use axum::extract::State;
use model::catalogue;
use model::ledger::Request;
use model::refusals::Cause;
use model::run::{Method, ParameterSet, Payload, Trigger};
use model::unit::{Event, Unit};
use serde_json::{Map, Value as Json};

use crate::Deps;
use crate::admission::{Wants, admit};
use crate::answer::{Answer, Refusal};
use crate::door::{self, Call, Turned};
use crate::record::{self, invalid};
use crate::url::Segments;
use crate::visit::Visit;

/// Longest notification id that is remembered; kintone's are UUIDs of 36 characters.
const MAX_NOTIFICATION: usize = 100;

pub async fn handle(
    State(deps): State<Deps>,
    Segments((unit, secret)): Segments<(String, String)>,
    visit: Visit,
    body: Body,
) -> Result<Answer, Refusal> {
    let (path, body) = (format!("/r/{unit}"), door::body(body).await);
    let call = Call { secret: &secret, unit: Some(&unit), path, visit: &visit, body };
    admit(&deps, &call, |unit, let_in| {
        let request = request(unit, &call.json()?).map_err(|refusal| Turned::by(Cause::Content, refusal))?;
        let marked = |request: Request| Request { trigger: let_in.mark(request.trigger), ..request };
        Ok(match request {
            Some(request) => Wants::Runs(vec![marked(request)], None),
            None => Wants::Nothing(Answer::noted(catalogue::EVENT_IGNORED, 200, &[])),
        })
    })
    .await
}

/// The request of a notification; `None` for an event that the unit does not take.
fn request(unit: &Unit, body: &Map<String, Json>) -> Result<Option<Request>, Refusal> {
    let name = body
        .get("type")
        .and_then(Json::as_str)
        .ok_or_else(|| invalid("\"type\" は文字列です", "\"type\" must be a text"))?;
    let event = Event::parse(name).ok_or_else(|| Refusal::new(catalogue::EVENT_UNKNOWN))?;
    let app = body.get("app").and_then(|a| a.get("id")).and_then(record::id_number);
    let app = app
        .ok_or_else(|| invalid("\"app.id\" にはアプリ番号を指定してください", "\"app.id\" must be the app's number"))?;
    if app != unit.app {
        return Err(record::other_app(app));
    }
    let notification = match body.get("id") {
        None => None,
        Some(Json::String(id)) if !id.is_empty() && id.chars().count() <= MAX_NOTIFICATION => Some(id.clone()),
        Some(_) => {
            return Err(invalid("\"id\" は100文字までの文字列です", "\"id\" must be a text of at most 100 characters"));
        }
    };
    if !unit.events.is_empty() && !unit.events.contains(&event) {
        return Ok(None);
    }
    let (set, record, user) = match event {
        Event::DeleteRecord => of_id(unit, body, body.get("deletedBy"))?,
        Event::AddRecordComment => of_id(unit, body, body.get("comment").and_then(|c| c.get("creator")))?,
        Event::AddRecord | Event::UpdateRecord | Event::UpdateStatus => {
            let record = body.get("record").and_then(Json::as_object);
            let record =
                record.ok_or_else(|| invalid("\"record\" はオブジェクトです", "\"record\" must be an object"))?;
            let (set, number) = record::parameters(unit, record)?;
            (set, number, record::modifier(record))
        }
    };
    let trigger = Trigger {
        event: Some(event),
        notification,
        user: user.filter(|u| u.len() <= record::MAX_NAME).unwrap_or_default(),
        records: record.into_iter().collect(),
        ..Trigger::new(Method::Webhook, app)
    };
    Ok(Some(Request { trigger, payload: Payload { sets: vec![set] }, again_of: None }))
}

type Parts = (ParameterSet, Option<String>, Option<String>);

fn of_id(unit: &Unit, body: &Map<String, Json>, person: Option<&Json>) -> Result<Parts, Refusal> {
    let id = body.get("recordId").and_then(record::id_number);
    let id = id.ok_or_else(|| {
        invalid("\"recordId\" にはレコード番号を指定してください", "\"recordId\" must be the record's id")
    })?;
    let user = person.and_then(|p| p.get("code")).and_then(Json::as_str).map(str::to_owned);
    Ok((record::of_id(unit, &id.to_string()), Some(id.to_string()), user))
}
