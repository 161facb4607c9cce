//! What the ledger must keep on every store, as checks that run on any of them: numbers under concurrency, calls in the
//! commit that ends a run, room for writing under concurrency, schedules as they were put.
//!
//! An adapter's tests call [`check`] with an empty store; it panics where something is broken.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Admitted, Ask, Ledger, LedgerError, NewUnit, Request, Reserved, Taken, Ticket};
use crate::calls::{Call, CallRefused};
use crate::clock::Clock;
use crate::ids::{RunId, UnitId};
use crate::limits::BUDGET;
use crate::numbering::{Around, Need};
use crate::run::{Ending, Method, Payload, RunState, Trigger};
use crate::schedule::{Overlap, Pattern, Schedule};
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
    large_calls(&ledger).await;
    budget(&ledger).await;
    schedules(&ledger).await;
}

fn ask(counter: &str, wanted: u64) -> Ask {
    with(counter, wanted, "", 0)
}

/// Numbers with this text in front, of which the app holds some up to `largest`.
fn with(counter: &str, wanted: u64, prefix: &str, largest: u64) -> Ask {
    let need = Need { wanted, around: BTreeSet::from([Around::new(prefix, "")]), largest };
    Ask { counter: counter.into(), need, behind: 10, for_ever: true }
}

async fn take(ledger: &Ledger, run: &RunId, asks: &[Ask]) -> Vec<Vec<u64>> {
    let held = ledger.take_numbers(DOMAIN, run, "0:出力", asks).await.expect("numbers");
    held.iter().map(|held| held.numbers().collect()).collect()
}

/// Eight runs take numbers of two counters at once, each of them twice: every number is given once, and none is lost.
async fn numbers(ledger: &Ledger) {
    let unknown = |asks: Vec<Ask>| async move { ledger.to_look_at(DOMAIN, &asks).await.expect("answers") };
    assert_eq!(unknown(vec![ask("a", 1), ask("b", 1)]).await, [true, true]);
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
    assert_eq!(unknown(vec![ask("a", 1), ask("c", 1), with("a", 1, "B-", 0)]).await, [false, true, true]);
    assert_eq!(take(ledger, &run(1), &[ask("a", 2)]).await[0].len(), 3, "what is held stays held");
    let more = take(ledger, &run(1), &[ask("a", 4)]).await;
    assert_eq!((more[0].len(), more[0][3]), (4, 35), "and only what is missing is taken anew");
    let many: Vec<Ask> = (0..120).map(|n| ask(&format!("group {n}"), 1)).collect();
    assert_eq!(take(ledger, &run(9), &many).await, vec![vec![11]; 120], "more counters than one commit takes");
    texts(ledger).await;
}

/// Two texts share a counter, which goes behind what the app holds with either; what was looked at stays known.
async fn texts(ledger: &Ledger) {
    let run = |seq| RunId { unit: UnitId("u2".into()), seq };
    assert_eq!(
        take(ledger, &run(1), &[with("t", 1, "A-", 2)]).await,
        [[11]],
        "a number that is registered begins there"
    );
    assert_eq!(take(ledger, &run(2), &[with("t", 2, "B-", 50)]).await, [[51, 52]]);
    assert_eq!(take(ledger, &run(3), &[with("t", 1, "A-", 0)]).await, [[53]]);
    let both = [with("t", 1, "A-", 0), with("t", 1, "B-", 0), with("t", 1, "C-", 0)];
    assert_eq!(ledger.to_look_at(DOMAIN, &both).await.expect("answers"), [false, false, true]);
    assert_eq!(take(ledger, &run(3), &[with("t", 1, "B-", 0)]).await, [[54]], "the same run, with another text");
}

async fn unit(ledger: &Ledger, name: &str) -> Unit {
    let unit = Unit { flows: vec!["一".into(), "二".into()], ..Unit::new(DOMAIN, name, 1, "c") };
    let flows = vec!["suiro: 1".into(), "suiro: 1".into()];
    let (id, _) = ledger.add_unit(NewUnit { unit, flows }).await.expect("a unit");
    ledger.unit(&id).await.expect("it is there")
}

async fn started(ledger: &Ledger, unit: &Unit, hops: u32) -> Box<Ticket> {
    let trigger = Trigger { user: "sato".into(), hops, ..Trigger::new(Method::Api, 1) };
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
    let run = ledger.end(&ticket, &ending(RunState::Succeeded), true).await.expect("it ends").run;
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
    assert_eq!(ledger.payload(&first.run).await.expect("kept"), call(&b, 1).payload);

    // A run that fails calls nobody, whatever it had noted.
    let own = taken(ledger, &a, "w3").await;
    ledger.note_calls(&own, 0, &[call(&b, 4)]).await.expect("noted");
    ledger.end(&own, &ending(RunState::Failed), true).await.expect("it ends");
    assert_eq!(ledger.state(&b.id).await.expect("there").last, 2);
}

