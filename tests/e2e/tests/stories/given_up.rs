//! A run that kills its workers, or whose kintone stays away, is given up: what it wrote is told as it is, and can be
//! taken back. Only where nobody can know it is it said to be uncertain.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use model::catalogue;
use model::clock::Clock as _;
use model::ids::RunId;
use model::ledger::Admitted;
use model::limits::{AGAIN_LIMIT, LEASE, MAX_ATTEMPTS};
use model::ports::{Credential, Vault, VaultError};
use model::run::{FlowState, Run, RunState};
use model::standing::{Line, standing};
use model::unit::Undo;
use sim::{Control, Fault, FaultKind};
use suiro::local::FileVault;
use worker::NoHold;

use crate::bare::{Cut, Flows, Scene};
use crate::book::{Apps, counts_on, in_two_bulks, record};
use crate::made::administrator;

/// Records of the source: as many are added to each of twenty apps.
const RECORDS: usize = 30;
/// Records of the first bulk, of 19 parts; the second has the last app.
const FIRST: u64 = 19 * RECORDS as u64;

/// Copies to twenty apps, by two bulks; then counts on in another.
fn flows(control: &Control, apps: &mut Apps) -> Vec<String> {
    vec![in_two_bulks(control, apps), counts_on(apps)]
}

async fn scene(flows: Flows<'_>, undo: Undo) -> Scene {
    let scene = Scene::new(flows, undo).await;
    let control = scene.sim.control();
    control.put_records(scene.apps.target, (0..RECORDS).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(scene.apps.source, (0..RECORDS).map(|n| record(n, n)).collect()).unwrap();
    scene
}

impl Scene {
    /// One worker that dies at its so-manieth wait; whether it came to its end before that.
    async fn dies(&self, owner: &str, waits: usize) -> bool {
        let nudge = self.nudge();
        let inner = worker::handle(&self.deps, &nudge, owner, &NoHold);
        let ended = Cut { inner, waits }.await.is_some();
        self.pass(LEASE + Duration::from_secs(1));
        ended
    }

    async fn deaths(&self) -> u32 {
        let state = self.deps.ledger.state(&self.unit).await.unwrap();
        state.running.map_or(0, |lease| lease.deaths_by_now())
    }

    /// Workers that die as soon as they have the run, until no other goes on with it.
    async fn all_die(&self) {
        for n in 0.. {
            if self.deaths().await >= MAX_ATTEMPTS {
                return;
            }
            if self.dies(&format!("dies {n}"), 10).await {
                return;
            }
        }
    }

    /// What the two flows have written, as kintone holds it.
    fn written(&self) -> [u64; 2] {
        let control = self.sim.control();
        let copied = self.apps.more.iter().map(|app| control.count(*app) as u64).sum();
        let targets = control.records(self.apps.target);
        let counted = targets.iter().filter(|r| {
            let whole = |code: &str| {
                let text = r.text(code).unwrap_or_default().trim_start_matches("N-");
                text.split('.').next().map(str::to_owned)
            };
            whole("数") != whole("番号")
        });
        [copied, counted.count() as u64]
    }

    /// What the run says that its flows have written; a flow that is not told of has written nothing.
    fn told(run: &Run) -> [u64; 2] {
        [0, 1].map(|flow| run.flows.get(flow).map_or(0, |flow| flow.output_records))
    }

    /// Takes the run back.
    async fn undone(&self, run: &RunId) -> Run {
        let Admitted::Queued(mut runs) = self.deps.ledger.undo(run, false).await.unwrap() else { panic!("refused") };
        let undo = runs.remove(0);
        self.rest(&undo).await;
        self.run(&undo).await
    }
}

/// A worker that dies when the first bulk is written.
async fn dies_behind_the_first_bulk(scene: &Scene) {
    let nudge = scene.nudge();
    let written = async {
        while scene.written()[0] == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = worker::handle(&scene.deps, &nudge, "first", &NoHold) => panic!("it came to its end"),
        () = written => scene.pass(LEASE + Duration::from_secs(1)),
    }
    assert_eq!(scene.written(), [FIRST, 0]);
}

/// What became of a run all whose workers died, the first of them there: what is told is what was written.
async fn told_and_taken_back(scene: &Scene, id: &RunId, died: &str, undoes: impl FnOnce([u64; 2]) -> bool) {
    scene.rest(id).await;
    let run = scene.run(id).await;
    let written = scene.written();
    assert_eq!(Scene::told(&run), written, "died {died}: {run:#?}");
    assert_eq!(run.flows.len(), 2, "{run:#?}");
    let log = scene.sim.control().records(scene.log);
    assert_eq!((log.len(), log[0].text("state")), (1, Some(run.state.as_str())), "died {died}");
    if written == [FIRST + RECORDS as u64, RECORDS as u64] {
        assert_eq!(run.state, RunState::Succeeded, "all was written, and only the end not told: {run:#?}");
    } else {
        assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WORKER_DIED)), "{run:#?}");
        assert!(run.message.contains("workers died 5 times"), "{run:#?}");
        let failed = usize::from(run.flows[0].state == FlowState::Succeeded);
        assert_eq!(run.flows[failed].state, FlowState::Failed, "{run:#?}");
    }
    if undoes(written) {
        let undo = scene.undone(id).await;
        assert_eq!(undo.state, RunState::Succeeded, "died {died}: {undo:#?}");
        assert_eq!(scene.written(), [0, 0], "died {died}: {undo:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_dead_wrote_is_told_and_can_be_taken_back() {
    let mut stopped = BTreeSet::new();
    // A worker waits once between its first bulk and its second, which the loop may miss.
    let scene = scene(&flows, Undo::Kept).await;
    let id = scene.ask().await;
    dies_behind_the_first_bulk(&scene).await;
    scene.all_die().await;
    told_and_taken_back(&scene, &id, "behind the first bulk", |written| stopped.insert(written)).await;
    for waits in 0.. {
        let scene = crate::given_up::scene(&flows, Undo::Kept).await;
        let id = scene.ask().await;
        let ended = scene.dies("first", waits).await;
        if !ended {
            scene.all_die().await;
        }
        let undoes = |written: [u64; 2]| stopped.insert(written) && written[0] > 0;
        told_and_taken_back(&scene, &id, &format!("at wait {waits}"), undoes).await;
        if ended {
            break;
        }
    }
    let all = FIRST + RECORDS as u64;
    let everywhere = [[0, 0], [FIRST, 0], [all, 0], [all, RECORDS as u64]];
    assert_eq!(stopped, BTreeSet::from(everywhere), "they died everywhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_is_kept_by_the_worker_that_ends_the_run() {
    let scene = scene(&flows, Undo::AllOrNothing).await;
    let id = scene.ask().await;
    dies_behind_the_first_bulk(&scene).await;
    scene.all_die().await;
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WORKER_DIED)), "{run:#?}");
    assert!(run.message.contains("what was written was taken back"), "{run:#?}");
    assert_eq!(scene.written(), [0, 0], "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_log_record_nobody_can_know() {
    // No log app.
    let bare = scene(&flows, Undo::Off).await;
    bare.change(|unit| unit.log_app = None).await;
    let id = bare.ask().await;
    bare.all_die().await;
    bare.rest(&id).await;
    let run = bare.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Uncertain, Some(catalogue::UNCERTAIN)), "{run:#?}");
    assert_eq!(run.flows.iter().map(|f| f.state).collect::<Vec<_>>(), [FlowState::Uncertain; 2], "{run:#?}");
    // Somebody deletes the log record.
    let scene = scene(&flows, Undo::Off).await;
    let id = scene.ask().await;
    assert!(!scene.dies("first", 60).await);
    let log = scene.sim.control().records(scene.log);
    scene.sim.control().screen_delete(scene.log, log[0].id).unwrap();
    scene.all_die().await;
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!(run.state, RunState::Uncertain, "{run:#?}");
    assert!(run.message.contains("its log record has been deleted"), "{run:#?}");
}

