//! `kill -9` while records are numbered and units are called: no number is doubled or lost, no call is made twice.

use model::run::{Method, RunState};
use serde_json::json;
use sim::{ALL_RIGHTS, AppSpec, Fault, FaultKind};

use super::{Added, Tools};

const READ: &str = "suiro: 1\nname: 流れ\nsteps:\n  - name: 受注\n    command: input_app\n    app: ${受注}\n    conditions: [{ field: レコード番号, operator: \"=\", value: \"%レコード番号%\" }]\n";

impl Tools {
    /// A unit with one flow that goes on from the order, with rights in this app too.
    async fn add_flow(&self, name: &str, app: u64, rest: &str) -> Added {
        let company = &self.stage.company;
        let file = self.file(&format!("{name}.yaml"), &company.flow(&format!("{READ}{rest}")));
        let token = self.stage.control().add_token(app, &ALL_RIGHTS).expect("a token");
        let (tokens, log) = (format!("{},{token}", company.tokens), company.log.to_string());
        let (orders, base_url) = (company.orders.to_string(), self.stage.sim.base_url());
        let args = [
            "unit",
            "add",
            "--json",
            "--name",
            name,
            "--app",
            &orders,
            "--base-url",
            &base_url,
            "--api-token",
            &tokens,
            "--log-app",
            &log,
            "--flow",
            &file,
        ];
        let added = self.suiro(&args).await.json();
        let text = |name: &str| added[name].as_str().expect("a text").to_owned();
        Added { unit: text("unit"), url: text("url"), log_app: added["logApp"].as_u64() }
    }

    fn app(&self, name: &str) -> u64 {
        let text = || json!({ "type": "SINGLE_LINE_TEXT" });
        let unique = json!({ "type": "SINGLE_LINE_TEXT", "unique": true });
        let spec = AppSpec::new(name).field("受注番号", text()).field("番号", unique);
        self.stage.control().create_app(spec).expect("an app")
    }

    fn column(&self, app: u64, code: &str) -> Vec<String> {
        let mut records = self.stage.control().records(app);
        records.sort_by_key(|r| r.id);
        records.iter().map(|r| r.text(code).unwrap_or_default().to_owned()).collect()
    }

    /// Waits until every fault has struck.
    async fn struck(&self) {
        self.stage.until("the fault strikes", || async { self.stage.control().faults().is_empty() }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_taken_up_again_writes_the_numbers_that_it_had_taken() {
    let tools = Tools::new().await;
    let app = tools.app("請求");
    let mut served = tools.serve().await;
    let output = format!(
        "  - {{ name: 出力, command: output_app, from: 受注, app: {app}, method: append, mapping: {{ 受注番号: 受注番号 }}, numbers: [{{ field: 番号, digits: 2, prefix: N-, cycle: yearly }}] }}\n"
    );
    let added = tools.add_flow("採番", app, &output).await;
    for n in 1..=3 {
        // The numbers are taken, and the bulk that carries them never arrives.
        tools.stage.control().add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 5_000 }).times(1));
        let id = tools.put_order(&format!("K-{n}"));
        assert_eq!(tools.notify(&added.at(&served), id).await, 202);
        tools.struck().await;
        served.kill().await;
        served = tools.serve().await;
        let run = tools.until_ended(&added.unit, n).await.pop().expect("a run");
        assert_eq!((run.state, run.attempt), (RunState::Succeeded, 2), "{run:#?}");
    }
    assert_eq!(tools.column(app, "番号"), ["N-01", "N-02", "N-03"], "each once, and none is left out");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_write_and_the_end_doubles_no_call() {
    let tools = Tools::new().await;
    let (written, noted) = (tools.app("書いた"), tools.app("呼ばれた"));
    let served = tools.serve().await;
    let to = |app: u64| {
        format!(
            "  - {{ name: 出力, command: output_app, from: 受注, app: {app}, method: append, mapping: {{ 受注番号: 受注番号 }} }}\n"
        )
    };
    let called = tools.add_flow("乙", noted, &to(noted)).await;
    let call =
        "  - { name: 呼ぶ, command: call_unit, from: 受注, unit: 乙, parameters: { レコード番号: レコード番号 } }\n";
    let caller = tools.add_flow("甲", written, &format!("{}{call}", to(written))).await;
    // The log record is opened; its end is held up until the worker is dead.
    let close = Fault::new("*/records.json", FaultKind::Delay { ms: 5_000 }).method("PUT");
    tools.stage.control().add_fault(close.times(1));
    assert_eq!(tools.notify(&caller.at(&served), tools.put_order("C-1")).await, 202);
    tools.struck().await;
    assert_eq!(tools.column(written, "受注番号"), ["C-1"], "the flow has written");
    served.kill().await;
    let served = tools.serve().await;
    let runs = tools.until_ended(&caller.unit, 1).await;
    assert_eq!((runs[0].state, runs[0].attempt), (RunState::Succeeded, 2), "{runs:#?}");
    let of_called = tools.until_ended(&called.unit, 1).await;
    assert_eq!(
        (of_called.len(), of_called[0].trigger.method, of_called[0].state),
        (1, Method::Call, RunState::Succeeded)
    );
    assert_eq!(
        (tools.column(written, "受注番号"), tools.column(noted, "受注番号")),
        (vec!["C-1".to_owned()], vec!["C-1".to_owned()])
    );
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_the_domain_is_registered_once_and_for_a_host() {
    let tools = Tools::new().await;
    let set = |more: &[&'static str]| [&["number", "set", "請求番号"], more].concat();
    let wrong = set(&["--domain", "example.cybozu.com", "--cycle", "monthly", "--first-month", "4"]);
    tools.suiro(&wrong).await.bad(2, "fiscal-year のときだけ", "belongs to --cycle fiscal-year");
    tools.suiro(&set(&["--domain", "https://Example.cybozu.com/", "--start", "7"])).await.good();
    let listed = tools.suiro(&["number", "list", "--domain", "example.cybozu.com", "--json"]).await.json();
    assert_eq!((listed[0]["name"].clone(), listed[0]["start"].clone()), (json!("請求番号"), json!(7)), "{listed}");
}
