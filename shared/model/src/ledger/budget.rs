//! The output budget, as a worker asks for it and gives it back.

use super::taking::{put_gate, put_gate_of};
use super::{Ledger, LedgerError, RACES, Ticket};
use crate::budget::{self, Answer};
use crate::clock::Timestamp;
use crate::domain::DomainState;
use crate::gate;
use crate::keys;
use crate::limits::DomainLimits;
use crate::store::Item;
use crate::unit::Parked;

/// What a run is told that wants to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It may write, until [`Ledger::release`] or its end; [`Ledger::renew`] renews the reservation too.
    Granted {
        /// Handles of the parked nudges whose runs may write now, too: wake them.
        woken: Vec<String>,
    },
    /// The run is parked and no longer this worker's: hide the nudge until then, and go away.
    Parked {
        /// When the nudge is to come back.
        until: Timestamp,
        /// How many stand before it in line.
        before: usize,
    },
    /// There is no room yet. The run has its place in line and is not parked: stage what is to be written, then ask with
    /// [`Ledger::reserve`].
    Full,
    /// It has waited for room as long as a run may, and no longer stands in line.
    GivenUp {
        /// Since when it has waited.
        since: Timestamp,
        /// Handles of the parked nudges whose runs may write now: wake them.
        woken: Vec<String>,
    },
    /// The flow wants to write more than the domain's whole budget: it would wait for ever.
    TooLarge {
        /// The budget, in records.
        budget: u64,
    },
}

/// What becomes of a run that finds no room.
#[derive(Clone, Copy)]
enum WhenFull<'a> {
    /// It is told, and takes its place in line.
    Tell,
    /// It is parked; this is how its nudge is woken.
    Park(Option<&'a str>),
}

impl Ledger {
    /// Reserves room for all outputs of one flow together, where there is room now; else the run takes its place in line,
    /// which [`Ledger::renew`] keeps. So that only who has to wait stages what it wants to write, and nobody overtakes it
    /// meanwhile.
    pub async fn reserve_if_free(&self, ticket: &Ticket, records: u64) -> Result<Reserved, LedgerError> {
        self.reserve_or(ticket, records, WhenFull::Tell).await
    }

    /// Reserves room for all outputs of one flow together, once what is to be written is staged.
    ///
    /// Where there is none yet, the run is parked in the same transaction: it keeps its place in line, its unit's lock and
    /// its entry in the domain, and whoever gets its nudge at the time asks again. `wake` is how that nudge is woken before.
    /// The budget is over realtime runs: a scheduled one and one that a person started do not use it. Who writes nothing
    /// needs none.
    pub async fn reserve(&self, ticket: &Ticket, records: u64, wake: Option<&str>) -> Result<Reserved, LedgerError> {
        self.reserve_or(ticket, records, WhenFull::Park(wake)).await
    }

    async fn reserve_or(&self, ticket: &Ticket, records: u64, full: WhenFull<'_>) -> Result<Reserved, LedgerError> {
        let wake = if let WhenFull::Park(wake) = full { wake } else { None };
        for round in 0..RACES {
            let now = self.clock.now();
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            let lease = ticket.own(&mut read.state)?;
            ticket.alive(now, lease)?;
            let stands = read.domain.line.iter().any(|place| place.run == ticket.run.id);
            if !ticket.realtime() || (records == 0 && !stands) {
                return Ok(Reserved::Granted { woken: Vec::new() });
            }
            // Who asks is alive: lease and reservation end together.
            lease.until = lease.until.max(now + ticket.unit.limits.lease());
            read.domain.enter(now, &ticket.run.id, lease.until);
            let request = budget::Request { run: &ticket.run.id, records, until: lease.until, wake };
            let (state, domain, reserved) = match budget::ask(now, &read.domain, &request) {
                _ if records == 0 => {
                    // It stood in line, and when it had read again there was nothing left to write.
                    let woken = budget::release(now, &mut read.domain, &ticket.run.id);
                    (read.state.clone(), read.domain.clone(), Reserved::Granted { woken })
                }
                Answer::TooLarge => return Ok(Reserved::TooLarge { budget: read.domain.limits.budget }),
                Answer::Granted { state: domain, woken } => {
                    lease.writing = records;
                    (read.state.clone(), *domain, Reserved::Granted { woken })
                }
                Answer::GivenUp { state: domain, since, woken } => {
                    (read.state.clone(), *domain, Reserved::GivenUp { since, woken })
                }
                Answer::Wait { state: domain, .. } if matches!(full, WhenFull::Tell) => {
                    (read.state.clone(), *domain, Reserved::Full)
                }
                Answer::Wait { state: domain, until, before, given_up } => {
                    let lease = lease.clone();
                    let parked = Parked { records, wake: until, before, given_up: Some(given_up) };
                    let (state, domain, _) = gate::park(now, &read.state, &lease, parked, *domain, &ticket.run.id);
                    (state, domain, Reserved::Parked { until, before })
                }
            };
            let writes =
                vec![self.put_state(&ticket.unit.id, &state, &read.state_item, now)?, put_gate(&read, &domain)?];
            if self.won(writes, round).await? {
                return Ok(reserved);
            }
        }
        Err(Self::too_many_races())
    }

    /// Gives the reservation back when the flow is written. Answers the handles of the parked nudges whose runs may write now.
    pub async fn release(&self, ticket: &Ticket) -> Result<Vec<String>, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            let lease = ticket.own(&mut read.state)?;
            if lease.writing == 0 {
                return Ok(Vec::new());
            }
            lease.writing = 0;
            let woken = budget::release(now, &mut read.domain, &ticket.run.id);
            let writes = vec![
                self.put_state(&ticket.unit.id, &read.state, &read.state_item, now)?,
                put_gate(&read, &read.domain)?,
            ];
            if self.won(writes, round).await? {
                return Ok(woken);
            }
        }
        Err(Self::too_many_races())
    }

    /// The gate of a domain: its limits, who runs, who writes, who stands in line.
    pub async fn gate(&self, domain: &str) -> Result<DomainState, LedgerError> {
        Ok(self.gate_item(domain).await?.0)
    }

    pub(super) async fn gate_item(&self, domain: &str) -> Result<(DomainState, Option<Item>), LedgerError> {
        let item = self.get_one(keys::gate(domain)).await?;
        Ok((item.as_ref().map(Item::decode).transpose()?.unwrap_or_default(), item))
    }

    /// Sets the limits of a domain. What is reserved stays reserved.
    pub async fn set_domain_limits(&self, domain: &str, limits: DomainLimits) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let (mut state, item) = self.gate_item(domain).await?;
            state.limits = limits;
            if self.won(vec![put_gate_of(domain, &state, item.as_ref())?], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }
}
