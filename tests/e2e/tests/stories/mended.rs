//! Runs that wait for what somebody has to mend: they can be mended and cancelled while they wait, and nobody else waits for
//! them.

use model::catalogue;
use model::ids::RunId;
use model::ledger::{Entered, LedgerError, NewUnit, Taken, UnitChange};
use model::ports::{Credential, Login};
use model::run::{Run, RunState};
use model::schedule::{Pattern, Schedule};
use model::unit::{self, Undo, Unit};
use serde_json::json;
use sim::{Control, Fault, FaultKind, UserSpec};
use suiro::demo::company::ADMINISTRATOR;
use worker::Handled;

use crate::bare::{DOMAIN, Scene};
use crate::book::{Apps, counting_app, counts_up};
use crate::parked::somebody_writes;

const RECORDS: usize = 5;

fn flows(control: &Control, apps: &mut Apps) -> Vec<String> {
    apps.more = (0..2).map(|_| counting_app(control, "数える", RECORDS, |_| 0)).collect();
    apps.more.iter().map(|app| counts_up(*app, "")).collect()
}

/// A run whose first flow is written, and whose second waits for its log record, because kintone takes another password from
/// now on.
async fn waits_for_a_password(undo: Undo) -> (Scene, RunId) {
    let scene = Scene::new(&flows, undo).await;
    let control = scene.sim.control();
    let id = scene.ask().await;
    control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::ResetBefore).skip(1).times(1_000));
    scene.works().await.unwrap();
    assert_eq!(scene.counted(), ["1", "0"]);
    control.clear_faults();
    control.add_user(UserSpec::new(ADMINISTRATOR.0, "new"));
    scene.pass(std::time::Duration::from_secs(60));
    scene.works().await.unwrap();
    assert_eq!(scene.run(&id).await.state, RunState::Running);
    (scene, id)
}

impl Scene {
    /// What all records of each app count.
    fn counted(&self) -> Vec<String> {
        let count = |app: &u64| {
            let records = self.sim.control().records(*app);
            let counts: std::collections::BTreeSet<_> = records.iter().filter_map(|record| record.text("数")).collect();
            counts.into_iter().collect::<Vec<_>>().join(" ")
        };
        self.apps.more.iter().map(count).collect()
    }

    async fn replaced(&self, change: impl FnOnce(&mut Unit)) -> Result<(), LedgerError> {
        let ledger = &self.deps.ledger;
        let mut unit = ledger.unit(&self.unit).await.unwrap();
        let flows = ledger.flows(&unit).await.unwrap();
        change(&mut unit);
        ledger.change_units(&[UnitChange::Replace { unit: Box::new(unit), flows }]).await.map(|_| ())
    }

    /// A connection to the same kintone with the new password.
    async fn connects_anew(&self, name: &str, guest_space: Option<u64>) {
        let login = Login { name: ADMINISTRATOR.0.into(), password: "new".into() };
        self.deps.vault.put(name, &Credential::Password { login, basic: None }).await.unwrap();
        let before = self.deps.ledger.connection(DOMAIN, "c").await.unwrap().unwrap();
        let connection = unit::Connection { name: name.to_owned(), credential: name.to_owned(), guest_space, ..before };
        self.deps.ledger.put_connection(DOMAIN, &connection).await.unwrap();
    }

