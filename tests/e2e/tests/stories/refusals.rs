//! Everything that is sent wrongly, or at the wrong moment: it has its status, its code and its sentences, nothing is
//! queued by it, and no answer shows what was sent.

mod bodies;
mod crowds;
mod floods;
mod trigger;
mod urls;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, ManualClock, SystemClock};
use model::ids::UnitId;
use model::limits::UnitLimits;
use model::notice::About;
use model::ports::Credential;
use model::secret_url::SECRET_LENGTH;
use model::unit::UnitState;
use reqwest::RequestBuilder;
use serde_json::{Value as Json, json};
use suiro::demo::company::{ALLOCATE, MOVEMENT, order};
use suiro::units::Wanted;

use crate::story::{Stage, stage_with};

/// Stands in every field that these stories send, and may stand in no answer.
const MARK: &str = "極秘4711";

/// Limits under which nothing waits for the rate.
fn free() -> UnitLimits {
    UnitLimits { starts: 1000, ..UnitLimits::default() }
}

/// A stage, and somebody at its doors.
struct Visitor(Stage);

impl Deref for Visitor {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.0
    }
}

/// A visitor to a stage on the system's clock, where nothing waits for the rate.
async fn visitor() -> Visitor {
    Visitor(stage_with(Arc::new(SystemClock), free()).await)
}

