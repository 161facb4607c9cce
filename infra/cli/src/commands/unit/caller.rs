//! `suiro unit caller`: who may start a unit, each with a URL of its own.

use model::ledger::{LedgerError, MadeCaller, NewCaller};
use model::limits::MAX_CALLERS;
use model::secret_url::SecretRef;
use model::unit::Unit;
use serde_json::json;

use super::{Failure, doors, output, place};
use crate::args::{Caller, CallerNew};

/// Longest name of a caller, in characters: it stands in every run that the caller starts.
const MAX_NAME: usize = 50;

/// Runs a command on callers.
pub async fn run(command: Caller) -> Result<(), Failure> {
    match command {
        Caller::Add(new) => {
            let (open, unit, wanted) = opened(&new).await?;
            let made = open.ledger.add_caller(&unit.id, &wanted).await.map_err(told)?;
            show(&open, &unit, &new, &made)
        }
        Caller::Renew { new, overlap } => {
            let (open, unit, wanted) = opened(&new).await?;
            let overlap = overlap.map(std::time::Duration::from_secs);
            let made = open.ledger.renew_caller(&unit.id, &wanted, overlap).await.map_err(told)?;
            show(&open, &unit, &new, &made)
        }
        Caller::List { unit, place: at } => {
            let open = place::open(&at).await?;
            let unit = open.unit(&unit).await?.unit;
            let callers = || unit.secrets.iter().filter(|secret| secret.caller.is_some());
            if at.json {
                let one = |s: &SecretRef| json!({ "name": s.caller, "signs": s.signs, "until": s.until.map(|t| t.rfc3339()) });
                return output::json(&callers().map(one).collect::<Vec<_>>());
            }
            if callers().next().is_none() {
                eprintln!(
                    "呼び出し元はありません。suiro unit caller add で追加できます / no callers; `suiro unit caller add` makes one"
                );
            }
            let now = open.ledger.clock().now();
            callers().for_each(|secret| output::line(one_line(secret, now)));
            Ok(())
        }
        Caller::Remove { unit, name, place: at } => {
            let open = place::open(&at).await?;
            let unit = open.unit(&unit).await?.unit;
            open.ledger.remove_caller(&unit.id, &name).await.map_err(told)?;
            eprintln!("削除しました。このURLはもう使えません / removed; its URLs are dead: {name}");
            Ok(())
        }
    }
}

/// A secret of a caller, or of the unit's own URL.
pub fn one_line(secret: &SecretRef, now: model::clock::Timestamp) -> String {
    let name = secret.caller.as_deref().unwrap_or("URL");
    let signs = if secret.signs { "  署名あり / signs" } else { "" };
    let until = match secret.until {
        None => "期限なし / does not expire".to_owned(),
        Some(at) if at <= now => format!("期限切れ / expired {at}"),
        Some(at) => format!("{at} まで / until then"),
    };
    format!("{name}  {until}{signs}")
}

async fn opened(new: &CallerNew) -> Result<(place::Open, Unit, NewCaller), Failure> {
    let length = new.name.chars().count();
    if !(1..=MAX_NAME).contains(&length) || new.name.chars().any(char::is_control) {
        return Err(Failure {
            exit: 2,
            message: format!(
                "呼び出し元の名前は{MAX_NAME}文字以内です / a caller's name has 1 to {MAX_NAME} characters"
            ),
        });
    }
    let open = place::open(&new.place).await?;
    let unit = open.unit(&new.unit).await?.unit;
    let wanted = NewCaller { name: new.name.clone(), expires: new.expires.map(doors::days), signs: new.signs };
    Ok((open, unit, wanted))
}

fn show(open: &place::Open, unit: &Unit, new: &CallerNew, made: &MadeCaller) -> Result<(), Failure> {
    let url = open.url(&unit.id, &made.secret);
    let trigger = format!("{}/trigger/v1/{}", open.url_base.as_deref().unwrap_or(""), made.secret.reveal());
    let key = made.key.as_ref().map(model::secret_url::Secret::reveal);
    if new.place.json {
        return output::json(
            &json!({ "unit": unit.id, "caller": new.name, "url": url, "trigger": trigger, "key": key }),
        );
    }
    output::line(format!("{url}\n{trigger}/run"));
    if let Some(key) = key {
        output::line(format!("key {key}"));
    }
    eprintln!("このURLとキーの表示はこの一度だけです / the URLs and the key are shown this once");
    Ok(())
}

fn told(error: LedgerError) -> Failure {
    match &error {
        LedgerError::CallerExists(_, name) => Failure::new(format!(
            "呼び出し元「{name}」はすでにあります。作り直すには suiro unit caller renew / there is a caller {name:?}; make its URL anew with `suiro unit caller renew`"
        )),
        LedgerError::NoCaller(_, name) => Failure::new(format!(
            "呼び出し元「{name}」はありません。suiro unit caller list で確認してください / no caller {name:?}; see `suiro unit caller list`"
        )),
        LedgerError::TooManyCallers(_) => Failure::new(format!(
            "呼び出し元は{MAX_CALLERS}件までです。使わないものを削除してください / a unit has at most {MAX_CALLERS} callers; remove one that is not used"
        )),
        _ => Failure::from(error),
    }
}
