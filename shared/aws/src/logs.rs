//! Log lines as the log settings of the Lambda ask for them.

use tracing_subscriber::filter::LevelFilter;

use crate::env;

/// Writes log lines to standard output from here on, once per process: as JSON where `AWS_LAMBDA_LOG_FORMAT` says so, from
/// the level that `AWS_LAMBDA_LOG_LEVEL` (else `RUST_LOG`) names; `info` where neither does.
pub fn init() {
    let level = env("AWS_LAMBDA_LOG_LEVEL").or_else(|| env("RUST_LOG"));
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    // CloudWatch gives each line its time.
    let lines = tracing_subscriber::fmt().with_max_level(level).with_target(false).without_time().with_ansi(false);
    if env("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json")) {
        lines.json().init();
    } else {
        lines.init();
    }
}