/// A visitor to a stage whose clock the story turns.
async fn visitor_by_hand(limits: UnitLimits) -> (Visitor, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    (Visitor(stage_with(clock.clone(), limits).await), clock)
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// An answer, whole.
#[derive(Debug)]
struct Asked {
    status: u16,
    /// Names and values in order; the date is left out.
    headers: Vec<(String, String)>,
    text: String,
    json: Json,
}

impl Asked {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Asserts the code, and that there is a sentence in both languages.
    fn says(&self, status: u16, code: &str) {
        assert_eq!((self.status, &self.json["code"]), (status, &json!(status)), "{self:#?}");
        assert_eq!(self.json["error"], json!(code), "{self:#?}");
        for sentence in ["status", "description", "descriptionEn"] {
            assert!(self.json[sentence].as_str().is_some_and(|s| !s.is_empty()), "{sentence}: {self:#?}");
        }
        // What exactly is wrong stands behind the sentence, in its language.
        if let Some((_, detail)) = self.json["description"].as_str().and_then(|sentence| sentence.rsplit_once(" (")) {
            assert!(detail.chars().any(|c| c >= '\u{3040}'), "in Japanese: {self:#?}");
        }
        assert_eq!(self.header("content-type"), Some("application/json;charset=utf-8"));
    }

    /// The run that it names.
    fn run(&self) -> String {
        self.json["runId"].as_str().unwrap_or_else(|| panic!("a run: {self:#?}")).to_owned()
    }

    /// All that a caller could tell two answers apart by.
    fn bytes(&self) -> (u16, &[(String, String)], &str) {
        (self.status, &self.headers, &self.text)
    }
}

impl Visitor {
    /// The secret of the company's unit.
    fn secret(&self) -> &str {
        secret_of(&self.company.url)
    }

    fn sheet_url(&self) -> String {
        format!("{}/sheet", self.company.url)
    }

    fn trigger_url(&self, secret: &str, way: &str) -> String {
        format!("{}/trigger/v1/{secret}/{way}", self.stack.base_url())
    }

    fn sending(&self, url: &str, body: &Json) -> RequestBuilder {
        self.http.post(url).body(body.to_string())
    }

    /// The state of the company's unit.
    async fn state(&self) -> UnitState {
        self.stack.ledger.state(&self.company.unit).await.expect("the unit's state")
    }

    /// Sends a request. Whatever comes back, it shows neither a field's value nor the secret nor a credential.
    async fn ask(&self, request: RequestBuilder) -> Asked {
        let request = request.build().expect("a request");
        let segments = request.url().path_segments().into_iter().flatten();
        let mut hidden: Vec<String> = segments.filter(|s| s.len() == SECRET_LENGTH).map(str::to_owned).collect();
        hidden.extend(self.company.tokens.split(',').map(str::to_owned));
        hidden.extend([MARK.to_owned(), self.secret().to_owned()]);
        let answer = self.http.execute(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers: Vec<_> = answer.headers().iter().map(header).filter(|(name, _)| name != "date").collect();
        let text = answer.text().await.expect("a text");
        let asked = Asked { status, headers, json: serde_json::from_str(&text).unwrap_or_default(), text };
        let shown = format!("{asked:?}");
        hidden.iter().for_each(|h| assert!(!shown.contains(h), "{h} is shown: {shown}"));
        asked
    }

    /// Asserts a refusal, and that the unit is as it was: nothing is queued, no run is recorded. That a dead URL is called
    /// is noted, to be told to the unit's owner.
    async fn refused(&self, request: RequestBuilder, status: u16, code: &str) -> Asked {
        let standing = async || {
            let mut state = self.state().await;
            state.notices.retain(|notice| notice.about != About::DeadUrl);
            (state, self.runs().await)
        };
        let before = standing().await;
        let asked = self.ask(request).await;
        asked.says(status, code);
        assert_eq!(standing().await, before, "{asked:#?}");
        asked
    }

    /// Asserts that the request is queued as one run, whose id it answers.
    async fn accepted(&self, request: RequestBuilder) -> String {
        let asked = self.ask(request).await;
        assert_eq!((asked.status, &asked.json["status"]), (202, &json!("Accepted")), "{asked:#?}");
        asked.run()
    }

    /// Puts an order into the app without a webhook; answers its number.
    fn put_order(&self, name: &str) -> u64 {
        let ids = self.control().put_records(self.company.orders, vec![order(name, "P-001", 1)]);
        ids.expect("an order")[0]
    }

    /// kintone's notification of an added order, with a mark in every field that is no key.
    fn notification(&self, id: &str, record: u64) -> Json {
        json!({
            "id": id,
            "type": "ADD_RECORD",
            "app": { "id": self.company.orders.to_string(), "name": "受注" },
            "record": record_json(record),
            "recordTitle": MARK,
            "url": format!("https://example.cybozu.com/k/{}/show#record={record}", self.company.orders),
        })
    }

    /// A call of the trigger API's `/run`.
    fn run_body(&self, token: &str, record: u64) -> Json {
        json!({ "accessToken": token, "user": "sato", "appId": self.company.orders, "record": record_json(record) })
    }

    /// Makes a unit like the company's, but for what is changed; answers its id and its realtime URL.
    async fn add_unit_with(&self, name: &str, change: impl FnOnce(&mut Wanted)) -> (UnitId, String) {
        let (company, stack) = (&self.company, &self.stack);
        let tokens = company.tokens.split(',').map(str::to_owned).collect();
        let mut wanted = Wanted {
            name: name.to_owned(),
            base_url: self.sim.base_url(),
            guest_space: None,
            credential: Credential::Tokens { tokens, basic: None },
            expires: None,
            app: company.orders,
            events: Default::default(),
            flows: vec![company.flow(ALLOCATE), company.flow(MOVEMENT)],
            log_app: Some(company.log),
            undo: Default::default(),
            coalesce: false,
            limits: free(),
            doors: Default::default(),
        };
        change(&mut wanted);
        let added = suiro::units::add(&stack.ledger, stack.vault.as_ref(), &stack.connector, wanted).await;
        let (unit, secret) = added.expect("a unit");
        let url = format!("{}/r/{unit}/{}", stack.base_url(), secret.reveal());
        (unit, url)
    }

    /// An access token by `/token`.
    async fn token(&self, secret: &str) -> String {
        let asked = self.ask(self.sending(&self.trigger_url(secret, "token"), &json!({}))).await;
        assert_eq!((asked.status, &asked.json["expiresIn"]), (200, &json!(3600)), "{asked:#?}");
        asked.json["accessToken"].as_str().expect("a token").to_owned()
    }
}

fn secret_of(url: &str) -> &str {
    url.rsplit('/').next().expect("a secret")
}

/// A record as kintone tells it.
fn record_json(id: u64) -> Json {
    json!({
        "$id": { "type": "__ID__", "value": id.to_string() },
        "$revision": { "type": "__REVISION__", "value": "1" },
        "レコード番号": { "type": "RECORD_NUMBER", "value": id.to_string() },
        "更新者": { "type": "MODIFIER", "value": { "code": "sato", "name": MARK } },
        "受注番号": { "type": "SINGLE_LINE_TEXT", "value": MARK },
        "明細": { "type": "SUBTABLE", "value": [{ "id": "1", "value": { "品名": { "type": "SINGLE_LINE_TEXT", "value": MARK } } }] },
    })
}

/// The body with one member replaced, or removed by null.
fn with(body: &Json, name: &str, value: Json) -> Json {
    let mut body = body.clone();
    let members = body.as_object_mut().expect("an object");
    match value {
        Json::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
    body
}
