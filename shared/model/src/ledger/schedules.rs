//! Schedules of units: kept, listed, and falling due.

use super::admission::{Request, new_run};
use super::taking::{Read, put_gate_of};
use super::{Ledger, LedgerError, RACES};
use crate::clock::Timestamp;
use crate::domain::{DomainState, Scheduled};
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::limits::{MAX_SCHEDULED, PAYLOAD_KEPT};
use crate::ports::Nudge;
use crate::run::{Method, Payload, Run, RunState, Trigger};
use crate::schedule::{Overlap, Schedule, ScheduleError, ScheduleId};
use crate::schedule_gate;
use crate::store::{Expect, Item, Key, Write};
use crate::unit::{Unit, UnitState, Waiting};

/// A schedule, as the table holds it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ScheduleView {
    /// The schedule.
    #[serde(flatten)]
    pub schedule: Schedule,
    /// When it falls due next; `None` where it is disabled, or never falls due again.
    #[serde(default)]
    pub next: Option<Timestamp>,
    /// When it fell due last.
    #[serde(default)]
    pub last: Option<Timestamp>,
    /// How often it fell due and nothing was run: its run before had not ended, its unit was disabled, or too many waited.
    #[serde(default)]
    pub skipped: u64,
}

/// What became of a schedule that was to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// Its run stands in the domain's row.
    Run(RunId),
    /// Its run before has not ended, and it does not queue.
    Overlaps,
    /// As many scheduled runs wait in the domain as may.
    Full,
    /// Its unit is disabled.
    Disabled,
}

/// What a look at what is due has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FallenDue {
    /// The nudges to be sent. One that is not sent is found again by the next look.
    pub nudges: Vec<Nudge>,
    /// What could not be entered, by its sort key, and why; it is still due.
    pub failed: Vec<(String, LedgerError)>,
}

impl ScheduleView {
    fn write(&self, domain: &str, expect: Expect) -> Result<Write, LedgerError> {
        let key = keys::schedule(domain, &self.schedule.unit, &self.schedule.id);
        Ok(Write::put(key, self, expect)?.due(self.next))
    }
}

impl Ledger {
    /// Adds a schedule to its unit; an empty id asks for a new one, a known id replaces that schedule. One that is enabled must
    /// give a value to all that the unit's flows name.
    pub async fn put_schedule(&self, schedule: Schedule) -> Result<ScheduleView, LedgerError> {
        let now = self.clock.now();
        schedule.check(now)?;
        let mut schedule = schedule;
        if schedule.id.0.is_empty() {
            schedule.id = ScheduleId::random();
        }
        for round in 0..RACES {
            let unit_item = self.get_one(keys::unit(&schedule.unit)).await?;
            let unit_item = unit_item.ok_or_else(|| LedgerError::NoUnit(schedule.unit.clone()))?;
            let unit: Unit = unit_item.decode()?;
            let missing = schedule.missing(&unit);
            // The unit's flows may have changed since: then it can still be switched off.
            if schedule.enabled && !missing.is_empty() {
                return Err(ScheduleError::Parameters(missing).into());
            }
            let domain = unit.domain;
            let item = self.get_one(keys::schedule(&domain, &schedule.unit, &schedule.id)).await?;
            let known: Option<ScheduleView> = item.as_ref().map(Item::decode).transpose()?;
            let (last, skipped) = known.map_or((None, 0), |view| (view.last, view.skipped));
            let next = if schedule.enabled { schedule.next_after(now)? } else { None };
            let view = ScheduleView { schedule: schedule.clone(), next, last, skipped };
            let writes = vec![
                view.write(&domain, Expect::as_read(item.as_ref()))?,
                Write::Check { key: keys::unit(&schedule.unit), expect: Expect::Version(unit_item.version) },
            ];
            if self.won(writes, round).await? {
                return Ok(view);
            }
        }
        Err(Self::too_many_races())
    }

    /// The schedules of a domain, or of one of its units, by unit and id.
    pub async fn schedules(&self, domain: &str, unit: Option<&UnitId>) -> Result<Vec<ScheduleView>, LedgerError> {
        let prefix = unit.map(keys::schedules_of_unit).unwrap_or_default();
        let items = self.store.list(&keys::schedules(domain), &prefix, None, false, 10_000).await?;
        items.iter().map(|(_, item)| Ok(item.decode()?)).collect()
    }

