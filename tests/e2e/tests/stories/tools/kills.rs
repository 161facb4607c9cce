//! `kill -9` of `suiro serve`: nothing accepted is lost, nothing is done twice. And one folder, one process.

use std::time::Duration;

use model::clock::{Clock, SystemClock};
use model::run::RunState;
use serde_json::json;
use sim::{Fault, FaultKind};

use super::{Added, Tools};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_serve_on_the_same_folder_says_so() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &[]).await;
    let second = tools.suiro(&["serve", "--data", ".suiro", "--listen", "127.0.0.1:0", "--allow-local"]).await;
    second.bad(1, "別の suiro が使っています", "another suiro is using it");
    assert_eq!(tools.notify(&added.url, tools.put_order("A-1")).await, 202, "the first one goes on");
    assert_eq!(tools.until_ended(&added.unit, 1).await[0].state, RunState::Succeeded);
    let other =
        tools.suiro(&["serve", "--data", "other", "--listen", served.base_url.trim_start_matches("http://")]).await;
    other.bad(1, "", "cannot listen on");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_with_seven_waiting_loses_none() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &["--starts", "4", "--window", "3"]).await;
    let names: Vec<String> = (1..=8).map(|n| format!("C-{n}")).collect();
    let orders: Vec<u64> = names.iter().map(|name| tools.put_order(name)).collect();
    // The first run waits for kintone's first answer, which never comes, while the others arrive.
    tools.stage.control().add_fault(Fault::new("*", FaultKind::LostResponse));
    for id in &orders {
        assert_eq!(tools.notify(&added.url, *id).await, 202);
    }
    let listed = tools.suiro(&["unit", "list", "--json"]).await.json();
    served.kill().await;
    let state = &listed[0]["state"];
    assert_eq!((state["waiting"].as_array().map(Vec::len), &state["running"]["seq"]), (Some(7), &json!(1)));
    assert!(tools.movements().is_empty());

    let alone = tools.suiro(&["unit", "list", "--json"]).await.json();
    assert_eq!(alone[0]["state"]["waiting"], state["waiting"], "the kill left the folder whole");
    let served = tools.serve().await;
    let runs = tools.until_ended(&added.unit, 8).await;
    assert_eq!(runs.len(), 8);
    assert!(runs.iter().all(|r| r.state == RunState::Succeeded), "{runs:#?}");
    assert_eq!(tools.movements(), names, "each once, in order of arrival");
    assert_eq!(tools.apples(), 92);
    let starts: Vec<_> = runs.iter().map(|r| r.started_at.expect("a start")).collect();
    for (n, pair) in runs.windows(2).enumerate() {
        assert!(pair[0].ended_at.expect("an end") <= starts[n + 1], "one at a time: {runs:#?}");
    }
    for window in starts.windows(5) {
        assert!(window[0].until(window[4]) >= Duration::from_secs(3), "four starts in three seconds: {starts:?}");
    }
    let logged = tools.stage.control().records(tools.stage.company.log);
    assert_eq!(logged.len(), 8, "one log record of each");
    assert!(logged.iter().all(|r| r.text("state") == Some("succeeded")), "{logged:#?}");
    assert_eq!(tools.notify(&added.at(&served), orders[0]).await, 202, "and the URL still works");
    tools.logged_no_secret(&[&added]);
    served.stop().await;
}

/// How long kintone works on a call here; half of it before the work is done.
const SERVICE: Duration = Duration::from_millis(40);

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_run_doubles_nothing() {
    let tools = Tools::new().await;
    let control = tools.stage.control();
    let mut served = tools.serve().await;
    let added = tools.add_unit("受注処理", &["--starts", "1000"]).await;
    control.switch(|s| s.service_time_ms = SERVICE.as_millis() as u64);

    control.clear_calls();
    let mut names = vec!["K-0".to_owned()];
    assert_eq!(tools.notify(&added.url, tools.put_order("K-0")).await, 202);
    tools.until_ended(&added.unit, 1).await;
    let calls = control.calls().len();
    assert!((6..30).contains(&calls), "a run takes some calls: {:#?}", control.calls());

    // Every call of a run is cut off once: one time before kintone does its work, the next time after it.
    let mut cut = 0;
    for answered in 0..calls {
        let name = format!("K-{}", answered + 1);
        let id = tools.put_order(&name);
        control.clear_calls();
        assert_eq!(tools.notify(&added.at(&served), id).await, 202);
        tools.stage.until("so many calls are answered", || async { control.calls().len() >= answered }).await;
        let into = if answered % 2 == 0 { SERVICE / 8 } else { SERVICE * 6 / 8 };
        SystemClock.pause(into).await;
        served.kill().await;
        served = tools.serve().await;
        let runs = tools.until_ended(&added.unit, answered + 2).await;
        let last = runs.last().expect("a run");
        assert_eq!(last.state, RunState::Succeeded, "killed after {answered} calls: {last:#?}");
        cut += usize::from(last.attempt == 2);
        names.push(name);
        assert_eq!(tools.movements(), names, "killed after {answered} calls");
        assert_eq!(tools.apples(), 100 - names.len() as i64, "killed after {answered} calls");
        assert_eq!(tools.stage.value(tools.stage.company.orders, id, "引当数"), json!("1"));
    }
    assert!(cut * 2 > calls, "most kills met a run: {cut} of {calls}");
    let records = control.records(tools.stage.company.log);
    assert_eq!(records.len(), names.len(), "one log record per run");
    assert!(records.iter().all(|r| r.text("state") == Some("succeeded")));
    served.stop().await;
}

/// Serves an order until its first flow's bulk has taken effect, and is killed before the second flow's.
async fn killed_between_flows(tools: &Tools) -> Added {
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &[]).await;
    let control = tools.stage.control();
    control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 5_000 }).skip(1).times(1));
    assert_eq!(tools.notify(&added.url, tools.put_order("B-1")).await, 202);
    tools.stage.until("the first flow has written", || async { tools.apples() == 99 }).await;
    served.kill().await;
    control.clear_faults();
    assert!(tools.movements().is_empty());
    added
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_taken_up_again_goes_on_where_its_journal_ends() {
    let tools = Tools::new().await;
    let added = killed_between_flows(&tools).await;
    // kintone is away for a moment just when the log record is to be opened again.
    let away = Fault::new("*/records.json", FaultKind::BadGateway).method("PUT").times(2);
    tools.stage.control().add_fault(away);
    let served = tools.serve().await;
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!((runs[0].state, runs[0].attempt), (RunState::Succeeded, 2), "{runs:#?}");
    assert_eq!((tools.apples(), tools.movements()), (99, vec!["B-1".to_owned()]), "each flow once");
    assert_eq!(runs[0].flows.len(), 2, "the first flow's result is kept");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_log_record_is_gone_when_it_is_taken_up_again_is_uncertain() {
    let tools = Tools::new().await;
    let added = killed_between_flows(&tools).await;
    let (control, log) = (tools.stage.control(), tools.stage.company.log);
    let record = control.records(log).remove(0);
    control.screen_delete(log, record.id).unwrap();
    let served = tools.serve().await;
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!(runs[0].state, RunState::Uncertain, "{runs:#?}");
    assert_eq!((tools.apples(), tools.movements().len()), (99, 0), "it never guesses");
    served.stop().await;
}
