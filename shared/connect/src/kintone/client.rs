//! The connector (one per process: HTTP client, throttles, settings) and the client of one connection.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::calls::Calls;
use super::connection::{Connection, ConnectionError, Credential, HostPolicy, is_local_address};
use super::retry::{Pause, Retry, TokioPause};
use super::throttle::Throttle;

/// kintone takes at most nine API tokens on one request.
const MOST_TOKENS: usize = 9;

/// How the client behaves; the same for all connections of a process.
#[derive(Clone)]
pub struct Settings {
    /// Which hosts may be spoken to.
    pub hosts: HostPolicy,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a whole answer.
    pub request_timeout: Duration,
    /// Most calls at once per domain.
    pub concurrency: usize,
    /// What kintone is asked to speak, where its user follows the browser.
    pub language: Option<String>,
    /// Repeating of calls.
    pub retry: Retry,
    /// Time and chance.
    pub pause: Arc<dyn Pause>,
}

impl Default for Settings {
    /// Ten calls at once: a tenth of what kintone takes for the whole company, and enough to hide the round trip of a
    /// read. A minute for an answer: kintone's slow calls (a sort over 600,000 records) take about ten seconds.
    fn default() -> Self {
        Self {
            hosts: HostPolicy::default(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            concurrency: 10,
            language: Some("ja".to_owned()),
            retry: Retry::default(),
            pause: Arc::new(TokioPause),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("hosts", &self.hosts).field("retry", &self.retry).finish_non_exhaustive()
    }
}

/// Opens connections. One per process, so that all clients of a domain share one throttle and one pool of sockets.
#[derive(Clone, Debug)]
pub struct Connector(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    http: reqwest::Client,
    throttles: Mutex<HashMap<String, Arc<Throttle>>>,
}

impl Connector {
    /// A connector with these settings.
    pub fn new(settings: Settings) -> Result<Self, ConnectionError> {
        let mut builder = reqwest::Client::builder()
            // A redirect would carry the credential to another host.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.request_timeout)
            // A socket that idled longer may be half-closed (a frozen Lambda wakes with such sockets), and a write on
            // it would end with an unknown outcome.
            .pool_idle_timeout(Duration::from_secs(20))
            .tcp_nodelay(true)
            .user_agent(concat!("suiro/", env!("CARGO_PKG_VERSION")));
        if !settings.hosts.allow_local {
            builder = builder.dns_resolver(PublicNames);
        }
        let http = builder.build().map_err(|e| ConnectionError::Client(e.to_string()))?;
        Ok(Self(Arc::new(Shared { settings, http, throttles: Mutex::default() })))
    }

    /// A client for a connection. Makes no call; fails where the host or the credential cannot be used.
    pub fn open(&self, connection: Connection) -> Result<Kintone, ConnectionError> {
        let url = self.0.settings.hosts.check(&connection.base_url)?;
        let headers = headers(&connection, self.0.settings.language.as_deref())?;
        let origin = url.origin().ascii_serialization();
        let throttle = {
            let mut all = self.0.throttles.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(origin).or_insert_with(|| Throttle::new(self.0.settings.concurrency)).clone()
        };
        let base = url.as_str().trim_end_matches('/').to_owned();
        let api_path = match connection.guest_space {
            Some(space) => format!("/k/guest/{space}/v1/"),
            None => "/k/v1/".to_owned(),
        };
        let inner = Inner { connector: self.clone(), connection, base, api_path, headers, throttle };
        Ok(Kintone { inner: Arc::new(inner), calls: Calls::new() })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }
}

/// The client of one connection. Cheap to clone; clones share the counter of calls.
#[derive(Clone, Debug)]
pub struct Kintone {
    pub(crate) inner: Arc<Inner>,
    calls: Calls,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) connector: Connector,
    pub(crate) connection: Connection,
    /// Base URL without a slash at its end.
    pub(crate) base: String,
    /// `/k/v1/` or `/k/guest/7/v1/`.
    pub(crate) api_path: String,
    /// Credential and language.
    pub(crate) headers: HeaderMap,
    pub(crate) throttle: Arc<Throttle>,
}

impl Kintone {
    /// A client with a connector of its own: for tools and tests. A service makes one [`Connector`].
    pub fn new(connection: Connection, settings: Settings) -> Result<Self, ConnectionError> {
        Connector::new(settings)?.open(connection)
    }

