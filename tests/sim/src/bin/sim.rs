//! The simulator standing alone: `sim [--port N]` prints its base URL and serves until it is stopped or its standard
//! input, where that is a pipe of a parent that asked so with `--until-stdin-closes`, ends.

use std::io::{self, Write as _};
use std::process::ExitCode;

use sim::{Options, Sim};
use tokio::io::AsyncReadExt as _;

const HELP: &str = "sim [--port N] [--until-stdin-closes]: a simulated kintone on localhost";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> io::Result<()> {
    let mut options = Options::default();
    let mut until_stdin_closes = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--port" => {
                let port = args.next().and_then(|port| port.parse().ok());
                options.port = port.ok_or_else(|| io::Error::other("--port needs a number"))?;
            }
            "--until-stdin-closes" => until_stdin_closes = true,
            "--help" | "-h" => return writeln!(io::stdout(), "{HELP}"),
            other => return Err(io::Error::other(format!("unknown argument {other}; {HELP}"))),
        }
    }
    let sim = Sim::start(options).await?;
    writeln!(io::stdout(), "{}", sim.base_url())?;
    io::stdout().flush()?;
    if until_stdin_closes {
        let mut stdin = tokio::io::stdin();
        let mut buffer = [0; 256];
        while stdin.read(&mut buffer).await? > 0 {}
    } else {
        std::future::pending::<()>().await;
    }
    sim.stop().await;
    Ok(())
}
