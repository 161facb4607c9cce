//! `suiro serve` and `suiro sim`.

use std::sync::Arc;

use connect::kintone::{HostPolicy, Settings};
use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::args::{Serve, Sim};
use crate::local::{Options, Stack};

/// Logs go to standard error; `RUST_LOG` chooses what.
fn log(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,dynoxide=error"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber in one process is refused; the first one goes on.
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
}

/// Serves until it is stopped.
pub async fn serve(args: &Serve) -> Result<(), Failure> {
    log(args.json);
    let hosts = HostPolicy { allow_local: args.allow_local, ..HostPolicy::default() };
    let options = Options {
        data: Some(args.data.clone()),
        listen: args.listen,
        observer: Arc::new(worker::observer::LogObserver),
        kintone: Settings { hosts, ..Settings::default() },
        ..Options::default()
    };
    let stack = Stack::start(options).await.map_err(Failure::new)?;
    let domains = stack.ledger.domains().await?;
    let taken = stack.take_up(&domains).await?;
    if taken > 0 {
        tracing::info!(units = taken, "what the process before left is taken up");
    }
    eprintln!("Suiro: {} で実行要求を受け付けています(Ctrl-Cで終了) / serving realtime URLs", stack.base_url());
    eprintln!("実行単位の追加: suiro unit add --data {} ... / to add a unit", args.data.display());
    stopped().await;
    Ok(())
}

/// Serves the simulated kintone until it is stopped.
pub async fn sim(args: &Sim) -> Result<(), Failure> {
    let options = sim::Options { port: args.port, ..sim::Options::default() };
    let sim = sim::Sim::start(options).await.map_err(|e| Failure::new(format!("port {}: {e}", args.port)))?;
    super::output::line(sim.base_url());
    eprintln!(
        "kintoneのシミュレーターです。操作: {0}/_sim/ (tests/sim/README.md) / a simulated kintone; control it at {0}/_sim/",
        sim.base_url()
    );
    stopped().await;
    sim.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or a polite end.
pub async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    let _ = interrupt.await;
}
