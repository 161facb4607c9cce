//! Reading and inserting of many records beside cli-kintone, in one run against one simulated kintone.
//!
//! The simulator lives in this process, each side in a child of its own, in turn. What came out is compared with what
//! the simulator holds before any figure counts.

mod data;
pub mod ours;
mod peer;
mod tables;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;
use sim::{ALL_RIGHTS, AppSpec, Control, IdPattern, Record, Sim};

use crate::Outcome;
use crate::measure::{self, Cost, median};
use crate::report::say;
use data::Seal;
use peer::Peer;

/// How `bench kintone` measures.
#[derive(Debug, Args)]
pub struct Options {
    /// Records to read and to insert
    #[arg(long, default_value_t = 100_000)]
    records: u64,
    /// How long the simulator works on each call, in milliseconds
    #[arg(long, default_value_t = 50)]
    service_time_ms: u64,
    /// How often each side does each work; medians are told
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Works to do; all of them where none is named
    #[arg(long, value_enum)]
    only: Vec<Work>,
    /// Threads of our side
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Leaves cli-kintone out: for profiling
    #[arg(long)]
    alone: bool,
    /// The folder in which `npm ci` installed cli-kintone
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/clients"))]
    clients: PathBuf,
}

/// One work that both sides do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// Read an app whose ids follow one another
    ReadDense,
    /// Read an app of whose ids a tenth is filled
    ReadSparse,
    /// Insert into an empty app
    Insert,
}

/// One side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Suiro,
    CliKintone,
}

/// One work of one side, done once.
#[derive(Clone, Debug)]
pub struct Done {
    work: Work,
    side: Side,
    cost: Cost,
    /// Calls that the simulator received.
    calls: u64,
    /// What the simulator's own work took beyond the service time, over all calls. Calls at once overlap.
    beyond: Duration,
    /// Most records of the app in one call, where it writes.
    most_in_a_call: usize,
    seal: Seal,
}

/// The medians of a work of a side.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    wall: Duration,
    cpu: Duration,
    peak_kib: u64,
    calls: u64,
    beyond: Duration,
    most_in_a_call: usize,
}

/// See [`Options`].
pub fn run(options: &Options) -> Outcome<()> {
    let peer = if options.alone { None } else { Some(Peer::find(&options.clients)?) };
    let beside = peer.as_ref().map_or("nobody".to_owned(), |peer| format!("cli-kintone {}", peer.version));
    say(&format!(
        "Suiro beside {beside}: {} records, {} ms per call, {} rounds; {}\n",
        options.records,
        options.service_time_ms,
        options.rounds,
        measure::machine()
    ))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let sim = runtime.block_on(Sim::start(sim::Options::default()))?;
    sim.control().switch(|s| s.service_time_ms = options.service_time_ms);
    let stage = Stage { sim, peer, folder: tempfile::tempdir()?, threads: options.threads };
    let all = [Work::ReadDense, Work::ReadSparse, Work::Insert];
    let mut done = Vec::new();
    for work in all.into_iter().filter(|work| options.only.is_empty() || options.only.contains(work)) {
        done.extend(stage.measure(work, options)?);
    }
    say(&tables::all(&done).markdown())?;
    say(&tables::ratios(&done).markdown())?;
    runtime.block_on(stage.sim.stop());
    Ok(())
}

/// What a measurement stands on.
struct Stage {
    sim: Sim,
    peer: Option<Peer>,
    folder: tempfile::TempDir,
    threads: usize,
}

impl Stage {
    fn control(&self) -> Control {
        self.sim.control()
    }

    /// Both sides in turn, so that a slow moment of the machine does not strike one of them alone.
    fn measure(&self, work: Work, options: &Options) -> Outcome<Vec<Done>> {
        let control = self.control();
        let source = control.create_app(data::app("元"))?;
        let ids = if work == Work::ReadSparse { IdPattern::Sparse } else { IdPattern::Dense };
        data::fill(&control, source, options.records, ids)?;
        let records = control.records(source);
        let csv = self.folder.path().join("insert.csv");
        data::write_csv(&records, &csv)?;
        let mut done = Vec::new();
        for _ in 0..options.rounds {
            for side in [Side::Suiro, Side::CliKintone] {
                if side == Side::CliKintone && self.peer.is_none() {
                    continue;
                }
                let one = match work {
                    Work::Insert => self.insert(side, &records, &csv)?,
                    Work::ReadDense | Work::ReadSparse => self.read(work, side, source, &records)?,
                };
                say(&tables::progress(&one))?;
                done.push(one);
            }
        }
        Ok(done)
    }

