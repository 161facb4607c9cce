//! Taking scheduled runs: what a nudge for a domain's scheduled runs leads to.

use super::taking::{given_up, put_gate_of};
use super::{Ledger, LedgerError, RACES, Taken};
use crate::gate::Request;
use crate::run::Ending;
use crate::schedule_gate::{self, Turn};

impl Ledger {
    /// Takes the next step of the domain's scheduled runs: starts or resumes the first of the row, or says why not.
    ///
    /// What is taken is a run of its unit like any other: renewed, ended and logged in the same way.
    pub async fn take_scheduled(&self, domain: &str, owner: &str) -> Result<Taken, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let (mut gate, gate_item) = self.gate_item(domain).await?;
            let Some(head) = schedule_gate::head(now, &gate).cloned() else { return Ok(Taken::Idle(Vec::new())) };
            let read = match self.read(&head.run.unit, domain).await {
                Ok(read) => read,
                Err(LedgerError::NoUnit(_)) => {
                    // A unit with a scheduled run cannot be removed; whatever took it away, others must not wait for it.
                    gate.leave(now, &head.run);
                    self.won(vec![put_gate_of(domain, &gate, gate_item.as_ref())?], round).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if schedule_gate::head(now, &read.domain).map(|s| &s.run) != Some(&head.run) {
                continue; // the row has moved between the two readings
            }
            let request = Request { unit: &head.run.unit, limits: &read.unit.limits, owner, wake: None };
            let seq = head.run.seq;
            let taken = match schedule_gate::decide(now, &read.state, &read.domain, &request) {
                Turn::Idle => Some(Taken::Idle(Vec::new())),
                Turn::Start(after) => self.start(now, &read, *after, false, round).await?,
                Turn::Resume(after) => self.start(now, &read, *after, true, round).await?,
                Turn::TimedOut(after) => self.end_unrun(now, &read, *after, seq, Ending::timed_out(), round).await?,
                Turn::GiveUp(after) => self.end_unrun(now, &read, *after, seq, given_up(&read.state), round).await?,
                Turn::Wait(after, note) => {
                    let told = head.wait == Some(note);
                    let write = put_gate_of(domain, &after, read.domain_item.as_ref())?;
                    (told || self.won(vec![write], round).await?).then_some(Taken::Wait { note, to_log: Vec::new() })
                }
                Turn::Gone(after) => {
                    self.won(vec![put_gate_of(domain, &after, read.domain_item.as_ref())?], round).await?;
                    None
                }
            };
            if let Some(taken) = taken {
                return Ok(taken);
            }
        }
        Err(Self::too_many_races())
    }
}
