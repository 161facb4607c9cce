//! The story: one order, seven at once, and the difference between a sheet call and three webhooks.

use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, SystemClock};
use model::ids::UnitId;
use model::run::Run;
use serde_json::{Value as Json, json};
use sim::{Control, Sim};

use super::company::{Company, PRODUCTS, order};
use super::terminal::Terminal;
use crate::local::Stack;

type Told = Result<(), Box<dyn std::error::Error>>;

/// How long an act may take at most: the seventh request starts a minute after the second.
const PATIENCE: Duration = Duration::from_secs(150);

struct Stage<'a> {
    terminal: &'a Arc<Terminal>,
    control: Control,
    stack: &'a Stack,
    company: &'a Company,
}

/// Tells the story.
pub async fn tell(terminal: &Arc<Terminal>, kintone: &Sim, stack: &Stack, company: &Company) -> Told {
    let stage = Stage { terminal, control: kintone.control(), stack, company };
    stage.one_order().await?;
    stage.sheet_and_records().await?;
    stage.seven_at_once().await
}

impl Stage<'_> {
    /// A person's edit sends kintone's webhook to this URL from now on.
    fn webhook(&self, url: &str) -> Told {
        self.control.clear_webhooks(self.company.orders);
        Ok(self.control.add_webhook(self.company.orders, url, &[sim::WebhookEvent::AddRecord])?)
    }

    fn stock(&self, when: &str) {
        let of = |r: &sim::Record, code: &str| r.fields[code].as_str().unwrap_or_default().to_owned();
        let mut rows = self.control.records(self.company.stock);
        rows.sort_by_key(|r| r.id);
        let row = |r: &sim::Record| format!("{} 在庫{} 引当済{}", of(r, "商品名"), of(r, "在庫数"), of(r, "引当済"));
        let moved = self.control.count(self.company.movements);
        let rows: Vec<String> = rows.iter().map(row).collect();
        self.terminal.note(&format!("{when}  {}  在庫移動{moved}件", rows.join(" / ")));
    }

    async fn ended(&self, unit: &UnitId, count: usize) -> Result<Vec<Run>, Box<dyn std::error::Error>> {
        let until = SystemClock.now() + PATIENCE;
        loop {
            let runs = self.stack.ledger.runs(unit, 100).await?;
            if runs.iter().filter(|r| r.state.ended()).count() >= count {
                return Ok(runs);
            }
            if SystemClock.now() > until {
                return Err(format!("{unit}: {count} runs did not end").into());
            }
            SystemClock.pause(Duration::from_millis(50)).await;
        }
    }

    async fn one_order(&self) -> Told {
        self.terminal.title("1. 受注を1件登録する: Webhookが実行単位「受注処理」を起動する / one order, one webhook");
        self.stock("前 / before");
        self.webhook(&self.company.url)?;
        let id = self.control.screen_add(self.company.orders, order("A-001", "P-001", 30))?;
        self.terminal.event(&format!("+ 登録 / added    受注 #{id} りんご 30"));
        self.ended(&self.company.unit, 1).await?;
        self.stock("後 / after ");
        Ok(())
    }

    async fn sheet_and_records(&self) -> Told {
        let orders = self.company.orders;
        self.control.clear_webhooks(orders);
        self.terminal.title(
            "2. 一覧で3件を選んで1回実行する: 各フローは1回だけ、条件は3件のOR / a sheet call: each flow once, OR-ed",
        );
        let (unit, url) = self.company.add_unit(self.stack, "受注処理(一覧)").await?;
        let mut records = Vec::new();
        for (n, (code, _, _)) in PRODUCTS.iter().enumerate() {
            let id = self.control.screen_add(orders, order(&format!("B-{:03}", n + 1), code, 2))?;
            records.push(json!({ "レコード番号": { "type": "RECORD_NUMBER", "value": id.to_string() } }));
        }
        self.control.clear_calls();
        let body = json!({ "app": { "id": orders.to_string() }, "user": "sato", "records": records });
        self.press(&format!("{url}/sheet"), &body).await?;
        self.ended(&unit, 1).await?;
        let mut queries = self.control.calls().into_iter().filter(|c| c.apps == [orders]).filter_map(|c| c.query);
        if let Some(query) = queries.find(|q| q.contains(" or ")) {
            let condition = query.split(" and ($id").next().unwrap_or_default().to_owned();
            self.terminal.note(&format!("kintoneへの条件 / asked: {condition}"));
        }
        self.stock("後 / after ");
        self.terminal.title("3. 同じ3件をAPIで送る: レコードごとに各フローを実行する / the same three by API: each flow once per record");
        let (unit, url) = self.company.add_unit(self.stack, "受注処理(API)").await?;
        let secret = url.rsplit('/').next().unwrap_or_default();
        let trigger = format!("{}/trigger/v1/{secret}", self.stack.base_url());
        let token = self.press(&format!("{trigger}/token"), &json!({})).await?;
        let body = json!({ "accessToken": token["accessToken"], "user": "sato", "appId": orders.to_string(), "records": records });
        self.press(&format!("{trigger}/run"), &body).await?;
        self.ended(&unit, 3).await?;
        self.stock("後 / after ");
        Ok(())
    }

    async fn press(&self, url: &str, body: &Json) -> Result<Json, Box<dyn std::error::Error>> {
        let (status, answer) = sim::button::press(url, body).await?;
        if status >= 400 {
            return Err(answer.to_string().into());
        }
        Ok(answer)
    }

    async fn seven_at_once(&self) -> Told {
        self.terminal
            .title("4. 受注を7件同時に登録する: 5件は順に実行、2件は待つ / seven orders at once: five run, two wait");
        let (unit, url) = self.company.add_unit(self.stack, "受注処理(同時)").await?;
        self.webhook(&url)?;
        for n in 1..=7 {
            let id = self.control.screen_add(self.company.orders, order(&format!("C-{n:03}"), "P-002", 3))?;
            self.terminal.event(&format!("+ 登録 / added    受注 #{id} みかん 3"));
        }
        let runs = self.ended(&unit, 7).await?;
        let mut starts: Vec<_> = runs.iter().filter_map(|r| r.started_at).collect();
        starts.sort();
        if let (Some(first), Some(sixth)) = (starts.first(), starts.get(5)) {
            let after = first.until(*sixth).as_secs_f64();
            self.terminal
                .note(&format!("6件目は1件目の{after:.3}秒後に開始 / the 6th started {after:.3} s after the 1st"));
        }
        self.stock("後 / after ");
        self.webhook(&self.company.url) // for what is tried by hand
    }
}

