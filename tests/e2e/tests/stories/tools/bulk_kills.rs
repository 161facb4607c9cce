//! `kill -9` of `suiro serve` while a flow writes more than one bulk: whoever takes the run up sends the rest, and no record
//! is written twice.

use std::collections::BTreeMap;
use std::time::Duration;

use model::clock::{Clock, SystemClock};
use model::run::RunState;

use super::Tools;

/// 4,100 records: three bulks of at most 1,900.
const MANY: u64 = 4_100;

const FLOW: &str = "
suiro: 1
name: 一括
steps:
  - { name: 番号, command: input_series, by: number, first: 1, last: 4100, as: n }
  - { name: 名前, command: data_edit, from: 番号, edits: [{ field: 受注番号, formula: '\"N-\" & n' }] }
  - { name: 選択, command: select_fields, from: 名前, fields: [受注番号] }
  - { name: 移動, command: output_app, from: 選択, app: ${在庫移動}, method: append }
";

/// How long kintone works on a call here.
const SERVICE: Duration = Duration::from_millis(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_bulks_sends_the_rest_once() {
    let tools = Tools::new().await;
    let control = tools.stage.control();
    let mut served = tools.serve().await;
    let flow = tools.file("many.yaml", &tools.stage.company.flow(FLOW));
    let added = tools.add_unit("受注処理", &["--starts", "1000", "--flow", &flow]).await;
    control.switch(|s| s.service_time_ms = SERVICE.as_millis() as u64);

    control.clear_calls();
    assert_eq!(tools.notify(&added.url, tools.put_order("K-0")).await, 202);
    let runs = tools.until_ended(&added.unit, 1).await;
    assert_eq!(runs[0].state, RunState::Succeeded, "{runs:#?}");
    assert_eq!(runs[0].flows[2].output_records, MANY);
    let calls = control.calls();
    let bulks = calls.iter().enumerate().filter(|(_, c)| c.path.ends_with("bulkRequest.json")).map(|(at, _)| at);
    let bulks: Vec<usize> = bulks.collect();
    // Behind the one of each flow before it.
    let (first, last) = (bulks[2], bulks[bulks.len() - 1]);
    assert_eq!(last - first, 2, "three bulks of one flow: {calls:#?}");

    // Before, within and behind each of the flow's bulks.
    let kills: Vec<(usize, Duration)> = (first..=last + 1)
        .flat_map(|answered| [SERVICE / 16, SERVICE * 12 / 16].map(|into| (answered, into)))
        .collect();
    let mut cut = 0;
    for (n, (answered, into)) in kills.iter().enumerate() {
        control.clear_calls();
        let id = tools.put_order(&format!("K-{}", n + 1));
        assert_eq!(tools.notify(&added.at(&served), id).await, 202);
        tools.stage.until("so many calls are answered", || async { control.calls().len() >= *answered }).await;
        SystemClock.pause(*into).await;
        served.kill().await;
        served = tools.serve().await;
        let runs = tools.until_ended(&added.unit, n + 2).await;
        let run = runs.last().expect("a run");
        let told = format!("killed {into:?} behind {answered} calls: {run:#?}");
        assert_eq!(run.state, RunState::Succeeded, "{told}");
        assert_eq!(run.flows[2].output_records, MANY, "{told}");
        cut += usize::from(run.attempt == 2);
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        tools.movements().into_iter().filter(|m| m.starts_with("N-")).for_each(|m| *found.entry(m).or_default() += 1);
        assert_eq!(found.len() as u64, MANY, "{told}");
        assert!(found.values().all(|count| *count == n + 2), "each once per run; {told}");
    }
    assert!(cut * 2 > kills.len(), "most kills met a run: {cut} of {}", kills.len());
    let left = std::process::Command::new("find").arg(tools.path(".suiro/files")).arg("-name").arg("*bulks*").output();
    assert_eq!(String::from_utf8_lossy(&left.unwrap().stdout), "", "nothing staged is left over");
    served.stop().await;
}
