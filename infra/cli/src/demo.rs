//! The demo: a company on a simulated kintone, and the seed's own story told live in the terminal.

pub mod company;
mod story;
mod terminal;

use std::net::Ipv4Addr;
use std::sync::Arc;

use model::limits::UnitLimits;

use crate::args::Demo;
use crate::commands::Failure;
use crate::local::{Options, Stack};
use company::Company;
use terminal::Terminal;

/// Tells the story, then serves on.
pub async fn run(args: &Demo) -> Result<(), Failure> {
    let failed = |message: String| Failure { exit: 1, message };
    let terminal = Arc::new(Terminal::new());
    terminal.title(
        "Suiro デモ: シミュレートしたkintone、受注・在庫・在庫移動の3アプリ / a simulated kintone with three apps",
    );
    let options = sim::Options { port: args.kintone_port, address: Ipv4Addr::LOCALHOST, ..sim::Options::default() };
    let port = args.kintone_port;
    let kintone = sim::Sim::start(options).await.map_err(|e| {
        failed(format!("ポート{port}を使えません。--kintone-port で変えられます / port {port} cannot be used ({e}); choose another with --kintone-port"))
    })?;
    let stack = Stack::start(Options { listen: args.listen, observer: terminal.clone(), ..Options::default() }).await;
    let stack = stack.map_err(|e| {
        failed(format!("{e}\n--listen で別のアドレスを指定できます / choose another address with --listen"))
    })?;
    let company = Company::open(&kintone.control(), &kintone.base_url(), &stack, UnitLimits::default()).await;
    let company = company.map_err(|e| failed(e.to_string()))?;
    let told = story::tell(&terminal, &kintone, &stack, &company).await;
    told.map_err(|e| failed(e.to_string()))?;
    if args.exit {
        return Ok(());
    }
    story::by_hand(&terminal, &kintone, &stack, &company);
    crate::commands::stopped().await;
    Ok(())
}
