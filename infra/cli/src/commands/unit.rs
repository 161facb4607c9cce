//! `suiro unit`.

mod caller;
mod doors;
mod expiry;
mod show;
mod update;

use std::collections::BTreeSet;
use std::fs;

use model::catalogue::{FLOW_FAILED, FLOW_INVALID};
use model::ledger::LedgerError;
use model::limits::UnitLimits;
use model::unit::{Doors, Event, Undo};
use serde_json::json;

use super::place::{self, Open};
use super::{Failure, output};
use crate::args::{Unit, UnitAdd};
use crate::units::{self, UnitError, Wanted};

/// Runs a command on units.
pub async fn run(command: Unit) -> Result<(), Failure> {
    match command {
        Unit::Add(args) => add(*args).await,
        Unit::Update(args) => update::run(*args).await,
        Unit::List { place: at, domain } => {
            let open = place::open(&at).await?;
            list(&open, domain.as_deref(), at.json).await
        }
        Unit::Show { unit, place: at } => show::run(&unit, &at).await,
        Unit::Caller(command) => caller::run(command).await,
        Unit::Url { unit, overlap, expires, place: at } => {
            let open = place::open(&at).await?;
            let view = open.unit(&unit).await?;
            let overlap = overlap.map(std::time::Duration::from_secs);
            let expires = expires.map(doors::days);
            let secret = open.ledger.regenerate_url_until(&view.unit.id, overlap, expires).await?;
            let url = open.url(&view.unit.id, &secret);
            if at.json {
                return output::json(&json!({ "unit": view.unit.id, "url": url }));
            }
            output::line(&url);
            match overlap {
                Some(o) => {
                    eprintln!("これまでのURLは{0}秒後に使えなくなります / the old URL dies in {0} s", o.as_secs())
                }
                None => eprintln!("これまでのURLはもう使えません / the old URL is dead"),
            }
            if let Some(days) = expires.map(|e| e.as_secs() / 86_400) {
                eprintln!("新しいURLは{days}日後に使えなくなります / the new URL dies in {days} days");
            }
            Ok(())
        }
        Unit::Disable { unit, place: at } => enable(&unit, &place::open(&at).await?, false).await,
        Unit::Enable { unit, place: at } => enable(&unit, &place::open(&at).await?, true).await,
    }
}

async fn enable(unit: &str, open: &Open, enabled: bool) -> Result<(), Failure> {
    let view = open.unit(unit).await?;
    open.ledger.set_enabled(&view.unit.id, enabled).await?;
    let waiting = view.state.waiting.len();
    match enabled {
        true => eprintln!("有効にしました / enabled: {}", view.unit.name),
        false => eprintln!(
            "無効にしました(待機中の{waiting}件は実行します) / disabled ({waiting} waiting still run): {}",
            view.unit.name
        ),
    }
    Ok(())
}

async fn add(args: UnitAdd) -> Result<(), Failure> {
    let usage = |message: String| Failure { exit: 2, message };
    let base_url = args.kintone.base_url.clone().ok_or_else(|| usage("--base-url is needed".into()))?;
    let events = events(&args.events)?;
    let doors = doors::changed(&Doors::default(), &args.doors)?;
    let mut flows = Vec::new();
    for path in &args.flows {
        flows.push(fs::read_to_string(path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?);
    }
    let credential = place::credential(&args.kintone)?;
    let open = place::open(&args.place).await?;
    let now = open.ledger.clock().now();
    let expires = args.credential_expires.as_deref().map(|day| expiry::parse(day, now)).transpose()?.flatten();
    let mut log_app = args.log_app;
    if args.create_log_app {
        let connection = model::unit::Connection {
            name: String::new(),
            base_url: base_url.clone(),
            guest_space: args.kintone.guest_space_id,
            credential: String::new(),
            expires: None,
        };
        let kintone =
            open.connector.open(worker::outside::connection(&connection, &credential)).map_err(Failure::new)?;
        // An app that was made cannot be taken back: first see whether the unit can be made.
        let checked = units::check_flows(&kintone, args.app, &flows).await.map_err(failed)?;
        checked.fit(args.coalesce.into()).map_err(failed)?;
        let app = worker::log_app::create(&kintone, &format!("{} 実行ログ", args.name)).await;
        let app =
            app.map_err(|e| Failure::kintone(format!("ログアプリを作成できません / cannot create the log app: {e}")))?;
        eprintln!("ログアプリを作成しました / created the log app: {app}");
        log_app = Some(app);
    }
    if let Some(note) = without_log_app(log_app, args.undo.into()) {
        eprintln!("{note}");
    }
    let mut limits = UnitLimits {
        starts: usize::from(args.starts),
        window_ms: args.window * 1000,
        wait_ms: args.wait_limit * 1000,
        ..UnitLimits::default()
    };
    args.caps.set_unit(&mut limits.caps);
    let wanted = Wanted {
        name: args.name,
        base_url,
        guest_space: args.kintone.guest_space_id,
        credential,
        expires,
        app: args.app,
        events,
        flows,
        log_app,
        undo: args.undo.into(),
        coalesce: args.coalesce.into(),
        limits,
        doors,
    };
    let added = units::add(&open.ledger, open.vault.as_ref(), &open.connector, wanted).await;
    let (id, secret) = added.map_err(failed)?;
    let url = open.url(&id, &secret);
    if args.place.json {
        return output::json(&json!({ "unit": id, "url": url, "logApp": log_app }));
    }
    output::line(format!("{id}\n{url}"));
    eprintln!(
        "このURLを知る人は実行を開始できます。表示はこの一度だけです / who knows this URL can start the unit; it is shown this once"
    );
    Ok(())
}

/// What a unit without a log app lacks.
fn without_log_app(log_app: Option<u64>, undo: Undo) -> Option<&'static str> {
    match (log_app, undo) {
        (Some(_), _) => None,
        (None, Undo::AllOrNothing) => Some(
            "注意: ログアプリがない「すべてか無か」（--undo all-or-nothing）は、フローが失敗したときには元に戻しますが、実行が途中で中断されたときには元に戻せません。結果不明（uncertain）で終わり、書き込みの一部が残ることがあります。--log-app または --create-log-app でログアプリを設定してください / note: without a log app, all or nothing takes back what a failing flow leaves, but not what a run leaves that is cut off: it ends as uncertain and may stay half-written. Give the unit a log app with --log-app or --create-log-app",
        ),
        (None, _) => Some(
            "注意: ログアプリがないため、中断した実行の結果を確認できません / note: without a log app, what a cut-off run wrote cannot be known",
        ),
    }
}

