//! Where a kintone is, and who asks: base URL, guest space, credential, and which hosts may be spoken to at all.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::ports::Credential as Stored;
use reqwest::Url;

/// Text that prints as `***`, always.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How a connection proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// API tokens, one per app that is touched; kintone takes at most nine.
    ApiTokens(Vec<Secret>),
    /// Login name and password.
    Password {
        /// Login name.
        user: String,
        /// Password.
        password: Secret,
    },
}

impl Credential {
    /// API tokens from a comma list, as kintone's own header has it. Blanks around a token are dropped.
    pub fn tokens(list: &str) -> Self {
        Self::ApiTokens(list.split(',').map(str::trim).filter(|t| !t.is_empty()).map(Secret::new).collect())
    }

    /// Login name and password.
    pub fn password(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Password { user: user.into(), password: Secret::new(password) }
    }
}

/// One kintone, seen with one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// `https://example.cybozu.com`; a path in front of `/k` is kept.
    pub base_url: String,
    /// The guest space that all apps of this connection live in.
    pub guest_space: Option<u64>,
    /// Who asks.
    pub credential: Credential,
    /// User and password of a Basic authentication in front of kintone.
    pub basic: Option<(String, Secret)>,
}

impl Connection {
    /// A connection without guest space and without Basic authentication.
    pub fn new(base_url: impl Into<String>, credential: Credential) -> Self {
        Self { base_url: base_url.into(), guest_space: None, credential, basic: None }
    }

    /// As it is stored: where it is, and what the vault holds for it.
    pub fn stored(base_url: &str, guest_space: Option<u64>, credential: &Stored) -> Self {
        let (who, basic) = match credential {
            Stored::Tokens { tokens, basic } => {
                (Credential::ApiTokens(tokens.iter().map(|t| Secret::new(t.clone())).collect()), basic.as_ref())
            }
            // No credential of kintone: opening says so.
            Stored::Webhook { .. } => (Credential::ApiTokens(Vec::new()), None),
            Stored::Password { login, basic } => {
                (Credential::password(login.name.clone(), login.password.clone()), basic.as_ref())
            }
        };
        let basic = basic.map(|login| (login.name.clone(), Secret::new(login.password.clone())));
        Self { guest_space, basic, ..Self::new(base_url, who) }
    }

    /// In a guest space.
    pub fn in_guest_space(mut self, space: u64) -> Self {
        self.guest_space = Some(space);
        self
    }

    /// With Basic authentication in front.
    pub fn with_basic(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.basic = Some((user.into(), Secret::new(password)));
        self
    }
}

/// Why a connection cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// The base URL cannot be read as one.
    #[error("the base URL is not a URL: {0}")]
    NotAUrl(String),
    /// The base URL carries a user, a query or a fragment.
    #[error("the base URL must not carry a user, a query or a fragment")]
    Extra,
    /// Another scheme than https (or http to a local address that the deployment allows).
    #[error("{0} is not allowed; kintone is spoken to by https")]
    Scheme(String),
    /// A host that is neither kintone's nor allowed by the deployment.
    #[error("the host {0} is neither kintone's nor allowed by this deployment")]
    Host(String),
    /// Nothing to prove who asks, or more tokens than kintone takes.
    #[error("{0}")]
    Credential(&'static str),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

/// Which hosts a deployment may speak to. kintone's own are always in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPolicy {
    /// Further host names, each exact or with a leading `*.` for all names below it.
    pub allowed: Vec<String>,
    /// Loopback and private addresses, and http to them: for the local stack and tests.
    pub allow_local: bool,
}

/// Domains of kintone: Japan, the USA, China.
const KINTONE_DOMAINS: [&str; 3] = ["*.cybozu.com", "*.kintone.com", "*.cybozu.cn"];

impl HostPolicy {
    /// Checks a connection's base URL and returns it without a slash at its end.
    pub fn check(&self, base_url: &str) -> Result<Url, ConnectionError> {
        let url = Url::parse(base_url.trim()).map_err(|e| ConnectionError::NotAUrl(e.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(ConnectionError::Extra);
        }
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        let local = is_local_name(&host) || literal(&host).is_some_and(is_local_address);
        let listed = self.allowed.iter().any(|pattern| matches_host(pattern, &host));
        match url.scheme() {
            "https" => {}
            "http" if self.allow_local && (local || listed) => {}
            other => return Err(ConnectionError::Scheme(other.to_owned())),
        }
        let allowed =
            if local { self.allow_local } else { listed || KINTONE_DOMAINS.iter().any(|d| matches_host(d, &host)) };
        if allowed { Ok(url) } else { Err(ConnectionError::Host(host)) }
    }
}

fn matches_host(pattern: &str, host: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => host == pattern,
    }
}

