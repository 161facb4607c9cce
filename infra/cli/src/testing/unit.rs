//! The flow of a case as a unit, with a ledger, files and credentials in memory: what runs it is the worker itself, so that
//! numbers are counted and other units called as they are where the flow is deployed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::Connector;
use connect::storage::Storage;
use flow::formula::Parameters;
use model::clock::{ManualClock, Timestamp};
use model::ids::UnitId;
use model::ledger::{Admitted, Ledger, NewUnit, Request};
use model::ports::{Credential, Hide, Login, Nudge, NudgeError, Nudges, Vault};
use model::run::{Method, ParameterSet, Payload, Run, RunState, Trigger};
use model::store::memory::MemoryStore;
use model::unit::{Connection, Unit};
use worker::observer::LogObserver;
use worker::{Deps, NoHold};

use super::CaseError;
use super::case::Case;
use crate::local::FileVault;

/// The domain of the units of a case, and the name of their connection.
const DOMAIN: &str = "test";

/// Most calls of one unit that are looked at: a run makes fewer.
const MOST_CALLS: usize = 100;

/// Units that are called wait in the ledger, where the case looks for what they were called with.
struct NobodyNudged;

#[async_trait]
impl Nudges for NobodyNudged {
    async fn nudge(&self, _: &Nudge) -> Result<(), NudgeError> {
        Ok(())
    }
}

#[async_trait]
impl Hide for NobodyNudged {
    async fn hide(&self, _: &str, _: Duration) {}
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// Well.
    Well,
    /// With a code and what there is to say.
    Failed(String),
}

/// The units of a case: that of its flow, and those that it may call.
pub struct Units {
    deps: Deps,
    called: BTreeMap<String, UnitId>,
}

fn told(error: impl std::fmt::Display) -> CaseError {
    CaseError(error.to_string())
}

impl Units {
    /// Makes the units to be called; each takes the parameters that the case gives it.
    pub async fn new<'a>(
        case: &Case,
        kintone: (&str, (&str, &str)),
        connector: &Connector,
        called: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, CaseError> {
        let (base_url, (name, password)) = kintone;
        let clock = Arc::new(ManualClock::new(Timestamp(case.now.as_millisecond())));
        let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock);
        let vault = FileVault::new(None);
        let login = Login { name: name.to_owned(), password: password.to_owned() };
        vault.put(DOMAIN, &Credential::Password { login, basic: None }).await.map_err(told)?;
        let connection = Connection {
            name: DOMAIN.to_owned(),
            base_url: base_url.to_owned(),
            guest_space: None,
            credential: DOMAIN.to_owned(),
            expires: None,
        };
        ledger.put_connection(DOMAIN, &connection).await.map_err(told)?;
        for number in &case.numbers {
            ledger.put_named_number(DOMAIN, number).await.map_err(told)?;
        }
        let deps = Deps {
            ledger,
            vault: Arc::new(vault),
            connector: connector.clone(),
            files: Storage::memory(),
            observer: Arc::new(LogObserver),
            nudges: Arc::new(NobodyNudged),
            wake: Arc::new(NobodyNudged),
        };
        let mut units = Self { deps, called: BTreeMap::new() };
        for name in called {
            if units.called.contains_key(name) {
                continue;
            }
            let expected = case.calls.iter().filter(|(unit, _)| unit == name).flat_map(|(_, calls)| calls);
            let takes = expected.flat_map(|table| &table.columns).map(|column| (column.name.clone(), None)).collect();
            let id = units.add(Unit { name: name.to_owned(), parameters: takes, ..unit(case) }, Vec::new()).await?;
            units.called.insert(name.to_owned(), id);
        }
        Ok(units)
    }

    async fn add(&self, unit: Unit, flows: Vec<String>) -> Result<UnitId, CaseError> {
        Ok(self.deps.ledger.add_unit(NewUnit { unit, flows }).await.map_err(told)?.0)
    }

    /// Runs the case's flow as the worker does.
    pub async fn run(&self, case: &Case, name: &str, sets: &[Parameters]) -> Result<Ended, CaseError> {
        let own = Unit { name: name.to_owned(), flows: vec![name.to_owned()], ..unit(case) };
        let id = self.add(own, vec![case.flow.clone()]).await?;
        let ledger = &self.deps.ledger;
        let set = |set: &Parameters| set.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let trigger = Trigger::new(Method::Api, app(case));
        let payload = Payload { sets: sets.iter().map(set).collect() };
        let unit = ledger.unit(&id).await.map_err(told)?;
        let request = Request { trigger, payload, again_of: None };
        let admitted = ledger.admit(&unit, None, &[request], true).await.map_err(told)?;
        let Admitted::Queued(runs) = admitted else {
            return Err(CaseError::new("実行を始められません", "the run cannot be started"));
        };
        worker::handle(&self.deps, &Nudge::new(DOMAIN, id), "flow test", &NoHold).await.map_err(told)?;
        let Some(run) = runs.first() else { return Ok(Ended::Well) };
        Ok(ended(&ledger.run(run).await.map_err(told)?))
    }

    /// With what a unit was called: the sets of each call, in order.
    pub async fn calls(&self, unit: &str) -> Result<Vec<Vec<ParameterSet>>, CaseError> {
        let Some(id) = self.called.get(unit) else { return Ok(Vec::new()) };
        let ledger = &self.deps.ledger;
        let mut runs = ledger.runs(id, MOST_CALLS).await.map_err(told)?;
        runs.sort_by_key(|run| run.id.seq);
        let mut calls = Vec::with_capacity(runs.len());
        for run in runs {
            calls.push(ledger.payload(&run).await.map_err(told)?.sets);
        }
        Ok(calls)
    }

    /// The units that the flow may call, by the name that it gives them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.called.keys().map(String::as_str)
    }
}

fn app(case: &Case) -> u64 {
    case.apps.first().map_or(1, |app| app.number)
}

/// A unit of a case, without name and flows; the ledger gives it its id.
fn unit(case: &Case) -> Unit {
    Unit::new(DOMAIN, "", app(case), DOMAIN)
}

fn ended(run: &Run) -> Ended {
    match run.state {
        RunState::Succeeded => Ended::Well,
        state => {
            let code = run.code.map_or_else(|| state.as_str().to_owned(), |code| code.to_string());
            Ended::Failed(format!("{code}\n{}", run.message))
        }
    }
}
