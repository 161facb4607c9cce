//! What the tests share: a running simulator with an app, calls, and errors told in both languages.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sim::{ALL_RIGHTS, AppSpec, Control, Options, Sim};

/// A simulator with one app and a token of all rights for it.
pub struct Stage {
    pub sim: Sim,
    pub control: Control,
    pub client: Client,
    pub app: u64,
    pub token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of a good answer.
    #[track_caller]
    pub fn good(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Status and code.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An expected error: status, code, message and paths, in Japanese and English.
pub struct Told {
    pub status: u16,
    pub code: &'static str,
    pub ja: &'static str,
    pub en: &'static str,
    pub errors: &'static [(&'static str, &'static str, &'static str)],
}

/// A validation error at these paths.
pub const fn invalid(errors: &'static [(&'static str, &'static str, &'static str)]) -> Told {
    Told {
        status: 400, code: "CB_VA01", ja: "入力内容が正しくありません。", en: "Missing or invalid input.", errors
    }
}

/// Any other error.
pub const fn told(status: u16, code: &'static str, ja: &'static str, en: &'static str) -> Told {
    Told { status, code, ja, en, errors: &[] }
}

impl Stage {
    /// Starts a simulator with an app of these fields.
    pub async fn with(fields: Value) -> Self {
        let mut spec = AppSpec::new("受注");
        spec.fields = fields.as_object().cloned().unwrap_or_default();
        Self::of(spec).await
    }

    /// Starts a simulator with that app.
    pub async fn of(spec: AppSpec) -> Self {
        let sim = Sim::start(Options::default()).await.expect("a free port");
        let control = sim.control();
        let app = control.create_app(spec).expect("a good app");
        let token = control.add_token(app, &ALL_RIGHTS).expect("a known app");
        let client = Client::builder().no_proxy().build().expect("a client");
        Self { sim, control, client, app, token }
    }

    /// A call with this stage's token and headers.
    pub async fn send(&self, method: &str, path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.sim.base_url()));
        if !headers.iter().any(|(name, _)| name.starts_with("x-cybozu-a")) {
            request = request.header("x-cybozu-api-token", &self.token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.expect("a body");
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Answer { status, headers, body }
    }

    /// A call of a resource, for example `records`, with a JSON body.
    pub async fn call(&self, method: &str, resource: &str, body: Value) -> Answer {
        self.send(method, &format!("/k/v1/{resource}.json"), body, &[]).await
    }

    /// The call must fail as told, in both languages; `tag` names the case where it does not.
    pub async fn refuses(&self, tag: &str, method: &str, resource: &str, body: Value, wanted: &Told) {
        for (lang, message) in [("ja", wanted.ja), ("en", wanted.en)] {
            let path = format!("/k/v1/{resource}.json");
            let answer = self.send(method, &path, body.clone(), &[("accept-language", lang)]).await;
            let mut errors = json!({});
            for (path, ja, en) in wanted.errors {
                if errors[*path].is_null() {
                    errors[*path] = json!({ "messages": [] });
                }
                let messages = errors[*path]["messages"].as_array_mut().expect("a list");
                messages.push(if lang == "ja" { json!(ja) } else { json!(en) });
            }
            let mut expected = json!({ "code": wanted.code, "id": answer.body["id"], "message": message });
            if !wanted.errors.is_empty() {
                expected["errors"] = errors;
            }
            assert_eq!((answer.status, &answer.body), (wanted.status, &expected), "{tag} ({lang})");
            assert_eq!(answer.body["id"].as_str().map(str::len), Some(20), "{tag}");
            assert_eq!(answer.header("x-cybozu-error"), Some(wanted.code), "{tag}");
        }
    }

    /// Adds a record through the API and returns its id.
    pub async fn add(&self, record: Value) -> u64 {
        let told = self.call("POST", "record", json!({ "app": self.app, "record": record })).await.good();
        told["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
    }

    /// A record as the API tells it.
    pub async fn get(&self, id: u64) -> Value {
        self.call("GET", "record", json!({ "app": self.app, "id": id })).await.good()["record"].take()
    }

    /// The value of a field of a record.
    pub async fn value(&self, id: u64, code: &str) -> Value {
        self.get(id).await[code]["value"].take()
    }
}

/// `{"value": v}`
pub fn v(value: impl Into<Value>) -> Value {
    json!({ "value": value.into() })
}
