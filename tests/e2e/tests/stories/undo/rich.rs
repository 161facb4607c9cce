//! An app with a lookup, files, a process and what kintone fills itself, and a flow that replaces its records.

use model::ids::RunId;
use model::ledger::Admitted;
use model::run::Run;
use model::unit::Undo;
use serde_json::{Value as Json, json};
use sim::AppSpec;

use crate::bare::Scene;

/// A worker with such an app.
pub struct Rich {
    pub scene: Scene,
    /// The app that is replaced.
    pub app: u64,
    /// The app that the lookup reads.
    pub products: u64,
}

fn text() -> Json {
    json!({ "type": "SINGLE_LINE_TEXT" })
}

fn unique() -> Json {
    json!({ "type": "SINGLE_LINE_TEXT", "unique": true })
}

fn spec(name: &str, products: u64) -> AppSpec {
    let lookup = json!({ "type": "SINGLE_LINE_TEXT", "lookup": {
        "relatedApp": { "app": products.to_string(), "code": "" },
        "relatedKeyField": "コード",
        "fieldMappings": [{ "field": "品名", "relatedField": "品名" }],
        "lookupPickerFields": [], "filterCond": "", "sort": "",
    } });
    let colours = json!({ "赤": { "label": "赤", "index": 0 }, "青": { "label": "青", "index": 1 } });
    let state = |index: &str| json!({ "index": index, "assignee": { "type": "ONE", "entities": [] } });
    let process = json!({
        "enable": true,
        "states": { "未処理": state("0"), "完了": state("1") },
        "actions": [{ "name": "終える", "from": "未処理", "to": "完了" }],
    });
    let mut spec = AppSpec::new(name)
        .field("番号", unique())
        .field("商品", lookup)
        .field("品名", text())
        .field("色", json!({ "type": "DROP_DOWN", "options": colours }))
        .field("数", json!({ "type": "NUMBER" }))
        .field("倍", json!({ "type": "CALC", "expression": "数*2", "format": "NUMBER" }))
        .field("書類", json!({ "type": "FILE" }));
    spec.process = Some(process);
    spec
}

/// A record of the app.
pub fn record(n: usize, product: &str, colour: &str) -> Json {
    json!({
        "番号": { "value": format!("N-{n}") }, "商品": { "value": product }, "色": { "value": colour },
        "数": { "value": n.to_string() },
    })
}

/// The app with these records, and a run to come that puts those in their place.
pub async fn rich(held: Vec<Json>, wanted: Vec<Json>) -> Rich {
    let scene = Scene::new(
        &|control, apps| {
            let products = AppSpec::new("商品").field("コード", unique()).field("品名", text());
            let products = control.create_app(products).unwrap();
            let (app, source) = (spec("台帳", products), spec("元", products));
            let (app, source) = (control.create_app(app).unwrap(), control.create_app(source).unwrap());
            apps.more = vec![products, app, source];
            let fields = "番号, 商品, 色, 数";
            let flow = format!(
                "suiro: 1\nname: 入れ替え\nsteps:\n  - {{ name: 元, command: input_app, app: {source}, fields: [{fields}] }}\n  - {{ name: 台帳, command: output_app, from: 元, app: {app}, method: regenerate, allow_empty: true }}\n"
            );
            vec![flow]
        },
        Undo::Kept,
    )
    .await;
    let control = scene.sim.control();
    let [products, app, source] = scene.apps.more[..] else { panic!("three apps") };
    let product = |code: &str| json!({ "コード": { "value": code }, "品名": { "value": format!("{code}の名") } });
    control.put_records(products, vec![product("P-1"), product("P-2")]).unwrap();
    control.put_records(app, held).unwrap();
    control.put_records(source, wanted).unwrap();
    Rich { scene, app, products }
}

impl Rich {
    /// A call of kintone's API by its administrator (`kanri`, `demo-only`).
    pub async fn call(&self, method: reqwest::Method, path: &str, body: Json) {
        let url = format!("{}/k/v1/{path}.json", self.scene.sim.base_url());
        let call = reqwest::Client::new().request(method, url).header("X-Cybozu-Authorization", "a2Fucmk6ZGVtby1vbmx5");
        let answer = call.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Changes fields of the app's form.
    pub async fn form(&self, method: reqwest::Method, properties: Json) {
        let app = self.app;
        self.call(method, "preview/app/form/fields", json!({ "app": app, "properties": properties })).await;
        self.call(reqwest::Method::POST, "preview/app/deploy", json!({ "apps": [{ "app": app }] })).await;
    }

    pub async fn ran(&self) -> Run {
        let run = self.scene.ask().await;
        self.scene.works().await.unwrap();
        self.scene.rest(&run).await;
        let run = self.scene.run(&run).await;
        super::succeeded(&run);
        run
    }

    /// Asks for a run to be taken back.
    pub async fn undoing(&self, run: &RunId, dry_run: bool) -> RunId {
        let admitted = self.scene.deps.ledger.undo(run, dry_run).await.unwrap();
        let Admitted::Queued(mut runs) = admitted else { panic!("{admitted:?}") };
        runs.remove(0)
    }

    pub async fn undo(&self, run: &RunId, dry_run: bool) -> Run {
        let undoing = self.undoing(run, dry_run).await;
        self.scene.works().await.unwrap();
        self.scene.rest(&undoing).await;
        self.scene.run(&undoing).await
    }

    /// The records: number, product, its name, colour, quantity.
    pub fn held(&self) -> Vec<Vec<String>> {
        let codes = ["番号", "商品", "品名", "色", "数"];
        let text = |record: &sim::Record, code: &str| record.text(code).unwrap_or_default().to_owned();
        let records = self.scene.sim.control().records(self.app);
        let mut all: Vec<Vec<String>> =
            records.iter().map(|record| codes.iter().map(|code| text(record, code)).collect()).collect();
        all.sort();
        all
    }
}