/// Calls that are too large together, for the item of their flow or for the commit that ends the run, are refused before
/// anything is noted; whatever is noted can be asked for.
async fn large_calls(ledger: &Ledger) {
    let callee = unit(ledger, "大きな値").await;
    let large = |bytes: usize| {
        let set = [("文".to_owned(), crate::value::Value::text("x".repeat(bytes)))].into();
        Call { payload: Payload { sets: vec![set] }, ..call(&callee, 1) }
    };
    let flows: Vec<String> = (0..9).map(|n| n.to_string()).collect();
    let texts = flows.iter().map(|_| "suiro: 1".to_owned()).collect();
    let caller = NewUnit { unit: Unit { flows, ..Unit::new(DOMAIN, "大きな呼び出し", 1, "c") }, flows: texts };
    let (caller, _) = ledger.add_unit(caller).await.expect("a unit");
    let caller = ledger.unit(&caller).await.expect("it is there");
    let ticket = started(ledger, &caller, 0).await;
    let two = [large(250_000), large(250_000)];
    let refused = ledger.note_calls(&ticket, 0, &two).await;
    let Err(LedgerError::Calls(why @ CallRefused::FlowTooLarge(500_000..500_500))) = refused else {
        panic!("{refused:?}")
    };
    let text = LedgerError::Calls(why).to_string();
    assert!(text.contains("一つのフロー") && text.contains("bytes together"), "{text}");
    assert!(ledger.noted_calls(&ticket).await.expect("read").is_empty(), "nothing is noted");
    // As much as there may be: eight flows of 370 KB, and no ninth.
    for flow in 0..8 {
        let two = [large(185_000), large(185_000)];
        ledger.note_calls(&ticket, flow, &two).await.expect("noted");
        ledger.note_calls(&ticket, flow, &two).await.expect("computed anew, it takes its own place");
    }
    let refused = ledger.note_calls(&ticket, 8, &[large(185_000)]).await;
    assert!(matches!(refused, Err(LedgerError::Calls(CallRefused::RunTooLarge(_)))), "{refused:?}");
    ledger.note_calls(&ticket, 8, &[]).await.expect("who calls nobody is not refused for the others");
    let ended = ledger.end(&ticket, &ending(RunState::Succeeded), true).await.expect("in one commit");
    assert_eq!(ended.run.state, RunState::Succeeded);
    assert_eq!(ledger.state(&callee.id).await.expect("there").waiting.len(), 16);
}

/// Six runs ask at once for a third of the budget each, and give it back: three are granted, three wait in line, and all
/// three are woken.
async fn budget(ledger: &Ledger) {
    let mut tickets = Vec::new();
    for n in 0..6 {
        let unit = unit(ledger, &format!("丙{n}")).await;
        tickets.push(started(ledger, &unit, 0).await);
    }
    let racers = tickets.iter().cloned().map(|ticket| {
        let ledger = ledger.clone();
        tokio::spawn(async move {
            let wake = ticket.unit.id.to_string();
            ledger.reserve(&ticket, BUDGET / 3, Some(&wake)).await.expect("answers")
        })
    });
    let (mut writing, mut before) = (Vec::new(), BTreeSet::new());
    for (ticket, racer) in tickets.iter().zip(racers.collect::<Vec<_>>()) {
        match racer.await.expect("no panic") {
            Reserved::Granted { .. } => writing.push(ticket),
            Reserved::Parked { before: n, .. } => drop(before.insert(n)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((writing.len(), before), (3, BTreeSet::from([0, 1, 2])), "a place for each");
    let gate = ledger.gate(DOMAIN).await.expect("there");
    assert_eq!((gate.writing.len(), gate.line.len()), (3, 3));
    let mut woken = BTreeSet::new();
    for ticket in writing {
        ledger.renew(ticket).await.expect("renewed");
        woken.extend(ledger.release(ticket).await.expect("released"));
    }
    assert_eq!(woken, gate.line.iter().filter_map(|place| place.wake.clone()).collect());
    for place in &gate.line {
        let unit = ledger.unit(&place.run.unit).await.expect("there");
        let ticket = taken(ledger, &unit, "w5").await;
        let granted = ledger.reserve(&ticket, BUDGET / 3, None).await.expect("answers");
        assert!(matches!(granted, Reserved::Granted { .. }), "{granted:?}");
        ledger.end(&ticket, &ending(RunState::Succeeded), true).await.expect("it ends");
    }
    let gate = ledger.gate(DOMAIN).await.expect("there");
    assert!(gate.writing.is_empty() && gate.line.is_empty(), "{gate:?}");
}

async fn schedules(ledger: &Ledger) {
    let (a, b) = (unit(ledger, "丁").await, unit(ledger, "戊").await);
    let yearly = Pattern::Cron { expression: "0 3 1 1 *".into() };
    let schedule = |unit: &Unit| Schedule { overlap: Overlap::Queue, ..Schedule::new(&unit.id, yearly.clone()) };
    let first = ledger.put_schedule(schedule(&a)).await.expect("put");
    let second = ledger.put_schedule(schedule(&b)).await.expect("put");
    assert_eq!(ledger.schedules(DOMAIN, Some(&a.id)).await.expect("listed"), std::slice::from_ref(&first));
    assert_eq!(ledger.schedules(DOMAIN, None).await.expect("listed").len(), 2);
    let due = ledger.fall_due(100).await.expect("answers");
    assert!(due.failed.is_empty() && due.nudges.iter().all(|nudge| nudge.unit != a.id), "not before its time: {due:?}");
    ledger.remove_schedule(DOMAIN, &a.id, &first.schedule.id).await.expect("removed");
    assert_eq!(ledger.schedules(DOMAIN, None).await.expect("listed"), [second]);
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
