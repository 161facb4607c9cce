//! Suiro beside its peers on the same work. README.md says how to run it and what was measured.

mod decode;
mod flow;
mod kintone;
mod lambda;
mod measure;
mod report;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What stops a measurement: said once, at the end.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures Suiro beside its peers on the same work and prints tables in Markdown.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Reading and inserting of many records, beside cli-kintone, against the simulated kintone
    Kintone(kintone::Options),
    /// Accepting of requests by the local stack, beside a bare handler
    Serve(serve::Options),
    /// Size and start of the Lambda functions
    Lambda(lambda::Options),
    /// kintone's JSON into columns, beside `serde_json::Value`
    Decode(decode::Options),
    /// A flow of joining, grouping, running totals and sorting, beside Polars and DuckDB
    Flow(flow::Options),
    /// One reading, in a process of its own (`kintone` starts it)
    #[command(hide = true)]
    Read(kintone::ours::Read),
    /// One insertion, in a process of its own (`kintone` starts it)
    #[command(hide = true)]
    Insert(kintone::ours::Insert),
    /// The flow over files, in a process of its own (`flow` starts it)
    #[command(hide = true)]
    FlowOnce(flow::ours::Flow),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Kintone(options) => kintone::run(&options),
        What::Serve(options) => serve::run(&options),
        What::Lambda(options) => lambda::run(&options),
        What::Decode(options) => decode::run(&options),
        What::Flow(options) => flow::run(&options),
        What::Read(options) => kintone::ours::read(&options),
        What::Insert(options) => kintone::ours::insert(&options),
        What::FlowOnce(options) => flow::ours::ours(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
