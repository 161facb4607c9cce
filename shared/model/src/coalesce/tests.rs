//! The decisions about webhooks that become one run.

use super::*;
use crate::unit::{Event, Waiting};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn unit() -> Unit {
    Unit { coalesce: true, ..Unit::new("example.cybozu.com", "受注", 1, "main") }
}

fn webhook(record: &str, user: &str) -> Trigger {
    Trigger {
        event: Some(Event::UpdateRecord),
        records: vec![record.to_owned()],
        user: user.to_owned(),
        ..Trigger::new(Method::Webhook, 1)
    }
}

fn waiting(seq: u64) -> Waiting {
    Waiting { seq, since: NOW, deadline: NOW + unit().limits.wait() }
}

fn run(bytes: usize) -> Run {
    let trigger = webhook("1", "sato");
    let gathered = Gathered::first(&unit(), &trigger, bytes);
    let times = (NOW, waiting(7).deadline);
    serde_json::from_value(serde_json::json!({
        "v": 1, "id": "abcdefghijkl-7", "state": "queued", "trigger": trigger, "queued_at": times.0, "deadline": times.1,
        "gathered": gathered
    }))
    .expect("a run")
}

#[test]
fn the_last_that_waits_may_be_joined_while_half_of_its_limit_is_left() {
    let (unit, mut state) = (unit(), UnitState::default());
    assert_eq!(candidate(NOW, &unit, &state), None, "nothing waits");
    state.waiting.extend([waiting(6), waiting(7)]);
    assert_eq!(candidate(NOW, &unit, &state), Some(7));
    let half = NOW + unit.limits.wait() / 2;
    assert_eq!(candidate(half, &unit, &state), Some(7));
    assert_eq!(candidate(Timestamp(half.0 + 1), &unit, &state), None);
    let other = Unit { coalesce: false, ..unit.clone() };
    assert_eq!(candidate(NOW, &other, &state), None, "only where the unit asks for it");
    assert_eq!(candidate(NOW, &unit, &UnitState { enabled: false, ..state }), None);
}

#[test]
fn who_joins_is_told_of_in_the_run() {
    let mut joined = join(&run(10), &webhook("2", "suzuki"), 20).unwrap();
    assert_eq!(joined.gathered, Some(Gathered { requests: 2, bytes: 30 }));
    assert_eq!(
        (joined.trigger.user.as_str(), &joined.trigger.records[..]),
        ("sato, suzuki", &["1".into(), "2".into()][..])
    );
    assert_eq!(joined.trigger.event, Some(Event::UpdateRecord));
    joined = join(&joined, &Trigger { event: Some(Event::DeleteRecord), ..webhook("2", "sato") }, 1).unwrap();
    assert_eq!((joined.trigger.records.len(), joined.trigger.user.as_str()), (2, "sato, suzuki"), "each once");
    assert_eq!(joined.trigger.event, None, "no event is that of all");
    assert_eq!(joined.gathered.map(|g| g.requests), Some(3), "and yet three webhooks");
}

#[test]
fn a_run_takes_no_more_than_fits_and_nothing_once_it_has_started() {
    let next = webhook("2", "");
    assert!(join(&run(10), &next, MAX_PAYLOAD - 10).is_some());
    assert!(join(&run(10), &next, MAX_PAYLOAD - 9).is_none(), "parameters are kept together");
    let full = Run { gathered: Some(Gathered { requests: MOST, bytes: 1 }), ..run(1) };
    assert!(join(&full, &next, 1).is_none());
    assert!(join(&Run { state: RunState::Running, ..run(1) }, &next, 1).is_none());
    assert!(join(&Run { gathered: None, ..run(1) }, &next, 1).is_none(), "not every run may be joined");
    assert!(join(&run(1), &Trigger { method: Method::Api, ..next }, 1).is_none(), "a program wants its own run");
}
