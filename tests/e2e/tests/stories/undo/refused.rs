//! Records that an app takes no more as they were: they are left and told, and all others go back.

use model::catalogue;
use model::run::{Run, RunState};
use reqwest::Method;
use serde_json::json;
use worker::NoHold;

use super::rich::{Rich, record, rich};
use super::succeeded;
use crate::bare::Cut;

fn incomplete(run: &Run, told: &[&str]) {
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::UNDO_INCOMPLETE)), "{run:#?}");
    for text in told {
        assert!(run.message.contains(text), "{text}\n{}", run.message);
    }
}

/// Every seventh of these records looks a product up that will be gone.
async fn with_lookups(count: usize) -> (Rich, Vec<Vec<String>>) {
    let held = (0..count).map(|n| record(n, if n % 7 == 3 { "P-2" } else { "P-1" }, "赤")).collect();
    let rich = rich(held, vec![record(count, "P-1", "青")]).await;
    let before = rich.held();
    (rich, before)
}

fn lose_the_product(rich: &Rich) {
    let control = rich.scene.sim.control();
    let gone = control.records(rich.products).into_iter().find(|record| record.text("コード") == Some("P-2")).unwrap();
    control.screen_delete(rich.products, gone.id).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_whose_source_is_gone_keeps_nothing_else_back() {
    let (rich, before) = with_lookups(40).await;
    let run = rich.ran().await;
    assert_eq!(run.written(), 41);
    lose_the_product(&rich);
    let undone = rich.undo(&run.id, false).await;
    // kintone refuses it without saying which record: six of forty, by their former numbers.
    let told = ["元に戻していないレコード: 6件", "GAIA_LO04", "#4 #11 #18 #25 #32 #39", "#1 → #"];
    incomplete(&undone, &told);
    assert!(!undone.message.contains("#4 → #"), "{}", undone.message);
    let expected: Vec<_> = before.into_iter().filter(|record| record[1] == "P-1").collect();
    assert_eq!(rich.held(), expected, "all others are back, and what was added is gone");
    assert_eq!(undone.written(), 35);
    // What was taken back in part can be taken back itself.
    let redone = rich.undo(&undone.id, false).await;
    succeeded(&redone);
    assert_eq!(rich.held().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_meanwhile_changes_nothing_of_it() {
    for waits in [20, 45, 60, 75, 90, 105, 120, 150, 200] {
        let (rich, before) = with_lookups(12).await;
        let run = rich.ran().await;
        lose_the_product(&rich);
        let undoing = rich.undoing(&run.id, false).await;
        let nudge = rich.scene.nudge();
        let killed = Cut { inner: worker::handle(&rich.scene.deps, &nudge, "killed", &NoHold), waits };
        killed.await;
        rich.scene.rest(&undoing).await;
        let undone = rich.scene.run(&undoing).await;
        incomplete(&undone, &["元に戻していないレコード: 2件", "#4 #11"]);
        let expected: Vec<_> = before.into_iter().filter(|record| record[1] == "P-1").collect();
        assert_eq!(rich.held(), expected, "killed after {waits} waits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_is_gone_keeps_nothing_else_back() {
    let held = (0..20).map(|n| record(n, "P-1", if n == 7 || n == 12 { "青" } else { "赤" })).collect();
    let rich = rich(held, (0..20).map(|n| record(n, "P-1", "赤")).chain([record(20, "P-1", "赤")]).collect()).await;
    let before = rich.held();
    let run = rich.ran().await;
    assert_eq!(run.written(), 3);
    rich.form(
        Method::PUT,
        json!({ "色": { "type": "DROP_DOWN", "options": { "赤": { "label": "赤", "index": 0 } } } }),
    )
    .await;
    let told = rich.undo(&run.id, true).await;
    incomplete(&told, &["元に戻していないレコード: 2件", "色: 「青」はフィールドの選択肢にありません", "× 2: #8 #13"]);
    let undone = rich.undo(&run.id, false).await;
    incomplete(
        &undone,
        &["元に戻していないレコード: 2件", "色: 「青」はフィールドの選択肢にありません", "× 2: #8 #13"],
    );
    let red = |mut record: Vec<String>| {
        record[3] = "赤".to_owned();
        record
    };
    assert_eq!(rich.held(), before.into_iter().map(red).collect::<Vec<_>>(), "what was added is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_must_be_filled_since_keeps_nothing_else_back() {
    let held = (0..10).map(|n| record(n, "P-1", "赤")).collect();
    // Four are changed, two deleted.
    let wanted = (0..8).map(|n| record(n, if n < 4 { "P-2" } else { "P-1" }, "赤")).collect();
    let rich = rich(held, wanted).await;
    let run = rich.ran().await;
    assert_eq!(run.written(), 6);
    rich.form(
        Method::POST,
        json!({ "必須": { "type": "SINGLE_LINE_TEXT", "code": "必須", "label": "必須", "required": true } }),
    )
    .await;
    // Somebody has filled it in some of them, so that these have changed; the others are refused by name.
    let control = rich.scene.sim.control();
    control.screen_update(rich.app, 1, json!({ "必須": { "value": "x" } })).unwrap();
    let undone = rich.undo(&run.id, false).await;
    let told = [
        "元に戻していないレコード: 6件",
        "changed since, or in the course of the run × 1: #1",
        "必須: 必須です。",
        "#2-#4",
        "#9 #10",
    ];
    incomplete(&undone, &told);
    assert_eq!(undone.written(), 0);
}
