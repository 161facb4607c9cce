//! What each command does. One file per group; this one sends them there and turns their ends into exit codes.

mod domain;
mod flow;
mod notify;
mod number;
mod output;
mod place;
mod run;
mod schedule;
mod serve;
mod top;
pub use flow::{app_names, cell_text, fill, grid_lines};
pub use output::line;
pub use run::{clock_time, full_time};
pub use schedule::{local_time, warn_of_missing};
pub use serve::stopped;
mod unit;

use std::process::ExitCode;

use crate::args::{Arguments, Command, Demo};

/// Why a command did not work.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: u8,
    /// What to say.
    pub message: String,
}

impl Failure {
    fn new(message: impl ToString) -> Self {
        Self { exit: 1, message: message.to_string() }
    }

    fn flow(message: impl ToString) -> Self {
        Self { exit: 3, message: message.to_string() }
    }

    fn kintone(message: impl ToString) -> Self {
        Self { exit: 4, message: message.to_string() }
    }
}

impl From<model::ledger::LedgerError> for Failure {
    fn from(error: model::ledger::LedgerError) -> Self {
        Self::new(error)
    }
}

/// Runs a command.
pub async fn run(arguments: Arguments) -> ExitCode {
    let everyday = Demo { listen: ([127, 0, 0, 1], 8080).into(), kintone_port: 8081, exit: false };
    let done = match arguments.command.unwrap_or(Command::Demo(everyday)) {
        Command::Demo(demo) => crate::demo::run(&demo).await,
        Command::Serve(args) => serve::serve(&args).await,
        Command::Sim(args) => serve::sim(&args).await,
        Command::Flow(command) => flow::run(*command).await,
        Command::Unit(command) => unit::run(command).await,
        Command::Number(command) => number::run(command).await,
        Command::Notify(command) => notify::run(command).await,
        Command::Domain(command) => domain::run(command).await,
        Command::Run(command) => run::run(command).await,
        Command::Schedule(command) => schedule::run(command).await,
        Command::Top(args) => top::run(&args).await,
        Command::Docs { folder } => output::docs(&folder),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("suiro: {}", failure.message.trim_end());
            ExitCode::from(failure.exit)
        }
    }
}
