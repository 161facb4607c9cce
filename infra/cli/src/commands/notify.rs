//! `suiro notify`: where the notices of a domain's units go.

use connect::messages::Webhooks;
use model::catalogue;
use model::notice::{self, About, Shape, Target, Told};
use model::ports::{Credential, Messenger};
use model::unit::Unit;
use serde_json::json;

use super::{Failure, output, place};
use crate::args::{Notify, NotifyAdd};

/// Longest name of a target: it is part of the secret's name.
const MAX_NAME: usize = 50;

/// Runs a command on where notices go.
pub async fn run(command: Notify) -> Result<(), Failure> {
    match command {
        Notify::Add(args) => add(args).await,
        Notify::List { domain, place: at } => {
            let open = place::open(&at).await?;
            let targets = open.ledger.targets(&domain).await?.targets;
            if at.json {
                let one = |t: &Target| json!({ "name": t.name, "shape": t.shape });
                return output::json(&targets.iter().map(one).collect::<Vec<_>>());
            }
            if targets.is_empty() {
                eprintln!(
                    "通知先はありません。suiro notify add で追加できます / nobody is told; `suiro notify add` makes a target"
                );
            }
            targets.iter().for_each(|target| output::line(format!("{}  {}", target.name, shape(target.shape))));
            Ok(())
        }
        Notify::Remove { domain, name, place: at } => {
            let open = place::open(&at).await?;
            if !open.ledger.remove_target(&domain, &name).await? {
                return Err(Failure::new(format!(
                    "通知先「{name}」はありません。suiro notify list で確認してください / no target {name:?}; see `suiro notify list`"
                )));
            }
            eprintln!("外しました / removed: {name}");
            Ok(())
        }
        Notify::Test { domain, place: at } => test(&domain, &place::open(&at).await?).await,
    }
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Slack => "Slack",
        Shape::Teams => "Teams",
    }
}

async fn add(args: NotifyAdd) -> Result<(), Failure> {
    let usage = |message: String| Failure { exit: 2, message };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if args.name.is_empty() || args.name.len() > MAX_NAME || !args.name.chars().all(plain) {
        return Err(usage(format!(
            "通知先の名前は英数字と - と _ の{MAX_NAME}文字以内です / a target's name is up to {MAX_NAME} letters, digits, - and _"
        )));
    }
    let (shape, url) = match (args.slack, args.teams) {
        (Some(url), _) => (Shape::Slack, url),
        (None, url) => (Shape::Teams, url.unwrap_or_default()),
    };
    let open = place::open(&args.place).await?;
    known(&open, &args.domain).await?;
    let webhooks = Webhooks::new(open.connector.clone());
    webhooks.check(&url).map_err(|e| usage(format!("通知先のURLが使えません / the URL cannot be used: {}", e.0)))?;
    let credential = format!("notify/{}/{}", args.domain.replace(':', "_"), args.name);
    open.vault.put(&credential, &Credential::Webhook { url }).await.map_err(Failure::new)?;
    open.ledger.put_target(&args.domain, &Target { name: args.name, shape, credential }).await?;
    eprintln!(
        "追加しました。suiro notify test {0} で試せます / added; try it with `suiro notify test {0}`",
        args.domain
    );
    Ok(())
}

async fn known(open: &place::Open, domain: &str) -> Result<(), Failure> {
    match open.ledger.units(domain).await?.is_empty() {
        false => Ok(()),
        true => Err(Failure::new(format!(
            "ドメイン {domain} に実行単位はありません。suiro unit list で確かめてください / the domain {domain} has no unit; see `suiro unit list`"
        ))),
    }
}

/// Sends a notice to every target, and says of each whether it arrived.
async fn test(domain: &str, open: &place::Open) -> Result<(), Failure> {
    let targets = open.ledger.targets(domain).await?.targets;
    if targets.is_empty() {
        return Err(Failure::new(
            "通知先がありません。suiro notify add で追加してください / there is no target; add one with `suiro notify add`",
        ));
    }
    let unit = Unit::new(domain, "通知のテスト / a test", 0, "");
    let mut notices = Vec::new();
    notice::note(open.ledger.clock().now(), &mut notices, About::Failed, Some(catalogue::FLOW_FAILED), None);
    let webhooks = Webhooks::new(open.connector.clone());
    let mut lost = Vec::new();
    for target in &targets {
        let told = Told { unit: &unit, notice: &notices[0], link: None };
        let sent = match open.vault.credential(&target.credential).await {
            Ok(Credential::Webhook { url }) => {
                webhooks.post(&url, &told.body(target.shape)).await.map_err(|e| e.to_string())
            }
            Ok(_) => Err("no URL of a webhook".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match sent {
            Ok(()) => output::line(format!("{}  届きました / arrived", target.name)),
            Err(error) => lost.push(format!("{}  届きません / not delivered: {error}", target.name)),
        }
    }
    if lost.is_empty() { Ok(()) } else { Err(Failure::new(lost.join("\n"))) }
}
