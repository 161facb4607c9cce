//! Record caps: how many records one flow may read and write, by what started its run. A domain sets them, and a unit may
//! set its own instead.

use serde::{Deserialize, Serialize};

use crate::run::Method;

/// Of a realtime run: krewData's cap for both reading and writing, which its users know.
pub const REALTIME: u64 = 10_000;
/// Of a run that a person started: krewData's cap for a flow that is run by hand.
pub const MANUAL: u64 = 50_000;
/// Of a scheduled run: krewData's cap.
pub const SCHEDULED: u64 = 200_000;

/// Most records of one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RecordCaps {
    /// Records that its inputs read together, rows of files and what `expand_table` adds to them included.
    pub read: u64,
    /// Records that its outputs add, change and delete together, rows of files included.
    pub written: u64,
}

impl RecordCaps {
    /// The same cap for both.
    const fn both(most: u64) -> Self {
        Self { read: most, written: most }
    }
}

/// What started a run, as far as caps go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Start {
    /// A webhook, a program, a button, another unit.
    Realtime,
    /// A person, by hand: a flow on its own, or a run again.
    Manual,
    /// A schedule.
    Scheduled,
}

impl From<Method> for Start {
    fn from(method: Method) -> Self {
        match method {
            // A flood runs nothing.
            Method::Webhook | Method::Api | Method::Sheet | Method::Call | Method::Flood => Self::Realtime,
            Method::Again | Method::Undo => Self::Manual,
            Method::Schedule => Self::Scheduled,
        }
    }
}

/// The caps of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainCaps {
    /// Of realtime runs.
    pub realtime: RecordCaps,
    /// Of runs by hand.
    pub manual: RecordCaps,
    /// Of scheduled runs.
    pub scheduled: RecordCaps,
}

impl Default for DomainCaps {
    fn default() -> Self {
        let [realtime, manual, scheduled] = [REALTIME, MANUAL, SCHEDULED].map(RecordCaps::both);
        Self { realtime, manual, scheduled }
    }
}

impl DomainCaps {
    /// The caps of such a run.
    pub fn of(&self, start: Start) -> RecordCaps {
        match start {
            Start::Realtime => self.realtime,
            Start::Manual => self.manual,
            Start::Scheduled => self.scheduled,
        }
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, start: Start) -> &mut RecordCaps {
        match start {
            Start::Realtime => &mut self.realtime,
            Start::Manual => &mut self.manual,
            Start::Scheduled => &mut self.scheduled,
        }
    }
}

/// A unit's own caps; what it does not set is the domain's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnCaps {
    /// See [`RecordCaps::read`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// See [`RecordCaps::written`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<u64>,
}

impl OwnCaps {
    /// None of its own.
    pub const NONE: Self = Self { read: None, written: None };
}

/// The caps that a unit sets itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitCaps {
    /// Of realtime runs.
    pub realtime: OwnCaps,
    /// Of runs by hand.
    pub manual: OwnCaps,
    /// Of scheduled runs.
    pub scheduled: OwnCaps,
}

impl UnitCaps {
    /// None of its own.
    pub const NONE: Self = Self { realtime: OwnCaps::NONE, manual: OwnCaps::NONE, scheduled: OwnCaps::NONE };

    /// The caps of such a run, where the domain has these.
    pub fn of(&self, start: Start, domain: &DomainCaps) -> RecordCaps {
        let own = match start {
            Start::Realtime => self.realtime,
            Start::Manual => self.manual,
            Start::Scheduled => self.scheduled,
        };
        let shared = domain.of(start);
        RecordCaps { read: own.read.unwrap_or(shared.read), written: own.written.unwrap_or(shared.written) }
    }

    /// What it sets, to be changed.
    pub fn of_mut(&mut self, start: Start) -> &mut OwnCaps {
        match start {
            Start::Realtime => &mut self.realtime,
            Start::Manual => &mut self.manual,
            Start::Scheduled => &mut self.scheduled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_sets_its_own_or_has_the_domains() {
        let mut domain = DomainCaps::default();
        let mut unit = UnitCaps::default();
        let of = |unit: &UnitCaps, domain: &DomainCaps, method: Method| {
            let RecordCaps { read, written } = unit.of(method.into(), domain);
            (read, written)
        };
        assert_eq!(of(&unit, &domain, Method::Webhook), (10_000, 10_000));
        assert_eq!(of(&unit, &domain, Method::Call), (10_000, 10_000));
        assert_eq!(of(&unit, &domain, Method::Again), (50_000, 50_000));
        assert_eq!(of(&unit, &domain, Method::Schedule), (200_000, 200_000));
        domain.of_mut(Start::Realtime).read = 20_000;
        unit.of_mut(Start::Realtime).written = Some(500);
        assert_eq!(of(&unit, &domain, Method::Api), (20_000, 500));
        assert_eq!(of(&unit, &domain, Method::Schedule), (200_000, 200_000));
    }

    #[test]
    fn limits_of_before_there_were_caps_have_the_usual_ones() {
        let domain: crate::limits::DomainLimits = serde_json::from_str(r#"{"budget":5}"#).unwrap();
        assert_eq!(domain.caps, DomainCaps::default());
        let unit: crate::limits::UnitLimits = serde_json::from_str(r#"{"starts":3}"#).unwrap();
        assert_eq!(unit.caps, UnitCaps::default());
        assert_eq!(
            serde_json::to_value(OwnCaps { read: Some(7), written: None }).unwrap(),
            serde_json::json!({"read": 7})
        );
    }
}