/// A flow is written in part, and from then on kintone takes nothing any more.
async fn half(scene: &Scene) -> RunId {
    let id = scene.ask().await;
    let control = scene.sim.control();
    control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::TooManyRequests).skip(1).times(1_000));
    scene.works().await.unwrap();
    assert_eq!(scene.written(), [FIRST, 0]);
    let run = scene.run(&id).await;
    assert_eq!(run.state, RunState::Running);
    let (unit, state) = (scene.deps.ledger.unit(&scene.unit).await, scene.deps.ledger.state(&scene.unit).await);
    let told = standing(scene.clock.now(), &run, &state.unwrap(), &unit.unwrap().limits).unwrap();
    assert_eq!((told.line, told.written), (Line::Outside, Some((FIRST, FIRST + RECORDS as u64))), "{told:?}");
    assert_eq!(told.since, Some(scene.clock.now()));
    scene.pass(AGAIN_LIMIT + Duration::from_secs(60));
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kintone_that_stays_away_ends_the_run_by_its_journal() {
    let scene = scene(&flows, Undo::Kept).await;
    let id = half(&scene).await;
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::KINTONE_UNAVAILABLE)), "{run:#?}");
    assert_eq!((Scene::told(&run), run.flows[0].state), ([FIRST, 0], FlowState::Failed), "{run:#?}");
    scene.sim.control().clear_faults();
    let undo = scene.undone(&id).await;
    assert_eq!((undo.state, scene.written()), (RunState::Succeeded, [0, 0]), "{undo:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kintone_that_does_not_even_show_the_log_record_leaves_it_unknown() {
    let scene = scene(&flows, Undo::Kept).await;
    let id = half(&scene).await;
    scene.sim.control().add_fault(Fault::new("*", FaultKind::ServiceUnavailable).times(1_000));
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Uncertain, Some(catalogue::UNCERTAIN)), "{run:#?}");
    assert_eq!(run.flows.iter().map(|f| f.state).collect::<Vec<_>>(), [FlowState::Uncertain; 2], "{run:#?}");
    // Nothing is sent before there is a log record.
    let never = crate::given_up::scene(&flows, Undo::Kept).await;
    let id = never.ask().await;
    assert!(!never.dies("first", 9).await);
    assert_eq!(never.deaths().await, 1);
    never.sim.control().add_fault(Fault::new("*", FaultKind::ServiceUnavailable).times(1_000));
    never.works().await.unwrap();
    never.pass(AGAIN_LIMIT);
    never.rest(&id).await;
    let run = never.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::KINTONE_UNAVAILABLE)), "{run:#?}");
    assert!(run.message.contains("nothing was written"), "{run:#?}");
    assert!(never.clock.now() > run.queued_at);
}

