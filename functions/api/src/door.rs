//! The door: who holds a secret, which unit it opens, and the body that came with it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use model::catalogue;
use model::clock::Timestamp;
use model::keys;
use model::limits::MAX_BODY;
use model::refusals::Cause;
use model::run::Trigger;
use model::secret_url::{Secret, SecretItem};
use model::signature::{self, Signed};
use model::store::{Item, Key};
use model::unit::{Unit, UnitState};
use serde_json::{Map, Value as Json};

use crate::Deps;
use crate::answer::Refusal;
use crate::visit::Visit;

/// A unit whose door stands open, with its state as it was read.
#[derive(Debug)]
pub struct Opened {
    pub unit: Arc<Unit>,
    pub state: UnitState,
    pub item: Item,
    pub secret: SecretItem,
}

/// A call at a door.
#[derive(Debug)]
pub struct Call<'a> {
    pub secret: &'a str,
    /// The unit that the path names, where it names one.
    pub unit: Option<&'a str>,
    /// The path without the secret: what is signed.
    pub path: String,
    pub visit: &'a Visit,
    pub body: Result<Bytes, Refusal>,
}

/// A call that is not let in.
#[derive(Debug)]
pub struct Turned {
    /// Why, where the secret is a unit's: then it is counted there.
    pub cause: Option<Cause>,
    pub refusal: Refusal,
}

impl Turned {
    /// Counted as this.
    pub fn by(cause: Cause, refusal: Refusal) -> Self {
        Self { cause: Some(cause), refusal }
    }
}

/// What lets a call in: the caller's name and the signature, for the run's trigger.
#[derive(Clone, Debug, Default)]
pub struct LetIn {
    client: Option<String>,
    signed: Option<Signed>,
}

impl LetIn {
    /// The trigger with who called.
    pub fn mark(&self, trigger: Trigger) -> Trigger {
        Trigger { client: self.client.clone(), signed: self.signed.clone(), ..trigger }
    }
}

impl Call<'_> {
    /// The secret's hash. What cannot be a secret is an unknown URL, and costs no read.
    pub fn hash(&self) -> Result<String, Refusal> {
        Secret::parse(self.secret).map(|secret| secret.hash()).ok_or_else(unknown)
    }

    /// Whether this call is let in. A unit that the secret does not open and an address that the unit does not take are the
    /// same 404 as a wrong secret.
    pub fn verify(&self, now: Timestamp, opened: &Opened) -> Result<LetIn, Turned> {
        if self.unit.is_some_and(|unit| unit != opened.unit.id.0) {
            return Err(Turned { cause: None, refusal: unknown() });
        }
        if !opened.secret.alive(now) {
            return Err(Turned::by(Cause::Dead, unknown()));
        }
        if !opened.unit.doors.lets_in(self.visit.source) {
            return Err(Turned::by(Cause::Address, unknown()));
        }
        let client = opened.secret.caller.clone();
        let invalid =
            |ja, en: &str| Turned::by(Cause::Signature, Refusal::new(catalogue::SIGNATURE_INVALID).detail(ja, en));
        let Some(key) = &opened.secret.key else { return Ok(LetIn { client, signed: None }) };
        let (Some(timestamp), Some(signature)) = (&self.visit.timestamp, &self.visit.signature) else {
            return Err(invalid(
                "x-suiro-timestamp と x-suiro-signature が必要です",
                "x-suiro-timestamp and x-suiro-signature are needed",
            ));
        };
        let query = self.visit.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let (path, body) = (format!("{}{query}", self.path), self.bytes()?);
        let call = signature::Call { timestamp, signature, method: &self.visit.method, path: &path, body };
        let window = opened.unit.doors.signature_window();
        let signed =
            signature::check(now, window, &key.0, &call).map_err(|error| invalid(error.ja(), &error.to_string()))?;
        Ok(LetIn { client, signed: Some(signed) })
    }

    fn bytes(&self) -> Result<&Bytes, Turned> {
        self.body.as_ref().map_err(|refusal| Turned::by(Cause::Content, refusal.clone()))
    }

    /// The body as a JSON object.
    pub fn json(&self) -> Result<Map<String, Json>, Turned> {
        let malformed =
            |ja: String, en: String| Turned::by(Cause::Content, Refusal::new(catalogue::BODY_MALFORMED).detail(ja, en));
        match serde_json::from_slice(self.bytes()?) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(_) => Err(malformed("オブジェクトではありません".into(), "an object is expected".into())),
            Err(e) => {
                let (line, column) = (e.line(), e.column());
                Err(malformed(format!("{line}行{column}列"), format!("line {line}, column {column}")))
            }
        }
    }
}

