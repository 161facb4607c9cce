//! What an administrator does: units, their URLs, connections; and runs looked at, taken back or run again.

use super::taking::put_gate_of;
use super::{Admitted, Ledger, LedgerError, RACES, Request};
use crate::catalogue;
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::limits;
use crate::notice::About;
use crate::run::{Method, Run, RunState, Trigger};
use crate::schedule_gate;
use crate::secret_url::{DEAD_KEPT, Secret, SecretItem, SecretRef};
use crate::store::{Expect, Write};
use crate::unit::{Connection, Disabled, Unit, UnitState};

/// A unit to be made.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// Its definition; id and secrets are set by the ledger.
    pub unit: Unit,
    /// Its flow documents, in order.
    pub flows: Vec<String>,
}

/// A unit with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitView {
    /// The definition.
    pub unit: Unit,
    /// The state.
    pub state: UnitState,
}

impl Ledger {
    /// Makes a unit; answers its id and the secret of its URL, which is not kept anywhere else.
    pub async fn add_unit(&self, new: NewUnit) -> Result<(UnitId, Secret), LedgerError> {
        let id = UnitId::random();
        let secret = Secret::random();
        let mut unit = new.unit;
        (unit.id, unit.changed) = (id.clone(), 0);
        unit.secrets = vec![SecretRef::new(secret.hash(), None)];
        let (now, mut state) = (self.clock.now(), UnitState::default());
        self.note_credential(now, &unit, &mut state).await?;
        let mut writes = vec![
            Write::put(keys::unit(&id), &unit, Expect::Absent)?,
            Write::put(keys::state(&id), &state, Expect::Absent)?.due(state.due(now)),
            Write::put(keys::unit_of_domain(&unit.domain, &id), &serde_json::json!({}), Expect::Absent)?,
            put_secret(&secret.hash(), &SecretItem::new(id.clone(), None))?,
            Write::put(keys::domain(&unit.domain), &serde_json::json!({}), Expect::Any)?,
        ];
        for (n, text) in new.flows.iter().enumerate() {
            writes.push(Write::put(keys::flow(&id, n), &serde_json::json!({ "text": text }), Expect::Absent)?);
        }
        self.won(writes, 0).await?.then_some((id, secret)).ok_or_else(Self::too_many_races)
    }

    /// The flow documents of a unit, in order.
    pub async fn flows(&self, unit: &Unit) -> Result<Vec<String>, LedgerError> {
        let wanted: Vec<_> = (0..unit.flows.len()).map(|n| keys::flow(&unit.id, n)).collect();
        let items = self.store.get(&wanted).await?;
        let text = |i: Option<crate::store::Item>| i.and_then(|i| i.body["text"].as_str().map(str::to_owned));
        let texts: Option<Vec<String>> = items.into_iter().map(text).collect();
        texts.ok_or_else(|| LedgerError::Store(crate::store::StoreError::Corrupt("a flow document is missing".into())))
    }

    /// The domains that have units.
    pub async fn domains(&self) -> Result<Vec<String>, LedgerError> {
        let found = self.store.list(keys::DOMAINS, "", None, false, 10_000).await?;
        Ok(found.into_iter().map(|(key, _)| key.sk).collect())
    }

    /// The units of a domain with their states.
    pub async fn units(&self, domain: &str) -> Result<Vec<UnitView>, LedgerError> {
        let (partition, mut after, mut found) = (keys::domain_partition(domain), None::<String>, Vec::new());
        loop {
            let page = self.store.list(&partition, keys::UNIT_OF_DOMAIN, after.as_deref(), false, 100).await?;
            let Some((last, _)) = page.last() else { return Ok(found) };
            after = Some(last.sk.clone());
            for (key, _) in &page {
                let id = UnitId(key.sk.trim_start_matches(keys::UNIT_OF_DOMAIN).to_owned());
                found.push(UnitView { unit: self.unit(&id).await?, state: self.state(&id).await? });
            }
        }
    }

