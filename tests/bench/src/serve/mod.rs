//! How fast the local stack accepts requests, beside a bare handler; and what one accepted request costs the store.
//!
//! The stack is what `suiro serve` starts, on a file. Its worker is kept out of the figures: every unit may start once
//! in an hour, and has done so before the first figure is taken, so accepted requests wait in the table.

mod bare;
mod counting;
mod load;
mod units;

use std::time::Duration;

use clap::Args;
use model::clock::{Clock as _, SystemClock};
use suiro::local::{self, Stack};
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::measure::{self, median};
use crate::report::{Table, millis, ratio, say};
use load::Round;
use units::Units;

/// How `bench serve` measures.
#[derive(Debug, Args)]
pub struct Options {
    /// Units that the requests are spread over; few requests of one unit come at once
    #[arg(long, default_value_t = 200)]
    units: usize,
    /// Requests of a round, on each side
    #[arg(long, default_value_t = 3_000)]
    requests: usize,
    /// Requests at once
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
    /// Rounds; medians are told
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Requests, one after the other, over which the store's work is counted
    #[arg(long, default_value_t = 100)]
    counted: usize,
}

/// See [`Options`].
pub fn run(options: &Options) -> Outcome<()> {
    say(&format!(
        "Accepting requests: {} a round, {} at once, {} units; {}\n",
        options.requests,
        options.concurrency,
        options.units,
        measure::machine()
    ))?;
    // Servers and client have threads of their own; both share the machine, on both sides alike.
    let (servers, client) = (Runtime::new()?, Runtime::new()?);
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let stack = servers.block_on(Stack::start(local::Options { data: Some(data), ..local::Options::default() }))?;
    let sim = servers.block_on(sim::Sim::start(sim::Options::default()))?;
    let units = servers.block_on(Units::open(&sim, &stack, options.units))?;
    servers.block_on(units.settle(&stack))?;

    let bare = servers.block_on(bare::start())?;
    let (ours, theirs) = (units.urls(&stack.base_url()), units.urls(&bare));
    let (mut stacks, mut bares) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        bares.push(client.block_on(load::round(&theirs, options.requests, options.concurrency))?);
        stacks.push(client.block_on(load::round(&ours, options.requests, options.concurrency))?);
    }
    say(&rates(&stacks, &bares).markdown())?;

    let counted = servers.block_on(counting::serve(&stack))?;
    let mut table = Table::new(["per accepted request", "reads (gets)", "writes (commits)", "lists", "messages"]);
    let urls = units.urls(&counted.base_url);
    let sums = client.block_on(counted.over(options.counted, || load::round(&urls, options.counted, 1)))?;
    table.row(sums.cells("webhook, one after the other"));
    let sums = client
        .block_on(counted.over(options.requests, || load::round(&urls, options.requests, options.concurrency)))?;
    table.row(sums.cells(&format!("webhook, {} at once", options.concurrency)));
    say(&table.markdown())?;

    servers.block_on(units.check(&stack, options.rounds * options.requests + options.counted + options.requests))?;
    drop(stack);
    servers.block_on(sim.stop());
    Ok(())
}

fn rates(stacks: &[Round], bares: &[Round]) -> Table {
    let mut table = Table::new(["side", "accepted per second", "p50", "p99"]);
    let mut both = Vec::new();
    for (name, rounds) in [("bare axum handler", bares), ("suiro serve", stacks)] {
        let rate = median(rounds.iter().map(Round::per_second));
        let p50 = median(rounds.iter().map(|round| round.percentile(50)));
        let p99 = median(rounds.iter().map(|round| round.percentile(99)));
        table.row([name.to_owned(), rate.to_string(), millis(p50), millis(p99)]);
        both.push((rate as f64, p50.as_secs_f64(), p99.as_secs_f64()));
    }
    if let [bare, stack] = both[..] {
        let cells = [ratio(stack.0, bare.0), ratio(stack.1, bare.1), ratio(stack.2, bare.2)];
        table.row(std::iter::once("suiro serve / bare".to_owned()).chain(cells));
    }
    table
}

/// Asks again and again until something holds; an error after a minute.
async fn until<F: Future<Output = Outcome<bool>>>(what: &str, mut holds: impl FnMut() -> F) -> Outcome<()> {
    for _ in 0..600 {
        if holds().await? {
            return Ok(());
        }
        SystemClock.pause(Duration::from_millis(100)).await;
    }
    Err(format!("never: {what}").into())
}
