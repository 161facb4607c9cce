//! `suiro notify`: where the notices of a domain's units go.

mod app;

use std::collections::BTreeMap;

use aws::Aws;
use connect::messages::Webhooks;
use model::catalogue;
use model::notice::{self, About, Delivery, Target, Told, Way};
use model::ports::Credential;
use model::unit::Unit;
use serde_json::{Value as Json, json};

use super::{Failure, output, place};
use crate::args::{Notify, NotifyAdd, Place};

/// Longest name of a target: it is part of the secret's name.
const MAX_NAME: usize = 50;

/// Runs a command on where notices go.
pub async fn run(command: Notify) -> Result<(), Failure> {
    match command {
        Notify::Add(args) => add(*args).await,
        Notify::List { domain, place: at } => list(&domain, &at).await,
        Notify::Remove { domain, name, place: at } => {
            let open = place::open(&at).await?;
            if !open.ledger.remove_target(&domain, &name).await? {
                return Err(unknown(&name));
            }
            eprintln!("外しました / removed: {name}");
            Ok(())
        }
        Notify::Test { domain, name, place: at } => test(&domain, name.as_deref(), &at).await,
    }
}

fn unknown(name: &str) -> Failure {
    Failure::new(format!(
        "通知先「{name}」はありません。suiro notify list で確認してください / no target {name:?}; see `suiro notify list`"
    ))
}

/// What a target is called where it is shown, and where it is. URLs of webhooks are secrets.
fn shape(way: &Way) -> (&'static str, Option<String>) {
    match way {
        Way::Slack { .. } => ("Slack", None),
        Way::Teams { .. } => ("Teams", None),
        Way::Kintone(place) => {
            let space = place.guest_space.map(|space| format!("guest/{space}/")).unwrap_or_default();
            ("kintone", Some(format!("{}/k/{space}{}/", place.base_url, place.app)))
        }
        Way::Sns { topic } => ("SNS", Some(topic.clone())),
    }
}

/// The vault's name of what opens a target.
fn credential_name(domain: &str, name: &str) -> String {
    format!("notify/{}/{name}", domain.replace(':', "_"))
}

async fn list(domain: &str, at: &Place) -> Result<(), Failure> {
    let open = place::open(at).await?;
    let targets = open.ledger.targets(domain).await?.targets;
    if targets.is_empty() && !at.json {
        eprintln!(
            "通知先はありません。suiro notify add で追加できます / nobody is told; `suiro notify add` makes a target"
        );
    }
    let mut last: BTreeMap<String, Delivery> = BTreeMap::new();
    for (name, delivery) in open.ledger.units(domain).await?.into_iter().flat_map(|view| view.state.deliveries) {
        if last.get(&name).is_none_or(|known| known.at < delivery.at) {
            last.insert(name, delivery);
        }
    }
    if at.json {
        let all: Vec<Json> = targets.iter().map(|target| as_json(target, last.get(&target.name))).collect();
        return output::json(&all);
    }
    for target in &targets {
        let (kind, to) = shape(&target.way);
        let became = match last.get(&target.name) {
            None => String::new(),
            Some(Delivery { at, error: None }) => format!("  {at} 届きました / arrived"),
            Some(Delivery { at, error: Some(error) }) => format!("  {at} 届きません / not delivered: {error}"),
        };
        output::line(format!("{}  {kind}{}{became}", target.name, to.map(|to| format!("  {to}")).unwrap_or_default()));
    }
    Ok(())
}

fn as_json(target: &Target, last: Option<&Delivery>) -> Json {
    let (kind, to) = shape(&target.way);
    let mut shown = json!({ "name": target.name, "shape": kind.to_lowercase() });
    if let Some(to) = to {
        shown["to"] = json!(to);
    }
    if let Some(Delivery { at, error }) = last {
        shown["last"] = json!({ "at": at.rfc3339(), "error": error });
    }
    shown
}

async fn add(args: NotifyAdd) -> Result<(), Failure> {
    let usage = |message: String| Failure { exit: 2, message };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if args.name.is_empty() || args.name.len() > MAX_NAME || !args.name.chars().all(plain) {
        return Err(usage(format!(
            "通知先の名前は英数字と - と _ の{MAX_NAME}文字以内です / a target's name is up to {MAX_NAME} letters, digits, - and _"
        )));
    }
    if args.kintone_app.is_none() && (args.add_fields || !args.fields.is_empty()) {
        return Err(usage(
            "--field と --add-fields は --kintone-app と一緒に指定してください / --field and --add-fields belong to --kintone-app".into(),
        ));
    }
    let open = place::open(&args.place).await?;
    known(&open, &args.domain).await?;
    let way = match (&args.slack, &args.teams, args.kintone_app, &args.sns) {
        (Some(url), ..) => Way::Slack { credential: webhook(&args, &open, url).await? },
        (_, Some(url), ..) => Way::Teams { credential: webhook(&args, &open, url).await? },
        (_, _, Some(app), _) => Way::Kintone(app::checked(&args, app, &open).await?),
        (_, _, _, topic) => Way::Sns { topic: topic_of(topic.as_deref().unwrap_or_default(), &args.place)? },
    };
    open.ledger.put_target(&args.domain, &Target { name: args.name.clone(), way }).await?;
    eprintln!(
        "追加しました。suiro notify test {0} {1} で試せます / added; try it with `suiro notify test {0} {1}`",
        args.domain, args.name
    );
    Ok(())
}

