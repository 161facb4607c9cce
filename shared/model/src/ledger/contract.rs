//! What the ledger must keep on every store, as checks that run on any of them: numbers under concurrency, calls in the
//! commit that ends a run.
//!
//! An adapter's tests call [`check`] with an empty store; it panics where something is broken.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Admitted, Ask, Ledger, LedgerError, NewUnit, Request, Taken, Ticket};
use crate::calls::Call;
use crate::clock::Clock;
use crate::ids::{RunId, UnitId};
use crate::run::{Ending, Method, Payload, RunState, Trigger};
use crate::store::Store;
use crate::unit::Unit;

const DOMAIN: &str = "contract.example";

/// Runs every check against an empty store.
///
/// # Panics
/// Where something is broken.
pub async fn check(store: Arc<dyn Store>, clock: Arc<dyn Clock>) {
    let ledger = Ledger::new(store, clock);
    numbers(&ledger).await;
    calls(&ledger).await;
}

fn ask(counter: &str, wanted: u64) -> Ask {
    Ask { counter: counter.into(), wanted, behind: 10, for_ever: true }
}

async fn take(ledger: &Ledger, run: &RunId, asks: &[Ask]) -> Vec<Vec<u64>> {
    let held = ledger.take_numbers(DOMAIN, run, "0:出力", asks).await.expect("numbers");
    held.iter().map(|held| held.numbers().collect()).collect()
}

/// Eight runs take numbers of two counters at once, each of them twice: every number is given once, and none is lost.
async fn numbers(ledger: &Ledger) {
    assert_eq!(ledger.unused(DOMAIN, &["a".into(), "b".into()]).await.expect("answers"), [true, true]);
    let run = |seq| RunId { unit: UnitId("u1".into()), seq };
    let racers = (1..=8).map(|seq| {
        let (ledger, run) = (ledger.clone(), run(seq));
        tokio::spawn(async move {
            let first = take(&ledger, &run, &[ask("a", 3), ask("b", seq)]).await;
            let again = take(&ledger, &run, &[ask("a", 3), ask("b", seq)]).await;
            assert_eq!(first, again, "who asks again holds the same");
            first
        })
    });
    let (mut a, mut b) = (BTreeSet::new(), BTreeSet::new());
    for racer in racers.collect::<Vec<_>>() {
        let held = racer.await.expect("no panic");
        assert_eq!(held[0].len(), 3);
        a.extend(held[0].iter().copied());
        b.extend(held[1].iter().copied());
    }
    assert_eq!(a, (11..=34).collect(), "24 numbers, each once, behind the largest that was there");
    assert_eq!(b, (11..=46).collect());
    assert_eq!(ledger.unused(DOMAIN, &["a".into(), "c".into()]).await.expect("answers"), [false, true]);
    assert_eq!(take(ledger, &run(1), &[ask("a", 2)]).await[0].len(), 3, "what is held stays held");
    let more = take(ledger, &run(1), &[ask("a", 4)]).await;
    assert_eq!((more[0].len(), more[0][3]), (4, 35), "and only what is missing is taken anew");
    let many: Vec<Ask> = (0..120).map(|n| ask(&format!("group {n}"), 1)).collect();
    assert_eq!(take(ledger, &run(9), &many).await, vec![vec![11]; 120], "more counters than one commit takes");
}

async fn unit(ledger: &Ledger, name: &str) -> Unit {
    let unit = Unit {
        v: 1,
        id: UnitId(String::new()),
        domain: DOMAIN.into(),
        name: name.into(),
        app: 1,
        events: Default::default(),
        flows: vec!["一".into(), "二".into()],
        parameters: Default::default(),
        record_number: None,
        log_app: None,
        limits: Default::default(),
        connection: "c".into(),
        secrets: Vec::new(),
    };
    let flows = vec!["suiro: 1".into(), "suiro: 1".into()];
    let (id, _) = ledger.add_unit(NewUnit { unit, flows }).await.expect("a unit");
    ledger.unit(&id).await.expect("it is there")
}

async fn started(ledger: &Ledger, unit: &Unit, hops: u32) -> Box<Ticket> {
    let user = "sato".to_owned();
    let trigger = Trigger {
        method: Method::Api,
        event: None,
        notification: None,
        app: 1,
        user,
        records: vec![],
        caller: None,
        hops,
    };
    let request = Request { trigger, payload: Payload::default(), again_of: None };
    let admitted = ledger.admit(unit, None, &[request], true).await.expect("answers");
    assert!(matches!(admitted, Admitted::Queued(_)), "{admitted:?}");
    taken(ledger, unit, "w1").await
}

async fn taken(ledger: &Ledger, unit: &Unit, owner: &str) -> Box<Ticket> {
    match ledger.take(&unit.id, DOMAIN, owner).await.expect("answers") {
        Taken::Run(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn ending(state: RunState) -> Ending {
    Ending { state, code: None, message: String::new(), flows: Vec::new() }
}

fn call(unit: &Unit, n: i64) -> Call {
    let set = [("番号".to_owned(), crate::value::Value::Number(n.into()))].into();
    Call { unit: unit.id.clone(), app: 1, records: vec![n.to_string()], payload: Payload { sets: vec![set] } }
}

async fn calls(ledger: &Ledger) {
    let (a, b) = (unit(ledger, "甲").await, unit(ledger, "乙").await);
    let ticket = started(ledger, &a, 2).await;
    ledger.note_calls(&ticket, 0, &[call(&b, 9)]).await.expect("noted");
    ledger.note_calls(&ticket, 0, &[call(&b, 1), call(&a, 2)]).await.expect("a flow that is computed anew asks anew");
    ledger.note_calls(&ticket, 1, &[call(&b, 3)]).await.expect("noted");
    assert_eq!(ledger.state(&b.id).await.expect("there").waiting.len(), 0, "nothing is asked for before the run ends");
    let run = ledger.end(&ticket, &ending(RunState::Succeeded), true).await.expect("it ends");
    assert_eq!(run.state, RunState::Succeeded);
    let (of_a, of_b) = (ledger.state(&a.id).await.expect("there"), ledger.state(&b.id).await.expect("there"));
    assert_eq!((of_a.waiting.len(), of_b.waiting.len()), (1, 2), "a unit may call itself");
    assert!(matches!(ledger.end(&ticket, &ending(RunState::Succeeded), true).await, Err(LedgerError::Superseded(_))));
    assert_eq!(ledger.state(&b.id).await.expect("there").waiting.len(), 2, "a second end calls nobody");
    let first = taken(ledger, &b, "w2").await;
    assert_eq!(
        (first.run.trigger.method, first.run.trigger.hops, &first.run.trigger.records[..]),
        (Method::Call, 3, &["1".to_owned()][..])
    );
    assert_eq!(ledger.payload(&first.run.id).await.expect("kept"), call(&b, 1).payload);

    // A run that fails calls nobody, whatever it had noted.
    let own = taken(ledger, &a, "w3").await;
    ledger.note_calls(&own, 0, &[call(&b, 4)]).await.expect("noted");
    ledger.end(&own, &ending(RunState::Failed), true).await.expect("it ends");
    assert_eq!(ledger.state(&b.id).await.expect("there").last, 2);
}

#[cfg(test)]
mod tests {
    use crate::clock::SystemClock;
    use crate::store::memory::MemoryStore;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_store_in_memory_keeps_it() {
        let clock = std::sync::Arc::new(SystemClock);
        super::check(std::sync::Arc::new(MemoryStore::new(clock.clone())), clock).await;
    }
}
