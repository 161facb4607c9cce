//! Webhooks that notices are sent to: Slack, Teams, and whatever takes their form.

use async_trait::async_trait;
use model::ports::{MessageError, Messenger};
use reqwest::Url;
use serde_json::Value as Json;

use crate::kintone::{Connector, public_host};

/// Sends messages with the connector's HTTP client: no redirect, no proxy, and no name that resolves to a private address.
#[derive(Clone, Debug)]
pub struct Webhooks(Connector);

impl Webhooks {
    /// With the client and the settings of a connector.
    pub fn new(connector: Connector) -> Self {
        Self(connector)
    }

    /// Whether a message could go to this URL: https at a public host; the local stack also takes others.
    pub fn check(&self, url: &str) -> Result<Url, MessageError> {
        let wrong = |why: &str| Err(MessageError(why.to_owned()));
        let Ok(parsed) = Url::parse(url.trim()) else { return wrong("it is no URL") };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return wrong("the URL holds a name or a password");
        }
        let local = self.0.settings().hosts.allow_local;
        match parsed.scheme() {
            "https" => {}
            "http" if local => {}
            _ => return wrong("the URL must be https"),
        }
        if !local && !parsed.host_str().is_some_and(public_host) {
            return wrong("the host is a loopback or private address");
        }
        Ok(parsed)
    }
}

#[async_trait]
impl Messenger for Webhooks {
    async fn post(&self, url: &str, body: &Json) -> Result<(), MessageError> {
        let url = self.check(url)?;
        // The error's own text may hold the URL, which is a secret.
        let failed = |e: reqwest::Error| MessageError(e.without_url().to_string());
        let answer = self.0.http().post(url).json(body).send().await.map_err(failed)?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(MessageError(format!("the webhook answers {status}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kintone::{HostPolicy, Settings};

    fn webhooks(allow_local: bool) -> Webhooks {
        let hosts = HostPolicy { allow_local, ..HostPolicy::default() };
        Webhooks::new(Connector::new(Settings { hosts, ..Settings::default() }).expect("a connector"))
    }

    #[test]
    fn messages_go_to_public_hosts_over_https() {
        let outside = webhooks(false);
        assert!(outside.check("https://hooks.slack.com/services/T/B/x").is_ok());
        for url in [
            "http://hooks.slack.com/x",
            "https://localhost/x",
            "https://127.0.0.1/x",
            "https://10.0.0.8/x",
            "https://[::1]/x",
            "https://169.254.169.254/x",
            "ftp://example.com/x",
            "https://a:b@example.com/x",
            "x",
        ] {
            assert!(outside.check(url).is_err(), "{url}");
        }
        assert!(webhooks(true).check("http://127.0.0.1:8080/x").is_ok(), "the local stack is told to");
    }
}
