//! Taking back: what a run wrote is as it was before, unless somebody has changed it since.

use std::ops::Range;

use model::catalogue;
use model::ids::RunId;
use model::ledger::{Admitted, LedgerError, NotUndoable};
use model::ports::{Nudge, Nudges as _};
use model::run::{Method, Run, RunState};
use model::unit::Undo;
use serde_json::json;

use crate::book::{Apps, apps, counts_on, fails, held, record, replaces};
use crate::made::{Made, administrator, made};
use crate::story::{Stage, stage};

mod between;
mod budget;
mod lost;
mod notes;
mod refused;
mod rich;

async fn unit(stage: &Stage, flows: &[&str], undo: Undo) -> Made {
    made(stage, "入れ替え", flows, |wanted| {
        wanted.credential = administrator();
        wanted.undo = undo;
    })
    .await
}

async fn undo(stage: &Stage, made: &Made, run: &RunId, dry_run: bool) -> Run {
    let admitted = stage.stack.ledger.undo(run, dry_run).await.unwrap();
    let Admitted::Queued(runs) = admitted else { panic!("{admitted:?}") };
    nudge(stage, made).await;
    stage.until("it ends", || async { stage.stack.ledger.run(&runs[0]).await.unwrap().state.ended() }).await;
    stage.stack.ledger.run(&runs[0]).await.unwrap()
}

/// What was asked for by hand has no nudge; the sweep would find it within a minute.
async fn nudge(stage: &Stage, made: &Made) {
    let unit = stage.stack.ledger.unit(&made.id).await.unwrap();
    stage.stack.queue.nudge(&Nudge::new(unit.domain, unit.id)).await.unwrap();
}

/// Two apps: one with these records, and one that says which of them there shall be, and with other counts.
fn filled(stage: &Stage, present: Range<usize>, wanted: Range<usize>) -> Apps {
    let (control, apps) = (stage.control(), apps(&stage.control()));
    control.put_records(apps.target, present.map(|n| record(n, n)).collect()).unwrap();
    control.put_records(apps.source, wanted.map(|n| record(n, n + 7)).collect()).unwrap();
    apps
}