    /// Removes a schedule. A run of it that is due or running goes on.
    pub async fn remove_schedule(&self, domain: &str, unit: &UnitId, id: &ScheduleId) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let key = keys::schedule(domain, unit, id);
            let item = self.get_one(key.clone()).await?.ok_or_else(|| LedgerError::NoSchedule(id.clone()))?;
            if self.won(vec![Write::Delete { key, expect: Expect::Version(item.version) }], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Enters what has fallen due into the gates of its domains. Answers the nudges to be sent: one for each, and one for each
    /// domain whose scheduled runs nobody has looked at in time. One that cannot be entered does not keep others from it.
    pub async fn fall_due(&self, limit: usize) -> Result<FallenDue, LedgerError> {
        let mut fallen = FallenDue::default();
        for key in self.store.due(self.clock.now(), limit).await? {
            match self.look_at(&key).await {
                Ok(nudge) => fallen.nudges.extend(nudge),
                Err(error) => fallen.failed.push((key.sk, error)),
            }
        }
        Ok(fallen)
    }

    async fn look_at(&self, key: &Key) -> Result<Option<Nudge>, LedgerError> {
        if let Some(domain) = keys::domain_of_schedule(key) {
            return self.enter_due(key, domain).await;
        }
        let Some(domain) = keys::domain_of_gate(key) else { return Ok(None) };
        let gate = self.gate(domain).await?;
        let head = schedule_gate::head(self.clock.now(), &gate);
        Ok(head.map(|head| Nudge::scheduled(domain, head.run.unit.clone())))
    }

    async fn enter_due(&self, key: &Key, domain: &str) -> Result<Option<Nudge>, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let Some(item) = self.get_one(key.clone()).await? else { return Ok(None) };
            let mut view: ScheduleView = item.decode()?;
            // Whoever was faster has entered it, and it is due another time.
            let Some(due) = view.next.filter(|next| *next <= now) else { return Ok(None) };
            let id = view.schedule.unit.clone();
            let read = match self.read(&id, domain).await {
                Ok(read) => read,
                Err(LedgerError::NoUnit(_)) => {
                    // It was added while its unit was removed.
                    let delete = Write::Delete { key: key.clone(), expect: Expect::Version(item.version) };
                    self.won(vec![delete], round).await?;
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            // However many times were missed, they are one: what a run does, it does for all of them.
            view.next = view.schedule.next_after(now)?;
            view.last = Some(due);
            let (entered, mut writes) = self.entering(now, domain, &view.schedule, due, &read)?;
            view.skipped += u64::from(!matches!(entered, Entered::Run(_)));
            writes.push(view.write(domain, Expect::Version(item.version))?);
            if self.won(writes, round).await? {
                return Ok(matches!(entered, Entered::Run(_)).then(|| Nudge::scheduled(domain, id)));
            }
        }
        Err(Self::too_many_races())
    }

    /// Runs a schedule now, be it enabled or not, as if it had fallen due: in the domain's row, under its overlap rule. When it
    /// falls due next, and what is counted, stay as they are. The sweep's next round nudges.
    pub async fn run_schedule(&self, domain: &str, unit: &UnitId, id: &ScheduleId) -> Result<Entered, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let item = self.get_one(keys::schedule(domain, unit, id)).await?;
            let item = item.ok_or_else(|| LedgerError::NoSchedule(id.clone()))?;
            let view: ScheduleView = item.decode()?;
            let read = self.read(unit, domain).await?;
            let (entered, writes) = self.entering(now, domain, &view.schedule, now, &read)?;
            let gate = keys::gate(domain);
            let nudged = |write: Write| if *write.key() == gate { write.due(Some(now)) } else { write };
            let writes: Vec<Write> = writes.into_iter().map(nudged).collect();
            if writes.is_empty() || self.won(writes, round).await? {
                return Ok(entered);
            }
        }
        Err(Self::too_many_races())
    }

    /// What becomes of a schedule that is to run, and what is written where it does.
    fn entering(
        &self,
        now: Timestamp,
        domain: &str,
        schedule: &Schedule,
        due: Timestamp,
        read: &Read,
    ) -> Result<(Entered, Vec<Write>), LedgerError> {
        if let Some(refused) = refused(schedule, &read.state, &read.domain) {
            return Ok((refused, Vec::new()));
        }
        let id = &schedule.unit;
        let entry = Entry { schedule: &schedule.id, due, app: read.unit.app };
        let (state, gate, run) = entered(now, id, &read.state, &read.domain, &entry);
        let payload = Payload { sets: vec![schedule.parameters.clone()] };
        let writes = vec![
            self.put_state(id, &state, &read.state_item, now)?,
            put_gate_of(domain, &gate, read.domain_item.as_ref())?,
            Write::put(keys::run(&run.id), &run, Expect::Absent)?,
            Write::put(keys::payload(&run.id), &payload, Expect::Absent)?.expiring(now + PAYLOAD_KEPT),
        ];
        Ok((Entered::Run(run.id), writes))
    }
}

/// Why a schedule does not run now, if it does not.
fn refused(schedule: &Schedule, state: &UnitState, domain: &DomainState) -> Option<Entered> {
    let overlaps = domain.schedules.iter().any(|s| s.schedule == schedule.id);
    if !state.enabled {
        Some(Entered::Disabled)
    } else if overlaps && schedule.overlap == Overlap::Skip {
        Some(Entered::Overlaps)
    } else {
        (domain.schedules.len() >= MAX_SCHEDULED).then_some(Entered::Full)
    }
}

struct Entry<'a> {
    schedule: &'a ScheduleId,
    due: Timestamp,
    app: u64,
}

/// A run of the unit, in the domain's row: the states after it, and the run.
fn entered(
    now: Timestamp,
    unit: &UnitId,
    state: &UnitState,
    domain: &DomainState,
    entry: &Entry<'_>,
) -> (UnitState, DomainState, Run) {
    let (mut state, mut domain) = (state.clone(), domain.clone());
    state.last += 1;
    state.scheduled.push(state.last);
    let run = RunId { unit: unit.clone(), seq: state.last };
    let deadline = now + domain.limits.scheduled_wait();
    let scheduled = Scheduled {
        run: run.clone(),
        schedule: entry.schedule.clone(),
        due: entry.due,
        deadline,
        lease: None,
        wait: None,
        rests: None,
    };
    schedule_gate::enter(now, &mut domain, scheduled);
    let trigger = Trigger::new(Method::Schedule, entry.app);
    let request = Request { trigger, payload: Payload::default(), again_of: None };
    let waiting = Waiting { seq: run.seq, since: now, deadline };
    let schedule = Some(entry.schedule.clone());
    let run = Run { schedule, ..new_run(&request, &waiting, &run, RunState::Queued, now) };
    (state, domain, run)
}
