//! Taking back and the domain's output budget, and what is told where taking back fails.

use model::catalogue;
use model::limits::DomainLimits;
use model::run::RunState;
use model::unit::Undo;
use sim::{Fault, FaultKind};

use super::{succeeded, undo, unit};
use crate::book::{apps, counts_on, fails, held, record, replaces};
use crate::made::Made;
use crate::story::{Stage, stage};

async fn budget(stage: &Stage, made: &Made, records: u64) {
    let domain = stage.stack.ledger.unit(&made.id).await.unwrap().domain;
    let limits = DomainLimits { budget: records, ..stage.stack.ledger.gate(&domain).await.unwrap().limits };
    stage.stack.ledger.set_domain_limits(&domain, limits).await.unwrap();
}

/// Bulks that were answered.
fn bulks(stage: &Stage) -> usize {
    stage.control().calls().iter().filter(|call| call.path.ends_with("bulkRequest.json")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_itself_back_writes_more_than_the_budget() {
    let stage = stage().await;
    let apps = apps(&stage.control());
    stage.control().put_records(apps.target, (0..300).map(|n| record(n, n)).collect()).unwrap();
    stage.control().put_records(apps.source, (100..400).map(|n| record(n, n + 7)).collect()).unwrap();
    let before = held(&stage.control(), apps.target);
    // 200 changed, 100 deleted, 100 added; then 300 changed: one by one they fit, all together they do not.
    let unit = unit(&stage, &[&replaces(&apps), &counts_on(&apps), &fails(&apps)], Undo::AllOrNothing).await;
    budget(&stage, &unit, 399).await;
    let small = unit.ran(&stage).await;
    assert_eq!((small.state, small.code), (RunState::Failed, Some(catalogue::OVER_BUDGET)), "{small:#?}");
    budget(&stage, &unit, 400).await;
    // Before the last flow fails, the budget becomes smaller than what has to go back.
    let stack = stage.stack.ledger.clone();
    stage.control().clear_calls();
    stage.control().add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 500 }).skip(1).times(1));
    unit.start(&stage).await;
    let domain = stack.unit(&unit.id).await.unwrap().domain;
    stage.until("the first flow is written", || async { bulks(&stage) == 1 }).await;
    let limits = DomainLimits { budget: 350, ..stack.gate(&domain).await.unwrap().limits };
    stack.set_domain_limits(&domain, limits).await.unwrap();
    let run = unit.ended(&stage).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WRITE_REFUSED)), "{run:#?}");
    assert!(run.message.contains("書き込んだものは元に戻しました"), "{}", run.message);
    assert_eq!(run.flows.last().unwrap().output_records, 400, "{run:#?}");
    assert_eq!(held(&stage.control(), apps.target), before);
    assert!(stack.gate(&domain).await.unwrap().writing.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_more_than_the_budget_is_taken_back_by_hand() {
    let stage = stage().await;
    let apps = apps(&stage.control());
    stage.control().put_records(apps.source, (0..300).map(|n| record(n, n)).collect()).unwrap();
    let unit = unit(&stage, &[&replaces(&apps)], Undo::Kept).await;
    let run = unit.ran(&stage).await;
    succeeded(&run);
    budget(&stage, &unit, 100).await;
    succeeded(&undo(&stage, &unit, &run.id, false).await);
    assert_eq!(stage.control().count(apps.target), 0);
    // What is run again by hand is not over the budget, either.
    let again = stage.stack.ledger.run_again(&run.id).await.unwrap();
    let model::ledger::Admitted::Queued(runs) = again else { panic!("{again:?}") };
    super::nudge(&stage, &unit).await;
    stage.until("it ends", || async { stage.stack.ledger.run(&runs[0]).await.unwrap().state.ended() }).await;
    succeeded(&stage.stack.ledger.run(&runs[0]).await.unwrap());
    assert_eq!(stage.control().count(apps.target), 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_take_itself_back_says_what_stands_and_why_it_failed() {
    let stage = stage().await;
    let apps = apps(&stage.control());
    stage.control().put_records(apps.source, (0..30).map(|n| record(n, n)).collect()).unwrap();
    let unit = unit(&stage, &[&replaces(&apps), &counts_on(&apps), &fails(&apps)], Undo::AllOrNothing).await;
    stage.control().clear_calls();
    // What was kept is gone when it is needed.
    stage.control().add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 500 }).skip(2).times(1));
    unit.start(&stage).await;
    stage.until("two flows are written", || async { bulks(&stage) == 2 }).await;
    let files = stage.stack.files.unit(&stage.stack.ledger.unit(&unit.id).await.unwrap().domain, &unit.id);
    let run = unit.last(&stage).await.unwrap();
    files.forget_undo(&run.id.to_string()).await.unwrap();
    let run = unit.ended(&stage).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WRITE_REFUSED)), "the real cause: {run:#?}");
    for text in [&catalogue::UNDO_INCOMPLETE.ja(), "元に戻していないレコード: 60件", "控えがありません"]
    {
        assert!(run.message.contains(text), "{text}\n{}", run.message);
    }
    assert_eq!(stage.control().count(apps.target), 30);
}