    fn read(&self, work: Work, side: Side, app: u64, records: &[Record]) -> Outcome<Done> {
        let control = self.control();
        let token = control.add_token(app, &ALL_RIGHTS)?;
        let (out, printed) = (self.folder.path().join("read.csv"), self.folder.path().join("printed"));
        let (mut command, file) = match (side, &self.peer) {
            (Side::CliKintone, Some(peer)) => (peer.export(&self.sim.base_url(), app, &token), &out),
            _ => {
                let mut command = self.ours("read", app, &token)?;
                command.arg("--out").arg(&out);
                (command, &printed)
            }
        };
        control.clear_calls();
        let cost = measure::child(&mut command, File::create(file)?)?;
        let columns: Vec<String> =
            records.first().map_or_else(Vec::new, |record| record.fields.keys().map(|code| code.to_string()).collect());
        let seal = data::seal_of_csv(&out, &columns, &[])?;
        same(&seal, &data::seal_of_records(records, &columns), work, side)?;
        Ok(self.done(work, side, cost, app, seal))
    }

    fn insert(&self, side: Side, records: &[Record], csv: &Path) -> Outcome<Done> {
        let control = self.control();
        let app = control.create_app(data::app("先"))?;
        let text = json!({ "type": "SINGLE_LINE_TEXT" });
        let key = json!({ "type": "SINGLE_LINE_TEXT", "unique": true });
        let log = control.create_app(AppSpec::new("ログ").field(ours::RUN_ID, key).field(ours::JOURNAL, text))?;
        let tokens = format!("{},{}", control.add_token(app, &ALL_RIGHTS)?, control.add_token(log, &ALL_RIGHTS)?);
        let mut command = match (side, &self.peer) {
            (Side::CliKintone, Some(peer)) => peer.import(&self.sim.base_url(), app, &tokens, csv),
            _ => {
                let mut command = self.ours("insert", app, &tokens)?;
                command.arg("--log-app").arg(log.to_string()).arg("--file").arg(csv);
                command
            }
        };
        control.clear_calls();
        let cost = measure::child(&mut command, tempfile::tempfile()?)?;
        let columns: Vec<String> = data::FIELDS.iter().map(|(code, ..)| (*code).to_owned()).collect();
        let seal = data::seal_of_records(&control.records(app), &columns);
        same(&seal, &data::seal_of_records(records, &columns), Work::Insert, side)?;
        Ok(self.done(Work::Insert, side, cost, app, seal))
    }

    fn ours(&self, what: &str, app: u64, token: &str) -> Outcome<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([what, "--base-url", &self.sim.base_url(), "--app", &app.to_string(), "--token", token]);
        command.args(["--threads", &self.threads.to_string()]);
        Ok(command)
    }

    fn done(&self, work: Work, side: Side, cost: Cost, app: u64, seal: Seal) -> Done {
        let calls = self.control().calls();
        let written = |call: &sim::calls::Call| -> usize {
            call.parts.iter().filter(|part| part.app == Some(app)).map(|part| part.records).sum()
        };
        let most_in_a_call = calls.iter().map(written).max().unwrap_or(0);
        let service = Duration::from_millis(self.control().switches().service_time_ms);
        let beyond =
            |call: &sim::calls::Call| call.answered.duration_since(call.at).unsigned_abs().saturating_sub(service);
        let beyond = calls.iter().map(beyond).sum();
        Done { work, side, cost, calls: calls.len() as u64, beyond, most_in_a_call, seal }
    }
}

fn same(found: &Seal, expected: &Seal, work: Work, side: Side) -> Outcome<()> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{work:?} by {side:?} came out wrong: {found:?}, not {expected:?}").into())
}

/// The medians of a work of a side; `None` where it was not done.
pub fn medians(done: &[Done], work: Work, side: Side) -> Option<Medians> {
    let of: Vec<&Done> = done.iter().filter(|one| one.work == work && one.side == side).collect();
    of.first()?;
    Some(Medians {
        wall: median(of.iter().map(|one| one.cost.wall)),
        cpu: median(of.iter().map(|one| one.cost.cpu)),
        peak_kib: median(of.iter().map(|one| one.cost.peak_kib)),
        calls: median(of.iter().map(|one| one.calls)),
        beyond: median(of.iter().map(|one| one.beyond)),
        most_in_a_call: median(of.iter().map(|one| one.most_in_a_call)),
    })
}
