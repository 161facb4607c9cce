//! `suiro unit update`: what is given changes, the rest stays; URL and history stay always.

use model::ledger::{LedgerError, UnitChange};
use model::unit::{Connection, Undo, Unit};
use serde_json::json;
use worker::log_app;

use super::{Failure, doors, events, expiry, failed, output, place, without_log_app};
use crate::args::UnitUpdate;
use crate::commands::{app_names, fill, warn_of_missing};
use crate::units::{self, UnitError};

/// Changes a unit.
pub async fn run(args: UnitUpdate) -> Result<(), Failure> {
    let names = app_names(&args.names)?;
    let mut given = Vec::new();
    for path in &args.flows {
        let text = std::fs::read_to_string(path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
        given.push(fill(path, &text, &names)?);
    }
    let open = place::open(&args.place).await?;
    let view = open.unit(&args.unit).await?;
    let mut unit = view.unit;
    let before = unit.clone();
    let stored = match given.is_empty() {
        true => open.ledger.flows(&unit).await?,
        false => given,
    };
    change(&mut unit, &args)?;
    let now = open.ledger.clock().now();
    let expires = args.credential_expires.as_deref().map(|day| expiry::parse(day, now)).transpose()?;
    let (mut connection, credential, new) = connection(&open, &unit, &args).await?;
    let kintone = open.connector.open(worker::outside::connection(&connection, &credential)).map_err(Failure::new)?;
    let checked = units::check_flows(&kintone, unit.app, &stored).await.map_err(failed)?;
    checked.fit(unit.coalesce).map_err(failed)?;
    (unit.flows, unit.parameters, unit.record_number) = (checked.names, checked.parameters, checked.record_number);
    if let Some(app) = unit.log_app.filter(|app| before.log_app != Some(*app)) {
        log_app::complete(&kintone, app).await.map_err(|e| failed(UnitError::LogApp(e)))?;
    }
    // Nothing is stored for a change that is refused. Whoever starts in between is met by the commit itself.
    let same = Unit { connection: before.connection.clone(), ..unit.clone() } == before;
    let running = open.ledger.state(&unit.id).await?.running.is_some();
    let place = |connection: &Connection| (connection.base_url.clone(), connection.guest_space);
    if running
        && (!same || !args.flows.is_empty() || place(&connection) != place(&open.stored_connection(&before).await?))
    {
        return Err(failed(UnitError::Ledger(LedgerError::Busy(unit.id))));
    }
    if new {
        connection.expires = expires.flatten();
        open.vault.put(&connection.credential, &credential).await.map_err(Failure::new)?;
        open.ledger.put_connection(&unit.domain, &connection).await?;
        unit.connection = connection.name;
    }
    let change = UnitChange::Replace { unit: Box::new(unit.clone()), flows: stored };
    open.ledger.change_units(&[change]).await.map_err(|e| failed(UnitError::Ledger(e)))?;
    if let Some(expires) = expires.filter(|_| !new) {
        open.ledger.set_credential_expiry(&unit.domain, &unit.connection, expires).await?;
    }
    warn_of_missing(&open, [&unit.id]).await?;
    if let Some(note) = without_log_app(unit.log_app, unit.undo).filter(|_| unit.undo == Undo::AllOrNothing) {
        eprintln!("{note}");
    }
    if args.place.json {
        return output::json(&json!({ "unit": unit }));
    }
    output::line(format!("{}  {}  app {}  [{}]", unit.id, unit.name, unit.app, unit.flows.join(" → ")));
    eprintln!("変更しました。URLは変わりません / updated; the URL stays");
    Ok(())
}

fn change(unit: &mut Unit, args: &UnitUpdate) -> Result<(), Failure> {
    if let Some(name) = &args.name {
        unit.name.clone_from(name);
    }
    unit.app = args.app.unwrap_or(unit.app);
    unit.log_app = args.log_app.or(unit.log_app);
    unit.undo = args.undo.map_or(unit.undo, Into::into);
    unit.coalesce = args.coalesce.map_or(unit.coalesce, Into::into);
    if args.events == ["ALL"] {
        unit.events.clear();
    } else if !args.events.is_empty() {
        unit.events = events(&args.events)?;
    }
    unit.doors = doors::changed(&unit.doors, &args.doors)?;
    let limits = &mut unit.limits;
    limits.starts = args.starts.map_or(limits.starts, usize::from);
    limits.window_ms = args.window.map_or(limits.window_ms, |s| s * 1000);
    args.caps.set_unit(&mut limits.caps);
    limits.wait_ms = args.wait_limit.map_or(limits.wait_ms, |s| s * 1000);
    Ok(())
}

/// How the unit reaches kintone from now on, and whether that is new.
async fn connection(
    open: &place::Open,
    unit: &Unit,
    args: &UnitUpdate,
) -> Result<(model::unit::Connection, model::ports::Credential, bool), Failure> {
    let stored = open.stored_connection(unit).await?;
    let kintone = &args.kintone;
    if kintone.base_url.is_none() && kintone.api_tokens.is_empty() && kintone.user.is_none() {
        let credential = open.vault.credential(&stored.credential).await.map_err(Failure::new)?;
        return Ok((stored, credential, false));
    }
    let base_url = kintone.base_url.clone().unwrap_or_else(|| stored.base_url.clone());
    if units::domain(&base_url) != unit.domain {
        return Err(Failure::new(format!(
            "実行単位のドメインは {} です。ほかのドメインには suiro flow export / import で移してください / the unit belongs to {}; move it with `suiro flow export` and `import`",
            unit.domain, unit.domain
        )));
    }
    let credential = place::credential(kintone)?;
    Ok((units::new_connection(&base_url, kintone.guest_space_id.or(stored.guest_space)), credential, true))
}