/// A vault that does not answer so often.
struct Away(FileVault, AtomicUsize);

#[async_trait]
impl Vault for Away {
    async fn credential(&self, name: &str) -> Result<Credential, VaultError> {
        let left = self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(VaultError::Unavailable("throttled".to_owned())),
            Err(_) => self.0.credential(name).await,
        }
    }

    async fn put(&self, name: &str, credential: &Credential) -> Result<(), VaultError> {
        self.0.put(name, credential).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_log_app_it_is_known_as_long_as_nothing_was_sent() {
    let bare = async |away| {
        let mut bare = scene(&flows, Undo::Off).await;
        bare.change(|unit| unit.log_app = None).await;
        let vault = FileVault::new(None);
        vault.put("c", &administrator()).await.unwrap();
        bare.deps.vault = Arc::new(Away(vault, AtomicUsize::new(away)));
        let id = bare.ask().await;
        (bare, id)
    };
    // What does not answer at first is asked again.
    let (late, id) = bare(3).await;
    late.rest(&id).await;
    let run = late.run(&id).await;
    assert_eq!((run.state, run.attempt), (RunState::Succeeded, 4), "{run:#?}");
    assert_eq!(late.written(), [FIRST + RECORDS as u64, RECORDS as u64]);
    // Who dies behind that may have sent something.
    let (dead, id) = bare(1).await;
    dead.works().await.unwrap();
    dead.pass(LEASE);
    assert!(!dead.dies("second", 12).await);
    dead.rest(&id).await;
    assert_eq!(dead.run(&id).await.state, RunState::Uncertain);
    // For too long: nothing was written, and that is known.
    let (never, id) = bare(usize::MAX).await;
    never.works().await.unwrap();
    never.pass(AGAIN_LIMIT + Duration::from_secs(60));
    never.rest(&id).await;
    let run = never.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::KINTONE_UNAVAILABLE)), "{run:#?}");
    assert!(run.message.contains("nothing was written"), "{run:#?}");
}
