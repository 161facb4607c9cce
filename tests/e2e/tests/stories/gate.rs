//! Seven webhooks at once, on a clock that the story turns by hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::clock::{Clock as _, ManualClock, SystemClock, Timestamp};
use model::limits::UnitLimits;
use model::run::RunState;
use model::unit::{WaitNote, WaitReason};
use serde_json::json;
use suiro::demo::company::order;
use worker::observer::{Happening, Observer};

use crate::story::{Stage, all_succeeded, stage_told, stage_with};

const START: Timestamp = Timestamp(1_800_000_000_000);

/// Notes starts and ends, in the order in which they happen.
#[derive(Default)]
struct Notes(Mutex<Vec<(char, u64)>>);

impl Observer for Notes {
    fn tell(&self, happening: &Happening) {
        let note = match happening {
            Happening::Starts(ticket) => ('s', ticket.run.id.seq),
            Happening::Ended(run) => ('e', run.id.seq),
            _ => return,
        };
        self.0.lock().expect("not poisoned").push(note);
    }
}

/// Seven orders are typed in; their webhooks arrive one after the other and none is waited for.
async fn seven(stage: &Stage) -> Vec<u64> {
    stage.control().add_webhook(stage.company.orders, &stage.company.url, &sim::ALL_EVENTS).unwrap();
    let ids = (1..=7).map(|n| stage.control().screen_add(stage.company.orders, order(&format!("S-{n}"), "P-001", 1)));
    let ids = ids.collect::<Result<Vec<_>, _>>().unwrap();
    stage.control().webhooks_idle().await;
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn of_seven_at_once_five_run_and_the_sixth_starts_at_sixty_seconds() {
    let (clock, notes) = (Arc::new(ManualClock::new(START)), Arc::new(Notes::default()));
    let stage = stage_told(clock.clone(), UnitLimits::default(), notes.clone()).await;
    let ids = seven(&stage).await;
    stage.until_ended(5).await;
    let state = || async { stage.stack.ledger.state(&stage.company.unit).await.unwrap() };
    let rate = WaitNote { until: START + Duration::from_secs(60), reason: WaitReason::Rate };
    stage.until("the sixth waits for the rate", || async { state().await.wait == Some(rate) }).await;

    clock.advance(Duration::from_millis(59_999));
    SystemClock.pause(Duration::from_millis(300)).await;
    let runs = stage.runs().await;
    assert_eq!(runs.iter().filter(|r| r.state == RunState::Queued).count(), 2, "a millisecond early: nobody starts");
    clock.advance(Duration::from_millis(1));
    let runs = stage.until_ended(7).await;
    all_succeeded(&runs);
    let started: Vec<i64> = runs.iter().map(|r| r.started_at.expect("started").0 - START.0).collect();
    assert_eq!(started, [0, 0, 0, 0, 0, 60_000, 60_000]);
    let order: Vec<String> = runs.iter().map(|r| r.trigger.records.join("")).collect();
    assert_eq!(order, ids.iter().map(ToString::to_string).collect::<Vec<_>>(), "arrival order");

    let notes = notes.0.lock().unwrap().clone();
    let one_after_the_other: Vec<(char, u64)> = (1..=7).flat_map(|n| [('s', n), ('e', n)]).collect();
    assert_eq!(notes, one_after_the_other, "never two at once");
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("93"));
    let log = stage.log_record(&runs[5].id);
    assert_eq!(
        log.fields["wait_reason"],
        json!("1分あたりの実行回数の上限 / starts per minute"),
        "the log tells the wait"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_cannot_start_in_time_is_recorded_and_can_be_run_again() {
    let clock = Arc::new(ManualClock::new(START));
    let limits = UnitLimits { wait_ms: 30_000, ..UnitLimits::default() };
    let stage = stage_with(clock.clone(), limits).await;
    seven(&stage).await;
    let runs = stage.until_ended(7).await;
    let late: Vec<_> = runs.iter().filter(|r| r.state == RunState::TimedOut).collect();
    assert_eq!(late.len(), 2, "a minute's wait is more than the thirty seconds allowed");
    for run in &late {
        stage
            .until("it is in the log", || async {
                stage.stack.ledger.state(run.unit()).await.unwrap().to_log.is_empty()
            })
            .await;
        let log = stage.log_record(&run.id);
        assert_eq!(log.fields["state"], json!("timed_out"));
        assert!(log.fields["log_message"].as_str().unwrap().contains("run again"), "it says what to do");
    }
    clock.advance(Duration::from_secs(61));
    stage.stack.ledger.run_again(&late[0].id).await.unwrap();
    let swept = || async {
        // The sweep's turn comes after some seconds, whenever it was here last.
        clock.advance(Duration::from_millis(100));
        stage.runs().await.iter().filter(|run| run.state.ended()).count() == 8
    };
    stage.until("the sweep has brought it to a worker", swept).await;
    let runs = stage.runs().await;
    assert_eq!(runs[7].state, RunState::Succeeded, "{:#?}", runs[7]);
    assert_eq!(runs[7].again_of.as_ref(), Some(&late[0].id));
    assert_eq!(runs[7].trigger.records, late[0].trigger.records, "with the same parameters");
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("94"), "five, and the one run again");
}