    /// A run that waits without a worker is cancelled, and a worker ends it.
    async fn cancelled(&self, id: &RunId) -> Run {
        let run = self.deps.ledger.cancel(id).await.unwrap();
        assert_eq!(run.state, RunState::Running, "what it has written is still to be read");
        self.works().await.unwrap();
        self.run(id).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_changed_while_its_run_waits_for_it_and_nothing_else_is() {
    let (scene, id) = waits_for_a_password(Undo::Off).await;
    let state = scene.deps.ledger.state(&scene.unit).await.unwrap();
    let awaits = state.running.unwrap().awaits.expect("it waits");
    assert_eq!(awaits.code(), catalogue::CREDENTIAL_REFUSED, "{awaits:?}");
    scene.connects_anew("new", None).await;
    scene.connects_anew("elsewhere", Some(7)).await;
    let other = scene.replaced(|unit| unit.connection = "elsewhere".to_owned()).await;
    assert!(matches!(other, Err(LedgerError::Busy(_))), "not another kintone: {other:?}");
    let renamed = scene.replaced(|unit| unit.name = "別名".to_owned()).await;
    assert!(matches!(renamed, Err(LedgerError::Busy(_))), "{renamed:?}");
    scene.replaced(|unit| unit.connection = "new".to_owned()).await.unwrap();
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!((run.state, scene.counted()), (RunState::Succeeded, vec!["1".into(), "1".into()]), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_is_cancelled_and_says_what_it_has_written() {
    let (scene, id) = waits_for_a_password(Undo::Off).await;
    scene.connects_anew("new", None).await;
    scene.replaced(|unit| unit.connection = "new".to_owned()).await.unwrap();
    let run = scene.cancelled(&id).await;
    assert_eq!((run.state, run.code), (RunState::Cancelled, Some(catalogue::RUN_CANCELLED)), "{run:#?}");
    assert_eq!((run.flows[0].output_records, run.flows[1].output_records), (RECORDS as u64, 0), "{run:#?}");
    let log = scene.sim.control().records(scene.log);
    assert_eq!((log.len(), log[0].text("state")), (1, Some("cancelled")));
    assert_eq!(scene.counted(), ["1", "0"]);
    // Its unit is free.
    let next = scene.ask().await;
    scene.rest(&next).await;
    assert_eq!(scene.run(&next).await.state, RunState::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_takes_back_what_is_cancelled() {
    let (scene, id) = waits_for_a_password(Undo::AllOrNothing).await;
    scene.connects_anew("new", None).await;
    scene.replaced(|unit| unit.connection = "new".to_owned()).await.unwrap();
    let run = scene.cancelled(&id).await;
    assert_eq!((run.state, scene.counted()), (RunState::Cancelled, vec!["0".into(), "0".into()]), "{run:#?}");
    assert!(run.message.contains("what was written was taken back"), "{run:#?}");
    assert!(!run.message.contains("not taken back"), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_and_cannot_be_read_is_uncertain() {
    let (scene, id) = waits_for_a_password(Undo::Off).await;
    let run = scene.cancelled(&id).await;
    assert_eq!(run.state, RunState::Running, "it is tried for some minutes");
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Uncertain, Some(catalogue::UNCERTAIN)), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_is_taken_back_whole_where_kintone_is_away_for_a_moment() {
    for skip in 0..3 {
        let (scene, id) = waits_for_a_password(Undo::AllOrNothing).await;
        scene.connects_anew("new", None).await;
        scene.replaced(|unit| unit.connection = "new".to_owned()).await.unwrap();
        scene.sim.control().add_fault(Fault::new("*", FaultKind::ServiceUnavailable).skip(skip * 3).times(12));
        scene.deps.ledger.cancel(&id).await.unwrap();
        scene.rest(&id).await;
        let run = scene.run(&id).await;
        assert_eq!((run.state, run.code), (RunState::Cancelled, Some(catalogue::RUN_CANCELLED)), "{run:#?}");
        assert_eq!(scene.counted(), ["0", "0"], "{run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_record_of_another_run_of_the_same_number_is_not_taken_over() {
    let scene = Scene::new(&flows, Undo::Off).await;
    let control = scene.sim.control();
    // As another place of the unit has left it: ended, and all of its flows done.
    let done = scene.ask().await;
    scene.rest(&done).await;
    let mut there = control.records(scene.log)[0].fields.clone();
    let id = RunId { seq: done.seq + 1, ..done.clone() };
    let number = json!({ "value": id.to_string() });
    there.retain(|code, _| ["journal", "state", "end_time", "log_message"].contains(&&**code));
    let mut record: serde_json::Map<_, _> =
        there.into_iter().map(|(code, value)| (code.to_string(), json!({ "value": value }))).collect();
    record.insert("run_id".to_owned(), number);
    record.insert("queued_time".to_owned(), json!({ "value": "2026-01-02T03:04:00Z" }));
    control.put_records(scene.log, vec![record.into()]).unwrap();
    let before = control.records(scene.log)[1].clone();
    assert_eq!(scene.ask().await, id);
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::LOG_RECORD_TAKEN)), "{run:#?}");
    assert_eq!(scene.counted(), ["1", "1"], "nothing was run");
    // Nor does one that ends without a worker write over it.
    let next = RunId { seq: id.seq + 1, ..id.clone() };
    assert_eq!(control.records(scene.log)[1], before);
    let third = scene.ask().await;
    assert_eq!(third, next);
    scene.rest(&third).await;
    assert_eq!(scene.run(&third).await.state, RunState::Succeeded, "the next number is its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_run_is_cancelled_and_has_written_nothing() {
    for log in [true, false] {
        let scene = Scene::new(&flows, Undo::Off).await;
        if !log {
            scene.change(|unit| unit.log_app = None).await;
        }
        let somebody = somebody_writes(&scene).await;
        let id = scene.ask().await;
        assert!(matches!(scene.works().await.unwrap(), Handled::Park(_)));
        let run = scene.cancelled(&id).await;
        assert_eq!((run.state, run.written()), (RunState::Cancelled, 0), "{log} {run:#?}");
        assert_eq!(scene.counted(), ["0", "0"]);
        let gate = scene.deps.ledger.gate(DOMAIN).await.unwrap();
        assert_eq!((gate.line.len(), gate.writing.len()), (0, 1), "it stands in nobody's way");
        scene.deps.ledger.release(&somebody).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_does_not_wait_for_a_run_that_waits() {
    let (scene, id) = waits_for_a_password(Undo::Off).await;
    let ledger = &scene.deps.ledger;
    let unit = ledger.unit(&scene.unit).await.unwrap();
    let flows = ledger.flows(&unit).await.unwrap();
    let other = Unit { name: "夜間".to_owned(), secrets: Vec::new(), ..unit };
    let (other, _) = ledger.add_unit(NewUnit { unit: other, flows }).await.unwrap();
    let schedule = ledger.put_schedule(Schedule::new(&other, Pattern::Hourly { minute: 0 })).await.unwrap();
    let entered = ledger.run_schedule(DOMAIN, &other, &schedule.schedule.id).await.unwrap();
    let Entered::Run(nightly) = entered else { panic!("{entered:?}") };
    let Taken::Run(ticket) = ledger.take_scheduled(DOMAIN, "night").await.unwrap() else { panic!("it starts at once") };
    assert_eq!(ticket.run.id, nightly);
    // And the run that waits is not taken up beside it.
    scene.pass(std::time::Duration::from_secs(60));
    ledger.renew(&ticket).await.unwrap();
    assert!(matches!(scene.works().await.unwrap(), Handled::Park(_)));
    assert_eq!(scene.run(&id).await.attempt, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_record_that_is_deleted_meanwhile_is_named() {
    let scene = Scene::new(&flows, Undo::Off).await;
    let control = scene.sim.control();
    let id = scene.ask().await;
    let deletes = async {
        while control.records(scene.log).is_empty() {
            tokio::task::yield_now().await;
        }
        let record = control.records(scene.log)[0].id;
        control.screen_delete(scene.log, record).unwrap();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        handled = scene.works() => drop(handled.unwrap()),
        () = deletes => {}
    }
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::LOG_RECORD_GONE)), "{run:#?}");
    assert_eq!(scene.counted(), ["0", "0"]);
}
