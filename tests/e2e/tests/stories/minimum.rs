//! No call too many: ten thousand records are compared, and three hundred differ.

use model::run::{Run, RunState};
use model::unit::Undo;
use sim::Control;
use sim::calls::Call;

use crate::bare::{Flows, Scene};
use crate::book::{Apps, counting_app};

const RECORDS: usize = 10_000;
const DIFFER: usize = 300;
const PAGE: usize = 500;
const FEW: usize = 600;

/// Two apps of two fields, and a flow that makes the second hold what the first does.
fn flow(control: &Control, apps: &mut Apps) -> Vec<String> {
    let differs = |n: usize| n.is_multiple_of(RECORDS / DIFFER) && n / (RECORDS / DIFFER) < DIFFER;
    apps.more.push(counting_app(control, "元", RECORDS, |n| n + usize::from(differs(n))));
    apps.more.push(counting_app(control, "先", RECORDS, |n| n));
    vec![copies(apps)]
}

/// The same of a source with few records: too many for one query, far fewer than the app holds.
fn few(control: &Control, apps: &mut Apps) -> Vec<String> {
    apps.more.push(counting_app(control, "元", FEW, |n| n + 1));
    apps.more.push(counting_app(control, "先", RECORDS, |n| n));
    vec![copies(apps)]
}

fn copies(apps: &Apps) -> String {
    let (source, target) = (apps.more[0], apps.more[1]);
    format!(
        "
suiro: 1
name: 写し
steps:
  - {{ name: 元, command: input_app, app: {source}, fields: [番号, 数] }}
  - {{ name: 先, command: output_app, from: 元, app: {target}, method: update, key: 番号 }}
"
    )
}

/// A run of such a flow, and the calls to kintone that it took.
async fn calls_of(flows: Flows<'_>) -> (Run, Vec<Call>) {
    let scene = Scene::new(flows, Undo::Off).await;
    scene.sim.control().clear_calls();
    let id = scene.ask().await;
    scene.works().await.unwrap();
    (scene.run(&id).await, scene.sim.control().calls())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_of_ten_thousand_differ() {
    let (run, calls) = calls_of(&flow).await;
    assert_eq!((run.state, run.written()), (RunState::Succeeded, DIFFER as u64), "{run:#?}");
    let count = |method: &str, end: &str| calls.iter().filter(|c| c.method == method && c.path.ends_with(end)).count();
    assert_eq!(count("GET", "/records.json"), 2 * RECORDS / PAGE, "each page once");
    assert_eq!(count("POST", "/bulkRequest.json"), 1, "one bulk, with the fence in it");
    let log = ["POST", "PUT"].map(|method| count(method, "/record.json") + count(method, "/records.json"));
    assert_eq!(log, [1, 1], "the log record: begun and ended");
    // What remains are the forms of both apps, of which the flow has to know the fields.
    let rest: Vec<String> = calls
        .iter()
        .filter(|c| !["/records.json", "/record.json", "/bulkRequest.json"].iter().any(|end| c.path.ends_with(end)))
        .map(|c| format!("{} {}", c.method, c.path))
        .collect();
    assert!(rest.len() <= 6 && rest.iter().all(|call| call.starts_with("GET ") && call.contains("/app")), "{rest:?}");
    assert_eq!(calls.len(), 2 * RECORDS / PAGE + 1 + 2 + rest.len(), "{calls:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_large_app_only_the_records_that_rows_meet_are_read() {
    let (run, calls) = calls_of(&few).await;
    assert_eq!((run.state, run.written()), (RunState::Succeeded, FEW as u64), "{run:#?}");
    let reads = calls.iter().filter(|c| c.method == "GET" && c.path.ends_with("/records.json")).count();
    let of_source = FEW.div_ceil(PAGE);
    // The app's first page tells how large it is; the keys, 250 a query, then take three calls and not 19 more pages.
    assert_eq!(reads, of_source + 1 + 3, "{calls:#?}");
}
