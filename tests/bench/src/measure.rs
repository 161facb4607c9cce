//! Wall time, CPU time and peak memory, of this process's work and of children. The only place that reads a clock.

use std::fs;
use std::io::{Read as _, Seek as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// How often a child's memory and CPU time are looked at. Both only grow, so at most the last moment is missed.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Ticks per second in `/proc/PID/stat`: 100 on Linux, whatever the kernel's own rate.
const TICKS: u64 = 100;

/// Measures wall time.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "measuring is what this crate is for")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Waits, blocking the thread.
#[expect(clippy::disallowed_methods, reason = "a process outside is waited for")]
pub fn pause(length: Duration) {
    std::thread::sleep(length);
}

/// What a child cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From start to exit.
    pub wall: Duration,
    /// User and system time of all its threads.
    pub cpu: Duration,
    /// Most resident memory (`VmHWM`), in KiB.
    pub peak_kib: u64,
}

/// Runs a child to its end; its standard output goes into `out`. An exit status other than 0 is an error.
pub fn child(command: &mut Command, out: fs::File) -> Outcome<Cost> {
    let mut said = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(out).stderr(said.try_clone()?);
    let watch = Stopwatch::start();
    let mut child = command.spawn()?;
    let (mut cpu, mut peak_kib) = (Duration::ZERO, 0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_kib = peak_kib.max(peak_of(child.id()).unwrap_or(0));
        cpu = cpu.max(cpu_of(child.id()).unwrap_or_default());
        pause(LOOK_EVERY);
    };
    let wall = watch.elapsed();
    if !status.success() {
        let mut text = String::new();
        said.rewind()?;
        said.read_to_string(&mut text)?;
        return Err(format!("{:?} ended with {status}: {text}", command.get_program()).into());
    }
    if peak_kib == 0 {
        return Err("the child's memory could not be read from /proc".into());
    }
    Ok(Cost { wall, cpu, peak_kib })
}

fn peak_of(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Most resident memory of this process so far, in KiB.
pub fn own_peak_kib() -> u64 {
    peak_of(std::process::id()).unwrap_or(0)
}

/// CPU time of this thread so far, to the microsecond: what a busy machine leaves of a wall time.
pub fn own_cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}

fn cpu_of(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold spaces; after its bracket come the state and 10 more fields before user and system time.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1000 / TICKS))
}

/// The value in the middle, of an even number the lower of the two; the default of nothing.
pub fn median<T: Copy + Ord + Default>(values: impl IntoIterator<Item = T>) -> T {
    percentile(values, 50)
}

/// The smallest value that at least so many percent of the values do not exceed.
pub fn percentile<T: Copy + Ord + Default>(values: impl IntoIterator<Item = T>, percent: usize) -> T {
    let mut all: Vec<T> = values.into_iter().collect();
    all.sort_unstable();
    let at = (all.len() * percent).div_ceil(100).saturating_sub(1);
    all.get(at).copied().unwrap_or_default()
}

/// What the figures were measured on, in a few words.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZeroUsize::get);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("{cores} cores, load {} at the start", load.split(' ').next().unwrap_or("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        assert_eq!(median([3, 1, 2]), 2);
        assert_eq!(median([4, 1, 2, 3]), 2);
        assert_eq!(percentile(1..=100, 99), 99);
        assert_eq!(percentile(1..=10, 99), 10);
        assert_eq!(median(Vec::<u64>::new()), 0);
    }

    #[test]
    fn work_costs_cpu_time() {
        let before = own_cpu();
        let watch = Stopwatch::start();
        while watch.elapsed() < Duration::from_millis(100) {
            std::hint::black_box(before);
        }
        assert!(own_cpu() > before, "{before:?}");
    }

    #[test]
    fn a_child_is_measured_and_its_failure_told() {
        let run = |script: &str| child(Command::new("sh").args(["-c", script]), tempfile::tempfile().unwrap());
        let cost = run("sleep 0.2").unwrap();
        assert!(cost.wall >= Duration::from_millis(200) && cost.peak_kib > 100, "{cost:?}");
        let error = run("echo broken >&2; sleep 0.1; exit 3").unwrap_err().to_string();
        assert!(error.contains("broken") && error.contains('3'), "{error}");
    }
}
