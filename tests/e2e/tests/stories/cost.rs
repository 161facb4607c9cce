//! What a run costs: every call to AWS that one takes, counted on the whole way from the webhook to the end.
//!
//! The table in docs/cost.md is what is counted here; `SUIRO_UPDATE_DOCS=1` writes it anew.

mod meter;

use std::fmt::Write as _;
use std::path::Path;

use model::run::RunState;
use model::unit::Undo;
use sim::Control;

use crate::book::{counting_app, counts_up};
use crate::cost::meter::{Metered, Spent};

/// Records that the run of many changes.
const MANY: usize = 5_000;

/// Prices in USD, as docs/cost.md names them: a million of each, and a million GB-seconds of Lambda on arm64.
mod price {
    pub const HTTP_API: f64 = 1.29;
    pub const LAMBDA_REQUEST: f64 = 0.20;
    pub const LAMBDA_GB_SECOND: f64 = 13.333_4;
    pub const SQS_FIFO: f64 = 0.50;
    pub const SECRETS: f64 = 5.00;
    pub const READ_UNIT: f64 = 0.143;
    pub const WRITE_UNIT: f64 = 0.715;
    pub const S3_PUT: f64 = 4.70;
    pub const S3_GET: f64 = 0.37;
}

/// What a Lambda is taken to need beside its calls, and a call of kintone, in seconds.
mod time {
    pub const OWN: f64 = 0.05;
    pub const AWS_CALL: f64 = 0.01;
    pub const KINTONE_CALL: f64 = 0.2;
}

/// Memory of the functions as template.yaml has it, in GB.
const API_GB: f64 = 0.25;
const WORKER_GB: f64 = 0.5;

/// What the constants say of template.yaml is so.
fn memory_is_that_of_the_template() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let template = std::fs::read_to_string(path).unwrap();
    let number = |after: &str, name: &str| -> f64 {
        let rest = template.split(after).nth(1).and_then(|rest| rest.split(name).nth(1)).unwrap_or_default();
        rest.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(f64::NAN)
    };
    let found = [number("  ApiFunction:", "MemorySize:"), number("  WorkerMemory:", "Default:")];
    assert_eq!(found, [API_GB * 1024.0, WORKER_GB * 1024.0]);
}

/// An app of so many records, and a flow that adds one to each that the webhook names, or to all.
fn flow(control: &Control, records: usize, conditions: &str) -> String {
    counts_up(counting_app(control, "数える", records, |_| 0), conditions)
}

/// The one record that the webhook names.
const NAMED: &str = ", conditions: [{ field: 番号, operator: \"=\", value: \"%番号%\" }]";

async fn spent(flow: impl Fn(&Control) -> String + Sync, undo: Undo, written: usize) -> Spent {
    let metered = Metered::new(&|control| vec![flow(control)], undo).await;
    // A Lambda that has just started reads what the next invocations know.
    metered.run("first").await;
    // And what is kept of an old run goes with a new one.
    metered.after_many().await;
    metered.begin();
    let run = metered.run("second").await;
    assert_eq!((run.state, run.written()), (RunState::Succeeded, written as u64), "{run:#?}");
    metered.spent()
}

/// USD per 1,000 runs: AWS calls, and the time of both Lambdas.
fn usd(spent: &Spent) -> (f64, f64) {
    let calls = (1.0 * price::HTTP_API)
        + (2.0 * price::LAMBDA_REQUEST)
        + (spent.sqs() * price::SQS_FIFO)
        + (spent.secrets * price::SECRETS)
        + (spent.read_units * price::READ_UNIT)
        + (spent.write_units * price::WRITE_UNIT)
        + (spent.puts * price::S3_PUT)
        + (spent.gets * price::S3_GET);
    let api = time::OWN + spent.api_calls * time::AWS_CALL;
    let worker = time::OWN + spent.worker_calls * time::AWS_CALL + spent.kintone * time::KINTONE_CALL;
    let lambda = (api * API_GB + worker * WORKER_GB) * price::LAMBDA_GB_SECOND;
    (calls / 1_000.0, lambda / 1_000.0)
}

fn page(rows: &[(&str, Spent)]) -> String {
    let mut text = String::new();
    text += "| 実行 / a run | DynamoDB calls | RRU | WRU | SQS | Secrets Manager | S3 PUT, LIST | S3 GET | kintone calls | USD per 1,000: calls | Lambda time | sum |\n";
    text += "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (name, spent) in rows {
        let (calls, lambda) = usd(spent);
        writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {calls:.4} | {lambda:.4} | {:.4} |",
            spent.dynamo,
            spent.read_units,
            spent.write_units,
            spent.sqs(),
            spent.secrets,
            spent.puts,
            spent.gets,
            spent.kintone,
            calls + lambda
        )
        .unwrap();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_costs_what_the_page_says() {
    memory_is_that_of_the_template();
    let one = |control: &Control| flow(control, 10, NAMED);
    let many = |control: &Control| flow(control, MANY, "");
    let rows = [
        ("一件を更新するWebhook / a webhook that updates one record", spent(one, Undo::Off, 1).await),
        ("同じで、元に戻せる / the same, with undo", spent(one, Undo::Kept, 1).await),
        ("5,000件を更新するWebhook / a webhook that updates 5,000 records", spent(many, Undo::Off, MANY).await),
    ];
    let (calls, lambda) = usd(&rows[0].1);
    assert!(calls + lambda < 0.05, "USD {calls} and {lambda} per 1,000 runs: {:#?}", rows[0].1);
    assert_eq!((rows[0].1.puts, rows[0].1.gets), (0.0, 0.0), "no blob: {:#?}", rows[0].1);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cost.md");
    let (begin, end) = ("<!-- counted -->\n", "<!-- /counted -->");
    let stored = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = stored.split_once(begin).expect("the mark");
    let (counted, after) = rest.split_once(end).expect("the second mark");
    let table = page(&rows);
    if std::env::var_os("SUIRO_UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
        return;
    }
    assert!(
        counted == table,
        "docs/cost.md is out of date; run this test with SUIRO_UPDATE_DOCS=1:\n{table}\n{counted}"
    );
}
