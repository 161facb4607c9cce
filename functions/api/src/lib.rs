//! Realtime URLs: verify, admit, nudge, tell the state. The only function that the internet reaches.
//!
//! It holds two ports: the ledger (which it uses for verification, admission and state) and nudges. No token, no
//! kintone, no payload comes back through it. [`router`] is the whole of it; main.rs and `suiro serve` only host it.

pub mod answer;
pub mod config;
mod door;
mod record;
mod sheet;
mod trigger;
mod url;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, post};
use model::catalogue;
use model::ids::RunId;
use model::ledger::{Admitted, Ledger, Request};
use model::limits::MAX_PAYLOAD;
use model::ports::{Nudge, Nudges};
use model::store::Item;
use model::unit::Unit;

use crate::answer::{Answer, Refusal};

/// What api may use.
#[derive(Clone)]
pub struct Deps {
    /// Units, runs, secrets' hashes.
    pub ledger: Ledger,
    /// The queue.
    pub nudges: Arc<dyn Nudges>,
}

/// The three ways in.
pub fn router(deps: Deps) -> Router {
    Router::new()
        .route("/r/{unit}/{secret}", post(webhook::handle).fallback(answer::wrong_method))
        .route("/r/{unit}/{secret}/sheet", post(sheet::handle).fallback(answer::wrong_method))
        .route("/trigger/v1/{url}/token", post(trigger::token).fallback(answer::wrong_method))
        .route("/trigger/v1/{url}/run", post(trigger::run).fallback(answer::wrong_method))
        .route(
            "/trigger/v1/{url}/status",
            post(trigger::status).get(trigger::status_by_get).fallback(answer::wrong_method),
        )
        .route("/health", any(|| async { "ok" }))
        .fallback(|| async { Refusal::new(catalogue::URL_UNKNOWN) })
        // Bodies are limited by door::body, which answers in the catalogue's words.
        .layer(DefaultBodyLimit::disable())
        .with_state(deps)
}

/// Admits requests and nudges the unit. The nudge may be lost: the run is recorded, and the sweep finds it.
async fn admit(deps: &Deps, unit: &Unit, state: Item, requests: Vec<Request>) -> Result<Answer, Refusal> {
    let fits = |r: &Request| serde_json::to_vec(&r.payload).is_ok_and(|bytes| bytes.len() <= MAX_PAYLOAD);
    if !requests.iter().all(fits) {
        let detail = "the fields that the flows name are larger than 300 KB together";
        return Err(Refusal::new(catalogue::BODY_TOO_LARGE).detail(detail));
    }
    let admitted = deps.ledger.admit(unit, Some(state), &requests, true).await?;
    let answer = match admitted {
        Admitted::Queued(runs) => {
            for _ in &runs {
                nudge(deps, unit).await;
            }
            Answer::accepted(&runs)
        }
        Admitted::Late(run) => {
            nudge(deps, unit).await; // for its log record
            Answer::noted(catalogue::TIMED_OUT, 202, &[run])
        }
        Admitted::Duplicate(run) => Answer::noted(catalogue::NOTIFICATION_SEEN, 200, &[run]),
        Admitted::Disabled => return Err(Refusal::new(catalogue::UNIT_DISABLED)),
        Admitted::TooMany { retry_at } => {
            let seconds = deps.ledger.clock().now().until(retry_at).as_secs_f64().ceil().max(1.0);
            return Err(Refusal::new(catalogue::TOO_MANY_WAITING).retry_after(seconds as u64));
        }
    };
    Ok(answer)
}

async fn nudge(deps: &Deps, unit: &Unit) {
    if let Err(error) = deps.nudges.nudge(&Nudge::new(&unit.domain, unit.id.clone())).await {
        tracing::warn!(unit = %unit.id, %error, "nudge not sent; the sweep will send it");
    }
}

/// The runs' ids as text.
fn texts(runs: &[RunId]) -> Vec<String> {
    runs.iter().map(ToString::to_string).collect()
}
