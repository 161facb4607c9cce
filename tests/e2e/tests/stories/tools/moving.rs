//! Units that move between domains by `flow export` and `flow import`, and the app that a data check writes to.

use std::fs;

use serde_json::{Value as Json, json};
use sim::AppSpec;
use suiro::demo::company::ADMINISTRATOR;

use super::Tools;

const READ: &str = "suiro: 1\nname: 流れ\nsteps:\n  - name: 受注\n    command: input_app\n    app: ${受注}\n    conditions: [{ field: レコード番号, operator: \"=\", value: \"%レコード番号%\" }]\n";

impl Tools {
    /// Adds a unit with one flow; its id.
    async fn add_one(&self, name: &str, rest: &str) -> String {
        let flow = self.file(&format!("{name}.yaml"), &self.stage.company.flow(&format!("{READ}{rest}")));
        let (app, base_url) = (self.stage.company.orders.to_string(), self.stage.sim.base_url());
        let (login, password) = ADMINISTRATOR;
        let of_unit = ["unit", "add", "--json", "--name", name, "--app", &app, "--flow", &flow];
        let added = self.suiro(&[&of_unit[..], &["--base-url", &base_url, "-u", login, "-p", password]].concat()).await;
        added.json()["unit"].as_str().expect("a unit").to_owned()
    }

    /// Imports `all.json` into another domain, which here is another name of the same machine.
    async fn import(&self, more: &[&str]) -> super::Ended {
        let base_url = self.stage.sim.base_url().replace("localhost", "127.0.0.1");
        let (login, password) = ADMINISTRATOR;
        let company = &self.stage.company;
        let same = [company.orders, company.movements].map(|app| format!("{app}={app}"));
        let usual = ["flow", "import", "all.json", "--mode", "append", "--map", &same[0], "--map", &same[1]];
        let kintone = ["--base-url", &base_url, "-u", login, "-p", password, "--json"];
        self.suiro(&[&usual[..], &kintone, more].concat()).await
    }

    /// The flow documents of all units of a name.
    async fn documents(&self, name: &str) -> Vec<String> {
        self.suiro(&["flow", "export", "--out", "now.json"]).await.good();
        let text = fs::read_to_string(self.path("now.json")).expect("a file");
        let all: Json = serde_json::from_str(&text).expect("JSON");
        let units = all["units"].as_array().expect("units").iter().filter(|u| u["unit"]["name"] == name);
        units.map(|u| u["flows"][0].as_str().expect("a flow").to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_called_by_id_is_called_by_name_in_another_domain() {
    let tools = Tools::new().await;
    let note = format!(
        "  - {{ name: 出力, command: output_app, from: 受注, app: {}, method: append, mapping: {{ 受注番号: 受注番号, 商品コード: 商品コード }} }}\n",
        tools.stage.company.movements
    );
    let called = tools.add_one("乙", &note).await;
    let call = |unit: &str| {
        format!(
            "  - {{ name: 呼ぶ, command: call_unit, from: 受注, unit: {unit}, parameters: {{ レコード番号: レコード番号 }} }}\n"
        )
    };
    tools.add_one("甲", &call(&called)).await;
    tools.suiro(&["flow", "export", "--out", "all.json"]).await.good();

    let imported = tools.import(&[]).await;
    imported.good();
    assert!(!imported.err.contains("note:"), "{imported:#?}");
    let documents = tools.documents("甲").await;
    assert_eq!(documents.len(), 2);
    assert!(documents.iter().any(|text| text.contains(&format!("unit: {called},"))), "the first unit is as it was");
    assert!(documents.iter().any(|text| text.contains("unit: \"乙\",")), "{documents:#?}");

    // Once more: two units of each name, which nobody can call by it.
    let twice = tools.import(&[]).await;
    twice.good();
    assert!(twice.err.contains("「乙」という名前の実行単位が2個になります"), "{twice:#?}");
    assert!(twice.err.contains("2 units will be called \"乙\""), "{twice:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_unit_that_stays_behind_is_told() {
    let tools = Tools::new().await;
    tools.add_one("甲", "  - { name: 呼ぶ, command: call_unit, from: 受注, unit: 丙, parameters: { レコード番号: レコード番号 } }\n").await;
    tools.suiro(&["flow", "export", "--out", "all.json"]).await.good();
    let imported = tools.import(&["--dry-run"]).await;
    imported.good();
    assert!(imported.err.contains("甲: 呼び出す実行単位「丙」がありません"), "{imported:#?}");
    assert!(imported.err.contains("the unit \"丙\" that it calls is not there"), "{imported:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_app_takes_the_errors_of_a_check() {
    let tools = Tools::new().await;
    let (base_url, (login, password)) = (tools.stage.sim.base_url(), ADMINISTRATOR);
    let kintone = ["--base-url", &base_url, "-u", login, "-p", password];
    let create = ["flow", "create-error-app", "--name", "受注のエラー"];
    let created = tools.suiro(&[&create[..], &kintone, &["--json"]].concat()).await.json();
    let app = created["app"].as_u64().expect("an app");
    let output =
        tools.stage.control().create_app(AppSpec::new("出力").field("受注番号", json!({ "type": "SINGLE_LINE_TEXT" })));
    let output = output.expect("an app");
    tools.put_order("E-1");
    let text = format!(
        "suiro: 1\nname: 検査\nsteps:\n  - {{ name: 受注, command: input_app, app: ${{受注}} }}\n  - name: 検査\n    command: data_check\n    from: 受注\n    errors: {{ app: {app} }}\n    checks: [{{ check: range, field: 受注数, max: 0, message: \"多すぎます\\n直してください\" }}]\n  - {{ name: 出力, command: output_app, from: 検査, app: {output}, method: append, mapping: {{ 受注番号: 受注番号 }} }}\n"
    );
    let file = tools.file("check.yaml", &tools.stage.company.flow(&text));
    tools.suiro(&[&["flow", "run", &file][..], &kintone].concat()).await.good();
    let records = tools.stage.control().records(app);
    let told =
        ["app", "step", "field", "check", "message", "value"].map(|code| records[0].text(code).unwrap_or_default());
    let orders = tools.stage.company.orders.to_string();
    assert_eq!(told, [orders.as_str(), "検査", "受注数", "range", "多すぎます\n直してください", "1"]);
    assert_eq!((records[0].text("row"), records[0].text("record")), (Some("1"), Some("1")));

    let without = tools.suiro(&[&create[..], &["--base-url", &base_url, "--api-token", "x"]].concat()).await;
    without.bad(4, "エラーアプリを作成できません", "cannot create the error app");
}
