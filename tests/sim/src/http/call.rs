//! The way of one call: gate, faults, credentials, parameters, work, answer, log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::domain::Domain;
use super::listen::Cut;
use super::reply::Reply;
use super::upload;
use crate::calls::{Call, Part, QUERY_KEPT};
use crate::clock::pause;
use crate::faults::FaultKind;
use crate::kintone::api::{self, Refusal};
use crate::kintone::catalogue::{self, BAD_JSON};
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::params::{self, PARAMETER_REQUIRED, Params};
use crate::kintone::route::{self, Op};
use crate::kintone::scope::Scope;
use crate::kintone::text::{Lang, asked_language};
use crate::kintone::{auth, text::Text};

/// How long a lost answer keeps its connection open.
const SILENCE: Duration = Duration::from_secs(3600);

/// What arrived.
#[derive(Debug)]
pub struct Incoming {
    /// The method, after an override.
    pub method: String,
    /// The address.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The connection.
    pub cut: Cut,
}

impl Incoming {
    /// Takes over a request; `X-HTTP-Method-Override` counts on POST alone.
    pub fn new(method: &Method, uri: Uri, headers: HeaderMap, body: Bytes, cut: Cut) -> Self {
        let wanted = headers.get("x-http-method-override").and_then(|value| value.to_str().ok());
        let method = match wanted {
            Some(wanted @ ("GET" | "POST" | "PUT" | "DELETE")) if *method == Method::POST => wanted.to_owned(),
            _ => method.as_str().to_owned(),
        };
        Self { method, uri, headers, body, cut }
    }
}

/// Serves a call from its arrival to its answer.
pub async fn serve(domain: Arc<Domain>, incoming: Incoming) -> Response<Body> {
    let running = domain.enter();
    let arrived = domain.clock.now();
    let switches = domain.read().switches.clone();
    let fault = domain.faults.strike(&incoming.method, incoming.uri.path());
    if let Some(FaultKind::Delay { ms }) = fault {
        pause(Duration::from_millis(ms)).await;
    }
    let asked = asked_language(incoming.headers.get("accept-language").and_then(|value| value.to_str().ok()));
    let lang = asked.unwrap_or(if switches.language == "en" { Lang::En } else { Lang::Ja });
    let mut seen = Seen::default();
    let over = running.number > switches.concurrency_limit || fault == Some(FaultKind::TooManyRequests);
    let reply = match &fault {
        // Without a language this one error comes in English.
        _ if over => Reply::error(&catalogue::TOO_MANY_REQUESTS, asked.unwrap_or(Lang::En)),
        Some(FaultKind::ServiceUnavailable) => Reply::of(503, "text/plain", "Service Unavailable"),
        Some(FaultKind::BadGateway) => Reply::of(502, "text/html", BAD_GATEWAY_PAGE),
        Some(FaultKind::DatabaseLock) => Reply::error(&catalogue::DATABASE_LOCK, lang),
        Some(FaultKind::ResetBefore) => Reply::of(500, "text/plain", ""),
        _ => {
            let half = Duration::from_micros(switches.service_time_ms * 500);
            let done = Instant::now() + half * 2;
            pause(half).await;
            let reply = work(&domain, &incoming, lang, &mut seen).await;
            tokio::time::sleep_until(done).await;
            reply
        }
    };
    let lost = matches!(fault, Some(FaultKind::ResetBefore | FaultKind::ResetAfter | FaultKind::LostResponse));
    let call = Call {
        at: arrived,
        answered: domain.clock.now(),
        method: incoming.method,
        path: incoming.uri.path().to_owned(),
        apps: seen.apps,
        status: if lost { 0 } else { reply.status },
        code: reply.code.map(str::to_owned),
        parts: seen.parts,
        request_bytes: incoming.body.len(),
        response_bytes: if lost { 0 } else { reply.body.len() },
        query: seen.query,
        running: running.number,
    };
    domain.calls.note(call, switches.count_bulk_parts);
    let (limit, number) = (switches.concurrency_limit, running.number);
    drop(running);
    match fault {
        Some(FaultKind::ResetBefore | FaultKind::ResetAfter) => {
            incoming.cut.now();
            reply.send(limit, number)
        }
        Some(FaultKind::LostResponse) => {
            pause(SILENCE).await;
            incoming.cut.now();
            reply.send(limit, number)
        }
        Some(FaultKind::SlowBody { bytes, pause_ms }) => {
            reply.send_in_pieces(limit, number, bytes, Duration::from_millis(pause_ms), None)
        }
        Some(FaultKind::CutBody { bytes }) => {
            reply.send_in_pieces(limit, number, bytes, Duration::from_millis(50), Some(incoming.cut))
        }
        _ => reply.send(limit, number),
    }
}

const BAD_GATEWAY_PAGE: &str =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n";

/// What the log tells of a call's parameters.
#[derive(Debug, Default)]
struct Seen {
    apps: Vec<u64>,
    parts: Vec<Part>,
    query: Option<String>,
}

