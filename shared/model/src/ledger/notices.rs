//! Notices: where they go, and that they were told.

use super::{Ledger, LedgerError, RACES};
use crate::ids::UnitId;
use crate::keys;
use crate::notice::{self, Notice, Target, Targets};
use crate::store::{Expect, Item, Write};
use crate::unit::UnitState;

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

    /// Notes that these notices of a unit have been told, or could not be delivered.
    pub async fn notices_told(&self, id: &UnitId, told: &[Notice], delivered: bool) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let item = self.get_one(keys::state(id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
            let mut state: UnitState = item.decode()?;
            notice::told(now, &mut state.notices, told, delivered);
            let put = self.put_state(id, &state, &item, now)?;
            // A request that came while the notices were told may count on the next sweep: it must not be put off.
            let put = if state.nudges() > 0 { put.due(Some(now)) } else { put };
            if self.won(vec![put], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }
}
