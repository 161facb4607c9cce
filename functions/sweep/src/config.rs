//! The function's settings, all problems in one message.

use model::settings::Settings;

/// What sweep needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The queue of nudges.
    pub queue_url: String,
}

impl Config {
    /// From `SUIRO_TABLE` and `SUIRO_QUEUE_URL`; the error names every variable that is missing.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads sweep's environment")]
    pub fn from_env() -> Result<Self, String> {
        let get = |name: &str| std::env::var(name).ok();
        let mut settings = Settings::new(&get);
        let config = Self { table: settings.need("SUIRO_TABLE"), queue_url: settings.need("SUIRO_QUEUE_URL") };
        settings.all(config)
    }
}
