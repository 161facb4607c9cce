//! Deployment settings: read by each function's config.rs, with all that is missing in one message.

/// Reads settings and remembers what is missing.
pub struct Settings<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    missing: Vec<&'static str>,
}

impl<'a> Settings<'a> {
    /// Settings from this source: the environment, or a test's.
    pub fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { get, missing: Vec::new() }
    }

    /// One that must be set, and not empty.
    pub fn need(&mut self, name: &'static str) -> String {
        self.may(name).unwrap_or_else(|| {
            self.missing.push(name);
            String::new()
        })
    }

    /// One that may be set; empty is not set.
    pub fn may(&self, name: &str) -> Option<String> {
        (self.get)(name).filter(|value| !value.is_empty())
    }

    /// What was read, or the names of all that is missing.
    pub fn all<T>(self, read: T) -> Result<T, String> {
        if self.missing.is_empty() { Ok(read) } else { Err(format!("not set: {}", self.missing.join(", "))) }
    }
}