    /// The connection.
    pub fn connection(&self) -> &Connection {
        &self.inner.connection
    }

    /// The counter of this client's calls.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// The same client with another counter: to count the calls of one flow.
    pub fn counting(&self, calls: Calls) -> Self {
        Self { inner: self.inner.clone(), calls }
    }

    /// The path of a resource as a bulk names it: `/k/v1/records.json`.
    pub(crate) fn api(&self, resource: &str) -> String {
        format!("{}{resource}", self.inner.api_path)
    }
}

fn headers(connection: &Connection, language: Option<&str>) -> Result<HeaderMap, ConnectionError> {
    let base64 = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    let mut all: Vec<(&'static str, String)> = Vec::new();
    match &connection.credential {
        Credential::ApiTokens(tokens) => {
            if tokens.is_empty() {
                return Err(ConnectionError::Credential("no API token is given"));
            }
            if tokens.len() > MOST_TOKENS {
                return Err(ConnectionError::Credential("kintone takes at most nine API tokens at once"));
            }
            let list: Vec<&str> = tokens.iter().map(|t| t.reveal()).collect();
            all.push(("x-cybozu-api-token", list.join(",")));
        }
        Credential::Password { user, password } => {
            all.push(("x-cybozu-authorization", base64(format!("{user}:{}", password.reveal()))));
        }
    }
    if let Some((user, password)) = &connection.basic {
        all.push(("authorization", format!("Basic {}", base64(format!("{user}:{}", password.reveal())))));
    }
    let mut headers = HeaderMap::new();
    for (name, text) in all {
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| ConnectionError::Credential("the credential holds characters that a header cannot carry"))?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    if let Some(language) = language {
        let value =
            HeaderValue::from_str(language).map_err(|_| ConnectionError::Credential("the language is not a tag"))?;
        headers.insert(reqwest::header::ACCEPT_LANGUAGE, value);
    }
    Ok(headers)
}

/// Names that resolve to public addresses only: an allowed name that points inside is no way in.
struct PublicNames;

impl reqwest::dns::Resolve for PublicNames {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|a| !is_local_address(a.ip())).collect();
            if public.is_empty() {
                return Err(format!("{host} has no public address").into());
            }
            Ok(Box::new(public.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_headers_that_do_not_print() {
        let connection = Connection::new("https://a.cybozu.com", Credential::tokens("A1, B2")).with_basic("b", "q");
        let headers = headers(&connection, Some("ja")).unwrap();
        assert_eq!(headers["x-cybozu-api-token"], "A1,B2");
        assert_eq!(headers["authorization"], "Basic YjpxAA".trim_end_matches("AA"));
        assert_eq!(headers["accept-language"], "ja");
        assert!(!format!("{headers:?}").contains("A1"));
    }

    #[test]
    fn a_useless_credential_is_refused_before_any_call() {
        let connector = Connector::new(Settings::default()).unwrap();
        for credential in
            [Credential::tokens(" , "), Credential::tokens("1,2,3,4,5,6,7,8,9,10"), Credential::tokens("a\nb")]
        {
            assert!(connector.open(Connection::new("https://a.cybozu.com", credential)).is_err());
        }
    }

    #[test]
    fn connections_of_a_domain_share_a_throttle() {
        let connector = Connector::new(Settings::default()).unwrap();
        let open = |url: &str| connector.open(Connection::new(url, Credential::tokens("t"))).unwrap();
        let (a, b, c) = (open("https://a.cybozu.com"), open("https://A.cybozu.com:443/"), open("https://c.cybozu.com"));
        assert!(Arc::ptr_eq(&a.inner.throttle, &b.inner.throttle));
        assert!(!Arc::ptr_eq(&a.inner.throttle, &c.inner.throttle));
    }
}
