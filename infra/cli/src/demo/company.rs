//! The demo company: orders, stock and stock movements in a simulated kintone, and the unit 受注処理.

use model::ids::UnitId;
use model::limits::UnitLimits;
use model::ports::Credential;
use serde_json::{Value as Json, json};
use sim::{ALL_RIGHTS, AppSpec, Control, ControlError, UserSpec};

use crate::local::Stack;
use crate::units::{self, UnitError, Wanted};

/// The document of the flow 引当/出荷.
pub const ALLOCATE: &str = include_str!("../../demo/allocate.yaml");
/// The document of the flow 在庫レコード追加.
pub const MOVEMENT: &str = include_str!("../../demo/movement.yaml");
/// Login name and password of the simulated kintone's administrator; neither opens anything else.
pub const ADMINISTRATOR: (&str, &str) = ("kanri", "demo-only");

/// The company's apps and its unit.
#[derive(Clone, Debug)]
pub struct Company {
    /// 受注
    pub orders: u64,
    /// 在庫
    pub stock: u64,
    /// 在庫移動
    pub movements: u64,
    /// ログ
    pub log: u64,
    /// API tokens of the four, as a comma list.
    pub tokens: String,
    /// 受注処理
    pub unit: UnitId,
    /// Its realtime URL.
    pub url: String,
    base_url: String,
    limits: UnitLimits,
}

/// Why the demo company does not open.
#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    /// The simulator refuses.
    #[error("the simulated kintone: {0}")]
    Sim(#[from] ControlError),
    /// The unit.
    #[error("the unit: {0}")]
    Unit(#[from] UnitError),
    /// The log app.
    #[error("the log app: {0}")]
    LogApp(#[from] worker::log_app::LogAppError),
    /// The connection.
    #[error("{0}")]
    Connection(#[from] connect::kintone::ConnectionError),
}

fn text() -> Json {
    json!({ "type": "SINGLE_LINE_TEXT" })
}

fn key() -> Json {
    json!({ "type": "SINGLE_LINE_TEXT", "unique": true, "required": true })
}

fn number() -> Json {
    json!({ "type": "NUMBER" })
}

/// The products: code, name, stock.
pub const PRODUCTS: [(&str, &str, u32); 3] =
    [("P-001", "りんご", 100), ("P-002", "みかん", 40), ("P-003", "ぶどう", 5)];

impl Company {
    /// Makes the apps and the unit. Its limits are the product's own unless given.
    pub async fn open(
        control: &Control,
        base_url: &str,
        stack: &Stack,
        limits: UnitLimits,
    ) -> Result<Self, CompanyError> {
        let status = json!({ "type": "DROP_DOWN", "options": {
            "受付": { "label": "受付", "index": "0" },
            "引当済": { "label": "引当済", "index": "1" },
            "不足": { "label": "不足", "index": "2" },
        }, "defaultValue": "受付" });
        let orders = control.create_app(
            AppSpec::new("受注")
                .field("受注番号", key())
                .field("商品コード", text())
                .field("受注数", number())
                .field("引当数", number())
                .field("状況", status),
        )?;
        let stock = control.create_app(
            AppSpec::new("在庫")
                .field("商品コード", key())
                .field("商品名", text())
                .field("在庫数", number())
                .field("引当済", number()),
        )?;
        let movements = control.create_app(
            AppSpec::new("在庫移動").field("受注番号", text()).field("商品コード", text()).field("数量", number()),
        )?;
        let product = |(code, name, count): (&str, &str, u32)| {
            json!({ "商品コード": { "value": code }, "商品名": { "value": name },
                    "在庫数": { "value": count.to_string() }, "引当済": { "value": "0" } })
        };
        control.put_records(stock, PRODUCTS.into_iter().map(product).collect())?;
        let (login, password) = ADMINISTRATOR;
        control.add_user(UserSpec::new(login, password));
        let administrator =
            connect::kintone::Connection::new(base_url, connect::kintone::Credential::password(login, password));
        let kintone = stack.connector.open(administrator)?;
        let log = worker::log_app::create(&kintone, "実行ログ").await?;
        let mut tokens = Vec::new();
        for app in [orders, stock, movements, log] {
            tokens.push(control.add_token(app, &ALL_RIGHTS)?);
        }
        let tokens = tokens.join(",");
        let (unit, url) = (UnitId(String::new()), String::new());
        let mut company =
            Self { orders, stock, movements, log, tokens, unit, url, base_url: base_url.to_owned(), limits };
        (company.unit, company.url) = company.add_unit(stack, "受注処理").await?;
        Ok(company)
    }

    /// Makes a unit with the company's two flows; answers its id and its realtime URL.
    pub async fn add_unit(&self, stack: &Stack, name: &str) -> Result<(UnitId, String), CompanyError> {
        let tokens = self.tokens.split(',').map(str::to_owned).collect();
        let wanted = Wanted {
            name: name.to_owned(),
            base_url: self.base_url.clone(),
            guest_space: None,
            credential: Credential::Tokens { tokens, basic: None },
            expires: None,
            app: self.orders,
            events: Default::default(),
            flows: vec![self.flow(ALLOCATE), self.flow(MOVEMENT)],
            log_app: Some(self.log),
            undo: Default::default(),
            coalesce: false,
            limits: self.limits,
            doors: Default::default(),
        };
        let (unit, secret) = units::add(&stack.ledger, stack.vault.as_ref(), &stack.connector, wanted).await?;
        let url = format!("{}/r/{unit}/{}", stack.base_url(), secret.reveal());
        Ok((unit, url))
    }

    /// A demo flow with the numbers of the company's apps.
    pub fn flow(&self, text: &str) -> String {
        let named = [("${受注}", self.orders), ("${在庫}", self.stock), ("${在庫移動}", self.movements)];
        named.iter().fold(text.to_owned(), |text, (name, app)| text.replace(name, &app.to_string()))
    }
}

/// An order, as a person types it in.
pub fn order(number: &str, product: &str, count: u32) -> Json {
    json!({ "受注番号": { "value": number }, "商品コード": { "value": product },
            "受注数": { "value": count.to_string() }, "状況": { "value": "受付" } })
}
