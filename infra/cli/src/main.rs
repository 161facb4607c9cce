//! The `suiro` command line: arguments in, exit code out. What the commands do is in `suiro::commands`.

use std::process::ExitCode;

use clap::Parser;
use suiro::args::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    suiro::commands::run(Arguments::parse()).await
}