/// Prints what to try by hand.
pub fn by_hand(terminal: &Terminal, kintone: &Sim, stack: &Stack, company: &Company) {
    let (orders, tokens) = (company.orders, &company.tokens);
    let (kintone, stack) = (kintone.base_url(), stack.base_url());
    let secret = company.url.rsplit('/').next().unwrap_or_default();
    terminal
        .title("続けて待ち受けています。別の端末で試せます(Ctrl-Cで終了) / still serving: try it by hand, Ctrl-C ends");
    let say = |what: &str, command: String| {
        terminal.note(what);
        crate::commands::line(format!("{command}\n"));
    };
    let record = format!(
        "{{\"app\":{orders},\"record\":{{\"受注番号\":{{\"value\":\"D-001\"}},\"商品コード\":{{\"value\":\"P-001\"}},\"受注数\":{{\"value\":\"5\"}}}}}}"
    );
    say(
        "受注を1件登録する(この1件のREST呼び出しはWebhookを送ります) / add an order; this single-record call fires the webhook",
        format!(
            "curl -s -X POST {kintone}/k/v1/record.json -H 'X-Cybozu-API-Token: {tokens}' -H 'Content-Type: application/json' -d '{record}'"
        ),
    );
    say(
        "実行単位を直接起動する / start the unit directly",
        format!(
            "curl -s {} -d '{{\"id\":\"hand-1\",\"type\":\"ADD_RECORD\",\"app\":{{\"id\":\"{orders}\"}},\"record\":{{\"レコード番号\":{{\"type\":\"RECORD_NUMBER\",\"value\":\"1\"}}}}}}'",
            company.url
        ),
    );
    say(
        "アクセストークンを得て、状態を見る / get a token, then ask for the state",
        format!("curl -s {stack}/trigger/v1/{secret}/token -d '{{}}'"),
    );
    say(
        "(得たトークンとrunIdを入れて / with that token and a runId)",
        format!(
            "curl -s {stack}/trigger/v1/{secret}/status -d '{{\"accessToken\":\"…\",\"runId\":\"{}-1\"}}'",
            company.unit
        ),
    );
    say(
        "在庫・ログを読む / read the stock, and the log",
        format!(
            "curl -s '{kintone}/k/v1/records.json?app={}' -H 'X-Cybozu-API-Token: {tokens}'\ncurl -s '{kintone}/k/v1/records.json?app={}' -H 'X-Cybozu-API-Token: {tokens}'",
            company.stock, company.log
        ),
    );
}
