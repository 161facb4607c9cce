//! The one way a call takes: throttle, send, heed the headers, count, classify, repeat where that is safe.

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Url};

use super::classify::{CallInfo, Effect};
use super::client::Kintone;
use super::error::{Class, KintoneError, Right};

/// Longest path with query that is sent as it is; kintone takes 8 KB of URL, its own clients switch here.
const LONGEST_PATH: usize = 4096;

/// A parameter of a GET.
#[derive(Clone, Debug)]
pub(crate) enum Param {
    One(String),
    Many(Vec<String>),
}

/// What goes with a request.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    /// Parameters of a GET; in the URL, or in a body where they are long.
    Params(Vec<(&'static str, Param)>),
    /// A JSON body.
    Json(Bytes),
}

/// A request to one resource.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// `records.json`, without the path in front; or, beginning with a slash, a path of the domain outside of kintone.
    pub(crate) resource: &'static str,
    pub(crate) apps: Vec<u64>,
    pub(crate) effect: Effect,
    pub(crate) right: Right,
    pub(crate) payload: Payload,
}

/// A successful answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    /// Attempts that it took.
    pub(crate) attempts: u64,
}

impl Request {
    /// A read with parameters.
    pub(crate) fn get(resource: &'static str, app: u64, right: Right, params: Vec<(&'static str, Param)>) -> Self {
        let payload = Payload::Params(params);
        Self { method: Method::GET, resource, apps: vec![app], effect: Effect::Read, right, payload }
    }

    /// A write with a JSON body.
    pub(crate) fn write(
        method: Method,
        resource: &'static str,
        apps: Vec<u64>,
        right: Right,
        body: impl Into<Bytes>,
    ) -> Self {
        Self { method, resource, apps, effect: Effect::Write, right, payload: Payload::Json(body.into()) }
    }

    pub(crate) fn info(&self) -> CallInfo {
        let call = format!("{} {}", self.method, self.resource);
        CallInfo { call, apps: self.apps.clone(), effect: self.effect, right: self.right }
    }
}

