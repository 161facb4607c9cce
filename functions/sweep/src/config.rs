//! The function's settings, all problems in one message.

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
        let [table, queue_url] = ["SUIRO_TABLE", "SUIRO_QUEUE_URL"].map(|name| (name, std::env::var(name).ok()));
        match (table, queue_url) {
            ((_, Some(table)), (_, Some(queue_url))) => Ok(Self { table, queue_url }),
            (table, queue) => {
                let missing = [table, queue].into_iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name);
                Err(format!("not set: {}", missing.collect::<Vec<_>>().join(", ")))
            }
        }
    }
}