fn is_local_name(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether a host's name, as far as it tells, is no loopback and no private address.
pub(crate) fn public_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    !is_local_name(&host) && !literal(&host).is_some_and(is_local_address)
}

/// True for addresses that no public service has: loopback, private, link-local, shared, unspecified.
pub(crate) fn is_local_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_local_v4(v4),
        IpAddr::V6(v6) => is_local_v6(v6),
    }
}

fn is_local_v4(a: Ipv4Addr) -> bool {
    let [first, second, ..] = a.octets();
    // 0/8 "this network", 100.64/10 shared by carriers (and used inside clouds), beside what std knows.
    let shared = first == 100 && (second & 0xc0) == 64;
    first == 0
        || shared
        || a.is_loopback()
        || a.is_private()
        || a.is_link_local()
        || a.is_broadcast()
        || a.is_multicast()
}

fn is_local_v6(a: Ipv6Addr) -> bool {
    if let Some(v4) = a.to_ipv4_mapped() {
        return is_local_v4(v4);
    }
    let first = a.segments()[0];
    let unique_local = first & 0xfe00 == 0xfc00;
    let link_local = first & 0xffc0 == 0xfe80;
    a.is_loopback() || a.is_unspecified() || a.is_multicast() || unique_local || link_local
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> HostPolicy {
        HostPolicy { allow_local: true, allowed: vec![] }
    }

    #[test]
    fn kintone_is_reached_by_https_alone() {
        let policy = HostPolicy::default();
        for good in
            ["https://a.cybozu.com", "https://a.s.kintone.com/", "https://A.Cybozu.CN", "https://a.cybozu.com:443"]
        {
            assert!(policy.check(good).is_ok(), "{good}");
        }
        for bad in
            ["http://a.cybozu.com", "ftp://a.cybozu.com", "a.cybozu.com", "https://cybozu.com", "https://.cybozu.com"]
        {
            assert!(policy.check(bad).is_err(), "{bad}");
        }
        for bad in [
            "https://evilcybozu.com",
            "https://a.cybozu.com.evil.example",
            "https://u:p@a.cybozu.com",
            "https://a.cybozu.com/?q",
        ] {
            assert!(policy.check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn local_addresses_need_consent_in_every_spelling() {
        let urls = [
            "http://localhost:1",
            "http://127.0.0.1:1",
            "http://127.1",
            "http://2130706433",
            "https://10.0.0.1",
            "https://169.254.169.254",
            "https://[::1]",
            "https://[::ffff:10.0.0.1]",
            "https://[fd00::1]",
            "http://x.localhost",
        ];
        for url in urls {
            assert!(HostPolicy::default().check(url).is_err(), "{url}");
            assert!(local().check(url).is_ok(), "{url}");
        }
        let listing = HostPolicy { allowed: vec!["127.0.0.1".into()], allow_local: false };
        assert!(listing.check("https://127.0.0.1").is_err(), "a list does not open local addresses");
    }

    #[test]
    fn further_hosts_are_those_of_the_list() {
        let policy =
            HostPolicy { allowed: vec!["kintone.example".into(), "*.corp.example".into()], allow_local: false };
        assert!(policy.check("https://kintone.example").is_ok());
        assert!(policy.check("https://a.corp.example").is_ok());
        for bad in ["https://corp.example", "https://x.kintone.example", "http://kintone.example"] {
            assert!(policy.check(bad).is_err(), "{bad}");
        }
        assert!(local().check("https://example.org").is_err(), "local consent opens no public host");
    }

    #[test]
    fn secrets_never_print() {
        let connection =
            Connection::new("https://a.cybozu.com", Credential::tokens("TOPSECRET, other")).with_basic("u", "hidden");
        let printed = format!("{connection:?} {:?}", Credential::password("sato", "geheim"));
        for word in ["TOPSECRET", "other", "hidden", "geheim"] {
            assert!(!printed.contains(word), "{printed}");
        }
        assert!(printed.contains("***") && printed.contains("sato"));
    }
}
