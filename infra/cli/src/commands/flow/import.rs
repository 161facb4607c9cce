//! `suiro flow import`: exported units into a domain. Everything is checked first, and stored in one commit.

mod calls;

use std::collections::{BTreeMap, BTreeSet};

use model::ledger::{Changed, UnitChange, UnitView};
use model::ports::Credential;
use model::unit::{Connection, Unit};
use serde_json::json;
use worker::log_app;

use super::super::place::{self, Open};
use super::super::{output, unit::failed, warn_of_missing};
use super::export::{Exported, ExportedUnit, VERSION};
use super::{Failure, pairs, read};
use crate::args::{Import, Mode};
use crate::units::{self, UnitError};

/// A unit that is to be stored, and how it reaches kintone.
struct Incoming {
    unit: Unit,
    enabled: bool,
    flows: Vec<String>,
    connection: Connection,
    /// A credential that is not stored yet.
    credential: Option<Credential>,
    /// Replaces the unit of its id.
    replaces: bool,
}

/// Imports units.
pub async fn run(args: Import) -> Result<(), Failure> {
    let map = map(&args)?;
    let (exported, names) = chosen(&args)?;
    let open = place::open(&args.place).await?;
    let moved = exported.into_iter().map(|e| moved(e, &args, &map, &names)).collect::<Vec<_>>();
    let unmapped: Vec<String> = moved.iter().filter_map(|m| m.as_ref().err()).flatten().cloned().collect();
    if !unmapped.is_empty() {
        return Err(Failure::flow(format!(
            "移せません。何も保存していません / cannot be moved; nothing was stored:\n{}",
            unmapped.join("\n")
        )));
    }
    let mut incoming = Vec::new();
    for exported in moved.into_iter().flatten() {
        incoming.push(checked(exported, &args, &open).await?);
    }
    let domains: BTreeSet<String> = incoming.iter().map(|i| i.unit.domain.clone()).collect();
    let gone = match args.mode {
        Mode::Regenerate => leftover(&open, &domains, &incoming).await?,
        _ => Vec::new(),
    };
    let mut here = Vec::new();
    for domain in &domains {
        here.extend(open.units(Some(domain)).await?);
    }
    for note in calls::notes(&incoming, &here, &gone) {
        eprintln!("注意 / note: {note}");
    }
    if args.dry_run || (!gone.is_empty() && !args.yes) {
        plan(&incoming, &gone);
        return match args.dry_run {
            true => Ok(()),
            false => Err(Failure::new(
                "削除される実行単位があります。よければ --yes を付けてください。何も保存していません / units would be removed; add --yes. Nothing was stored",
            )),
        };
    }
    store(&open, &args, incoming, gone).await
}

/// The numbers of apps there and here.
fn map(args: &Import) -> Result<BTreeMap<u64, u64>, Failure> {
    let wrong = |text: &str| Failure {
        exit: 2,
        message: format!("{text}: アプリの番号を 旧=新 で書いてください / write OLD=NEW"),
    };
    let mut map = BTreeMap::new();
    if let Some(path) = &args.map_file {
        let written: BTreeMap<String, u64> =
            serde_saphyr::from_str(&read(path)?).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
        for (old, new) in written {
            map.insert(old.parse().map_err(|_| wrong(&old))?, new);
        }
    }
    for (old, new) in pairs(&args.map, "--map")? {
        let text = format!("{old}={new}");
        map.insert(old.parse().map_err(|_| wrong(&text))?, new.parse().map_err(|_| wrong(&text))?);
    }
    Ok(map)
}

/// The units to import, and the names of all that were exported by their ids.
fn chosen(args: &Import) -> Result<(Vec<ExportedUnit>, BTreeMap<String, String>), Failure> {
    let told = |e: &dyn std::fmt::Display| {
        Failure::new(format!(
            "{}: suiro flow export で書き出した文書ではありません / no exported document: {e}",
            args.file.display()
        ))
    };
    let exported: Exported = serde_json::from_str(&read(&args.file)?).map_err(|e| told(&e))?;
    if exported.suiro_export != VERSION {
        return Err(told(&format!("version {}", exported.suiro_export)));
    }
    let mut units = exported.units;
    let names = calls::names(&units);
    if args.units.is_empty() {
        return Ok((units, names));
    }
    let is = |e: &ExportedUnit, wanted: &String| e.unit.id.0 == *wanted || e.unit.name == *wanted;
    if let Some(unknown) = args.units.iter().find(|wanted| !units.iter().any(|e| is(e, wanted))) {
        return Err(Failure::new(format!(
            "実行単位「{unknown}」はこの文書にありません / no unit {unknown:?} in this document"
        )));
    }
    units.retain(|e| args.units.iter().any(|wanted| is(e, wanted)));
    Ok((units, names))
}