/// Keeps the URL of a webhook; answers the vault's name of it.
async fn webhook(args: &NotifyAdd, open: &place::Open, url: &str) -> Result<String, Failure> {
    let wrong = |e: model::ports::MessageError| Failure {
        exit: 2,
        message: format!("通知先のURLが使えません / the URL cannot be used: {}", e.0),
    };
    Webhooks::new(open.connector.clone()).check(url).map_err(wrong)?;
    let name = credential_name(&args.domain, &args.name);
    open.vault.put(&name, &Credential::Webhook { url: url.to_owned() }).await.map_err(Failure::new)?;
    Ok(name)
}

/// A topic that can be published on from where the notices are sent.
fn topic_of(arn: &str, place: &Place) -> Result<String, Failure> {
    let parts: Vec<&str> = arn.split(':').collect();
    let sound = matches!(parts[..], ["arn", partition, "sns", region, account, name]
        if ![partition, region, account, name].contains(&""));
    if !sound || arn.ends_with(".fifo") {
        return Err(Failure {
            exit: 2,
            message: format!(
                "--sns {arn}: arn:aws:sns:リージョン:アカウント:名前 の形の、標準のトピックを指定してください / give the ARN of a standard topic, arn:aws:sns:REGION:ACCOUNT:NAME"
            ),
        });
    }
    if place.table.is_none() && !Aws::topics_are_emulated() {
        return Err(Failure::new(
            "ローカルのスタックにSNSはありません。AWSに配置したものには --table を付け、エミュレーターを使うなら AWS_ENDPOINT_URL_SNS を設定してください / the local stack has no SNS; give --table for a deployed one, or set AWS_ENDPOINT_URL_SNS to an emulator's",
        ));
    }
    Ok(arn.to_owned())
}

async fn known(open: &place::Open, domain: &str) -> Result<(), Failure> {
    match open.ledger.units(domain).await?.is_empty() {
        false => Ok(()),
        true => Err(Failure::new(format!(
            "ドメイン {domain} に実行単位はありません。suiro unit list で確かめてください / the domain {domain} has no unit; see `suiro unit list`"
        ))),
    }
}

/// Sends a notice to a target, or to every one, and says of each whether it arrived.
async fn test(domain: &str, name: Option<&str>, at: &Place) -> Result<(), Failure> {
    let open = place::open(at).await?;
    let mut targets = open.ledger.targets(domain).await?.targets;
    if targets.is_empty() {
        return Err(Failure::new(
            "通知先がありません。suiro notify add で追加してください / there is no target; add one with `suiro notify add`",
        ));
    }
    if let Some(name) = name {
        targets.retain(|target| target.name == name);
        if targets.is_empty() {
            return Err(unknown(name));
        }
    }
    let unit = Unit::new(domain, "通知のテスト / a test", 0, "");
    let mut notices = Vec::new();
    notice::note(open.ledger.clock().now(), &mut notices, About::Failed, Some(catalogue::FLOW_FAILED), None);
    let senders = place::senders(&open, at).await;
    let mut lost = Vec::new();
    for target in &targets {
        let told = Told { unit: &unit, notice: &notices[0], link: None };
        match senders.send(target, &told).await {
            Ok(()) => output::line(format!("{}  届きました / arrived", target.name)),
            Err(error) => lost.push(format!("{}  届きません / not delivered: {error}", target.name)),
        }
    }
    if lost.is_empty() { Ok(()) } else { Err(Failure::new(lost.join("\n"))) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        place: Place,
    }

    #[test]
    fn a_topic_is_a_standard_one_of_aws() {
        let deployed = Line::parse_from(["x", "--table", "t"]).place;
        let arn = "arn:aws:sns:ap-northeast-1:123456789012:ops";
        assert_eq!(topic_of(arn, &deployed).ok().as_deref(), Some(arn));
        for wrong in [
            "ops",
            "arn:aws:sqs:ap-northeast-1:1:ops",
            "arn:aws:sns:ap-northeast-1:1:ops.fifo",
            "arn:aws:sns:::ops",
            "",
        ] {
            assert_eq!(topic_of(wrong, &deployed).expect_err(wrong).exit, 2, "{wrong}");
        }
    }
}
