//! The function's settings, all problems in one message.

use model::settings::Settings;

/// What api needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The queue of nudges.
    pub queue_url: String,
}

impl Config {
    /// From `SUIRO_TABLE` and `SUIRO_QUEUE_URL`; the error names every variable that is missing.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads api's environment")]
    pub fn from_env() -> Result<Self, String> {
        Self::from(|name| std::env::var(name).ok())
    }

    fn from(get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut settings = Settings::new(&get);
        let config = Self { table: settings.need("SUIRO_TABLE"), queue_url: settings.need("SUIRO_QUEUE_URL") };
        settings.all(config)
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        assert_eq!(Config::from(|_| None), Err("not set: SUIRO_TABLE, SUIRO_QUEUE_URL".into()));
        let config = Config::from(|name| Some(name.to_lowercase()));
        assert_eq!(config, Ok(Config { table: "suiro_table".into(), queue_url: "suiro_queue_url".into() }));
    }
}
