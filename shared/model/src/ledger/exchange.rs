//! Units changed together, all or none: an administrator changes a unit's flows, or brings units from another place.
//!
//! A unit is changed or removed only while nothing of it runs: a run that was taken up under one list of flows must not go
//! on under another. Its credential alone may change at any time. What waits is run with the new flows; a unit with something waiting cannot be removed.

use serde_json::json;

use super::admin::put_secret;
use super::{Ledger, LedgerError, RACES};
use crate::ids::UnitId;
use crate::keys;
use crate::secret_url::{Secret, SecretItem, SecretRef};
use crate::store::{Expect, MAX_WRITES, Write};
use crate::unit::{Connection, Unit, UnitState};

/// Where a unit keeps the id that it had in another place, its runs are numbered from the seconds since then (2026-01-01): far
/// beyond the numbers that it has had there.
const NUMBERS_BEGIN: i64 = 1_767_225_600;

/// One change of a unit.
#[derive(Clone, Debug)]
pub enum UnitChange {
    /// Makes a unit. Where nobody has the id and the secrets that it comes with, it keeps them, and with them its URL.
    Add {
        /// The definition; an empty id asks for a new one.
        unit: Box<Unit>,
        /// Its flow documents, in order.
        flows: Vec<String>,
        /// Whether it takes requests.
        enabled: bool,
    },
    /// Replaces the definition and the flows of a unit that is there. Its secrets and its state stay.
    Replace {
        /// The definition.
        unit: Box<Unit>,
        /// Its flow documents, in order.
        flows: Vec<String>,
    },
    /// Removes a unit: definition, state, flows, URL and schedules. What is told of its runs stays until it is forgotten.
    Remove(UnitId),
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The unit.
    pub id: UnitId,
    /// The secret of its URL, where a new one was made.
    pub secret: Option<Secret>,
}

impl Ledger {
    /// Makes all changes in one commit, or none.
    pub async fn change_units(&self, changes: &[UnitChange]) -> Result<Vec<Changed>, LedgerError> {
        for round in 0..RACES {
            let (mut writes, mut done) = (Vec::new(), Vec::new());
            for change in changes {
                done.push(match change {
                    UnitChange::Add { unit, flows, enabled } => {
                        self.add_writes(unit, flows, *enabled, &mut writes).await?
                    }
                    UnitChange::Replace { unit, flows } => self.replace_writes(unit, flows, &mut writes).await?,
                    UnitChange::Remove(id) => self.remove_writes(id, &mut writes).await?,
                });
            }
            // Two changes of one domain both note it.
            let mut seen = std::collections::BTreeSet::new();
            writes.retain(|write| write.key().pk != keys::DOMAINS || seen.insert(write.key().clone()));
            if writes.len() > MAX_WRITES {
                return Err(LedgerError::TooManyChanges(writes.len()));
            }
            if writes.is_empty() || self.won(writes, round).await? {
                return Ok(done);
            }
        }
        Err(Self::too_many_races())
    }

    async fn add_writes(
        &self,
        unit: &Unit,
        flows: &[String],
        enabled: bool,
        writes: &mut Vec<Write>,
    ) -> Result<Changed, LedgerError> {
        let mut unit = unit.clone();
        // The id of a unit that goes in the same commit is not free either: one commit cannot write an item twice.
        let mut own = !unit.id.0.is_empty() && self.get_one(keys::unit(&unit.id)).await?.is_none();
        for secret in &unit.secrets {
            own = own && self.get_one(keys::secret(&secret.hash)).await?.is_none();
        }
        if !own {
            unit.id = UnitId::random();
            unit.secrets = Vec::new();
        }
        // A key with which a caller signs is in no export; that caller has to be added anew.
        unit.secrets.retain(|secret| !secret.signs);
        let secret = unit.secrets.iter().all(|secret| secret.caller.is_some()).then(Secret::random);
        unit.secrets.extend(secret.iter().map(|s| SecretRef::new(s.hash(), None)));
        unit.changed = 0;
        let now = self.clock.now();
        // Runs of the same id in another place have had the first numbers, and log records of theirs.
        let last = if own { u64::try_from(now.seconds() - NUMBERS_BEGIN).unwrap_or_default() } else { 0 };
        let mut state = UnitState { enabled, last, ..UnitState::default() };
        self.note_credential(now, &unit, &mut state).await?;
        writes.extend([
            Write::put(keys::unit(&unit.id), &unit, Expect::Absent)?,
            Write::put(keys::state(&unit.id), &state, Expect::Absent)?.due(state.due(now)),
            Write::put(keys::unit_of_domain(&unit.domain, &unit.id), &json!({}), Expect::Absent)?,
            Write::put(keys::domain(&unit.domain), &json!({}), Expect::Any)?,
        ]);
        for kept in &unit.secrets {
            writes.push(put_secret(
                &kept.hash,
                &SecretItem { caller: kept.caller.clone(), ..SecretItem::new(unit.id.clone(), kept.until) },
            )?);
        }
        for (n, text) in flows.iter().enumerate() {
            writes.push(Write::put(keys::flow(&unit.id, n), &json!({ "text": text }), Expect::Absent)?);
        }
        Ok(Changed { id: unit.id, secret })
    }