impl Kintone {
    /// Makes the call, repeating it as its effect allows.
    pub(crate) async fn call(&self, request: &Request) -> Result<Answer, KintoneError> {
        let settings = self.inner.connector.settings();
        let info = request.info();
        let wire = self.wire(request).map_err(|e| info.name(e))?;
        let mut attempt: u32 = 1;
        loop {
            let error = match self.attempt(&wire, &info).await {
                Ok(body) => return Ok(Answer { body, attempts: u64::from(attempt) }),
                Err(error) => error,
            };
            let repeat = match request.effect {
                Effect::Read => error.class.is_temporary(),
                Effect::Write => error.class == Class::Refused,
            };
            if !repeat || attempt >= settings.retry.tries {
                return Err(error);
            }
            let wait = settings.retry.delay(attempt, settings.pause.jitter());
            tracing::debug!(call = info.call, attempt, wait_ms = wait.as_millis(), error = %error, "call is repeated");
            settings.pause.pause(wait).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, wire: &Wire, info: &CallInfo) -> Result<Bytes, KintoneError> {
        let _pass = self.inner.throttle.enter().await;
        self.calls().add(&info.apps);
        let mut builder = self.inner.connector.http().request(wire.method.clone(), wire.url.clone());
        builder = builder.headers(self.inner.headers.clone());
        if let Some(over) = wire.over {
            builder = builder.header("x-http-method-override", over);
        }
        if let Some(body) = &wire.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = builder.send().await.map_err(|e| info.transport(&e))?;
        let status = response.status();
        let headers = response.headers().clone();
        self.heed(&headers);
        let body = response.bytes().await.map_err(|e| info.transport(&e))?;
        if !status.is_success() {
            return Err(info.answer(status.as_u16(), text(&headers, "x-cybozu-error"), &body));
        }
        match text(&headers, "x-cybozu-warning") {
            Some(warning) if info.effect == Effect::Read => {
                Err(info.error(Class::Incomplete, format!("the search was cut, the result is incomplete: {warning}")))
            }
            Some(warning) => {
                tracing::warn!(call = info.call, warning, "kintone warns");
                Ok(body)
            }
            None => Ok(body),
        }
    }

    /// Takes note of how many requests the domain is running.
    pub(crate) fn heed(&self, headers: &HeaderMap) {
        let number = |name| text(headers, name).and_then(|t| t.trim().parse::<u64>().ok());
        if let (Some(limit), Some(running)) = (number("x-concurrencylimit-limit"), number("x-concurrencylimit-running"))
        {
            self.inner.throttle.heed(limit, running);
        }
    }

    fn wire(&self, request: &Request) -> Result<Wire, KintoneError> {
        let path = match request.resource.starts_with('/') {
            true => request.resource.to_owned(),
            false => self.api(request.resource),
        };
        let address = format!("{}{path}", self.inner.base);
        let mut url = Url::parse(&address).map_err(|e| KintoneError::local(format!("the URL cannot be made: {e}")))?;
        match &request.payload {
            Payload::Json(body) => {
                Ok(Wire { method: request.method.clone(), over: None, url, body: Some(body.clone()) })
            }
            Payload::Params(params) => {
                let mut long = url.clone();
                write_query(&mut long, params);
                if long.path().len() + long.query().map_or(0, str::len) < LONGEST_PATH {
                    return Ok(Wire { method: request.method.clone(), over: None, url: long, body: None });
                }
                url.set_query(None);
                let body = Some(Bytes::from(json_params(params)));
                Ok(Wire { method: Method::POST, over: Some("GET"), url, body })
            }
        }
    }
}

/// A request as it goes out, the same on every attempt.
struct Wire {
    method: Method,
    over: Option<&'static str>,
    url: Url,
    body: Option<Bytes>,
}

/// A header as text; what is not text is as good as absent.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn write_query(url: &mut Url, params: &[(&'static str, Param)]) {
    let mut pairs = url.query_pairs_mut();
    for (name, param) in params {
        match param {
            Param::One(value) => {
                pairs.append_pair(name, value);
            }
            Param::Many(values) => {
                for (at, value) in values.iter().enumerate() {
                    pairs.append_pair(&format!("{name}[{at}]"), value);
                }
            }
        }
    }
}

fn json_params(params: &[(&'static str, Param)]) -> Vec<u8> {
    let object: serde_json::Map<String, serde_json::Value> = params
        .iter()
        .map(|(name, param)| {
            let value = match param {
                Param::One(value) => value.as_str().into(),
                Param::Many(values) => values.as_slice().into(),
            };
            ((*name).to_owned(), value)
        })
        .collect();
    serde_json::Value::Object(object).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kintone::{Connection, Credential, Settings};

    fn request(query: &str) -> Request {
        let fields = Param::Many(vec!["$id".into(), "数量".into()]);
        Request::get(
            "records.json",
            3,
            Right::ViewRecords,
            vec![("query", Param::One(query.into())), ("fields", fields)],
        )
    }

    fn client() -> Kintone {
        let connection = Connection::new("https://a.cybozu.com/", Credential::tokens("t")).in_guest_space(7);
        Kintone::new(connection, Settings::default()).unwrap()
    }

    #[test]
    fn short_parameters_stand_in_the_url() {
        let wire = client().wire(&request("a = 1")).unwrap();
        let url = "https://a.cybozu.com/k/guest/7/v1/records.json?query=a+%3D+1&fields%5B0%5D=%24id&fields%5B1%5D=%E6%95%B0%E9%87%8F";
        assert_eq!((wire.url.as_str(), wire.method, wire.over, wire.body), (url, Method::GET, None, None));
    }

    #[test]
    fn long_parameters_stand_in_a_body() {
        let wire = client().wire(&request(&"あ".repeat(500))).unwrap();
        assert_eq!((wire.url.as_str(), wire.method), ("https://a.cybozu.com/k/guest/7/v1/records.json", Method::POST));
        assert_eq!(wire.over, Some("GET"));
        let body: serde_json::Value = serde_json::from_slice(&wire.body.unwrap()).unwrap();
        assert_eq!(body["fields"][1], "数量");
        assert_eq!(body["query"].as_str().unwrap().chars().count(), 500);
    }
}
