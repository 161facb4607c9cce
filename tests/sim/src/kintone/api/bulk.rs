//! bulkRequest: up to 20 writing calls, in order, all or none.

use serde_json::Value;

use super::{Answer, Refusal, run_part};
use crate::kintone::catalogue::{self, BAD_JSON};
use crate::kintone::changes::Changes;
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::params::Params;
use crate::kintone::route::{self, Op};
use crate::kintone::scope::Scope;
use crate::kintone::text::Text;
use crate::kintone::world::World;

/// The most parts.
pub const PARTS_AT_MOST: usize = 20;

const TOO_MANY_PARTS: Text =
    Text::fixed("一度に20件までのリクエストを指定できます。", "A maximum of 20 requests can be specified at one time.");

/// `POST bulkRequest.json`.
pub fn run(world: &mut World, changes: &mut Changes, scope: &Scope, mut params: Params) -> Result<Answer, Refusal> {
    params.require(&["requests"])?;
    let Some(Value::Array(parts)) = params.take("requests") else { return Err(BAD_JSON.into()) };
    if parts.len() > PARTS_AT_MOST {
        return Err(ApiError::invalid_at("requests", TOO_MANY_PARTS).into());
    }
    let of = parts.len();
    // No part tells a webhook, whatever it would do alone.
    let scope = Scope { tells_webhooks: false, ..scope.clone() };
    let mut body = b"{\"results\":[".to_vec();
    for (index, part) in parts.into_iter().enumerate() {
        let answer = run_one(world, changes, &scope, part).map_err(|error| Refusal::Part { index, of, error })?;
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&answer.body);
    }
    body.extend_from_slice(b"]}");
    Ok(Answer { body, warning: None })
}

fn run_one(world: &mut World, changes: &mut Changes, scope: &Scope, part: Value) -> ApiResult<Answer> {
    let mut part = Params::from_value(part)?;
    part.require(&["method", "api"])?;
    let (method, api) = (part.text("method")?.unwrap_or_default(), part.text("api")?.unwrap_or_default());
    let route = route::find(&method, &api).unwrap_or(Err(catalogue::ILLEGAL))?;
    if route.guest_space != scope.guest_space || !is_allowed(route.op) {
        return Err(catalogue::ILLEGAL);
    }
    let payload = part.take("payload").unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    run_part(world, changes, scope, route.op, Params::from_value(payload)?)
}

fn is_allowed(op: Op) -> bool {
    matches!(
        op,
        Op::AddRecord
            | Op::UpdateRecord
            | Op::AddRecords
            | Op::UpdateRecords
            | Op::DeleteRecords
            | Op::UpdateStatus
            | Op::UpdateStatuses
            | Op::UpdateAssignees
    )
}
