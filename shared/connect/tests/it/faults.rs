//! Storms, resets and lost answers: reads come through, writes take effect once or say that nobody knows.

use std::time::Duration;

use connect::kintone::{Class, Committed, Fence, Kintone, Settings, WriteError};
use model::field::Kind;
use model::value::RowSink;
use serde_json::json;
use sim::{Fault, FaultKind, Sim};

use crate::support::{calls_of, client, client_with, fence, held, inserts, request, settings, sim, stock_app};

fn short() -> Settings {
    Settings { request_timeout: Duration::from_millis(700), ..settings() }
}

async fn read_ids(kintone: &Kintone, app: u64) -> Result<u64, connect::kintone::KintoneError> {
    kintone.read(&request(app, &[("$id", Kind::Number)], None), || RowSink::new(1)).await.map(|result| result.records)
}

fn fill(sim: &Sim, count: u64) -> u64 {
    let app = stock_app(&sim.control());
    let order = sim::Generate { app, count, ..sim::Generate::default() };
    sim.control().generate(&order).unwrap();
    app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_survives_every_passing_fault() {
    let sim = sim().await;
    let control = sim.control();
    let app = fill(&sim, 6_000);
    let passing = [
        FaultKind::TooManyRequests,
        FaultKind::DatabaseLock,
        FaultKind::ServiceUnavailable,
        FaultKind::BadGateway,
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutBody { bytes: 300 },
        FaultKind::LostResponse,
    ];
    for fault in passing {
        control.clear_calls();
        control.add_fault(Fault::new("*/records.json", fault.clone()).skip(1).times(3));
        assert_eq!(read_ids(&client_with(&sim, &[app], short()), app).await, Ok(6_000), "{fault:?}");
        assert_eq!(calls_of(&control, "records.json"), 12 + 3, "{fault:?}");
    }
}

#[tokio::test]
async fn a_storm_without_end_is_told() {
    let sim = sim().await;
    let control = sim.control();
    let app = fill(&sim, 3);
    for (fault, class) in
        [(FaultKind::TooManyRequests, Class::Refused), (FaultKind::ServiceUnavailable, Class::Unavailable)]
    {
        control.add_fault(Fault::new("*", fault).for_ever());
        control.clear_calls();
        let error = read_ids(&client(&sim, &[app]), app).await.unwrap_err();
        assert_eq!((error.class, control.calls().len()), (class, settings().retry.tries as usize));
        control.clear_faults();
    }
}

#[tokio::test]
async fn nobody_listening_is_refused_and_repeated() {
    let sim = sim().await;
    let app = fill(&sim, 1);
    let kintone = client(&sim, &[app]);
    sim.stop().await;
    let error = read_ids(&kintone, app).await.unwrap_err();
    assert_eq!((error.class, error.status), (Class::Refused, None));
    assert_eq!(kintone.calls().total(), u64::from(settings().retry.tries));
}

#[tokio::test]
async fn what_kintone_did_not_take_on_is_written_once() {
    for fault in [FaultKind::TooManyRequests, FaultKind::DatabaseLock] {
        let sim = sim().await;
        let control = sim.control();
        let app = stock_app(&control);
        let kintone = client(&sim, &[app]);
        control.add_fault(Fault::new("*/bulkRequest.json", fault).times(3));
        for bulk in inserts(&kintone, app, 250, false) {
            assert_eq!(kintone.commit(&bulk, None).await.unwrap().count, 250);
        }
        assert_eq!((control.count(app), calls_of(&control, "bulkRequest.json")), (250, 4));
    }
}

#[tokio::test]
async fn without_a_fence_a_lost_answer_stays_unknown_and_is_not_repeated() {
    for (fault, written) in [
        (FaultKind::ResetBefore, 0),
        (FaultKind::ResetAfter, 250),
        (FaultKind::LostResponse, 250),
        (FaultKind::CutBody { bytes: 20 }, 250),
        (FaultKind::BadGateway, 0),
        (FaultKind::ServiceUnavailable, 0),
    ] {
        let sim = sim().await;
        let control = sim.control();
        let app = stock_app(&control);
        let kintone = client_with(&sim, &[app], short());
        control.add_fault(Fault::new("*/bulkRequest.json", fault.clone()));
        let bulk = inserts(&kintone, app, 250, false).remove(0);
        let error = kintone.commit(&bulk, None).await.unwrap_err();
        assert!(matches!(&error, WriteError::Unknown(e) if e.class == Class::Unknown), "{fault:?}: {error}");
        assert_eq!((control.count(app), calls_of(&control, "bulkRequest.json")), (written, 1), "{fault:?}");
    }
}

/// Writes 4,000 records behind a fence, with a fault on the second of three bulks.
async fn write_fenced(sim: &Sim, fault: FaultKind, times: u64) -> (u64, Fence, Result<Vec<Committed>, WriteError>) {
    let control = sim.control();
    let (app, fence) = (stock_app(&control), fence(&control));
    let kintone = client_with(sim, &[app, fence.app], short());
    control.add_fault(Fault::new("*/bulkRequest.json", fault).skip(1).times(times));
    let mut writer = kintone.fenced_writer(fence.clone());
    let mut done = Vec::new();
    for (n, bulk) in inserts(&kintone, app, 4_000, true).into_iter().enumerate() {
        match writer.submit(bulk, &format!("w1/{n}")).await {
            Ok(committed) => done.extend(committed),
            Err(error) => return (app, fence, Err(error)),
        }
    }
    match writer.finish().await {
        Ok(committed) => done.extend(committed),
        Err(error) => return (app, fence, Err(error)),
    }
    (app, writer.fence().unwrap().clone(), Ok(done))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_fence_every_record_is_written_once() {
    for (fault, repeated) in [
        (FaultKind::ResetBefore, 2),
        (FaultKind::ResetAfter, 1),
        (FaultKind::LostResponse, 1),
        (FaultKind::CutBody { bytes: 50 }, 1),
        (FaultKind::BadGateway, 2),
        (FaultKind::ServiceUnavailable, 2),
        (FaultKind::TooManyRequests, 2),
    ] {
        let sim = sim().await;
        let control = sim.control();
        let (app, fence, done) = write_fenced(&sim, fault.clone(), repeated).await;
        let done = done.unwrap_or_else(|e| panic!("{fault:?}: {e}"));
        let codes: Vec<String> = held(&control, app, "商品コード").into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, (1..=4_000).map(|n| format!("P{n}")).collect::<Vec<_>>(), "{fault:?}");
        assert_eq!(done.iter().map(|c| c.count).collect::<Vec<_>>(), [1_900, 1_900, 200], "{fault:?}");
        let log = control.record(fence.app, fence.record).unwrap();
        assert_eq!((fence.revision, log.revision, log.fields["journal"].as_str()), (4, 4, Some("w1/2")), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fence_that_never_answers_leaves_the_outcome_unknown() {
    let sim = sim().await;
    let (app, _, done) = write_fenced(&sim, FaultKind::BadGateway, 1_000).await;
    assert!(matches!(done, Err(WriteError::Unknown(_))), "{done:?}");
    assert_eq!(sim.control().count(app), 1_900);
    assert_eq!(calls_of(&sim.control(), "bulkRequest.json"), 1 + settings().retry.tries as usize);
}

#[tokio::test]
async fn a_new_owner_fences_the_old_one_off() {
    let sim = sim().await;
    let control = sim.control();
    let (app, fence) = (stock_app(&control), fence(&control));
    let kintone = client(&sim, &[app, fence.app]);
    let bulks = inserts(&kintone, app, 2_000, true);
    let first = kintone.commit(&bulks[0], Some((&fence, "old/0"))).await.unwrap();
    let later = Fence { revision: first.fence_revision.unwrap(), mark: "old/0".into(), ..fence };
    control.screen_update(later.app, later.record, json!({"journal": {"value": "new owner"}})).unwrap();
    let error = kintone.commit(&bulks[1], Some((&later, "old/1"))).await.unwrap_err();
    let mark = "new owner".to_owned();
    assert_eq!(error, WriteError::Fenced { revision: 3, mark });
    assert_eq!(control.count(app), 1_900);
}

#[tokio::test]
async fn an_edit_of_the_log_record_after_a_lost_answer_hides_nothing() {
    let sim = sim().await;
    let control = sim.control();
    let (app, fence) = (stock_app(&control), fence(&control));
    let kintone = client(&sim, &[app, fence.app]);
    control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::ResetAfter));
    let bulk = inserts(&kintone, app, 10, true).remove(0);
    assert!(matches!(kintone.send(&bulk, Some((&fence, "old/0"))).await, connect::kintone::Outcome::Unknown(_)));
    control.screen_update(fence.app, fence.record, json!({"state": {"value": "edited"}})).unwrap();
    let settled = kintone.settle(&fence, "old/0").await.unwrap();
    assert_eq!(settled, connect::kintone::Settled::Committed { revision: 3 });
}

#[tokio::test]
async fn what_was_sent_and_is_not_taken_on_again_may_still_arrive() {
    for unknown in [true, false] {
        let sim = sim().await;
        let control = sim.control();
        let (app, fence) = (stock_app(&control), fence(&control));
        let kintone = client(&sim, &[app, fence.app]);
        if unknown {
            control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::ResetBefore));
        }
        control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::DatabaseLock).times(1_000));
        let bulk = inserts(&kintone, app, 10, true).remove(0);
        let error = kintone.commit(&bulk, Some((&fence, "old/0"))).await.unwrap_err();
        assert_eq!(matches!(error, WriteError::Unknown(_)), unknown, "{error:?}");
        assert_eq!(matches!(error, WriteError::Refused(_)), !unknown, "{error:?}");
    }
}

#[tokio::test]
async fn an_edit_of_the_log_record_is_no_other_owner() {
    let sim = sim().await;
    let control = sim.control();
    let (app, fence) = (stock_app(&control), fence(&control));
    let kintone = client(&sim, &[app, fence.app]);
    let mut writer = kintone.fenced_writer(fence.clone());
    for (n, bulk) in inserts(&kintone, app, 4_000, true).into_iter().enumerate() {
        writer.submit(bulk, &format!("w/{n}")).await.unwrap();
        let memo = json!({"state": {"value": format!("memo {n}")}});
        writer.finish().await.unwrap();
        control.screen_update(fence.app, fence.record, memo).unwrap();
    }
    assert_eq!(control.count(app), 4_000);
}