/// Finds what stands behind a secret's hash, reading anew; a dead secret is among it, and [`Call::verify`] refuses it. An
/// unknown unit, a wrong secret, a dropped one and an expired one are one and the same 404.
pub async fn open(deps: &Deps, hash: &str) -> Result<Arc<Opened>, Refusal> {
    let secret = held(deps, keys::secret(hash)).await?.ok_or_else(unknown)?;
    let mut found = deps.ledger.store().get(&[keys::unit(&secret.unit), keys::state(&secret.unit)]).await?.into_iter();
    match (found.next().flatten(), found.next().flatten()) {
        (Some(unit), Some(item)) => {
            let (unit, state) = (Arc::new(unit.decode()?), item.decode()?);
            Ok(Arc::new(Opened { unit, state, item, secret }))
        }
        _ => Err(unknown()),
    }
}

/// Opens for a call that starts nothing, and counts it where it is not let in.
pub async fn enter(deps: &Deps, call: &Call<'_>) -> Result<Arc<Opened>, Refusal> {
    deps.guard.note(&deps.ledger).await;
    let (hash, now) = (call.hash()?, deps.ledger.clock().now());
    if let Some(recent) = deps.guard.recent(&hash, now)
        && let Err(turned) = call.verify(now, &recent)
    {
        return Err(turn(deps, &recent, turned).await);
    }
    let opened = open(deps, &hash).await?;
    match call.verify(now, &opened) {
        Ok(_) => Ok(opened),
        Err(turned) => {
            deps.guard.remember(&hash, &opened, now);
            Err(turn(deps, &opened, turned).await)
        }
    }
}

/// Counts a call that is not let in.
pub async fn turn(deps: &Deps, opened: &Opened, turned: Turned) -> Refusal {
    if let Some(cause) = turned.cause {
        deps.guard.count(&deps.ledger, &opened.unit, cause).await;
    }
    turned.refusal
}

/// Checks an access token of the trigger API against the unit, and against the caller that it was given to.
pub async fn check_token(deps: &Deps, token: &str, opened: &Opened) -> Result<(), Turned> {
    let invalid = || Turned::by(Cause::Token, Refusal::new(catalogue::TOKEN_INVALID));
    let token = Secret::parse(token).ok_or_else(invalid)?;
    let item = held(deps, keys::token(&token.hash())).await.map_err(|refusal| Turned { cause: None, refusal })?;
    let now = deps.ledger.clock().now();
    let own = |item: &SecretItem| item.alive(now) && item.unit == opened.unit.id && item.caller == opened.secret.caller;
    item.filter(own).map(|_| ()).ok_or_else(invalid)
}

async fn held(deps: &Deps, key: Key) -> Result<Option<SecretItem>, Refusal> {
    let item = deps.ledger.store().get(&[key]).await?.pop().flatten();
    Ok(item.as_ref().map(Item::decode).transpose()?)
}

fn unknown() -> Refusal {
    Refusal::new(catalogue::URL_UNKNOWN)
}

/// The body, of at most 1 MiB.
pub async fn body(body: Body) -> Result<Bytes, Refusal> {
    let unread = |error: axum::Error| match error.to_string().contains("length limit") {
        true => Refusal::new(catalogue::BODY_TOO_LARGE),
        false => {
            Refusal::new(catalogue::BODY_MALFORMED).detail("本文が途中で切れています", "the body did not arrive whole")
        }
    };
    axum::body::to_bytes(body, MAX_BODY).await.map_err(unread)
}
