//! The function's settings, all problems in one message.

use model::settings::Settings;

/// What worker needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The queue of nudges.
    pub queue_url: String,
    /// What the names of credentials in Secrets Manager start with.
    pub secrets_prefix: String,
    /// The bucket of units' files.
    pub files_bucket: String,
    /// Hosts beside kintone's own that it may speak to (comma list).
    pub allowed_hosts: Vec<String>,
    /// Loopback and private addresses too: for the local stack and the emulator.
    pub allow_local: bool,
}

impl Config {
    /// From `SUIRO_TABLE`, `SUIRO_QUEUE_URL`, `SUIRO_SECRETS_PREFIX`, `SUIRO_FILES_BUCKET`, and if set `SUIRO_ALLOWED_HOSTS` and
    /// `SUIRO_ALLOW_LOCAL=true`; the error names every variable that is missing.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads worker's environment")]
    pub fn from_env() -> Result<Self, String> {
        Self::from(|name| std::env::var(name).ok())
    }

    fn from(get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut settings = Settings::new(&get);
        let hosts = settings.may("SUIRO_ALLOWED_HOSTS").unwrap_or_default();
        let config = Self {
            table: settings.need("SUIRO_TABLE"),
            queue_url: settings.need("SUIRO_QUEUE_URL"),
            secrets_prefix: settings.need("SUIRO_SECRETS_PREFIX"),
            files_bucket: settings.need("SUIRO_FILES_BUCKET"),
            allowed_hosts: hosts.split(',').map(str::trim).filter(|h| !h.is_empty()).map(str::to_owned).collect(),
            allow_local: settings.may("SUIRO_ALLOW_LOCAL").as_deref() == Some("true"),
        };
        settings.all(config)
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        assert_eq!(
            Config::from(|_| None),
            Err("not set: SUIRO_TABLE, SUIRO_QUEUE_URL, SUIRO_SECRETS_PREFIX, SUIRO_FILES_BUCKET".into())
        );
        let config = Config::from(|name| Some(if name == "SUIRO_ALLOWED_HOSTS" { "a, b".into() } else { "x".into() }));
        let config = config.unwrap();
        assert_eq!(config.allowed_hosts, ["a", "b"]);
        assert!(!config.allow_local);
    }
}