/// A unit with the numbers of apps here. In another domain every app must be mapped; an error lists those that are not.
/// What it calls by an id of the other domain, it calls by name here.
fn moved(
    exported: ExportedUnit,
    args: &Import,
    map: &BTreeMap<u64, u64>,
    names: &BTreeMap<String, String>,
) -> Result<ExportedUnit, Vec<String>> {
    let ExportedUnit { mut unit, enabled, flows } = exported;
    let domain = args.kintone.base_url.as_deref().map_or_else(|| unit.domain.clone(), units::domain);
    let elsewhere = domain != unit.domain;
    let mut missing = Vec::new();
    let number = |app: u64, what: &str, missing: &mut Vec<String>| match map.get(&app) {
        Some(new) => *new,
        None => {
            if elsewhere {
                missing.push(format!(
                    "  {}: {what}: アプリ {app} の対応がありません。--map {app}=番号 / app {app} is not mapped",
                    unit.name
                ));
            }
            app
        }
    };
    let app = number(unit.app, "呼び出し元のアプリ / calling app", &mut missing);
    let log_app = unit.log_app.map(|app| number(app, "ログアプリ / log app", &mut missing));
    let mut texts = Vec::new();
    for (name, text) in unit.flows.iter().zip(&flows) {
        let problems = |problems: Vec<flow::problem::Problem>| {
            problems.iter().map(|p| format!("  {name}: {}\n    {}", p.render(true), p.en)).collect::<Vec<_>>()
        };
        match flow::apps::places(text).map(|places| places.into_iter().map(|p| p.app).collect::<BTreeSet<_>>()) {
            Ok(apps) => apps.into_iter().for_each(|app| {
                number(app, name, &mut missing);
            }),
            Err(found) => {
                missing.extend(problems(found));
                continue;
            }
        }
        let replaced = flow::apps::replace(text, map);
        let replaced = replaced.and_then(|text| if elsewhere { flow::calls::replace(&text, names) } else { Ok(text) });
        match replaced {
            Ok(text) => texts.push(text),
            Err(found) => missing.extend(problems(found)),
        }
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    if elsewhere {
        // An id and a URL belong to their domain.
        unit.id.0.clear();
        unit.secrets.clear();
    }
    (unit.domain, unit.app, unit.log_app) = (domain, app, log_app);
    Ok(ExportedUnit { unit, enabled, flows: texts })
}

/// Checks a unit's flows against the apps here, and finds the unit that it replaces.
async fn checked(exported: ExportedUnit, args: &Import, open: &Open) -> Result<Incoming, Failure> {
    let ExportedUnit { mut unit, enabled, flows } = exported;
    let present = present(open, &unit, args.mode).await?;
    if args.mode == Mode::Append {
        // A unit beside the one that it came from is another unit.
        if open.units(Some(&unit.domain)).await?.iter().any(|v| v.unit.id == unit.id) {
            unit.id.0.clear();
            unit.secrets.clear();
        }
    } else if let Some(present) = &present {
        let there = present.unit.clone();
        unit = match args.mode {
            // Only the flows change; what an administrator has set here stays.
            Mode::Update => Unit { flows: unit.flows, ..there },
            _ => Unit { id: there.id, secrets: there.secrets, connection: there.connection, ..unit },
        };
    }
    let (connection, credential) = match (&args.kintone.base_url, &present) {
        (Some(base_url), _) => {
            (units::new_connection(base_url, args.kintone.guest_space_id), Some(place::credential(&args.kintone)?))
        }
        (None, _) => (open.stored_connection(&unit).await?, None),
    };
    let opened = match &credential {
        Some(credential) => credential.clone(),
        None => open.vault.credential(&connection.credential).await.map_err(Failure::new)?,
    };
    let kintone = open.connector.open(worker::outside::connection(&connection, &opened)).map_err(Failure::new)?;
    let found = units::check_flows(&kintone, unit.app, &flows).await.map_err(failed)?;
    found.fit(unit.coalesce).map_err(failed)?;
    (unit.flows, unit.parameters, unit.record_number) = (found.names, found.parameters, found.record_number);
    if let Some(app) = unit.log_app.filter(|_| !args.dry_run) {
        log_app::complete(&kintone, app).await.map_err(|e| failed(UnitError::LogApp(e)))?;
    }
    unit.connection.clone_from(&connection.name);
    Ok(Incoming {
        unit,
        enabled,
        flows,
        connection,
        credential,
        replaces: present.is_some() && args.mode != Mode::Append,
    })
}

/// The unit here that one of the file stands for: of the same id, else the only one of the same name.
async fn present(open: &Open, unit: &Unit, mode: Mode) -> Result<Option<UnitView>, Failure> {
    if mode == Mode::Append {
        return Ok(None);
    }
    let mut here = open.units(Some(&unit.domain)).await?;
    if let Some(at) = here.iter().position(|v| v.unit.id == unit.id) {
        return Ok(Some(here.remove(at)));
    }
    here.retain(|v| v.unit.name == unit.name);
    match (here.len(), mode) {
        (1, _) => Ok(here.pop()),
        (0, Mode::Update) => Err(Failure::new(format!(
            "実行単位「{}」は {} にありません。追加するには --mode append / no unit {:?} in {}; add it with --mode append. Nothing was stored",
            unit.name, unit.domain, unit.name, unit.domain
        ))),
        (0, _) => Ok(None),
        _ => Err(Failure::new(format!(
            "「{}」は複数あります。名前を変えてください / several units are called {:?}",
            unit.name, unit.name
        ))),
    }
}

/// Units of the domains that the file does not have.
async fn leftover(open: &Open, domains: &BTreeSet<String>, incoming: &[Incoming]) -> Result<Vec<Unit>, Failure> {
    let mut gone = Vec::new();
    for domain in domains {
        gone.extend(open.units(Some(domain)).await?.into_iter().map(|v| v.unit));
    }
    gone.retain(|unit| !incoming.iter().any(|i| i.replaces && i.unit.id == unit.id));
    Ok(gone)
}

fn plan(incoming: &[Incoming], gone: &[Unit]) {
    for i in incoming {
        let what = if i.replaces { "変更 / replace" } else { "追加 / add" };
        output::line(format!(
            "{what}  {}  {}  app {}  [{}]",
            i.unit.name,
            i.unit.domain,
            i.unit.app,
            i.unit.flows.join(" → ")
        ));
    }
    for unit in gone {
        output::line(format!("削除 / remove  {}  {}  {}", unit.id, unit.name, unit.domain));
    }
}

async fn store(open: &Open, args: &Import, incoming: Vec<Incoming>, gone: Vec<Unit>) -> Result<(), Failure> {
    // A connection without a unit does no harm; a unit without its connection would.
    for i in &incoming {
        if let Some(credential) = &i.credential {
            open.vault.put(&i.connection.credential, credential).await.map_err(Failure::new)?;
            open.ledger.put_connection(&i.unit.domain, &i.connection).await?;
        }
    }
    let changes: Vec<UnitChange> = incoming
        .iter()
        .map(|i| {
            let (unit, flows) = (Box::new(i.unit.clone()), i.flows.clone());
            match i.replaces {
                true => UnitChange::Replace { unit, flows },
                false => UnitChange::Add { unit, flows, enabled: i.enabled },
            }
        })
        .chain(gone.iter().map(|unit| UnitChange::Remove(unit.id.clone())))
        .collect();
    let done = open.ledger.change_units(&changes).await.map_err(|e| failed(UnitError::Ledger(e)))?;
    warn_of_missing(open, done.iter().zip(&incoming).map(|(changed, _)| &changed.id)).await?;
    let url = |changed: &Changed| changed.secret.as_ref().map(|secret| open.url(&changed.id, secret));
    if args.place.json {
        let told = done.iter().zip(&incoming).map(|(c, i)| json!({ "unit": c.id, "name": i.unit.name, "url": url(c) }));
        let gone: Vec<_> = gone.iter().map(|u| &u.id).collect();
        return output::json(&json!({ "units": told.collect::<Vec<_>>(), "removed": gone }));
    }
    for (changed, i) in done.iter().zip(&incoming) {
        let url = url(changed).unwrap_or_else(|| "URLは変わりません / the URL stays".to_owned());
        output::line(format!("{}  {}  [{}]\n  {url}", changed.id, i.unit.name, i.unit.flows.join(" → ")));
    }
    gone.iter().for_each(|unit| output::line(format!("削除しました / removed: {}  {}", unit.id, unit.name)));
    Ok(())
}
