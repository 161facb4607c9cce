//! Answers: `code`, `status`, `description`, the shape that krewData callers already read, plus the catalogue's code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::catalogue::{self, Code};
use model::ids::RunId;
use model::ledger::LedgerError;
use serde_json::{Map, Value as Json, json};

/// A good answer.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    body: Map<String, Json>,
}

impl Answer {
    /// 200 with these fields.
    pub fn ok(fields: Json) -> Self {
        Self::with(200, fields)
    }

    /// 202: the runs are queued.
    pub fn accepted(runs: &[RunId]) -> Self {
        Self::with(202, runs_json(runs))
    }

    /// 202: the request is part of a run that waits.
    pub fn joined(run: &RunId) -> Self {
        Self::with(202, json!({ "runId": run, "joined": true }))
    }

    /// Accepted, but there is something to know.
    pub fn noted(code: Code, status: u16, runs: &[RunId]) -> Self {
        let mut answer = Self::with(status, runs_json(runs));
        answer.body.extend(code_fields(code, None));
        answer
    }

    fn with(status: u16, fields: Json) -> Self {
        let mut body = base(status);
        if let Json::Object(fields) = fields {
            body.extend(fields);
        }
        Self { status, body }
    }
}

fn runs_json(runs: &[RunId]) -> Json {
    match runs {
        [one] => json!({ "runId": one }),
        many => json!({ "runIds": crate::texts(many) }),
    }
}

fn base(status: u16) -> Map<String, Json> {
    let text = StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
    Map::from_iter([("code".to_owned(), json!(status)), ("status".to_owned(), json!(text))])
}

fn code_fields(code: Code, detail: Option<&Detail>) -> [(String, Json); 3] {
    let ja = detail.map(|detail| format!(" ({})", detail.ja)).unwrap_or_default();
    let en = detail.map(|detail| format!(" ({})", detail.en)).unwrap_or_default();
    [
        ("error".to_owned(), json!(code)),
        ("description".to_owned(), json!(format!("{}{ja}", code.ja()))),
        ("descriptionEn".to_owned(), json!(format!("{}{en}", code.en()))),
    ]
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        respond(self.status, self.body)
    }
}

fn respond(status: u16, body: Map<String, Json>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"))];
    (status, headers, Json::Object(body).to_string()).into_response()
}

/// What exactly is wrong, in both languages.
#[derive(Clone, Debug)]
struct Detail {
    ja: String,
    en: String,
}

/// A refusal, from the catalogue.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    detail: Option<Detail>,
    retry_after: Option<u64>,
    runs: Vec<RunId>,
}

impl Refusal {
    /// With the catalogue's sentence.
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, retry_after: None, runs: Vec::new() }
    }

    /// And what exactly is wrong, in Japanese and in English.
    pub fn detail(mut self, ja: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Some(Detail { ja: ja.into(), en: en.into() });
        self
    }

    /// And when to ask again, in seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// And the runs that were started before, where they are known.
    pub fn runs(mut self, runs: Vec<RunId>) -> Self {
        self.runs = runs;
        self
    }
}

impl From<LedgerError> for Refusal {
    /// What the ledger cannot do is ours, not the caller's; the technical text goes to the log alone.
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NoUnit(_) => Self::new(catalogue::URL_UNKNOWN),
            LedgerError::NoRun(_) => Self::new(catalogue::RUN_UNKNOWN),
            error => {
                tracing::error!(%error, "the ledger failed");
                Self::new(catalogue::INTERNAL).retry_after(5)
            }
        }
    }
}

impl From<model::store::StoreError> for Refusal {
    fn from(error: model::store::StoreError) -> Self {
        LedgerError::from(error).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.code.0.status;
        let mut body = base(status);
        if !self.runs.is_empty()
            && let Json::Object(runs) = runs_json(&self.runs)
        {
            body.extend(runs);
        }
        body.extend(code_fields(self.code, self.detail.as_ref()));
        let mut response = respond(status, body);
        if let Some(value) = self.retry_after.and_then(|s| HeaderValue::from_str(&s.to_string()).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

/// The path is one of ours, the method is not.
pub(crate) async fn wrong_method() -> Refusal {
    Refusal::new(catalogue::METHOD_UNKNOWN)
}
