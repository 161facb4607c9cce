//! `suiro domain`: what the runs of a domain share.

use super::place;
use super::{Failure, output};
use crate::args::Domain;

/// Runs a command on domains.
pub async fn run(command: Domain) -> Result<(), Failure> {
    let Domain::Limits { domain, budget, budget_wait, interlude, scheduled_wait, caps, place: at } = command;
    let open = place::open(&at).await?;
    if open.ledger.units(&domain).await?.is_empty() {
        return Err(Failure::new(format!(
            "ドメイン {domain} に実行単位はありません。suiro unit list で確かめてください / the domain {domain} has no unit; see `suiro unit list`"
        )));
    }
    let mut limits = open.ledger.gate(&domain).await?.limits;
    let before = limits;
    limits.budget = budget.unwrap_or(limits.budget);
    limits.budget_wait_ms = budget_wait.map_or(limits.budget_wait_ms, |seconds| seconds * 1_000);
    limits.interlude_ms = interlude.map_or(limits.interlude_ms, |seconds| seconds * 1_000);
    limits.scheduled_wait_ms = scheduled_wait.map_or(limits.scheduled_wait_ms, |seconds| seconds * 1_000);
    caps.set_domain(&mut limits.caps);
    if limits != before {
        open.ledger.set_domain_limits(&domain, limits).await?;
    }
    if at.json {
        return output::json(&limits);
    }
    output::line(format!("同時に書き込めるレコード / records in writing at one moment: {}", limits.budget));
    output::line(format!(
        "書き込みの順番を待てる時間 / wait limit for its turn to write: {} s",
        limits.budget_wait_ms / 1_000
    ));
    output::line(format!(
        "スケジュール実行の間に開始できる時間 / starts between two scheduled runs: {} s",
        limits.interlude_ms / 1_000
    ));
    output::line(format!(
        "スケジュール実行が待てる時間 / wait limit of scheduled runs: {} s",
        limits.scheduled_wait_ms / 1_000
    ));
    let caps = limits.caps;
    for (ja, en, caps) in [
        ("リアルタイム実行", "realtime", caps.realtime),
        ("手動実行", "by hand", caps.manual),
        ("スケジュール実行", "scheduled", caps.scheduled),
    ] {
        output::line(format!(
            "{ja}の1フローの上限 / caps of one flow, {en}: 読み取り / read {}, 書き込み / written {}",
            caps.read, caps.written
        ));
    }
    Ok(())
}
