//! One flow over generated orders and customers, beside Polars and DuckDB on one thread each, in one run.
//!
//! Filter, left join, two formulas, grouping with sorting, and a running total with sorting (`flow.yaml`). Every side is a
//! process of its own that reads two CSV files, computes and writes two. Two works are measured in turn: *whole*, one run
//! from start to exit, with its peak memory; and *flow*, the flow alone, several times on the tables that were read, of
//! which the first is told apart. Times are compared as CPU time, which other work on the machine leaves alone. The results count first: they must be equal, cell by cell.

mod compare;
mod data;
pub mod ours;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Args;
use serde::Deserialize;

use crate::Outcome;
use crate::measure::{self, Cost, median};
use crate::report::{Table, megabytes, millis, ratio, say};

/// How `bench flow` measures.
#[derive(Debug, Args)]
pub struct Options {
    /// Orders and customers, such as 20000+4000; repeat for several sizes
    #[arg(long = "size", value_parser = size, default_values = ["20000+4000", "200000+20000", "1000000+200000"])]
    sizes: Vec<Size>,
    /// How often each side does each work, in turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How often a process runs the flow where the flow alone is measured; the first run is told apart
    #[arg(long, default_value_t = 4)]
    repeats: usize,
    /// The same seed makes the same files
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leaves the peers out: for profiling
    #[arg(long)]
    alone: bool,
    /// Keeps files here instead of in a temporary folder
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The script that runs Python with the peers
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../oracle/peers"))]
    peers: PathBuf,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    orders: u32,
    customers: u32,
}

fn size(text: &str) -> Result<Size, String> {
    let (orders, customers) = text.split_once('+').ok_or("write orders+customers")?;
    let number = |text: &str| text.parse::<u32>().map_err(|e| format!("{text}: {e}"));
    Ok(Size { orders: number(orders)?, customers: number(customers)? })
}

/// One side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Suiro,
    Polars,
    DuckDb,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Suiro => "Suiro",
            Self::Polars => "Polars",
            Self::DuckDb => "DuckDB",
        }
    }
}

/// What a side's process tells.
#[derive(Debug, Deserialize)]
struct Told {
    wall_ms: Vec<f64>,
    cpu_ms: Vec<f64>,
    version: String,
    threads: usize,
}

/// All that was measured of one side at one size.
#[derive(Debug, Default)]
struct Taken {
    /// CPU time of the first run of each process that runs the flow several times.
    first: Vec<Duration>,
    /// CPU time of the others.
    cpu: Vec<Duration>,
    /// Their wall time.
    wall: Vec<Duration>,
    whole: Vec<Cost>,
    version: String,
}

/// See [`Options`].
pub fn run(options: &Options) -> Outcome<()> {
    let sides: &[Side] = if options.alone { &[Side::Suiro] } else { &[Side::Suiro, Side::Polars, Side::DuckDb] };
    let python = if options.alone { PathBuf::new() } else { python(&options.peers)? };
    say(&format!(
        "The flow on one thread, {} rounds, {} runs each; {}\n",
        options.rounds,
        options.repeats,
        measure::machine()
    ))?;
    let temporary = tempfile::tempdir()?;
    let base = options.folder.as_deref().unwrap_or(temporary.path());
    let mut all = Vec::new();
    for size in &options.sizes {
        let stage = Stage { folder: base.join(size.orders.to_string()), python: &python };
        std::fs::create_dir_all(&stage.folder)?;
        data::write(&stage.folder, size.orders, size.customers, options.seed)?;
        let mut taken: BTreeMap<Side, Taken> = BTreeMap::new();
        for _ in 0..options.rounds {
            for side in sides {
                stage.measure(*side, options.repeats, taken.entry(*side).or_default())?;
            }
        }
        for side in sides.iter().filter(|side| **side != Side::Suiro) {
            let mut rows = Vec::new();
            for file in ["groups.csv", "detail.csv"] {
                let file = |side| stage.results(side).join(file);
                rows.push(
                    compare::same(&file(Side::Suiro), &file(*side)).map_err(|e| format!("{}: {e}", side.name()))?,
                );
            }
            say(&format!(
                "{} orders: {} groups and {} rows equal those of {}",
                size.orders,
                rows[0],
                rows[1],
                side.name()
            ))?;
        }
        all.push((*size, taken));
    }
    say("")?;
    say(&figures(&all).markdown())?;
    if options.alone {
        return Ok(());
    }
    let (table, kept) = promises(&all);
    say(&table.markdown())?;
    if kept { Ok(()) } else { Err("a promise is not kept".into()) }
}

/// The Python that has the peers.
fn python(script: &Path) -> Outcome<PathBuf> {
    let done = Command::new(script).arg("--install").output()?;
    if !done.status.success() {
        return Err(format!("{}: {}", script.display(), String::from_utf8_lossy(&done.stderr)).into());
    }
    Ok(PathBuf::from(String::from_utf8(done.stdout)?.trim()))
}

