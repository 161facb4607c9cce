//! `suiro unit show`: one unit, whom it lets in, and what it refused.

use model::clock::Timestamp;
use model::unit::UnitState;
use serde_json::json;

use super::{Failure, caller, output, place};
use crate::args::Place;

/// Shows a unit.
pub async fn run(unit: &str, at: &Place) -> Result<(), Failure> {
    let open = place::open(at).await?;
    let view = open.unit(unit).await?;
    let refusals = open.ledger.refusals(&view.unit.id).await?;
    let connection = open.ledger.connection(&view.unit.domain, &view.unit.connection).await?;
    let expires = connection.and_then(|connection| connection.expires);
    if at.json {
        let expires = expires.map(Timestamp::rfc3339);
        let shown =
            json!({ "unit": view.unit, "state": view.state, "refusals": refusals, "credentialExpires": expires });
        return output::json(&shown);
    }
    let (unit, state, now) = (&view.unit, &view.state, open.ledger.clock().now());
    output::line(format!("{}  {}  {}  app {}", unit.id, unit.name, unit.domain, unit.app));
    output::line(format!("  フロー / flows  {}", unit.flows.join(" → ")));
    let standing = if state.enabled { "有効 / enabled".to_owned() } else { disabled(state) };
    let (running, waiting) = (usize::from(state.running.is_some()), state.waiting.len());
    output::line(format!("  {standing}  実行中{running}、待機{waiting} / {running} running, {waiting} waiting"));
    if unit.coalesce {
        output::line("  待機中のWebhookは一つの実行になる / webhooks that wait become one run");
    }
    for secret in &unit.secrets {
        let label = if secret.caller.is_some() { "URL  " } else { "" };
        output::line(format!("  {label}{}", caller::one_line(secret, now)));
    }
    if let Some(at) = expires {
        let gone = if at <= now { "期限切れ / expired" } else { "まで / until then" };
        output::line(format!("  認証情報 / credential  {at} {gone}"));
    }
    let doors = &unit.doors;
    if !doors.allow.is_empty() {
        let nets: Vec<String> = doors.allow.iter().map(ToString::to_string).collect();
        output::line(format!("  許可するアドレス / allowed addresses  {}", nets.join(" ")));
    }
    if let Some(after) = doors.disable_after {
        let (n, m) = (after.refusals, after.minutes);
        output::line(format!("  {m}分間に{n}件を断ると無効にする / disabled after {n} refusals in {m} minutes"));
    }
    if refusals.total.sum() > 0 {
        output::line("  断った要求 / refused calls");
        for (_, ja, en, n) in refusals.total.named().into_iter().filter(|(_, _, _, n)| *n > 0) {
            output::line(format!("    {ja} / {en}  {n}"));
        }
    }
    if let Some(flood) = &refusals.flood {
        let (n, first, id) = (flood.counts.sum(), flood.first, &unit.id);
        output::line(format!("  大量の要求 / a flood  {id}-{}  {first} から{n}件 / {n} since then", flood.seq));
    }
    Ok(())
}

/// That a unit is disabled, since when, and why.
pub fn disabled(state: &UnitState) -> String {
    match state.disabled {
        None => "無効 / disabled".to_owned(),
        Some(disabled) => match disabled.refusals {
            None => format!("無効 / disabled ({})", disabled.at),
            Some(n) => format!("無効 / disabled ({}: 断った要求が{n}件 / {n} calls were refused)", disabled.at),
        },
    }
}
