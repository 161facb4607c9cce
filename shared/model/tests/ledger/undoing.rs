//! Runs that are taken back: who may ask, and what it costs.

use std::time::Duration;

use model::ledger::{Admitted, LedgerError, NotUndoable, Taken, Ticket};
use model::limits::UnitLimits;
use model::run::{Ending, FlowResult, FlowState, Method, RunState};

use crate::scene::{Scene, ending, request, scene};

fn flow(name: &str, state: FlowState, written: u64) -> FlowResult {
    FlowResult {
        name: name.into(),
        state,
        input_records: 0,
        output_records: written,
        api_requests: 0,
        message: String::new(),
    }
}

/// A run that has written ten records.
async fn written(scene: &Scene) -> Box<Ticket> {
    let ticket = scene.started(&scene.unit, "w").await;
    let flows = vec![flow("引当", FlowState::Succeeded, 10)];
    scene.ledger.end(&ticket, &Ending { flows, ..ending(RunState::Succeeded) }, true).await.unwrap();
    ticket
}

#[tokio::test]
async fn a_unit_that_was_stopped_can_be_mended_and_stays_closed() {
    let scene = scene(UnitLimits::default()).await;
    let run = written(&scene).await.run.id;
    scene.ledger.set_enabled(&scene.unit.id, false).await.unwrap();
    for dry_run in [true, false] {
        assert!(matches!(scene.ledger.undo(&run, dry_run).await.unwrap(), Admitted::Queued(_)), "{dry_run}");
        let ticket = scene.run(&scene.unit, "w").await;
        scene.ledger.end(&ticket, &ending(RunState::Succeeded), true).await.unwrap();
        assert!(!scene.ledger.state(&scene.unit.id).await.unwrap().enabled, "nobody has opened it");
    }
    assert_eq!(scene.admit(&[request(Method::Api, None)]).await, Admitted::Disabled);
    assert_eq!(scene.ledger.run_again(&run).await.unwrap(), Admitted::Disabled);
}

#[tokio::test]
async fn a_dry_run_uses_up_no_start() {
    let scene = scene(UnitLimits::default()).await;
    let run = written(&scene).await.run.id;
    for _ in 0..8 {
        scene.clock.advance(Duration::from_secs(1));
        scene.ledger.undo(&run, true).await.unwrap();
        let ticket = scene.run(&scene.unit, "w").await;
        assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().starts.len(), 2, "while it runs");
        scene.ledger.end(&ticket, &ending(RunState::Succeeded), true).await.unwrap();
    }
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().starts.len(), 1, "that of the run itself");
    // What takes back is a start.
    for _ in 0..4 {
        scene.ledger.undo(&run, false).await.unwrap();
        let ticket = scene.run(&scene.unit, "w").await;
        scene.ledger.end(&ticket, &ending(RunState::Failed), true).await.unwrap();
    }
    scene.ledger.undo(&run, false).await.unwrap();
    assert!(matches!(scene.take(&scene.unit, "w").await, Taken::Wait { .. }), "the sixth");
}

#[tokio::test]
async fn who_has_taken_itself_back_is_not_taken_back_once_more() {
    let scene = scene(UnitLimits::default()).await;
    for (own, refused) in [
        (flow("元に戻す", FlowState::Succeeded, 10), true),
        (flow("元に戻す", FlowState::Failed, 4), true),
        (flow("元に戻す", FlowState::Succeeded, 0), true),
        // It could not take anything back: by hand it may be done.
        (flow("元に戻す", FlowState::Failed, 0), false),
    ] {
        scene.clock.advance(Duration::from_secs(60));
        let ticket = scene.started(&scene.unit, "w").await;
        scene.ledger.begin_own_undo(&ticket).await.unwrap();
        scene.ledger.begin_own_undo(&ticket).await.unwrap();
        let flows = vec![flow("引当", FlowState::Succeeded, 10), flow("出荷", FlowState::Failed, 0), own.clone()];
        scene.ledger.end(&ticket, &Ending { flows, ..ending(RunState::Failed) }, true).await.unwrap();
        let asked = scene.ledger.undo(&ticket.run.id, false).await;
        if refused {
            let itself = LedgerError::NotUndoable(NotUndoable::Itself(ticket.run.id.clone()));
            assert_eq!(asked, Err(itself), "{own:?}");
            continue;
        }
        assert!(matches!(asked, Ok(Admitted::Queued(_))), "{asked:?}");
        let undo = scene.run(&scene.unit, "w").await;
        let undoing = undo.run.trigger.undo.clone().unwrap();
        let begun = scene.ledger.begin_undo(&undo, &undoing).await.unwrap();
        assert_eq!(begun.undone_by, Some(undo.run.id.clone()));
        scene.ledger.begin_undo(&undo, &undoing).await.unwrap();
        scene.ledger.end(&undo, &ending(RunState::Succeeded), true).await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_that_has_lost_its_run_notes_nothing() {
    let scene = scene(UnitLimits::default()).await;
    let late = scene.started(&scene.unit, "w1").await;
    scene.clock.advance(Duration::from_secs(90));
    scene.run(&scene.unit, "w2").await;
    assert_eq!(scene.ledger.begin_own_undo(&late).await, Err(LedgerError::Superseded(late.run.id.clone())));
}