/// Why a unit cannot be stored, with the exit code that belongs to it.
pub(super) fn failed(error: UnitError) -> Failure {
    match &error {
        UnitError::Flow { error: flow, .. } if [FLOW_INVALID, FLOW_FAILED].contains(&flow.code) => Failure::flow(error),
        UnitError::SingleValued { .. } => Failure::flow(error),
        UnitError::Flow { .. } | UnitError::Kintone(_) | UnitError::LogApp(_) => Failure::kintone(error),
        UnitError::Ledger(LedgerError::Busy(id)) => Failure::new(format!(
            "実行単位 {id} は実行中か、待っている要求があります。終わってからもう一度試すか、suiro unit disable で新しい要求を止めるか、待機中の実行を suiro run cancel で終わらせてください(認証情報だけの変更はいつでもできます) / unit {id} is running or has requests waiting; try again afterwards, disable it first, or end a run that waits with `suiro run cancel` (its credential alone can be changed at any time)"
        )),
        _ => Failure::new(error),
    }
}

fn events(names: &[String]) -> Result<BTreeSet<Event>, Failure> {
    let unknown = |name: &String| Failure { exit: 2, message: format!("unknown event {name:?}; see --help") };
    names.iter().map(|name| Event::parse(name).ok_or_else(|| unknown(name))).collect()
}

async fn list(open: &Open, domain: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let units = open.units(domain).await?;
    if as_json {
        let all: Vec<_> = units.iter().map(|v| json!({ "unit": v.unit, "state": v.state })).collect();
        return output::json(&all);
    }
    if units.is_empty() {
        eprintln!("実行単位はありません。suiro unit add で追加できます / no units; `suiro unit add` makes one");
    }
    for view in units {
        let (unit, state) = (&view.unit, &view.state);
        let standing = match (&state.running, state.waiting.len()) {
            _ if !state.enabled => show::disabled(state),
            (Some(_), waiting) => format!("実行中、待機{waiting} / running, {waiting} waiting"),
            (None, 0) => "待機なし / idle".to_owned(),
            (None, waiting) => format!("待機{waiting} / {waiting} waiting"),
        };
        let flows = unit.flows.join(" → ");
        output::line(format!("{}  {}  {}  app {}  [{flows}]  {standing}", unit.id, unit.name, unit.domain, unit.app));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::unit::Undo;

    use super::without_log_app;

    #[test]
    fn all_or_nothing_without_a_log_app_is_told_what_it_does_not_cover() {
        let note = without_log_app(None, Undo::AllOrNothing).unwrap();
        for text in ["すべてか無か", "結果不明（uncertain）", "half-written", "--create-log-app"] {
            assert!(note.contains(text), "{text}");
        }
        assert!(!without_log_app(None, Undo::Kept).unwrap().contains("half-written"));
        assert_eq!(without_log_app(Some(9), Undo::AllOrNothing), None);
    }
}
