//! Who may start a unit: the secret of its URL, and named callers with secrets of their own.

use std::time::Duration;

use super::admin::put_secret;
use super::{Ledger, LedgerError, RACES};
use crate::clock::Timestamp;
use crate::ids::UnitId;
use crate::keys;
use crate::limits::MAX_CALLERS;
use crate::notice;
use crate::secret_url::{Secret, SecretItem, SecretRef, SigningKey};
use crate::store::{Expect, Item, Write};
use crate::unit::{Unit, UnitState};

/// A caller to be made, or whose secret is to be made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCaller {
    /// What people call it; unique in the unit.
    pub name: String,
    /// After how long its secret dies; `None`: not by itself.
    pub expires: Option<Duration>,
    /// Whether it has to sign its calls.
    pub signs: bool,
}

/// What a caller is given. It is kept nowhere else in this form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeCaller {
    /// The secret of its URL.
    pub secret: Secret,
    /// The key with which it signs.
    pub key: Option<Secret>,
}

/// Whose secret is made, and what becomes of the one before.
struct Fresh<'a> {
    caller: Option<&'a str>,
    expires: Option<Duration>,
    overlap: Option<Duration>,
    signs: bool,
}

impl Ledger {
    /// Regenerates the URL: the old secrets are dead at once, or after `overlap`. Named callers keep theirs.
    pub async fn regenerate_url(&self, id: &UnitId, overlap: Option<Duration>) -> Result<Secret, LedgerError> {
        self.regenerate_url_until(id, overlap, None).await
    }

    /// The same, and the new one dies by itself after `expires`.
    pub async fn regenerate_url_until(
        &self,
        id: &UnitId,
        overlap: Option<Duration>,
        expires: Option<Duration>,
    ) -> Result<Secret, LedgerError> {
        let fresh = Fresh { caller: None, expires, overlap, signs: false };
        Ok(self.fresh(id, |_| Ok(&fresh)).await?.secret)
    }

    /// Adds a caller with a secret of its own.
    pub async fn add_caller(&self, id: &UnitId, new: &NewCaller) -> Result<MadeCaller, LedgerError> {
        let fresh = Fresh { caller: Some(&new.name), expires: new.expires, overlap: None, signs: new.signs };
        let check = |unit: &Unit| {
            if callers(unit).any(|name| name == new.name) {
                return Err(LedgerError::CallerExists(id.clone(), new.name.clone()));
            }
            if callers(unit).count() >= MAX_CALLERS {
                return Err(LedgerError::TooManyCallers(id.clone()));
            }
            Ok(&fresh)
        };
        self.fresh(id, check).await
    }

    /// Makes the secret (and the key) of a caller anew: the old one is dead at once, or after `overlap`.
    pub async fn renew_caller(
        &self,
        id: &UnitId,
        new: &NewCaller,
        overlap: Option<Duration>,
    ) -> Result<MadeCaller, LedgerError> {
        let fresh = Fresh { caller: Some(&new.name), expires: new.expires, overlap, signs: new.signs };
        let check = |unit: &Unit| match callers(unit).any(|name| name == new.name) {
            true => Ok(&fresh),
            false => Err(LedgerError::NoCaller(id.clone(), new.name.clone())),
        };
        self.fresh(id, check).await
    }

    /// Removes a caller: its secrets are dead at once.
    pub async fn remove_caller(&self, id: &UnitId, name: &str) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let item = self.get_one(keys::unit(id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
            let mut unit: Unit = item.decode()?;
            let (gone, kept): (Vec<_>, Vec<_>) =
                unit.secrets.drain(..).partition(|secret| secret.caller.as_deref() == Some(name));
            if gone.is_empty() {
                return Err(LedgerError::NoCaller(id.clone(), name.to_owned()));
            }
            unit.secrets = kept;
            let mut writes = vec![Write::put(keys::unit(id), &unit, Expect::Version(item.version))?];
            for secret in &gone {
                writes.push(put_dead(id, secret, now)?);
            }
            if self.won(writes, round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Makes a secret in place of those that its owner has. `check` says of the unit as it is whether that may be.
    async fn fresh<'a>(
        &self,
        id: &UnitId,
        check: impl Fn(&Unit) -> Result<&'a Fresh<'a>, LedgerError>,
    ) -> Result<MadeCaller, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let item = self.get_one(keys::unit(id)).await?.ok_or_else(|| LedgerError::NoUnit(id.clone()))?;
            let mut unit: Unit = item.decode()?;
            let fresh = check(&unit)?;
            let made = MadeCaller { secret: Secret::random(), key: fresh.signs.then(Secret::random) };
            let (until, caller) = (fresh.expires.map(|after| now + after), fresh.caller.map(str::to_owned));
            let key = made.key.as_ref().map(|key| SigningKey(key.reveal().to_owned()));
            let new = SecretItem { caller: caller.clone(), key, ..SecretItem::new(id.clone(), until) };
            let mut writes = vec![put_secret(&made.secret.hash(), &new)?];
            let mut kept = vec![SecretRef { caller, signs: fresh.signs, ..SecretRef::new(made.secret.hash(), until) }];
            for old in unit.secrets.drain(..) {
                if old.caller.as_deref() != fresh.caller {
                    kept.push(old);
                    continue;
                }
                let stored = self.get_one(keys::secret(&old.hash)).await?;
                let stored: Option<SecretItem> = stored.as_ref().map(Item::decode).transpose()?;
                match (old.outlives(now, fresh.overlap), stored) {
                    (Some(at), Some(stored)) => {
                        writes.push(put_secret(&old.hash, &SecretItem { until: Some(at), ..stored })?);
                        kept.push(SecretRef { until: Some(at), ..old });
                    }
                    _ => writes.push(put_dead(id, &old, now)?),
                }
            }
            unit.secrets = kept;
            writes.push(Write::put(keys::unit(id), &unit, Expect::Version(item.version))?);
            if let Some(until) = until {
                let no_unit = || LedgerError::NoUnit(id.clone());
                let item = self.get_one(keys::state(id)).await?.ok_or_else(no_unit)?;
                let mut state: UnitState = item.decode()?;
                notice::note_expiry(now, &mut state.notices, &made.secret.hash(), until);
                writes.push(self.put_state(id, &state, &item, now)?);
            }
            if self.won(writes, round).await? {
                return Ok(made);
            }
        }
        Err(Self::too_many_races())
    }
}

/// A secret that is dead from now on, or has been for longer.
fn put_dead(unit: &UnitId, secret: &SecretRef, now: Timestamp) -> Result<Write, LedgerError> {
    let dead = SecretItem::dead(unit.clone(), secret.caller.clone(), secret.dropped(now));
    put_secret(&secret.hash, &dead)
}

/// The names of a unit's callers, each once.
fn callers(unit: &Unit) -> impl Iterator<Item = &str> {
    let names: std::collections::BTreeSet<&str> = unit.secrets.iter().filter_map(|s| s.caller.as_deref()).collect();
    names.into_iter()
}
