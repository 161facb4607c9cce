//! The peers: Python scripts that answer many cases in one process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command};

use super::answer::Answer;
use super::case::Case;

/// A program beside Suiro.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// SQL
    DuckDb,
    /// Data frames
    Polars,
}

impl Peer {
    /// Both.
    pub const ALL: [Self; 2] = [Self::DuckDb, Self::Polars];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "DuckDB",
            Self::Polars => "Polars",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::DuckDb => "relations/duckdb_peer.py",
            Self::Polars => "relations/polars_peer.py",
        }
    }
}

/// The answers of both peers to the cases, by the case's number. The peers run at the same time.
pub fn ask(cases: &[Case]) -> Result<BTreeMap<Peer, BTreeMap<usize, Answer>>, String> {
    let told = |e: std::io::Error| e.to_string();
    let folder = tempfile::tempdir().map_err(told)?;
    let questions = folder.path().join("cases.jsonl");
    let mut file = BufWriter::new(File::create(&questions).map_err(told)?);
    for case in cases {
        writeln!(file, "{}", case.json()).map_err(told)?;
    }
    file.into_inner().map_err(|e| e.to_string())?;
    let place = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Installed first, once: two processes must not do it at the same time.
    let ready = Command::new(place.join("peers")).arg("--install").output().map_err(told)?;
    if !ready.status.success() {
        return Err(String::from_utf8_lossy(&ready.stderr).into_owned());
    }
    let start = |peer: Peer| {
        let answers = folder.path().join(peer.name());
        let mut command = Command::new(place.join("peers"));
        command.arg(place.join(peer.script())).arg(&questions).arg(&answers).env("POLARS_MAX_THREADS", "1");
        command.spawn().map(|child| (peer, child, answers)).map_err(told)
    };
    let running = Peer::ALL.map(start);
    let mut all = BTreeMap::new();
    for started in running {
        let (peer, child, answers) = started?;
        wait(peer, child)?;
        let mut of_peer = BTreeMap::new();
        for line in BufReader::new(File::open(&answers).map_err(told)?).lines() {
            let line = line.map_err(told)?;
            let answer: Answer = serde_json::from_str(&line).map_err(|e| format!("{}: {e}: {line}", peer.name()))?;
            of_peer.insert(answer.id, answer);
        }
        all.insert(peer, of_peer);
    }
    Ok(all)
}

fn wait(peer: Peer, mut child: Child) -> Result<(), String> {
    let status = child.wait().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", peer.name())) }
}
