//! The door: who holds a secret, which unit it opens, and the body that came with it.

use axum::body::Body;
use model::catalogue;
use model::keys;
use model::limits::MAX_BODY;
use model::secret_url::{Secret, SecretItem};
use model::store::{Item, Key};
use model::unit::Unit;
use serde_json::Value as Json;

use crate::Deps;
use crate::answer::Refusal;

/// A unit whose door stands open, with its state as it was read.
pub struct Opened {
    pub unit: Unit,
    pub state: Item,
}

/// Opens by secret. An unknown unit, a wrong secret, a dropped one and an expired one are one and the same 404.
pub async fn open(deps: &Deps, secret: &str, unit: Option<&str>) -> Result<Opened, Refusal> {
    let secret = Secret::parse(secret).ok_or_else(unknown)?;
    let item = held(deps, keys::secret(&secret.hash())).await?.ok_or_else(unknown)?;
    if unit.is_some_and(|unit| unit != item.unit.0) {
        return Err(unknown());
    }
    let mut found = deps.ledger.store().get(&[keys::unit(&item.unit), keys::state(&item.unit)]).await?.into_iter();
    match (found.next().flatten(), found.next().flatten()) {
        (Some(unit), Some(state)) => Ok(Opened { unit: unit.decode()?, state }),
        _ => Err(unknown()),
    }
}

/// Checks an access token of the trigger API against the unit.
pub async fn check_token(deps: &Deps, token: &str, unit: &Unit) -> Result<(), Refusal> {
    let invalid = || Refusal::new(catalogue::TOKEN_INVALID);
    let token = Secret::parse(token).ok_or_else(invalid)?;
    let item = held(deps, keys::token(&token.hash())).await?;
    item.filter(|i| i.unit == unit.id).map(|_| ()).ok_or_else(invalid)
}

async fn held(deps: &Deps, key: Key) -> Result<Option<SecretItem>, Refusal> {
    let item = deps.ledger.store().get(&[key]).await?.pop().flatten();
    let item: Option<SecretItem> = item.as_ref().map(Item::decode).transpose()?;
    Ok(item.filter(|i| i.alive(deps.ledger.clock().now())))
}

fn unknown() -> Refusal {
    Refusal::new(catalogue::URL_UNKNOWN)
}

/// The body as a JSON object, of at most 1 MiB.
pub async fn body(body: Body) -> Result<serde_json::Map<String, Json>, Refusal> {
    let unread = |error: axum::Error| match error.to_string().contains("length limit") {
        true => Refusal::new(catalogue::BODY_TOO_LARGE),
        false => Refusal::new(catalogue::BODY_MALFORMED).detail("the body did not arrive whole"),
    };
    let bytes = axum::body::to_bytes(body, MAX_BODY).await.map_err(unread)?;
    match serde_json::from_slice(&bytes) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(Refusal::new(catalogue::BODY_MALFORMED).detail("an object is expected")),
        Err(e) => {
            Err(Refusal::new(catalogue::BODY_MALFORMED).detail(format!("line {}, column {}", e.line(), e.column())))
        }
    }
}
