//! Who asked for a run: whom it is told of, and how it is known when they ask for it once more.

use super::{Method, Trigger};
use crate::ids::UnitId;
use crate::keys;
use crate::store::Key;

impl Trigger {
    /// Whether the run is told of to this caller; `None` is who holds the unit's own URL.
    ///
    /// Each caller is told of the runs that it asked for itself, and of what somebody has run again of them. A run that
    /// several callers joined is told of to each of them, and to the unit's own URL. One that stands for a flood is told of to
    /// all: nobody knows whose calls it counts, and each of them was given its id. What was asked for by hand, by a schedule
    /// or by another unit came through no URL.
    pub fn told_to(&self, caller: Option<&str>) -> bool {
        let way = if self.method == Method::Again { self.first } else { Some(self.method) };
        match (way, caller) {
            (Some(Method::Webhook | Method::Api | Method::Sheet), None) => self.client.is_none(),
            (Some(Method::Webhook | Method::Api | Method::Sheet), Some(caller)) => {
                self.client.iter().chain(&self.clients).any(|client| client == caller)
            }
            (Some(Method::Flood), _) => true,
            (Some(Method::Again | Method::Call | Method::Schedule | Method::Undo) | None, _) => false,
        }
    }

    /// Where it is remembered that this was accepted, if its sender gave it an id. Ids of notifications, of calls of the API
    /// and of sheets are apart, and so are those of each caller.
    pub fn remembered(&self, unit: &UnitId) -> Option<Key> {
        if let Some(notification) = &self.notification {
            return Some(keys::notification(unit, notification));
        }
        let id = self.request_id.as_deref()?;
        Some(keys::request(unit, self.method, self.client.as_deref(), id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAYS: [Method; 3] = [Method::Webhook, Method::Api, Method::Sheet];

    fn of(method: Method, client: Option<&str>) -> Trigger {
        Trigger { client: client.map(str::to_owned), ..Trigger::new(method, 1) }
    }

    #[test]
    fn a_run_is_told_of_to_who_asked_for_it() {
        for way in WAYS {
            for client in [None, Some("shop"), Some("bank")] {
                let again = Trigger { method: Method::Again, first: Some(way), ..of(way, client) };
                for trigger in [of(way, client), again] {
                    for caller in [None, Some("shop"), Some("bank")] {
                        assert_eq!(trigger.told_to(caller), caller == client, "{trigger:?} {caller:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_came_through_no_url_is_told_of_to_nobody() {
        for method in [Method::Again, Method::Call, Method::Schedule, Method::Undo] {
            let again = Trigger { method: Method::Again, first: Some(method), ..of(method, None) };
            for trigger in [of(method, None), of(method, Some("shop")), again] {
                assert!(!trigger.told_to(None) && !trigger.told_to(Some("shop")), "{trigger:?}");
            }
        }
        let flood = of(Method::Flood, None);
        assert!(flood.told_to(None) && flood.told_to(Some("shop")), "whoever is answered with it may ask for it");
    }

    #[test]
    fn ids_of_other_ways_units_and_callers_are_others() {
        let (a, b) = (UnitId("ua".into()), UnitId("ub".into()));
        let mut keys = std::collections::BTreeSet::new();
        let mut all = 0;
        for unit in [&a, &b] {
            let webhook = Trigger { notification: Some("x".into()), ..of(Method::Webhook, None) };
            // kintone gives each notification an id of its own, whichever URL it is sent to.
            assert_eq!(webhook.remembered(unit), Some(keys::notification(unit, "x")));
            all += usize::from(keys.insert(webhook.remembered(unit)));
            for way in [Method::Api, Method::Sheet] {
                for client in [None, Some(""), Some("x"), Some("shop"), Some("shop#x")] {
                    for id in ["x", "x#x", "#x", "", "API#x"] {
                        let asked = Trigger { request_id: Some(id.into()), ..of(way, client) };
                        keys.insert(asked.remembered(unit));
                        all += 1;
                    }
                }
            }
            assert_eq!(of(Method::Api, None).remembered(unit), None);
        }
        assert_eq!(keys.len(), all);
    }
}
