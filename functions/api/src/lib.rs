//! Realtime URLs: verify, admit, nudge, tell the state. The only function that the internet reaches.
//!
//! It holds two ports: the ledger (which it uses for verification, admission and state) and nudges. No token, no
//! kintone, no payload comes back through it. [`router`] is the whole of it; main.rs and `suiro serve` only host it.

mod admission;
pub mod answer;
pub mod config;
mod door;
pub mod guard;
mod record;
mod sheet;
mod trigger;
mod url;
mod visit;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, post};
use model::catalogue;
use model::ids::RunId;
use model::ledger::Ledger;
use model::ports::Nudges;

use crate::answer::Refusal;
use crate::guard::Guard;

/// What api may use.
#[derive(Clone)]
pub struct Deps {
    /// Units, runs, secrets' hashes.
    pub ledger: Ledger,
    /// The queue.
    pub nudges: Arc<dyn Nudges>,
    /// What this process remembers of refused calls.
    pub guard: Arc<Guard>,
}

impl Deps {
    /// With an empty memory.
    pub fn new(ledger: Ledger, nudges: Arc<dyn Nudges>) -> Self {
        Self { ledger, nudges, guard: Arc::default() }
    }
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

/// The runs' ids as text.
fn texts(runs: &[RunId]) -> Vec<String> {
    runs.iter().map(ToString::to_string).collect()
}