async fn work(domain: &Domain, incoming: &Incoming, lang: Lang, seen: &mut Seen) -> Reply {
    if !auth::passes_basic(&domain.read(), &incoming.headers) {
        let mut reply = Reply::of(401, "text/html", "<html><body>Unauthorized</body></html>");
        reply.headers.insert("www-authenticate", HeaderValue::from_static("Basic realm=\"kintone\""));
        return reply;
    }
    let Some(route) = route::find(&incoming.method, incoming.uri.path()) else {
        return Reply::of(404, "text/html", "<html><body>Not Found</body></html>");
    };
    let result = match route {
        Ok(route) if route.op == Op::Upload => upload_file(domain, incoming).await.map_err(Refusal::Call),
        Ok(route) => answer(domain, incoming, route, seen),
        Err(error) => Err(Refusal::Call(error)),
    };
    result.unwrap_or_else(|refusal| Reply::refusal(&refusal, lang))
}

fn answer(domain: &Domain, incoming: &Incoming, route: route::Route, seen: &mut Seen) -> Result<Reply, Refusal> {
    let now = domain.clock.now();
    domain.settle_deploys(now);
    let params = read_params(incoming);
    if let Ok(params) = &params {
        look(domain, route.op, params, seen);
    }
    let caller = auth::authenticate(&domain.read(), &incoming.headers)?;
    let params = params?;
    let scope = Scope { caller, guest_space: route.guest_space, now, tells_webhooks: true };
    let answer = if route.op == Op::Download {
        return Ok(Reply::file(api::download(&domain.read(), &scope, &params)?));
    } else if api::only_reads(route.op) {
        api::run_read(&domain.read(), &scope, route, &params)?
    } else {
        let mut world = domain.write();
        let (answer, changes) = api::run_write(&mut world, &scope, route.op, params)?;
        domain.webhooks.tell(changes.notices, &world.webhooks, &world.switches, now);
        answer
    };
    let mut reply = Reply::json(200, answer.body);
    if let Some(warning) = answer.warning {
        reply.headers.insert("x-cybozu-warning", HeaderValue::from_static(warning));
    }
    Ok(reply)
}

/// Parameters from the body where there is one, else from the query string. Both may come; the body wins.
fn read_params(incoming: &Incoming) -> ApiResult<Params> {
    let mut params = Params::from_query(incoming.uri.query().unwrap_or_default());
    if !incoming.body.iter().all(u8::is_ascii_whitespace) {
        let body: Value = serde_json::from_slice(&incoming.body).map_err(|_| BAD_JSON)?;
        let body = Params::from_value(body)?;
        if params.0.is_empty() {
            return Ok(body);
        }
        params.0.extend(body.0);
    }
    Ok(params)
}

async fn upload_file(domain: &Domain, incoming: &Incoming) -> ApiResult<Reply> {
    auth::authenticate(&domain.read(), &incoming.headers)?;
    let missing = || ApiError::invalid_at("file", PARAMETER_REQUIRED);
    let upload = upload::read(&incoming.headers, incoming.body.clone()).await.ok_or_else(missing)?;
    if upload.name.is_empty() {
        let unnamed = Text::fixed("ファイル名を指定してください。", "Specify the file name.");
        return Err(ApiError::invalid_at("file", unnamed));
    }
    let mut world = domain.write();
    let life = world.switches.file_life_s;
    let key = world.files.upload(upload.name, upload.content_type, upload.content, domain.clock.now(), life);
    Ok(Reply::json(200, json!({ "fileKey": key }).to_string()))
}

fn look(domain: &Domain, op: Op, params: &Params, seen: &mut Seen) {
    let id = |value: Option<&Value>| u64::try_from(params::integer(value?).ok()?).ok();
    seen.query = params.get("query").and_then(Value::as_str).map(|query| query.chars().take(QUERY_KEPT).collect());
    let mut note = |app: Option<u64>| {
        if let Some(app) = app
            && !seen.apps.contains(&app)
        {
            seen.apps.push(app);
        }
    };
    note(id(params.get("app")));
    match op {
        Op::GetApp => note(id(params.get("id"))),
        Op::GetCursor | Op::DeleteCursor => {
            let cursor = params.get("id").and_then(Value::as_str).unwrap_or_default();
            note(domain.read().cursors.app_of(cursor));
        }
        Op::Bulk => {
            for part in params.get("requests").and_then(Value::as_array).into_iter().flatten() {
                let app = id(part["payload"].get("app"));
                note(app);
                let lists = [&part["payload"]["records"], &part["payload"]["ids"]];
                let records = lists.iter().find_map(|list| list.as_array()).map_or(1, Vec::len);
                let text = |name: &str| part[name].as_str().unwrap_or_default().to_owned();
                seen.parts.push(Part { method: text("method"), api: text("api"), app, records });
            }
        }
        _ => {}
    }
}
