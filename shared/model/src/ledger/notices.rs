//! Notices: where they go, and that they were told.

use super::{Ledger, LedgerError, RACES};
use crate::clock::Timestamp;
use crate::ids::UnitId;
use crate::keys;
use crate::notice::{self, Delivery, Notice, Target, Targets};
use crate::store::{Expect, Item, Write};
use crate::unit::{Connection, Unit, UnitState};

/// Units whose states are written in one commit: a quarter of what it holds, so that units at work seldom make it lose.
const TOLD_AT_ONCE: usize = 25;

impl Ledger {
    /// Where notices of a domain's units go.
    pub async fn targets(&self, domain: &str) -> Result<Targets, LedgerError> {
        let item = self.get_one(keys::targets(domain)).await?;
        Ok(item.as_ref().map(Item::decode).transpose()?.unwrap_or_default())
    }

    /// Adds a target, or replaces the one of its name.
    pub async fn put_target(&self, domain: &str, target: &Target) -> Result<(), LedgerError> {
        self.change_targets(domain, |targets| {
            targets.retain(|known| known.name != target.name);
            targets.push(target.clone());
        })
        .await
        .map(|_| ())
    }

    /// Removes a target; false where there is none of that name.
    pub async fn remove_target(&self, domain: &str, name: &str) -> Result<bool, LedgerError> {
        let before = self.change_targets(domain, |targets| targets.retain(|known| known.name != name)).await?;
        Ok(before.iter().any(|known| known.name == name))
    }

    /// Answers the targets before the change.
    async fn change_targets(
        &self,
        domain: &str,
        change: impl Fn(&mut Vec<Target>),
    ) -> Result<Vec<Target>, LedgerError> {
        for round in 0..RACES {
            let item = self.get_one(keys::targets(domain)).await?;
            let mut targets: Targets = item.as_ref().map(Item::decode).transpose()?.unwrap_or_default();
            let before = targets.targets.clone();
            change(&mut targets.targets);
            let put = Write::put(keys::targets(domain), &targets, Expect::as_read(item.as_ref()))?;
            if self.won(vec![put], round).await? {
                return Ok(before);
            }
        }
        Err(Self::too_many_races())
    }

    /// Notes that this notice of a unit has been told, or could not be delivered, and what became of it at each target.
    pub async fn notice_told(
        &self,
        id: &UnitId,
        told: &Notice,
        delivered: bool,
        deliveries: &[(String, Delivery)],
    ) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let item = self.get_one(keys::state(id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
            let mut state: UnitState = item.decode()?;
            notice::told(now, &mut state.notices, std::slice::from_ref(told), delivered);
            if !deliveries.is_empty() {
                // All targets were sent it: what is kept of one that is gone goes.
                state.deliveries = deliveries.iter().cloned().collect();
            }
            let put = self.put_state(id, &state, &item, now)?;
            // A request that came while the notices were told may count on the next sweep: it must not be put off.
            let put = if state.nudges() > 0 { put.due(Some(now)) } else { put };
            if self.won(vec![put], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Notes when the credential of a connection dies, as its owner says (`None`: nobody knows), and that the units which
    /// use it are told.
    ///
    /// First the connection, which a unit that is added meanwhile goes by; then the units, some in one commit, for there may
    /// be more than a commit holds. Where that fails in between, it is repeated: it leaves the same, however often.
    pub async fn set_credential_expiry(
        &self,
        domain: &str,
        connection: &str,
        expires: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        self.note_expiry(domain, connection, expires).await?;
        let units = self.units(domain).await?.into_iter().map(|view| view.unit);
        let ids: Vec<UnitId> = units.filter(|unit| unit.connection == connection).map(|unit| unit.id).collect();
        for some in ids.chunks(TOLD_AT_ONCE) {
            self.note_expiry_to(some, domain, connection).await?;
        }
        Ok(())
    }

    async fn note_expiry(&self, domain: &str, connection: &str, expires: Option<Timestamp>) -> Result<(), LedgerError> {
        let key = keys::connection(domain, connection);
        for round in 0..RACES {
            let no_connection = || LedgerError::NoConnection(connection.to_owned());
            let item = self.get_one(key.clone()).await?.ok_or_else(no_connection)?;
            let stored = Connection { expires, ..item.decode()? };
            let put = Write::put(key.clone(), &stored, Expect::Version(item.version))?;
            if self.won(vec![put], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    async fn note_expiry_to(&self, units: &[UnitId], domain: &str, connection: &str) -> Result<(), LedgerError> {
        let mut wanted: Vec<_> = units.iter().flat_map(|id| [keys::unit(id), keys::state(id)]).collect();
        wanted.push(keys::connection(domain, connection));
        for round in 0..RACES {
            let now = self.clock.now();
            let mut writes = Vec::new();
            let mut items = self.store.get(&wanted).await?;
            // What the connection says now: of two who give it dates at once, all units hear the same one.
            let stored: Option<Connection> = items.pop().flatten().as_ref().map(Item::decode).transpose()?;
            let dies = stored.and_then(|stored| stored.expires).map(|at| (connection, at));
            for (id, items) in units.iter().zip(items.chunks_exact(2)) {
                // One that is gone is told nothing.
                let [Some(unit), Some(item)] = items else { continue };
                if unit.decode::<Unit>()?.connection != connection {
                    continue;
                }
                let mut state: UnitState = item.decode()?;
                notice::note_credential(now, &mut state.notices, dies);
                writes.push(self.put_state(id, &state, item, now)?);
            }
            if writes.is_empty() || self.won(writes, round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Notes in the state of a unit, which has its connection anew, when the credential dies.
    pub(super) async fn note_credential(
        &self,
        now: Timestamp,
        unit: &Unit,
        state: &mut UnitState,
    ) -> Result<(), LedgerError> {
        let connection = self.connection(&unit.domain, &unit.connection).await?;
        let dies = connection.as_ref().and_then(|stored| Some((stored.name.as_str(), stored.expires?)));
        notice::note_credential(now, &mut state.notices, dies);
        Ok(())
    }
}
