//! Runs that wait for room in the domain's output budget, which somebody else has: with and without a log app, and for too
//! long.

use std::sync::Arc;

use connect::storage::OwnName;
use model::catalogue;
use model::clock::Clock as _;
use model::ids::UnitId;
use model::ledger::{Ledger, NewUnit, Request, Reserved, Taken, Ticket};
use model::limits::DomainLimits;
use model::run::{FlowState, Method, Payload, RunState, Trigger};
use model::unit::{Undo, Unit};
use serde_json::json;
use sim::{AppSpec, Control};
use tokio::runtime::Handle;
use worker::observer::{Happening, Observer};
use worker::{Handled, NoHold};

use crate::bare::{Cut, DOMAIN, Flows, Scene};
use crate::book::{Apps, counting_app, counts_on, fails, held, in_two_bulks, record, replaces};

/// Records of the source.
const RECORDS: usize = 30;

async fn scene(flows: Flows<'_>, undo: Undo) -> Scene {
    let scene = Scene::new(flows, undo).await;
    let control = scene.sim.control();
    control.put_records(scene.apps.target, (0..RECORDS).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(scene.apps.source, (10..RECORDS + 10).map(|n| record(n, n)).collect()).unwrap();
    scene
}

impl Scene {
    /// Everything that the flows may have written.
    fn standing(&self) -> (Vec<usize>, String) {
        let control = self.sim.control();
        let counts = self.apps.more.iter().map(|app| control.count(*app)).collect();
        (counts, format!("{:?}", held(&control, self.apps.target)))
    }
}

/// Another unit of the domain, one run of which has started.
pub async fn another(ledger: &Ledger, unit: &UnitId) -> Ticket {
    let unit = ledger.unit(unit).await.unwrap();
    let other = Unit { name: "先に書く".to_owned(), secrets: Vec::new(), ..unit };
    let flows = ledger.flows(&other).await.unwrap();
    let (other, _) = ledger.add_unit(NewUnit { unit: other, flows }).await.unwrap();
    let other = ledger.unit(&other).await.unwrap();
    let payload = Payload { sets: vec![Default::default()] };
    let request = Request { trigger: Trigger::new(Method::Api, 1), payload, again_of: None };
    ledger.admit(&other, None, &[request], true).await.unwrap();
    let Taken::Run(ticket) = ledger.take(&other.id, DOMAIN, "somebody").await.unwrap() else { panic!("a run") };
    *ticket
}

/// It writes as much as the domain may, beside what is being written.
async fn takes_all(ledger: &Ledger, ticket: &Ticket) {
    let gate = ledger.gate(DOMAIN).await.unwrap();
    let taken: u64 = gate.writing.values().map(|reserved| reserved.records).sum();
    let all = ledger.reserve(ticket, gate.limits.budget - taken, None).await.unwrap();
    assert!(matches!(all, Reserved::Granted { .. }), "{all:?}");
}

/// Somebody else of the domain writes, and goes on writing: there is no room in the output budget.
pub async fn somebody_writes(scene: &Scene) -> Ticket {
    let ticket = another(&scene.deps.ledger, &scene.unit).await;
    takes_all(&scene.deps.ledger, &ticket).await;
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_for_which_there_is_no_room_for_too_long_says_so_and_writes_nothing() {
    let flows = |control: &Control, apps: &mut Apps| vec![in_two_bulks(control, apps), counts_on(apps)];
    let scene = scene(&flows, Undo::Kept).await;
    let ledger = &scene.deps.ledger;
    somebody_writes(&scene).await;
    // Shorter than the lease, so that whoever writes need not be seen alive meanwhile.
    let limits = DomainLimits { budget_wait_ms: 20_000, ..ledger.gate(DOMAIN).await.unwrap().limits };
    ledger.set_domain_limits(DOMAIN, limits).await.unwrap();
    let before = scene.standing();
    let id = scene.ask().await;
    let files = scene.deps.files.unit(DOMAIN, &scene.unit);
    let is_staged = async |name: &OwnName| files.get_own(name, 1 << 20).await.unwrap().is_some();
    let (mut parked, mut staged) = (0, None);
    while let Handled::Park(until) = scene.works().await.unwrap() {
        parked += 1;
        let log = scene.sim.control().records(scene.log);
        let mark: serde_json::Value = serde_json::from_str(log[0].text("journal").unwrap()).unwrap();
        let computation = mark["staged"].as_str().expect("staged bulks");
        let bulks = staged.insert(OwnName::bulks(&id.to_string(), 0, computation));
        assert_eq!((scene.run(&id).await.state, is_staged(bulks).await), (RunState::Running, true));
        scene.pass(scene.clock.now().until(until));
    }
    let run = scene.run(&id).await;
    assert_eq!((parked, run.state, run.code), (2, RunState::Failed, Some(catalogue::BUDGET_WAITED)), "{run:#?}");
    let states: Vec<FlowState> = run.flows.iter().map(|flow| flow.state).collect();
    assert_eq!((states, scene.standing()), (vec![FlowState::Failed, FlowState::NotRun], before), "{run:#?}");
    assert!(run.message.contains("600 records to write; nothing of it was written"), "{}", run.message);
    let gate = ledger.gate(DOMAIN).await.unwrap();
    assert_eq!((gate.line.len(), gate.writing.len()), (0, 1), "it stands in nobody's way");
    let told = scene.sim.control().records(scene.log);
    assert_eq!(told.len(), 1);
    assert!(told[0].text("log_message").unwrap_or_default().contains("output.waited_too_long"), "{told:#?}");
    assert!(!is_staged(&staged.unwrap()).await, "nor anything in the store's");
}

/// Takes all room as soon as a flow has failed, but for what that flow has: taking back needs more.
struct TakesAll {
    ledger: Ledger,
    ticket: Ticket,
}

impl Observer for TakesAll {
    fn tell(&self, happening: &Happening) {
        if matches!(happening, Happening::Flow(_, result) if result.state == FlowState::Failed) {
            tokio::task::block_in_place(|| Handle::current().block_on(takes_all(&self.ledger, &self.ticket)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_itself_back_waits_too_and_forgets_nothing() {
    for log in [true, false] {
        let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps), fails(apps)];
        let mut scene = scene(&flows, Undo::AllOrNothing).await;
        if !log {
            scene.change(|unit| unit.log_app = None).await;
        }
        let ledger = scene.deps.ledger.clone();
        let somebody = another(&ledger, &scene.unit).await;
        scene.deps.observer = Arc::new(TakesAll { ledger: ledger.clone(), ticket: somebody.clone() });
        let before = scene.standing();
        let id = scene.ask().await;
        assert!(matches!(scene.works().await.unwrap(), Handled::Park(_)));
        assert_ne!(scene.standing(), before, "two flows have written");
        ledger.release(&somebody).await.unwrap();
        assert_eq!(scene.works().await.unwrap(), Handled::Done);
        let run = scene.run(&id).await;
        assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WRITE_REFUSED)), "{log} {run:#?}");
        assert!(run.message.contains("書き込んだものは元に戻しました"), "{log} {}", run.message);
        assert_eq!(scene.standing(), before, "with a log app: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_log_app_nothing_is_written_twice_behind_a_wait() {
    let flows = |control: &Control, apps: &mut Apps| {
        let copies = AppSpec::new("写し").field("番号", json!({ "type": "SINGLE_LINE_TEXT" }));
        apps.more = vec![control.create_app(copies).unwrap(), counting_app(control, "台帳", 0, |n| n)];
        let (source, copies, keyed) = (apps.source, apps.more[0], apps.more[1]);
        // What is added by key is computed anew when there is room; what is appended would be there twice.
        vec![format!(
            "
suiro: 1
name: 写す
steps:
  - {{ name: 元, command: input_app, app: {source}, fields: [番号] }}
  - {{ name: 写し, command: output_app, from: 元, app: {copies}, method: append }}
  - {{ name: 台帳, command: output_app, from: 元, app: {keyed}, method: update, key: 番号, insert: true }}
"
        )]
    };
    let count = |scene: &Scene| {
        let control = scene.sim.control();
        [0, 1].map(|at: usize| control.count(scene.apps.more[at]))
    };
    let mut seen = Vec::new();
    for waits in 0.. {
        let scene = scene(&flows, Undo::Off).await;
        scene.change(|unit| unit.log_app = None).await;
        let somebody = somebody_writes(&scene).await;
        let id = scene.ask().await;
        assert!(matches!(scene.works().await.unwrap(), Handled::Park(_)));
        scene.deps.ledger.release(&somebody).await.unwrap();
        let nudge = scene.nudge();
        let inner = worker::handle(&scene.deps, &nudge, "woken", &NoHold);
        let whole = Cut { inner, waits }.await.is_some();
        scene.rest(&id).await;
        let (run, found) = (scene.run(&id).await, count(&scene));
        match run.state {
            RunState::Succeeded => assert_eq!(found, [RECORDS; 2], "cut off at wait {waits}: {run:#?}"),
            RunState::Uncertain => assert!([[0; 2], [RECORDS; 2]].contains(&found), "{waits}: {found:?}"),
            other => panic!("{other:?} at wait {waits}: {run:#?}"),
        }
        seen.push(run.state);
        if whole {
            assert_eq!(run.state, RunState::Succeeded);
            break;
        }
    }
    assert!(seen.contains(&RunState::Uncertain) && seen.len() > 15, "{seen:?}");
}
