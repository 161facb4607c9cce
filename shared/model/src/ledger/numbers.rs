//! Numbers for runs: counters of a domain, what outputs of runs hold of them, and the numbers that are registered by name.

use super::{Ledger, LedgerError, RACES};
use crate::ids::RunId;
use crate::keys;
use crate::limits;
use crate::numbering::{self, Counter, Held, NamedNumber, Need};
use crate::store::{Expect, Item, Write};

/// Counters that are changed in one commit: each is two writes of at most 100.
const AT_ONCE: usize = 45;

/// Numbers of one counter that an output of a run needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What is counted, period included: the counter's name.
    pub counter: String,
    /// How many, with which texts around them.
    pub need: Need,
    /// The number in front of the first one, where nothing was counted before.
    pub behind: u64,
    /// Whether the counter never starts anew, and so is kept for ever.
    pub for_ever: bool,
}

/// A counter as it is stored, with its name for people who look.
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    counts: String,
    #[serde(flatten)]
    counter: Counter,
}

impl Ledger {
    /// For which of these asks the app must be looked at first: its counter does not know all of the texts.
    pub async fn to_look_at(&self, domain: &str, asks: &[Ask]) -> Result<Vec<bool>, LedgerError> {
        let wanted: Vec<_> = asks.iter().map(|ask| keys::counter(domain, &ask.counter)).collect();
        let items = self.store.get(&wanted).await?;
        let unknown = |(ask, item): (&Ask, &Option<Item>)| {
            let counter = item.as_ref().map(Item::decode::<Stored>).transpose()?.map(|stored| stored.counter);
            Ok(counter.unwrap_or_else(|| Counter::behind(0)).lacks(&ask.need.around))
        };
        asks.iter().zip(&items).map(unknown).collect()
    }

    /// Takes numbers for an output of a run, and notes that it holds them: asked again, the same run gets the same
    /// numbers for the same output, and takes anew only what it needs beyond them. One commit for up to 45 counters; the
    /// next ones follow, each commit whole. Answers what is held, in the order of the asks.
    pub async fn take_numbers(
        &self,
        domain: &str,
        run: &RunId,
        output: &str,
        asks: &[Ask],
    ) -> Result<Vec<Held>, LedgerError> {
        let mut all = Vec::with_capacity(asks.len());
        for asks in asks.chunks(AT_ONCE) {
            all.extend(self.take_some(domain, run, output, asks).await?);
        }
        Ok(all)
    }

    async fn take_some(&self, domain: &str, run: &RunId, output: &str, asks: &[Ask]) -> Result<Vec<Held>, LedgerError> {
        let held_key = |ask: &Ask| keys::held_numbers(run, output, &ask.counter);
        let counter_key = |ask: &Ask| keys::counter(domain, &ask.counter);
        let wanted: Vec<_> = asks.iter().flat_map(|ask| [counter_key(ask), held_key(ask)]).collect();
        for round in 0..RACES {
            let now = self.clock.now();
            let items = self.store.get(&wanted).await?;
            let (mut result, mut writes) = (Vec::with_capacity(asks.len()), Vec::new());
            for (ask, pair) in asks.iter().zip(items.chunks_exact(2)) {
                let (counter_item, held_item) = (pair[0].as_ref(), pair[1].as_ref());
                let counter = match counter_item {
                    Some(item) => item.decode::<Stored>()?.counter,
                    None => Counter::behind(ask.behind),
                };
                let held: Held = held_item.map(Item::decode).transpose()?.unwrap_or_default();
                let Some((counter, held)) = numbering::take(&counter, &held, &ask.need) else {
                    result.push(held);
                    continue;
                };
                let stored = Stored { counts: ask.counter.clone(), counter };
                let put = Write::put(counter_key(ask), &stored, Expect::as_read(counter_item))?;
                writes.push(if ask.for_ever { put } else { put.expiring(now + limits::COUNTER_KEPT) });
                let put = Write::put(held_key(ask), &held, Expect::as_read(held_item))?;
                writes.push(put.expiring(now + limits::RUN_KEPT));
                result.push(held);
            }
            if writes.is_empty() || self.won(writes, round).await? {
                return Ok(result);
            }
        }
        Err(Self::too_many_races())
    }

    /// Registers or changes a named number of a domain. Its counter goes on: a new start counts from the next period, or
    /// where the number was never used.
    pub async fn put_named_number(&self, domain: &str, number: &NamedNumber) -> Result<(), LedgerError> {
        let write = Write::put(keys::named_number(domain, &number.name), number, Expect::Any)?;
        self.won(vec![write], 0).await?.then_some(()).ok_or_else(Self::too_many_races)
    }

    /// A named number of a domain.
    pub async fn named_number(&self, domain: &str, name: &str) -> Result<Option<NamedNumber>, LedgerError> {
        let item = self.get_one(keys::named_number(domain, name)).await?;
        Ok(item.as_ref().map(Item::decode).transpose()?)
    }

    /// All named numbers of a domain, by name.
    pub async fn named_numbers(&self, domain: &str) -> Result<Vec<NamedNumber>, LedgerError> {
        let partition = keys::domain_partition(domain);
        let items = self.store.list(&partition, keys::NAMED_NUMBER, None, false, 1_000).await?;
        items.iter().map(|(_, item)| Ok(item.decode()?)).collect()
    }
}
