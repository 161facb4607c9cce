//! The longer comparisons by hand; what they do and need is in this crate's README.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use oracle::{decimals, formulas, relations};

/// Suiro's answers beside those of other programs.
#[derive(Parser)]
struct Oracle {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Formulas, beside LibreOffice Calc
    Formulas {
        #[command(subcommand)]
        action: Action,
    },
    /// Arithmetic, beside Python's decimal
    Decimals {
        /// What the script `decimals` wrote
        file: PathBuf,
        /// Print at most so many cases that differ
        #[arg(long, default_value_t = 40)]
        show: usize,
    },
    /// Commands over rows, beside DuckDB and Polars
    Relations {
        /// The same seed makes the same tables
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Generated cases per command
        #[arg(long, default_value_t = 2_200)]
        cases: usize,
        /// This command alone; may be repeated
        #[arg(long)]
        command: Vec<String>,
        /// Print at most so many unexplained cases per command and peer
        #[arg(long, default_value_t = 3)]
        show: usize,
        /// Keep what the peers say in this folder, for the suite
        #[arg(long, conflicts_with = "command")]
        keep: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Action {
    /// Prints generated formulas, as the script `libreoffice` reads them
    Generate {
        /// The same seed makes the same formulas
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How many
        #[arg(long, default_value_t = 24_000)]
        count: usize,
    },
    /// Computes the formulas of a file of answers and prints what differs
    Compare {
        /// What the script `libreoffice` wrote
        file: PathBuf,
        /// Print at most so many cases of each kind
        #[arg(long, default_value_t = 40)]
        show: usize,
        /// Print the cases that this entry of the table of differences explains
        #[arg(long)]
        explained: Option<String>,
        /// Write the table of differences with its counts here
        #[arg(long)]
        write: Option<PathBuf>,
    },
}

#[allow(clippy::print_stdout)]
fn main() -> ExitCode {
    match Oracle::parse().subject {
        Subject::Formulas { action } => formulas(action),
        Subject::Decimals { file, show } => decimals(&file, show),
        Subject::Relations { seed, cases, command, show, keep } => {
            relations(seed, cases, &command, show, keep.as_deref())
        }
    }
}

#[allow(clippy::print_stdout)]
fn relations(seed: u64, cases: usize, only: &[String], show: usize, keep: Option<&Path>) -> ExitCode {
    let wanted = |c: &&relations::commands::Command| only.is_empty() || only.iter().any(|name| name == c.name);
    let commands: Vec<_> = relations::commands::COMMANDS.iter().filter(wanted).collect();
    let ask = |questions: &[relations::case::Case]| {
        let said = relations::peers::ask(questions)?;
        if let Some(folder) = keep {
            let (digest, versions) = (relations::kept::digest(questions), relations::peers::versions()?);
            relations::kept::write(folder, &relations::kept::Head { seed, cases, digest, versions }, &said)?;
        }
        Ok(said)
    };
    match relations::report::Report::of(&commands, seed, cases, show, ask) {
        Ok(report) => {
            println!("{}", report.text());
            if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout)]
fn decimals(file: &Path, show: usize) -> ExitCode {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            println!("{}: {error}", file.display());
            return ExitCode::FAILURE;
        }
    };
    match decimals::Report::of(&text) {
        Ok(report) => {
            println!("{}", report.text(show));
            if report.unequal.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(line) => {
            println!("{}: line {line} cannot be read", file.display());
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout)]
fn formulas(action: Action) -> ExitCode {
    match action {
        Action::Generate { seed, count } => {
            print!("{}", formulas::generate::Generator::new(seed).lines(count));
            ExitCode::SUCCESS
        }
        Action::Compare { file, show, explained, write } => {
            let text = match std::fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) => {
                    println!("{}: {error}", file.display());
                    return ExitCode::FAILURE;
                }
            };
            let report = match formulas::report::Report::of(&text) {
                Ok(report) => report,
                Err(line) => {
                    println!("{}: line {line} cannot be read", file.display());
                    return ExitCode::FAILURE;
                }
            };
            println!("{}", report.text(show, explained.as_deref()));
            if let Some(path) = write
                && let Err(error) = std::fs::write(&path, report.table())
            {
                println!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
            if report.unexplained.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}
