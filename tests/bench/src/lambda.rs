//! Size of the Lambda functions' binaries, and time from their start to their first question for work.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::Outcome;
use crate::measure::{self, Stopwatch, median, percentile};
use crate::report::{Table, millis, say};

/// The functions.
const FUNCTIONS: [&str; 3] = ["api", "worker", "sweep"];
/// What is promised: function, size in MB (10^6 bytes), and time to the first question.
const PROMISES: [(&str, u64, Duration); 2] =
    [("api", 10, Duration::from_millis(20)), ("worker", 15, Duration::from_millis(30))];
/// A function that has not asked by then does not start.
const GIVE_UP: Duration = Duration::from_secs(10);

/// How `bench lambda` measures. Builds the functions first, with the profile that is deployed.
#[derive(Debug, Args)]
pub struct Options {
    /// Starts of each function; the median is told
    #[arg(long, default_value_t = 20)]
    starts: usize,
}

/// See [`Options`].
pub fn run(options: &Options) -> Outcome<()> {
    say("Building api, worker and sweep with the profile `lambda` (minutes, where it was not done before) ...")?;
    let binaries = build()?;
    say(&format!("Start to first poll: {} starts each; {}\n", options.starts, measure::machine()))?;
    let runtime = Runtime::new()?;
    let (address, mut asked) = runtime.block_on(runtime_api())?;
    let mut table = Table::new(["function", "stripped size", "median start to first poll", "fastest", "slowest"]);
    let mut promises = Table::new(["promise", "found", "kept"]);
    for (name, path) in &binaries {
        let bytes = std::fs::metadata(path)?.len();
        let mut starts = Vec::new();
        for _ in 0..options.starts {
            starts.push(runtime.block_on(start(path, &address, &mut asked))?);
        }
        let middle = median(starts.iter().copied());
        let size = format!("{:.2} MB", bytes as f64 / 1e6);
        let ends = [percentile(starts.iter().copied(), 0), percentile(starts.iter().copied(), 100)].map(millis);
        table.row([name.to_string(), size.clone(), millis(middle)].into_iter().chain(ends));
        for (_, megabytes, longest) in PROMISES.iter().filter(|(promised, ..)| promised == name) {
            let kept = |kept| if kept { "yes" } else { "**no**" }.to_owned();
            let promise = format!("{name}: stripped binary under {megabytes} MB");
            promises.row([promise, size.clone(), kept(bytes < megabytes * 1_000_000)]);
            let promise = format!("{name}: start to first poll under {} ms", longest.as_millis());
            promises.row([promise, millis(middle), kept(middle < *longest)]);
        }
    }
    say(&table.markdown())?;
    say(&promises.markdown())
}

/// Builds the functions and answers where each lies, as cargo says.
fn build() -> Outcome<Vec<(&'static str, PathBuf)>> {
    let mut command = Command::new("cargo");
    command.args(["build", "--profile", "lambda", "--message-format", "json-render-diagnostics"]);
    command.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));
    for name in FUNCTIONS {
        command.args(["-p", name]);
    }
    let built = command.stderr(Stdio::inherit()).output()?;
    if !built.status.success() {
        return Err("the functions do not build".into());
    }
    let mut found = Vec::new();
    for line in built.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let message: serde_json::Value = serde_json::from_slice(line)?;
        let name = FUNCTIONS.into_iter().find(|name| message["target"]["name"] == *name);
        if let (Some(name), Some(path)) = (name, message["executable"].as_str()) {
            found.push((name, PathBuf::from(path)));
        }
    }
    if found.len() < FUNCTIONS.len() {
        return Err(format!("cargo named only these functions: {found:?}").into());
    }
    Ok(found)
}

/// Lambda's Runtime API as far as a start needs it: tells when work is asked for, and never gives any.
async fn runtime_api() -> Outcome<(String, mpsc::UnboundedReceiver<()>)> {
    let (ask, asked) = mpsc::unbounded_channel();
    let next = move || {
        let ask = ask.clone();
        async move {
            // Nobody listens any more once the measurement is over.
            let _ = ask.send(());
            std::future::pending::<()>().await;
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let router = Router::new().route("/2018-06-01/runtime/invocation/next", get(next));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, asked))
}

/// One start; the process is ended as soon as it has asked.
async fn start(path: &PathBuf, address: &str, asked: &mut mpsc::UnboundedReceiver<()>) -> Outcome<Duration> {
    let mut command = Command::new(path);
    command.env_clear().envs([
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("SUIRO_TABLE", "suiro"),
        ("SUIRO_QUEUE_URL", "http://127.0.0.1:9/queue.fifo"),
        ("SUIRO_SECRETS_PREFIX", "suiro/"),
        ("SUIRO_FILES_BUCKET", "suiro"),
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let watch = Stopwatch::start();
    let mut child = Ended(command.spawn()?);
    let came = tokio::time::timeout(GIVE_UP, asked.recv()).await;
    let took = watch.elapsed();
    if came.is_err() {
        let state = child.0.try_wait()?.map_or_else(|| "still running".to_owned(), |status| status.to_string());
        return Err(format!("{} did not ask for work ({state})", path.display()).into());
    }
    Ok(took)
}

/// A process that ends with this value.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