/// What a size's measurement stands on.
struct Stage<'a> {
    folder: PathBuf,
    python: &'a Path,
}

impl Stage<'_> {
    fn results(&self, side: Side) -> PathBuf {
        self.folder.join(side.name())
    }

    /// One process that runs the flow once, and one that runs it several times.
    fn measure(&self, side: Side, repeats: usize, taken: &mut Taken) -> Outcome<()> {
        let (cost, told) = self.process(side, 1)?;
        taken.whole.push(cost);
        taken.version = told.version;
        let (_, told) = self.process(side, repeats.max(2))?;
        let times = |ms: &[f64]| ms.iter().map(|ms| Duration::from_secs_f64(ms / 1e3)).collect::<Vec<_>>();
        let (wall, cpu) = (times(&told.wall_ms), times(&told.cpu_ms));
        taken.first.extend(cpu.first());
        taken.cpu.extend(cpu.iter().skip(1));
        taken.wall.extend(wall.iter().skip(1));
        Ok(())
    }

    fn process(&self, side: Side, repeats: usize) -> Outcome<(Cost, Told)> {
        const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");
        let mut command = match side {
            Side::Suiro => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("flow-once");
                command
            }
            Side::Polars | Side::DuckDb => {
                let mut command = Command::new(self.python);
                command.arg(format!("{PEERS}/{}_flow.py", side.name().to_lowercase())).env("POLARS_MAX_THREADS", "1");
                command
            }
        };
        let results = self.results(side);
        std::fs::create_dir_all(&results)?;
        command.arg(&self.folder).arg(&results).arg(repeats.to_string());
        let mut out = tempfile::tempfile()?;
        let cost = measure::child(&mut command, out.try_clone()?)?;
        let mut text = String::new();
        out.rewind()?;
        File::read_to_string(&mut out, &mut text)?;
        let told: Told = serde_json::from_str(&text)?;
        if told.threads != 1 {
            return Err(format!("{} ran on {} threads", side.name(), told.threads).into());
        }
        Ok((cost, told))
    }
}

impl Taken {
    /// CPU time of the flow alone. All sides have one thread, so it is the wall time of a machine with nothing else to do.
    fn flow(&self) -> Duration {
        median(self.cpu.iter().copied())
    }

    fn peak_kib(&self) -> u64 {
        median(self.whole.iter().map(|c| c.peak_kib))
    }
}

fn figures(all: &[(Size, BTreeMap<Side, Taken>)]) -> Table {
    let mut table = Table::new([
        "orders + customers",
        "side",
        "flow, CPU",
        "to Suiro's",
        "flow, wall",
        "flow, first run of a process, CPU",
        "read, flow, write: wall",
        "CPU",
        "peak memory",
    ]);
    for (size, taken) in all {
        let ours = taken.get(&Side::Suiro).map_or(Duration::ZERO, Taken::flow);
        for (side, taken) in taken {
            table.row([
                format!("{} + {}", size.orders, size.customers),
                format!("{} {}", side.name(), taken.version),
                millis(taken.flow()),
                ratio(taken.flow().as_secs_f64(), ours.as_secs_f64()),
                millis(median(taken.wall.iter().copied())),
                millis(median(taken.first.iter().copied())),
                millis(median(taken.whole.iter().map(|c| c.wall))),
                millis(median(taken.whole.iter().map(|c| c.cpu))),
                megabytes(taken.peak_kib()),
            ]);
        }
    }
    table
}

/// What is promised of the flow, and whether all of it was kept.
fn promises(all: &[(Size, BTreeMap<Side, Taken>)]) -> (Table, bool) {
    let mut table = Table::new(["promise", "found", "kept"]);
    let mut all_kept = true;
    let mut row = |promise: String, found: String, kept: bool| {
        all_kept &= kept;
        table.row([promise, found, if kept { "yes" } else { "NO" }.to_owned()]);
    };
    for (size, taken) in all {
        let time = |side| taken.get(&side).map_or(f64::NAN, |t| t.flow().as_secs_f64());
        let of = |side| time(Side::Suiro) / time(side);
        let orders = size.orders;
        row(
            format!("{orders} orders: not slower than Polars"),
            format!("{:.2} of its time", of(Side::Polars)),
            of(Side::Polars) <= 1.0,
        );
        if orders == 200_000 {
            row(
                format!("{orders} orders: at most 0.7 of DuckDB's time"),
                format!("{:.2}", of(Side::DuckDb)),
                of(Side::DuckDb) <= 0.7,
            );
        }
        if orders == 1_000_000 {
            let peak = taken.get(&Side::Suiro).map_or(0, Taken::peak_kib);
            row(format!("{orders} orders: peak memory under 500 MB"), megabytes(peak), peak * 1024 < 500_000_000);
        }
    }
    (table, all_kept)
}
