//! The function's settings, all problems in one message.

use model::settings::Settings;

/// What sweep needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The queue of nudges.
    pub queue_url: String,
    /// What the names of credentials in Secrets Manager start with.
    pub secrets_prefix: String,
    /// Hosts beside kintone's own whose apps take notices (comma list).
    pub allowed_hosts: Vec<String>,
    /// Messages to loopback and private addresses too: for the emulator.
    pub allow_local: bool,
}

impl Config {
    /// From `SUIRO_TABLE`, `SUIRO_QUEUE_URL`, `SUIRO_SECRETS_PREFIX`, and if set `SUIRO_ALLOWED_HOSTS` and
    /// `SUIRO_ALLOW_LOCAL=true`; the error names every variable that is missing.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads sweep's environment")]
    pub fn from_env() -> Result<Self, String> {
        let get = |name: &str| std::env::var(name).ok();
        let mut settings = Settings::new(&get);
        let hosts = settings.may("SUIRO_ALLOWED_HOSTS").unwrap_or_default();
        let config = Self {
            table: settings.need("SUIRO_TABLE"),
            queue_url: settings.need("SUIRO_QUEUE_URL"),
            secrets_prefix: settings.need("SUIRO_SECRETS_PREFIX"),
            allowed_hosts: hosts.split(',').map(str::trim).filter(|h| !h.is_empty()).map(str::to_owned).collect(),
            allow_local: settings.may("SUIRO_ALLOW_LOCAL").as_deref() == Some("true"),
        };
        settings.all(config)
    }
}