    async fn replace_writes(
        &self,
        unit: &Unit,
        flows: &[String],
        writes: &mut Vec<Write>,
    ) -> Result<Changed, LedgerError> {
        let id = unit.id.clone();
        let item = self.get_one(keys::unit(&id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
        let stored: Unit = item.decode()?;
        let state_item = self.get_one(keys::state(&id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
        let mut state: UnitState = state_item.decode()?;
        let new = Unit {
            id: id.clone(),
            domain: stored.domain.clone(),
            secrets: stored.secrets.clone(),
            changed: stored.changed + 1,
            ..unit.clone()
        };
        if state.running.is_some() && !self.is_only_the_way(&stored, &new, flows).await? {
            return Err(LedgerError::Busy(id));
        }
        writes.push(Write::put(keys::unit(&id), &new, Expect::Version(item.version))?);
        // A run that starts at this moment writes the state too, and one of the two is decided again. Who has read the
        // unit as it was before, and the state as it is then, sees that they do not belong together.
        state.changed = new.changed;
        let now = self.clock.now();
        if new.connection != stored.connection {
            self.note_credential(now, &new, &mut state).await?;
        }
        writes.push(self.put_state(&id, &state, &state_item, now)?);
        for (n, text) in flows.iter().enumerate() {
            writes.push(Write::put(keys::flow(&id, n), &json!({ "text": text }), Expect::Any)?);
        }
        for n in flows.len()..stored.flows.len() {
            writes.push(Write::Delete { key: keys::flow(&id, n), expect: Expect::Any });
        }
        Ok(Changed { id, secret: None })
    }

    /// Whether a unit changes in nothing but the credential with which it reaches the same kintone. That is allowed at any
    /// time: a run that waits because its credential is refused goes on with it.
    async fn is_only_the_way(&self, stored: &Unit, new: &Unit, flows: &[String]) -> Result<bool, LedgerError> {
        let same = Unit { connection: stored.connection.clone(), changed: stored.changed, ..new.clone() };
        if same != *stored || self.flows(stored).await? != flows {
            return Ok(false);
        }
        let before = self.connection(&stored.domain, &stored.connection).await?;
        let after = self.connection(&stored.domain, &new.connection).await?;
        let place = |connection: &Connection| (connection.base_url.clone(), connection.guest_space);
        Ok(after.as_ref().map(place).is_some_and(|after| before.as_ref().map(place) == Some(after)))
    }

    async fn remove_writes(&self, id: &UnitId, writes: &mut Vec<Write>) -> Result<Changed, LedgerError> {
        let item = self.get_one(keys::unit(id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
        let unit: Unit = item.decode()?;
        let state_item = self.get_one(keys::state(id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
        let state: UnitState = state_item.decode()?;
        let waits = !state.waiting.is_empty() || !state.scheduled.is_empty();
        // A flood may go on for as long as somebody likes; it keeps no unit.
        let to_log = state.to_log.iter().any(|seq| Some(*seq) != state.flood);
        if state.running.is_some() || waits || to_log {
            return Err(LedgerError::Busy(id.clone()));
        }
        writes.extend([
            Write::Delete { key: keys::unit(id), expect: Expect::Version(item.version) },
            Write::Delete { key: keys::state(id), expect: Expect::Version(state_item.version) },
            Write::Delete { key: keys::unit_of_domain(&unit.domain, id), expect: Expect::Any },
            Write::Delete { key: keys::refusals(id), expect: Expect::Any },
        ]);
        for secret in &unit.secrets {
            writes.push(Write::Delete { key: keys::secret(&secret.hash), expect: Expect::Any });
        }
        for n in 0..unit.flows.len() {
            writes.push(Write::Delete { key: keys::flow(id, n), expect: Expect::Any });
        }
        for view in self.schedules(&unit.domain, Some(id)).await? {
            let key = keys::schedule(&unit.domain, id, &view.schedule.id);
            writes.push(Write::Delete { key, expect: Expect::Any });
        }
        Ok(Changed { id: id.clone(), secret: None })
    }
}
