//! The peers: Python scripts that answer many cases in one process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
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

/// What the peers said, as they wrote it: a line of JSON per case.
pub type Said = BTreeMap<Peer, String>;

/// The answers of what the peers said, by the case's number.
pub fn answers(said: &Said) -> Result<BTreeMap<Peer, BTreeMap<usize, Answer>>, String> {
    let of_peer = |(peer, text): (&Peer, &String)| {
        let answer = |line: &str| {
            let answer: Answer = serde_json::from_str(line).map_err(|e| format!("{}: {e}: {line}", peer.name()))?;
            Ok::<_, String>((answer.id, answer))
        };
        Ok((*peer, text.lines().map(answer).collect::<Result<_, _>>()?))
    };
    said.iter().map(of_peer).collect()
}

/// Asks both peers about the cases, at the same time.
pub fn ask(cases: &[Case]) -> Result<Said, String> {
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
        all.insert(peer, std::fs::read_to_string(&answers).map_err(told)?);
    }
    Ok(all)
}

/// The versions that are installed.
pub fn versions() -> Result<String, String> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
    let text = std::fs::read_to_string(list).map_err(|e| e.to_string())?;
    Ok(text.lines().filter(|line| line.contains("==")).collect::<Vec<_>>().join(", "))
}

fn wait(peer: Peer, mut child: Child) -> Result<(), String> {
    let status = child.wait().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", peer.name())) }
}
