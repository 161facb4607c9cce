//! `kill -9` of `suiro serve` at random moments while run after run changes five thousand records: each run takes effect
//! exactly once, and no request is missing.
//!
//! `SUIRO_KILLS` sets how many runs; the seed of the moments is their number.

use std::time::Duration;

use model::clock::{Clock, SystemClock};
use model::run::RunState;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use sim::{Fault, FaultKind};

use super::Tools;
use crate::histories::number;

const RECORDS: usize = 5_000;

/// Every record counts the runs.
const FLOW: &str = "
suiro: 1
name: 数える
steps:
  - { name: 在庫, command: input_app, app: ${在庫}, fields: [商品コード, 在庫数] }
  - { name: 加算, command: data_edit, from: 在庫, edits: [{ field: 在庫数, formula: 在庫数+1 }] }
  - { name: 出力, command: output_app, from: 加算, app: ${在庫}, method: update, key: 商品コード }
";

#[tokio::test(flavor = "multi_thread")]
async fn every_run_takes_effect_once_whatever_is_killed() {
    let runs = usize::try_from(number("SUIRO_KILLS").unwrap_or(5)).unwrap();
    let tools = Tools::new().await;
    let control = tools.stage.control();
    let stock = tools.stage.company.stock;
    let present = control.count(stock);
    let record = |n: usize| json!({ "商品コード": { "value": format!("N-{n}") }, "在庫数": { "value": "0" } });
    control.put_records(stock, (present..RECORDS).map(record).collect()).unwrap();
    let before: Vec<(u64, i64)> = counts(&tools);
    assert_eq!(before.len(), RECORDS);

    let mut served = tools.serve().await;
    let flow = tools.file("count.yaml", &tools.stage.company.flow(FLOW));
    let (tokens, log) = (tools.stage.company.tokens.clone(), tools.stage.company.log.to_string());
    let (app, base_url) = (tools.stage.company.orders.to_string(), tools.stage.sim.base_url());
    let args = ["unit", "add", "--json", "--name", "数える", "--app", &app, "--base-url", &base_url, "--flow", &flow];
    let more = ["--api-token", &tokens, "--log-app", &log, "--starts", "1000", "--wait-limit", "86400"];
    let added = tools.suiro(&[&args[..], &more].concat()).await.json();
    let added = super::Added {
        unit: added["unit"].as_str().unwrap().to_owned(),
        url: added["url"].as_str().unwrap().to_owned(),
        log_app: None,
    };
    // The first kill meets the first run for certain: between its first bulk and its second, which is kept waiting.
    control.add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 30_000 }).skip(1).times(1));
    for n in 0..runs {
        assert_eq!(tools.notify(&added.at(&served), tools.put_order(&format!("K-{n}"))).await, 202);
    }
    let one_counts = || async { counts(&tools).iter().zip(&before).any(|((_, now), (_, before))| now > before) };
    tools.stage.until("the first bulk has taken effect", one_counts).await;
    served.kill().await;
    control.clear_faults();
    served = tools.serve().await;

    let mut random = StdRng::seed_from_u64(runs as u64);
    let (mut ended, mut kills) = (0, 1);
    while ended < runs {
        if kills % 2 == 0 {
            SystemClock.pause(Duration::from_millis(random.random_range(300..5_000))).await;
        } else {
            until_one_runs(&tools, &added.unit).await;
            SystemClock.pause(Duration::from_millis(random.random_range(0..300))).await;
        }
        served.kill().await;
        kills += 1;
        served = tools.serve().await;
        ended = tools.runs(&added.unit).await.iter().filter(|run| run.state.ended()).count();
    }
    let ended = tools.runs(&added.unit).await;
    assert_eq!(ended.len(), runs, "no request is missing, and none is there twice");
    for run in &ended {
        assert_eq!(run.state, RunState::Succeeded, "{run:#?}");
    }
    let attempts: u32 = ended.iter().map(|run| run.attempt).sum();
    let after = counts(&tools);
    for ((id, before), (same, after)) in before.iter().zip(&after) {
        assert_eq!((id, *after), (same, before + runs as i64), "record {id} after {runs} runs and {kills} kills");
    }
    let mut told: Vec<String> = control
        .records(tools.stage.company.log)
        .iter()
        .map(|r| r.text("run_id").unwrap_or_default().to_owned())
        .collect();
    told.sort();
    told.dedup();
    assert_eq!((told.len(), control.count(tools.stage.company.log)), (runs, runs), "a log record of each");
    assert!(attempts as usize > runs, "the first kill at least met a run: {attempts} attempts");
    served.stop().await;
}

/// Returns when a run of the unit runs, or all have ended: a kill soon after it meets work, not the wait between runs.
async fn until_one_runs(tools: &Tools, unit: &str) {
    loop {
        let runs = tools.runs(unit).await;
        if runs.iter().any(|run| run.state == RunState::Running) || runs.iter().all(|run| run.state.ended()) {
            return;
        }
        SystemClock.pause(Duration::from_millis(10)).await;
    }
}

/// What every record counts, by id.
fn counts(tools: &Tools) -> Vec<(u64, i64)> {
    let of = |record: sim::Record| (record.id, record.text("在庫数").and_then(|n| n.parse().ok()).unwrap_or(-1));
    let mut counts: Vec<(u64, i64)> =
        tools.stage.control().records(tools.stage.company.stock).into_iter().map(of).collect();
    counts.sort_unstable();
    counts
}
