//! The peer: cli-kintone, as its users run it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

/// An installed cli-kintone.
#[derive(Debug)]
pub struct Peer {
    script: PathBuf,
    /// Its version, as its package says.
    pub version: String,
}

impl Peer {
    /// Finds it in a folder in which `npm ci` was run.
    pub fn find(clients: &Path) -> Outcome<Self> {
        let package = clients.join("node_modules/@kintone/cli");
        let described = std::fs::read(package.join("package.json"));
        let described = described.map_err(|_| format!("no cli-kintone: run `npm ci` in {}", clients.display()))?;
        let described: serde_json::Value = serde_json::from_slice(&described)?;
        let version = described["version"].as_str().unwrap_or("of unknown version").to_owned();
        Ok(Self { script: package.join("cli.js"), version })
    }

    /// `cli-kintone record export`, which prints CSV.
    pub fn export(&self, base_url: &str, app: u64, token: &str) -> Command {
        self.record("export", base_url, app, token)
    }

    /// `cli-kintone record import` of new records.
    pub fn import(&self, base_url: &str, app: u64, token: &str, file: &Path) -> Command {
        let mut command = self.record("import", base_url, app, token);
        command.arg("--file-path").arg(file);
        command
    }

    fn record(&self, what: &str, base_url: &str, app: u64, token: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(&self.script).args(["record", what, "--base-url", base_url, "--app", &app.to_string()]);
        command.args(["--api-token", token]);
        // A proxy of the environment has no business with localhost.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command
    }
}
