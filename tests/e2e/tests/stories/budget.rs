//! The domain's output budget: who computes waits parked to write, in order, and goes on when another has finished.

use std::time::Duration;

use model::catalogue;
use model::clock::{Clock, SystemClock};
use model::domain::DomainState;
use model::run::RunState;
use model::unit::WaitReason;
use sim::{Fault, FaultKind};

use crate::made::unit;
use crate::story::{Stage, stage};

/// A flow that adds so many movements.
fn adding(count: u64) -> String {
    format!(
        "
suiro: 1
name: 追加
steps:
  - {{ name: 番号, command: input_series, by: number, first: 1, last: {count}, as: n }}
  - {{ name: 名前, command: data_edit, from: 番号, edits: [{{ field: 受注番号, formula: '\"N-\" & n' }}] }}
  - {{ name: 選択, command: select_fields, from: 名前, fields: [受注番号] }}
  - {{ name: 移動, command: output_app, from: 選択, app: ${{在庫移動}}, method: append }}
"
    )
}

async fn gate(stage: &Stage) -> DomainState {
    let unit = stage.stack.ledger.unit(&stage.company.unit).await.unwrap();
    stage.stack.ledger.gate(&unit.domain).await.unwrap()
}

async fn budget(stage: &Stage, records: u64) {
    let unit = stage.stack.ledger.unit(&stage.company.unit).await.unwrap();
    let limits = model::limits::DomainLimits { budget: records, ..gate(stage).await.limits };
    stage.stack.ledger.set_domain_limits(&unit.domain, limits).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn three_units_and_a_budget_for_two() {
    let stage = stage().await;
    budget(&stage, 5_000).await;
    let first = unit(&stage, "一", &adding(2_600), true).await;
    let second = unit(&stage, "二", &adding(2_400), true).await;
    // One of those that wait has no log app: where it stands is staged, too.
    let third = unit(&stage, "三", &adding(1_000), false).await;
    // The first two write for some seconds.
    stage.control().add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 5_000 }).times(2));
    first.start(&stage).await;
    second.start(&stage).await;
    stage.until("both write", || async { gate(&stage).await.writing.len() == 2 }).await;
    third.start(&stage).await;
    stage.until("the third stands in line", || async { gate(&stage).await.line.len() == 1 }).await;
    // It stands there from its first asking on; then it stages what it wants to write, and is parked.
    let parked = || async {
        let state = stage.stack.ledger.state(&third.id).await.unwrap();
        state.running.is_some_and(|lease| lease.parked.is_some())
    };
    stage.until("the third is parked", parked).await;
    let state = stage.stack.ledger.state(&third.id).await.unwrap();
    assert_eq!(state.wait.map(|note| note.reason), Some(WaitReason::Budget), "told why it waits");
    assert!(state.running.is_some_and(|lease| lease.parked.is_some()), "parked, without a worker");
    let mut most = 0;
    for unit in [&first, &second, &third] {
        while !unit.last(&stage).await.is_some_and(|run| run.state.ended()) {
            most = most.max(gate(&stage).await.writing.values().map(|r| r.records).sum::<u64>());
            SystemClock.pause(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(most, 5_000, "the budget was used, and never exceeded");
    for (unit, count) in [(&first, 2_600), (&second, 2_400), (&third, 1_000)] {
        let run = unit.last(&stage).await.unwrap();
        assert_eq!((run.state, run.flows[0].output_records), (RunState::Succeeded, count), "{run:#?}");
    }
    let waited = third.last(&stage).await.unwrap();
    assert!(waited.attempt >= 2, "it went away and was taken up again: {waited:#?}");
    assert_eq!(stage.control().count(stage.company.movements), 6_000, "each record once");
    let after = gate(&stage).await;
    assert!(after.writing.is_empty() && after.line.is_empty(), "{after:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_whole_budget_fails_at_once() {
    let stage = stage().await;
    budget(&stage, 500).await;
    let run = unit(&stage, "多い", &adding(501), true).await.ran(&stage).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::OVER_BUDGET)), "{run:#?}");
    assert!(run.message.contains("501") && run.message.contains("500"), "{}", run.message);
    assert_eq!(stage.control().count(stage.company.movements), 0);
}
