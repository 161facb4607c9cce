//! Notes of what took effect that could not be kept, or are gone: nothing is taken back in part without a word.

use std::sync::Arc;

use connect::storage::{FileStore, OwnName, Storage, When};
use model::catalogue;
use model::ids::RunId;
use model::ledger::Admitted;
use model::run::{Run, RunState};
use model::unit::Undo;
use sim::{Fault, FaultKind};

use super::succeeded;
use crate::bare::{DOMAIN, Scene};
use crate::book::{fails, held, record, replaces};
use crate::unreliable::Unreliable;

/// A scene with a mixed run of three bulks to come, and its object store.
async fn scene(log: bool) -> (Scene, Arc<Unreliable>) {
    let mut scene = Scene::new(&|_, apps| vec![replaces(apps)], Undo::Kept).await;
    let files = Arc::new(Unreliable::new(scene.file_faults.clone()));
    scene.deps.files = Storage::over(files.clone());
    let control = scene.sim.control();
    control.put_records(scene.apps.target, (0..2_000).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(scene.apps.source, (1_000..3_500).map(|n| record(n, n + 7)).collect()).unwrap();
    if !log {
        scene.change(|unit| unit.log_app = None).await;
    }
    (scene, files)
}

async fn ran(scene: &Scene) -> Run {
    let run = scene.ask().await;
    scene.works().await.unwrap();
    scene.rest(&run).await;
    scene.run(&run).await
}

pub(super) async fn undo(scene: &Scene, run: &RunId, dry_run: bool) -> Run {
    let Admitted::Queued(runs) = scene.deps.ledger.undo(run, dry_run).await.unwrap() else { panic!("not admitted") };
    scene.works().await.unwrap();
    scene.rest(&runs[0]).await;
    scene.run(&runs[0]).await
}

fn store(scene: &Scene) -> FileStore {
    scene.deps.files.unit(DOMAIN, &scene.unit)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_that_cannot_be_noted_leaves_the_run_to_the_next_worker() {
    let (scene, files) = scene(true).await;
    let before = held(&scene.sim.control(), scene.apps.target);
    files.refuse("-bulk-1", 3);
    let run = ran(&scene).await;
    succeeded(&run);
    assert_eq!((run.attempt, run.written()), (2, 3_500), "the second worker has noted it and went on");
    let kept = store(&scene).kept_of_flow(&run.id.to_string(), 0).await.unwrap();
    assert_eq!(kept.bulks, [0, 1], "{kept:?}");
    let undone = undo(&scene, &run.id, false).await;
    succeeded(&undone);
    assert!(!undone.flows[0].message.contains("反映の記録"), "{}", undone.flows[0].message);
    assert_eq!(held(&scene.sim.control(), scene.apps.target), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_kept_at_the_second_try_is_no_matter() {
    let (scene, files) = scene(true).await;
    files.refuse("-bulk-0", 2);
    let run = ran(&scene).await;
    succeeded(&run);
    assert_eq!(run.attempt, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_log_app_the_run_itself_tells_what_was_written() {
    let (scene, files) = scene(false).await;
    let before = held(&scene.sim.control(), scene.apps.target);
    files.refuse("-bulk-", usize::MAX);
    let run = ran(&scene).await;
    succeeded(&run);
    files.refuse("", 0);
    let told = undo(&scene, &run.id, true).await;
    succeeded(&told);
    assert!(told.flows[0].message.contains("3500件の書き込みは、反映の記録が残っていない"), "{told:#?}");
    let undone = undo(&scene, &run.id, false).await;
    succeeded(&undone);
    assert_eq!(held(&scene.sim.control(), scene.apps.target), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_back_waits_for_the_object_store() {
    let mut scene = Scene::new(&|_, apps| vec![replaces(apps), fails(apps)], Undo::AllOrNothing).await;
    let files = Arc::new(Unreliable::new(scene.file_faults.clone()));
    scene.deps.files = Storage::over(files.clone());
    let control = scene.sim.control();
    control.put_records(scene.apps.target, (0..5).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(scene.apps.source, (2..8).map(|n| record(n, n + 7)).collect()).unwrap();
    let before = held(&control, scene.apps.target);
    // What taking back is to write cannot be kept.
    files.refuse("2-before-", usize::MAX);
    let id = scene.ask().await;
    scene.works().await.unwrap();
    let run = scene.run(&id).await;
    assert_eq!(run.state, RunState::Running, "what was written stands, and is still to be taken back: {run:#?}");
    assert_ne!(held(&control, scene.apps.target), before);
    files.refuse("", 0);
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WRITE_REFUSED)), "{run:#?}");
    assert!(run.message.contains("what was written was taken back"), "{run:#?}");
    assert_eq!(held(&control, scene.apps.target), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_that_are_gone_lose_no_record() {
    for gone in [vec![0], vec![1], vec![0, 1]] {
        let (scene, _) = scene(true).await;
        let before = held(&scene.sim.control(), scene.apps.target);
        let run = ran(&scene).await;
        succeeded(&run);
        for bulk in &gone {
            let name = OwnName::took_effect(&run.id.to_string(), 0, *bulk);
            store(&scene).delete_own(&name).await.unwrap();
        }
        let undone = undo(&scene, &run.id, false).await;
        succeeded(&undone);
        assert_eq!(held(&scene.sim.control(), scene.apps.target), before, "without {gone:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_which_nothing_is_kept_are_counted_and_told() {
    let (scene, _) = scene(true).await;
    let run = ran(&scene).await;
    succeeded(&run);
    // Of the last five hundred, the images are lost.
    let name = OwnName::images(&run.id.to_string(), 0, "1-1");
    let whole = store(&scene).get_own(&name, u64::MAX).await.unwrap().unwrap();
    let text = String::from_utf8(whole.bytes.to_vec()).unwrap().replacen("\"images\":3500", "\"images\":3000", 1);
    let less: Vec<&str> = text.lines().take(3_001).collect();
    store(&scene).put_own(&name, less.join("\n").into(), &When::Always).await.unwrap();
    for dry_run in [true, false] {
        let undone = undo(&scene, &run.id, dry_run).await;
        assert_eq!((undone.state, undone.code), (RunState::Failed, Some(catalogue::UNDO_INCOMPLETE)), "{undone:#?}");
        for text in ["元に戻していないレコード: 500件", "writes of which nothing is kept: 500"] {
            assert!(undone.message.contains(text), "{dry_run}: {text}\n{}", undone.message);
        }
    }
    let now = held(&scene.sim.control(), scene.apps.target);
    assert_eq!(now.len(), 2_000 + 500, "what is not known stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_old_runs_goes_also_where_nothing_is_written() {
    let rich = super::rich::rich(Vec::new(), Vec::new()).await;
    let store = rich.scene.deps.files.unit(DOMAIN, &rich.scene.unit);
    // Of a run that ended before, and of one that never ran: nobody else comes by its number.
    let of = |seq: u64| RunId { unit: rich.scene.unit.clone(), seq }.to_string();
    let kept = |run: String| {
        let store = store.clone();
        async move { store.kept_of_flow(&run, 0).await.unwrap().computations.len() }
    };
    store.put_own(&OwnName::images(&of(1), 0, "1-1"), "x".into(), &When::Always).await.unwrap();
    let last = rich.scene.deps.ledger.clone();
    for turn in 1..=101 {
        assert_eq!(kept(of(1)).await, 1, "before run {turn}");
        if turn % 10 == 0 {
            last.cancel(&rich.scene.ask().await).await.unwrap();
        } else {
            assert_eq!(rich.ran().await.written(), 0);
        }
    }
    assert_eq!(kept(of(1)).await, 0, "a hundred runs are kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_not_told_as_failed_because_its_ids_cannot_be_read() {
    let small = async || {
        let scene = Scene::new(&|_, apps| vec![replaces(apps)], Undo::AllOrNothing).await;
        let control = scene.sim.control();
        control.put_records(scene.apps.source, (0..5).map(|n| record(n, n)).collect()).unwrap();
        control.clear_calls();
        scene
    };
    let undisturbed = small().await;
    succeeded(&ran(&undisturbed).await);
    let reads = undisturbed.sim.control().calls();
    let reads = reads.iter().filter(|call| call.method == "GET" && call.path.ends_with("/records.json")).count();

    let scene = small().await;
    let control = scene.sim.control();
    // The answer that named the new records is lost, and then kintone is away for reading.
    control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::ResetAfter));
    let away = Fault::new("*/records.json", FaultKind::ServiceUnavailable).method("GET");
    control.add_fault(away.skip(reads as u64).times(1_000));
    let id = scene.ask().await;
    scene.works().await.unwrap();
    assert_eq!(scene.run(&id).await.state, RunState::Running, "it is written, and the ids are still to be found");
    control.clear_faults();
    scene.rest(&id).await;
    let run = scene.run(&id).await;
    succeeded(&run);
    assert_eq!((run.written(), control.count(scene.apps.target)), (5, 5));
    let undone = undo(&scene, &id, false).await;
    succeeded(&undone);
    assert_eq!(control.count(scene.apps.target), 0, "each was found");
}
