//! A story's stage: a simulated kintone, the local stack and the demo company.

use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, SystemClock};
use model::ids::RunId;
use model::limits::UnitLimits;
use model::run::{Run, RunState};
use serde_json::Value as Json;
use sim::{Control, Sim};
use suiro::demo::company::Company;
use suiro::local::{Options, Stack};
use worker::observer::{LogObserver, Observer};

/// Everything a story needs; stops when it is dropped.
pub struct Stage {
    pub sim: Sim,
    pub stack: Stack,
    pub company: Company,
    pub http: reqwest::Client,
}

/// Starts a stage on the system's clock.
pub async fn stage() -> Stage {
    stage_with(Arc::new(SystemClock), UnitLimits::default()).await
}

/// Starts a stage on this clock.
pub async fn stage_with(clock: Arc<dyn Clock>, limits: UnitLimits) -> Stage {
    stage_told(clock, limits, Arc::new(LogObserver)).await
}

/// Starts a stage on this clock; the observer is told what happens.
pub async fn stage_told(clock: Arc<dyn Clock>, limits: UnitLimits, observer: Arc<dyn Observer>) -> Stage {
    let sim = Sim::start(sim::Options::default()).await.expect("a simulated kintone");
    let stack = Stack::start(Options { clock, observer, ..Options::default() }).await.expect("a local stack");
    let company = Company::open(&sim.control(), &sim.base_url(), &stack, limits).await.expect("a company");
    Stage { sim, stack, company, http: reqwest::Client::new() }
}

impl Stage {
    pub fn control(&self) -> Control {
        self.sim.control()
    }

    /// A POST of JSON; status and body.
    pub async fn post(&self, url: &str, body: &Json) -> (u16, Json) {
        let answer = self.http.post(url).json(body).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("a JSON body"))
    }

    /// The runs of the company's unit, oldest first.
    pub async fn runs(&self) -> Vec<Run> {
        let mut runs = self.stack.ledger.runs(&self.company.unit, 1000).await.expect("runs");
        runs.reverse();
        runs
    }

    /// Waits (in real time) until a condition holds; fails after twenty seconds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, mut holds: impl FnMut() -> F) {
        for _ in 0..2000 {
            if holds().await {
                return;
            }
            SystemClock.pause(Duration::from_millis(10)).await;
        }
        panic!("never: {what}; runs: {:#?}", self.runs().await);
    }

    /// Waits until so many runs have ended.
    pub async fn until_ended(&self, count: usize) -> Vec<Run> {
        self.until(&format!("{count} runs end"), || async {
            self.runs().await.iter().filter(|r| r.state.ended()).count() >= count
        })
        .await;
        self.runs().await
    }

    /// A field's value in a record of the simulated kintone.
    pub fn value(&self, app: u64, id: u64, code: &str) -> Json {
        self.control().record(app, id).expect("the record").fields[code].clone()
    }

    /// The log record of a run, as code and value.
    pub fn log_record(&self, run: &RunId) -> sim::Record {
        let mut found = self.control().records(self.company.log);
        found.retain(|r| r.fields["run_id"] == run.to_string());
        assert_eq!(found.len(), 1, "one log record of {run}");
        found.remove(0)
    }
}

/// Asserts that every run succeeded.
pub fn all_succeeded(runs: &[Run]) {
    for run in runs {
        assert_eq!(run.state, RunState::Succeeded, "{run:#?}");
    }
}
