//! kintone misbehaves, people meddle, rights are missing: nothing is doubled, nothing is half, everything is told.

use std::time::Duration;

use model::catalogue;
use model::clock::{Clock, ManualClock, SystemClock, Timestamp};
use model::run::{FlowState, RunState};
use serde_json::json;
use sim::{Fault, FaultKind};
use suiro::demo::company::order;

use crate::story::{Stage, all_succeeded, stage, stage_with};

async fn one_order(stage: &Stage) -> u64 {
    let company = &stage.company;
    stage.control().add_webhook(company.orders, &company.url, &sim::ALL_EVENTS).unwrap();
    stage.control().screen_add(company.orders, order("F-1", "P-001", 30)).unwrap()
}

/// What one order of thirty leaves behind, however it went.
fn exactly_once(stage: &Stage) {
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("70"));
    assert_eq!(stage.value(stage.company.stock, 1, "引当済"), json!("30"));
    assert_eq!(stage.control().count(stage.company.movements), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_by_the_fence() {
    for kind in [FaultKind::ResetAfter, FaultKind::ResetBefore, FaultKind::CutBody { bytes: 10 }] {
        for skip in [0, 1] {
            let stage = stage().await;
            let fault = Fault::new("*/bulkRequest.json", kind.clone()).skip(skip).times(1);
            stage.control().add_fault(fault);
            one_order(&stage).await;
            all_succeeded(&stage.until_ended(1).await);
            exactly_once(&stage);
            assert!(stage.control().faults().is_empty(), "the fault struck");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_for_load_are_repeated() {
    let stage = stage().await;
    for kind in [FaultKind::TooManyRequests, FaultKind::DatabaseLock] {
        stage.control().add_fault(Fault::new("*/bulkRequest.json", kind).times(1));
    }
    stage.control().add_fault(Fault::new("*/records.json", FaultKind::ServiceUnavailable).method("GET").times(1));
    one_order(&stage).await;
    all_succeeded(&stage.until_ended(1).await);
    exactly_once(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_may_not_be_read_is_an_error_and_never_an_empty_input() {
    let stage = stage().await;
    let company = &stage.company;
    let tokens: Vec<String> = company.tokens.split(',').map(str::to_owned).collect();
    let blind = stage.control().add_token(company.stock, &[sim::Right::Add, sim::Right::Edit]).unwrap();
    let unit = stage.stack.ledger.unit(&company.unit).await.unwrap();
    let connection = stage.stack.ledger.connection(&unit.domain, &unit.connection).await.unwrap().unwrap();
    let tokens = vec![tokens[0].clone(), blind, tokens[2].clone(), tokens[3].clone()];
    let credential = model::ports::Credential::Tokens { tokens, basic: None };
    stage.stack.vault.put(&connection.credential, &credential).await.unwrap();
    one_order(&stage).await;
    let runs = stage.until_ended(1).await;
    assert_eq!((runs[0].state, runs[0].code), (RunState::Failed, Some(catalogue::NOT_PERMITTED)), "{:#?}", runs[0]);
    assert_eq!(runs[0].flows[0].state, FlowState::Failed);
    assert_eq!(runs[0].flows[1].state, FlowState::NotRun, "the first failure ends the run");
    assert_eq!(stage.value(company.stock, 1, "在庫数"), json!("100"));
    assert_eq!(stage.control().count(company.movements), 0);
    let log = stage.log_record(&runs[0].id);
    assert_eq!(log.fields["state"], json!("failed"));
    assert!(log.fields["log_message"].as_str().unwrap().contains("kintone.not_permitted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_and_a_flow_change_the_same_stock_and_nobodys_change_is_lost() {
    let stage = stage().await;
    stage.control().switch(|s| s.service_time_ms = 40);
    one_order(&stage).await;
    // The person renames the product again and again while the flow reads, computes and writes.
    for n in 0..6 {
        SystemClock.pause(Duration::from_millis(60)).await;
        stage
            .control()
            .screen_update(stage.company.stock, 1, json!({ "商品名": { "value": format!("りんご{n}") } }))
            .unwrap();
    }
    let runs = stage.until_ended(1).await;
    all_succeeded(&runs);
    exactly_once(&stage);
    assert_eq!(stage.value(stage.company.stock, 1, "商品名"), json!("りんご5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_computed_again() {
    let stage = stage().await;
    // The bulk waits before it is served; the person changes the record in that time.
    stage.control().add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 400 }).times(1));
    stage.control().clear_calls();
    one_order(&stage).await;
    stage
        .until("the stock was read", || async {
            stage
                .control()
                .calls()
                .iter()
                .filter(|c| c.apps == [stage.company.stock] && c.path.ends_with("/records.json"))
                .count()
                >= 2
        })
        .await;
    SystemClock.pause(Duration::from_millis(150)).await;
    stage.control().screen_update(stage.company.stock, 1, json!({ "在庫数": { "value": "50" } })).unwrap();
    let runs = stage.until_ended(1).await;
    all_succeeded(&runs);
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("20"), "thirty from the person's fifty");
    let refused =
        stage.control().calls().into_iter().filter(|c| c.path.ends_with("bulkRequest.json") && c.status == 409);
    assert_eq!(refused.count(), 1, "the first computation was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_record_is_named() {
    let stage = stage().await;
    let company = &stage.company;
    let narrow =
        sim::AppSpec::new("短い番号").field("受注番号", json!({ "type": "SINGLE_LINE_TEXT", "maxLength": "4" }));
    let narrow = stage.control().create_app(narrow).unwrap();
    let token = stage.control().add_token(narrow, &sim::ALL_RIGHTS).unwrap();
    let flow = format!(
        "suiro: 1\nname: 写し\nsteps:\n  - {{ name: 受注, command: input_app, app: {}, fields: [受注番号] }}\n  - {{ name: 追加, command: output_app, from: 受注, app: {narrow}, method: append }}\n",
        company.orders
    );
    let tokens = company.tokens.split(',').map(str::to_owned).chain([token]).collect();
    let wanted = suiro::units::Wanted {
        name: "写し".into(),
        base_url: stage.sim.base_url(),
        guest_space: None,
        credential: model::ports::Credential::Tokens { tokens, basic: None },
        expires: None,
        app: company.orders,
        events: Default::default(),
        flows: vec![flow],
        log_app: Some(company.log),
        undo: Default::default(),
        coalesce: false,
        limits: Default::default(),
        doors: Default::default(),
    };
    let stack = &stage.stack;
    let (unit, secret) =
        suiro::units::add(&stack.ledger, stack.vault.as_ref(), &stack.connector, wanted).await.unwrap();
    for number in ["OK-1", "TOO-LONG", "OK-3"] {
        stage.control().screen_add(company.orders, order(number, "P-001", 1)).unwrap();
    }
    let body = json!({ "id": "n-1", "type": "DELETE_RECORD", "app": { "id": company.orders }, "recordId": "99" });
    stage.post(&format!("{}/r/{unit}/{}", stack.base_url(), secret.reveal()), &body).await;
    let ended = || async { stack.ledger.runs(&unit, 1).await.unwrap().iter().any(|r| r.state.ended()) };
    stage.until("the run ends", ended).await;
    let run = stack.ledger.runs(&unit, 1).await.unwrap().remove(0);
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WRITE_REFUSED)), "{run:#?}");
    let ja =
        format!("ステップ「追加」、アプリ{narrow}、追加するレコード(受注番号 = TOO-LONG)、フィールド「受注番号」: ");
    let en = format!("step \"追加\", app {narrow}, the new record with 受注番号 = TOO-LONG, field 受注番号: ");
    assert!(run.message.contains(&ja), "the record and the field: {}", run.message);
    assert!(run.message.contains(&en), "in English too: {}", run.message);
    assert!(run.message.contains("not written: 3 of 3"), "what was written: {}", run.message);
    assert_eq!(stage.control().count(narrow), 0, "a bulk is all or nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_cannot_be_logged_is_logged_later() {
    let clock = std::sync::Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
    let stage = stage_with(clock.clone(), Default::default()).await;
    let company = &stage.company;
    // The log record is opened; then kintone is in maintenance, for as long as the end is tried to be written.
    let maintenance = Fault::new("*/records.json", FaultKind::ServiceUnavailable).method("PUT").times(4);
    stage.control().add_fault(maintenance);
    one_order(&stage).await;
    let runs = stage.until_ended(1).await;
    all_succeeded(&runs);
    assert_eq!(stage.log_record(&runs[0].id).fields["state"], json!("running"), "the end is not told yet");
    let to_log = || async { stage.stack.ledger.state(&company.unit).await.unwrap().to_log };
    assert_eq!(to_log().await, [1], "and not forgotten");
    clock.advance(Duration::from_secs(61));
    stage.until("the sweep has brought it back", || async { to_log().await.is_empty() }).await;
    assert_eq!(stage.log_record(&runs[0].id).fields["state"], json!("succeeded"));
    exactly_once(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_about_the_log_record_ends_no_run() {
    let kinds = [FaultKind::ResetAfter, FaultKind::ResetBefore, FaultKind::BadGateway];
    // Its opening, and its end.
    let methods = ["POST", "PUT"];
    for (kind, method) in kinds.iter().flat_map(|kind| methods.map(|method| (kind.clone(), method))) {
        let stage = stage().await;
        stage.control().add_fault(Fault::new("*/records.json", kind).method(method).times(1));
        one_order(&stage).await;
        let runs = stage.until_ended(1).await;
        all_succeeded(&runs);
        exactly_once(&stage);
        assert_eq!(stage.log_record(&runs[0].id).fields["state"], json!("succeeded"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_edit_the_log_record_while_the_run_is_running() {
    let stage = stage().await;
    stage.control().switch(|s| s.service_time_ms = 30);
    one_order(&stage).await;
    let mut edits = 0;
    while !stage.runs().await.first().is_some_and(|r| r.state.ended()) {
        let log = stage.control().records(stage.company.log);
        if let Some(record) = log.first() {
            let memo = json!({ "records": { "value": format!("memo {edits}") } });
            stage.control().screen_update(stage.company.log, record.id, memo).unwrap();
            edits += 1;
        }
        SystemClock.pause(Duration::from_millis(120)).await;
    }
    assert!(edits >= 2, "edited {edits} times while it was running");
    let runs = stage.runs().await;
    all_succeeded(&runs);
    exactly_once(&stage);
    assert_eq!(runs[0].attempt, 1, "nobody had to take it up again");
}