    /// Enables or disables a unit. What waits already still runs.
    pub async fn set_enabled(&self, id: &UnitId, enabled: bool) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let item = self.get_one(keys::state(id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
            let mut state: UnitState = item.decode()?;
            if state.enabled == enabled {
                return Ok(());
            }
            state.enabled = enabled;
            state.notices.retain(|notice| notice.about != About::SwitchedOff);
            state.disabled = (!enabled).then(|| Disabled { at: self.clock.now(), refusals: None });
            if self.won(vec![self.put_state(id, &state, &item, self.clock.now())?], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Stores or replaces a connection of a domain.
    pub async fn put_connection(&self, domain: &str, connection: &Connection) -> Result<(), LedgerError> {
        let write = Write::put(keys::connection(domain, &connection.name), connection, Expect::Any)?;
        self.won(vec![write], 0).await?.then_some(()).ok_or_else(Self::too_many_races)
    }

    /// A connection of a domain.
    pub async fn connection(&self, domain: &str, name: &str) -> Result<Option<Connection>, LedgerError> {
        let item = self.get_one(keys::connection(domain, name)).await?;
        Ok(item.as_ref().map(crate::store::Item::decode).transpose()?)
    }

    /// Runs of a unit, newest first.
    pub async fn runs(&self, unit: &UnitId, limit: usize) -> Result<Vec<Run>, LedgerError> {
        let items = self.store.list(&keys::unit_partition(unit), keys::RUN, None, true, limit).await?;
        items.iter().map(|(_, item)| Ok(item.decode()?)).collect()
    }

    /// Runs an ended run anew: a new request with the same parameters. The sweep's next round starts it.
    pub async fn run_again(&self, id: &RunId) -> Result<Admitted, LedgerError> {
        let run = self.run(id).await?;
        if !run.state.ended() {
            return Err(LedgerError::WrongState(id.clone(), run.state.as_str()));
        }
        if run.trigger.method == Method::Flood {
            return Err(LedgerError::Flood(id.clone()));
        }
        let unit = self.unit(&id.unit).await?;
        let payload = self.payload(&run).await?;
        let first = run.trigger.first.or(Some(run.trigger.method));
        let method = Method::Again;
        let trigger = Trigger { method, first, notification: None, request_id: None, signed: None, ..run.trigger };
        let request = Request { trigger, payload, again_of: Some(id.clone()) };
        self.admit(&unit, None, &[request], false).await
    }

    /// Takes a waiting run back: it ends as `cancelled`. One that has started and that no worker has, because it waits for the
    /// output budget or for something outside, is ended by the next worker, which reads what it has written; the sweep's next
    /// round wakes it. It is answered as it is until then.
    pub async fn cancel(&self, id: &RunId) -> Result<Run, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let (mut run, run_item) = self.run_item(&id.unit, id.seq).await?;
            let state_item =
                self.get_one(keys::state(&id.unit)).await?.ok_or_else(|| LedgerError::NoUnit(id.unit.clone()))?;
            let mut state: UnitState = state_item.decode()?;
            if let Some(lease) = state.running.as_mut().filter(|lease| lease.seq == id.seq && lease.is_left()) {
                (lease.cancelled, lease.handed_over, lease.parked, lease.until) = (true, true, None, now);
                if let Some(awaits) = &mut lease.awaits {
                    // From here on, for some minutes.
                    awaits.since = now;
                }
                let unit = self.unit(&id.unit).await?;
                let (mut gate, gate_item) = self.gate_item(&unit.domain).await?;
                if run.trigger.method == Method::Schedule {
                    schedule_gate::wake(&mut gate, id, now);
                } else {
                    gate.leave(now, id);
                }
                let writes = vec![
                    self.put_state(&id.unit, &state, &state_item, now)?,
                    put_gate_of(&unit.domain, &gate, gate_item.as_ref())?,
                ];
                if self.won(writes, round).await? {
                    return Ok(run);
                }
                continue;
            }
            if run.state != RunState::Queued {
                return Err(LedgerError::WrongState(id.clone(), run.state.as_str()));
            }
            state.take_back(id.seq);
            (run.state, run.code) = (RunState::Cancelled, Some(catalogue::RUN_CANCELLED));
            run.ended_at = Some(now);
            let put = Write::put(keys::run(id), &run, Expect::Version(run_item.version))?;
            let mut writes =
                vec![self.put_state(&id.unit, &state, &state_item, now)?, put.expiring(now + limits::RUN_KEPT)];
            if run.trigger.method == Method::Schedule {
                let domain = self.unit(&id.unit).await?.domain;
                let (mut gate, gate_item) = self.gate_item(&domain).await?;
                gate.leave(now, id);
                writes.push(put_gate_of(&domain, &gate, gate_item.as_ref())?);
            }
            if self.won(writes, round).await? {
                return Ok(run);
            }
        }
        Err(Self::too_many_races())
    }

    /// Lets every lease of the domain's units lapse now, and what their workers held of the domain. What is parked stays
    /// parked: no worker has it.
    ///
    /// Only for a process that knows that no other worker lives (it holds the data folder's lock): then a worker that
    /// was killed need not be waited for.
    pub async fn lapse_leases(&self, domain: &str) -> Result<Vec<UnitId>, LedgerError> {
        self.lapse_gate(domain).await?;
        let mut lapsed = Vec::new();
        for view in self.units(domain).await? {
            for round in 0..RACES {
                let now = self.clock.now();
                let key = keys::state(&view.unit.id);
                let Some(item) = self.get_one(key).await? else { break };
                let mut state: UnitState = item.decode()?;
                let Some(lease) = state.running.as_mut().filter(|lease| lease.parked.is_none()) else { break };
                lease.until = now;
                if self.won(vec![self.put_state(&view.unit.id, &state, &item, now)?], round).await? {
                    lapsed.push(view.unit.id.clone());
                    break;
                }
            }
        }
        Ok(lapsed)
    }
}

impl Ledger {
    async fn lapse_gate(&self, domain: &str) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let (mut gate, item) = self.gate_item(domain).await?;
            if item.is_none() {
                return Ok(());
            }
            gate.writing.clear();
            for scheduled in &mut gate.schedules {
                scheduled.lease = scheduled.lease.map(|lease| lease.min(now));
            }
            if self.won(vec![put_gate_of(domain, &gate, item.as_ref())?], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }
}

/// Stores a secret. One that dies is remembered for a while.
pub(super) fn put_secret(hash: &str, item: &SecretItem) -> Result<Write, LedgerError> {
    let write = Write::put(keys::secret(hash), item, Expect::Any)?;
    Ok(match item.until {
        Some(at) => write.expiring(at + DEAD_KEPT),
        None => write,
    })
}
