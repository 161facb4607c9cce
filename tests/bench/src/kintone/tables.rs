//! The tables of `bench kintone`: all medians, and the ratios that are promised.

use super::{Done, Medians, Side, Work, medians};
use crate::report::{Table, megabytes, ratio, seconds};

const WORKS: [Work; 3] = [Work::ReadDense, Work::ReadSparse, Work::Insert];

impl Work {
    fn words(self) -> &'static str {
        match self {
            Self::ReadDense => "read, dense ids",
            Self::ReadSparse => "read, sparse ids (a tenth filled)",
            Self::Insert => "insert",
        }
    }
}

impl Side {
    fn words(self) -> &'static str {
        match self {
            Self::Suiro => "Suiro",
            Self::CliKintone => "cli-kintone",
        }
    }
}

/// One line while the measurement goes on.
pub fn progress(done: &Done) -> String {
    let (wall, peak) = (seconds(done.cost.wall), megabytes(done.cost.peak_kib));
    let (records, checksum) = (done.seal.records, &done.seal.checksum[..12]);
    format!(
        "{}, {}: {wall}, {} calls, {peak}; {records} records, checksum {checksum}",
        done.work.words(),
        done.side.words(),
        done.calls
    )
}

/// Medians of every work of every side.
pub fn all(done: &[Done]) -> Table {
    let mut table = Table::new([
        "work",
        "side",
        "wall",
        "CPU",
        "calls",
        "simulator's own work",
        "records per write call",
        "peak memory",
        "result",
    ]);
    for work in WORKS {
        for side in [Side::Suiro, Side::CliKintone] {
            let Some(found) = medians(done, work, side) else { continue };
            let mut of = done.iter().filter(|one| one.work == work && one.side == side);
            let seal = of.next().map_or_else(String::new, |one| {
                format!("{} records, checksum {}", one.seal.records, &one.seal.checksum[..12])
            });
            let per_call = if work == Work::Insert { found.most_in_a_call.to_string() } else { String::new() };
            table.row([
                work.words().to_owned(),
                side.words().to_owned(),
                seconds(found.wall),
                seconds(found.cpu),
                found.calls.to_string(),
                if work == Work::Insert { seconds(found.beyond) } else { String::new() },
                per_call,
                megabytes(found.peak_kib),
                seal,
            ]);
        }
    }
    table
}

/// What is promised, what was found, and whether the promise is kept.
pub fn ratios(done: &[Done]) -> Table {
    let mut table = Table::new(["promise", "found", "kept"]);
    for work in WORKS {
        let both = (medians(done, work, Side::Suiro), medians(done, work, Side::CliKintone));
        let (Some(ours), Some(theirs)) = both else { continue };
        let (faster, calls) = match work {
            Work::ReadDense => (6.0, Some(1.0)),
            Work::ReadSparse => (6.0, Some(1.1)),
            Work::Insert => (2.0, None),
        };
        for (promise, found, kept) in promises(&ours, &theirs, faster, calls) {
            let kept = if kept { "yes" } else { "**no**" };
            table.row([format!("{}: {promise}", work.words()), found, kept.to_owned()]);
        }
        if work == Work::Insert {
            let kept = if ours.most_in_a_call == 1_900 { "yes" } else { "**no**" };
            let promise = format!("{}: in order, 1,900 records per call", work.words());
            table.row([promise, ours.most_in_a_call.to_string(), kept.to_owned()]);
            let bare = |side: &Medians| side.wall.saturating_sub(side.beyond).as_secs_f64();
            let what = format!("{}: speed without the simulator's own work on both sides (no promise)", work.words());
            table.row([what, format!("{} times", ratio(bare(&theirs), bare(&ours))), String::new()]);
        }
    }
    table
}

fn promises(ours: &Medians, theirs: &Medians, faster: f64, calls: Option<f64>) -> Vec<(String, String, bool)> {
    let (our_wall, their_wall) = (ours.wall.as_secs_f64(), theirs.wall.as_secs_f64());
    let (our_peak, their_peak) = (ours.peak_kib as f64, theirs.peak_kib as f64);
    let mut all = vec![
        (
            format!("at least {faster} times as fast"),
            format!("{} times", ratio(their_wall, our_wall)),
            their_wall >= faster * our_wall,
        ),
        (
            "at most half the peak memory".to_owned(),
            format!("{} of it", ratio(our_peak, their_peak)),
            our_peak * 2.0 <= their_peak,
        ),
    ];
    if let Some(most) = calls {
        let (our_calls, their_calls) = (ours.calls as f64, theirs.calls as f64);
        all.push((
            if most > 1.0 { "at most a tenth more calls".to_owned() } else { "no more calls".to_owned() },
            format!("{} and {}", ours.calls, theirs.calls),
            our_calls <= their_calls * most,
        ));
    }
    all
}