fn succeeded(run: &Run) {
    assert_eq!(run.state, RunState::Succeeded, "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mixed_run_of_four_thousand_is_taken_back() {
    let stage = stage().await;
    let apps = apps(&stage.control());
    let control = stage.control();
    // 1,500 are changed, 1,000 deleted, 1,500 added; 500 stay as they are.
    control.put_records(apps.target, (0..3_000).map(|n| record(n, n)).collect()).unwrap();
    let wanted = (1_000..3_000)
        .map(|n| record(n, if n < 2_500 { n + 7 } else { n }))
        .chain((3_000..4_500).map(|n| record(n, n)));
    control.put_records(apps.source, wanted.collect()).unwrap();
    let before = held(&stage.control(), apps.target);
    let unit = unit(&stage, &[&replaces(&apps)], Undo::Kept).await;
    let run = unit.ran(&stage).await;
    succeeded(&run);
    assert_eq!(run.written(), 4_000, "{run:#?}");
    assert_eq!(held(&stage.control(), apps.target), held(&stage.control(), apps.source));
    let written = held(&stage.control(), apps.target);

    let told = undo(&stage, &unit, &run.id, true).await;
    succeeded(&told);
    assert!(told.flows[0].message.contains("追加1000件 更新1500件 削除1500件"), "{told:#?}");
    assert_eq!(held(&stage.control(), apps.target), written, "a dry run writes nothing");

    let undone = undo(&stage, &unit, &run.id, false).await;
    succeeded(&undone);
    assert_eq!((undone.trigger.method, undone.written()), (Method::Undo, 4_000));
    assert_eq!(held(&stage.control(), apps.target), before, "every field as it was");
    let message = &undone.flows[0].message;
    assert!(message.contains("新しいレコード番号") && message.contains("#1-#1000 → #"), "{message}");
    assert_eq!(stage.log_record(&undone.id).text("state"), Some("succeeded"));
    assert_eq!(stage.stack.ledger.run(&run.id).await.unwrap().undone_by, Some(undone.id.clone()));

    // Once is enough: the deleted ones would come back twice.
    let again = stage.stack.ledger.undo(&run.id, false).await;
    assert!(matches!(&again, Err(LedgerError::NotUndoable(why)) if why.ja().contains("元に戻しました")), "{again:?}");
    // What took back can be taken back.
    let redone = undo(&stage, &unit, &undone.id, false).await;
    succeeded(&redone);
    assert_eq!(held(&stage.control(), apps.target), written);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_since_is_left_and_told() {
    let stage = stage().await;
    let apps = filled(&stage, 0..10, 2..12);
    let control = stage.control();
    let before = held(&stage.control(), apps.target);
    let unit = unit(&stage, &[&replaces(&apps)], Undo::Kept).await;
    let run = unit.ran(&stage).await;
    succeeded(&run);
    let id = |number: &str| {
        let records = stage.control().records(apps.target);
        records.iter().find(|record| record.text("番号") == Some(number)).unwrap().id
    };
    let (changed, deleted, added) = (id("N-3"), id("N-4"), id("N-10"));
    control.screen_update(apps.target, changed, json!({ "メモ": { "value": "手で" } })).unwrap();
    control.screen_delete(apps.target, deleted).unwrap();
    control.screen_update(apps.target, added, json!({ "メモ": { "value": "手で" } })).unwrap();
    // Somebody has made a record with the number of one that was deleted.
    control.put_records(apps.target, vec![record(0, 99)]).unwrap();
    let by_hand = held(&stage.control(), apps.target);
    let undone = undo(&stage, &unit, &run.id, false).await;
    assert_eq!((undone.state, undone.code), (RunState::Failed, Some(catalogue::UNDO_INCOMPLETE)), "{undone:#?}");
    for text in [
        format!("変更されています / changed since, or in the course of the run × 2: #{changed} #{added}"),
        format!("削除されています / deleted since × 1: #{deleted}"),
        "重複を禁止した値を別のレコードが使っています / another record has a value that must be unique × 1: #1"
            .to_owned(),
    ] {
        assert!(undone.message.contains(&text), "{text}\n{}", undone.message);
    }
    let now = held(&stage.control(), apps.target);
    for number in ["N-3", "N-10", "N-0"] {
        assert_eq!(now[number], by_hand[number], "{number} is left");
    }
    for number in ["N-1", "N-2", "N-5", "N-6", "N-7", "N-8", "N-9"] {
        assert_eq!(now[number], before[number], "{number} is as it was");
    }
    assert!(!now.contains_key("N-4") && !now.contains_key("N-11"), "{:?}", now.keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_flows_did_to_the_same_records_is_taken_back_together() {
    let stage = stage().await;
    let apps = filled(&stage, 0..10, 5..15);
    let before = held(&stage.control(), apps.target);
    let unit = unit(&stage, &[&replaces(&apps), &counts_on(&apps)], Undo::Kept).await;
    let run = unit.ran(&stage).await;
    succeeded(&run);
    assert_eq!(run.written(), 25, "{run:#?}");
    succeeded(&undo(&stage, &unit, &run.id, false).await);
    assert_eq!(held(&stage.control(), apps.target), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_takes_back_by_itself() {
    let stage = stage().await;
    let apps = filled(&stage, 0..10, 5..15);
    let before = held(&stage.control(), apps.target);
    let flows = [replaces(&apps), counts_on(&apps), fails(&apps), counts_on(&apps)];
    let flows: Vec<&str> = flows.iter().map(String::as_str).collect();
    let unit = unit(&stage, &flows, Undo::AllOrNothing).await;
    let run = unit.ran(&stage).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WRITE_REFUSED)), "{run:#?}");
    assert!(run.message.contains("書き込んだものは元に戻しました"), "{}", run.message);
    let flows: Vec<(&str, &str)> = run.flows.iter().map(|f| (f.name.as_str(), f.state.as_str())).collect();
    assert_eq!(
        flows,
        [
            ("入れ替え", "succeeded"),
            ("加算", "succeeded"),
            ("失敗", "failed"),
            ("加算", "not_run"),
            ("元に戻す / undo", "succeeded")
        ]
    );
    assert_eq!(held(&stage.control(), apps.target), before);
    assert!(stage.log_record(&run.id).text("log_message").unwrap().contains("元に戻しました"));
    // Deleted records would come back twice.
    let again = stage.stack.ledger.undo(&run.id, false).await;
    assert!(matches!(&again, Err(LedgerError::NotUndoable(NotUndoable::Itself(_)))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_back_is_refused() {
    let stage = stage().await;
    let apps = apps(&stage.control());
    stage.control().put_records(apps.source, (0..3).map(|n| record(n, n)).collect()).unwrap();
    let unit = unit(&stage, &[&replaces(&apps)], Undo::Off).await;
    let run = unit.ran(&stage).await;
    succeeded(&run);
    let refused = undo(&stage, &unit, &run.id, false).await;
    assert_eq!((refused.state, refused.code), (RunState::Failed, Some(catalogue::UNDO_REFUSED)), "{refused:#?}");
    assert!(refused.message.contains("控えがありません"), "{}", refused.message);
    assert_eq!(held(&stage.control(), apps.target).len(), 3);
    let nothing = unit.ran(&stage).await;
    assert_eq!(nothing.written(), 0);
    let wrote_nothing = stage.stack.ledger.undo(&nothing.id, false).await;
    assert!(matches!(wrote_nothing, Err(LedgerError::NotUndoable(_))), "{wrote_nothing:?}");
}
