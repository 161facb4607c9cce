//! What a notice looks like where it arrives.

use serde_json::{Value as Json, json};

use super::{About, Notice};
use crate::clock::Timestamp;
use crate::ids::RunId;
use crate::unit::Unit;

/// Most characters of a subject of SNS.
const MOST_OF_SUBJECT: usize = 100;

/// A notice with all that is told of it. Nothing of it comes from a record.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The unit.
    pub unit: &'a Unit,
    /// What about.
    pub notice: &'a Notice,
    /// Where to look: the log record or the log app.
    pub link: Option<&'a str>,
}

impl Told<'_> {
    pub(super) fn title(&self) -> String {
        let [ja, en] = self.notice.about.title();
        format!("Suiro: {} - {ja} / {en}", self.unit.name)
    }

    /// What happened and what to do, a line each.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}  {}  {}", self.notice.code, self.unit.domain, self.unit.id)];
        if let Some(code) = self.notice.entry() {
            lines.extend([code.ja(), code.en()]);
        }
        lines.extend(self.facts());
        lines
    }

    /// How often, when, whose, and how to look.
    pub(super) fn facts(&self) -> Vec<String> {
        let Notice { about, secret, connection, since, count, run, .. } = self.notice;
        let at = |at: &Timestamp| at.rfc3339();
        let mut lines = vec![match about {
            About::Expiring | About::Credential => format!("期限 / expires: {}", at(since)),
            About::DeadUrl => format!("初回 / first: {}\nsuiro unit show {}", at(since), self.unit.id),
            _ => format!("{count}回、{} から / {count} times since then", at(since)),
        }];
        let whose = self.unit.secrets.iter().find(|known| Some(&known.hash) == secret.as_ref());
        if let Some(caller) = whose.and_then(|secret| secret.caller.as_ref()) {
            lines.push(format!("呼び出し元 / caller: {caller}"));
        }
        if let Some(connection) = connection {
            lines.push(format!("接続 / connection: {connection}"));
        }
        if let Some(seq) = run {
            let id = RunId { unit: self.unit.id.clone(), seq: *seq };
            lines.push(format!("suiro run show {id}"));
        }
        lines
    }

    /// The message as plain text, a line each: title, what happened, the remedy, the link.
    pub fn text(&self) -> String {
        let link = self.link.map(str::to_owned);
        [vec![self.title()], self.lines(), link.into_iter().collect()].concat().join("\n")
    }

    /// A subject as SNS takes it: printable ASCII, no line breaks, 100 characters at most. The unit's name may be neither,
    /// so that its id stands for it.
    pub fn subject(&self) -> String {
        let subject = format!("Suiro: {} ({}, {})", self.notice.about.title()[1], self.unit.id, self.notice.code);
        subject.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(MOST_OF_SUBJECT).collect()
    }

    /// The body that Slack's incoming webhooks take.
    pub fn slack(&self) -> Json {
        json!({ "text": slack(&self.text()) })
    }

    /// The body that workflows of Teams take: a message with an adaptive card.
    pub fn teams(&self) -> Json {
        let block = |text: &String| json!({ "type": "TextBlock", "text": text, "wrap": true });
        let title = json!({ "type": "TextBlock", "text": self.title(), "weight": "Bolder", "wrap": true });
        let body: Vec<Json> = std::iter::once(title).chain(self.lines().iter().map(block)).collect();
        let open = |url: &str| json!({ "type": "Action.OpenUrl", "title": "ログ / log", "url": url });
        let card = json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": body,
            "actions": self.link.map(open).into_iter().collect::<Vec<_>>(),
        });
        let kind = "application/vnd.microsoft.card.adaptive";
        json!({ "type": "message", "attachments": [{ "contentType": kind, "content": card }] })
    }
}

/// Slack's three characters that have a meaning.
fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::secret_url::SecretRef;

    #[test]
    fn a_notice_says_what_happened_what_to_do_and_where_to_look() {
        let unit = Unit::new("example.cybozu.com", "受注 <A&B>", 1, "c");
        let mut notices = Vec::new();
        super::super::note(Timestamp(0), &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(7));
        let link = Some("https://example.cybozu.com/k/9/show#record=3");
        let told = Told { unit: &unit, notice: &notices[0], link };
        let slack = told.slack();
        let text = slack["text"].as_str().expect("a text");
        for part in [
            "受注 &lt;A&amp;B&gt;",
            "実行に失敗しました",
            "a run has failed",
            catalogue::CONFLICT.0.code,
            catalogue::CONFLICT.0.remedy_ja,
            "1 times since then",
            "suiro run show -7",
            "/k/9/show#record=3",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(told.text().contains("受注 <A&B>") && told.text().ends_with("/k/9/show#record=3"), "{}", told.text());
        assert_eq!(slack.as_object().map(|o| o.len()), Some(1));
        let card = &told.teams()["attachments"][0]["content"];
        assert_eq!((&card["type"], &card["actions"][0]["url"]), (&json!("AdaptiveCard"), &json!(link)));
        assert!(card["body"][0]["text"].as_str().expect("a title").contains("受注 <A&B>"));
        let bare = Told { link: None, ..told }.teams();
        assert_eq!(bare["attachments"][0]["content"]["actions"], json!([]));
    }

    #[test]
    fn a_subject_is_one_that_sns_takes() {
        let id = crate::ids::UnitId("u".repeat(200));
        let mut notices = Vec::new();
        super::super::note(Timestamp(0), &mut notices, About::Flood, Some(catalogue::UNIT_FLOOD), None);
        for unit in [Unit::new("d", "受注\n処理", 1, "c"), Unit { id, ..Unit::new("d", "x", 1, "c") }] {
            let subject = Told { unit: &unit, notice: &notices[0], link: None }.subject();
            assert!(subject.starts_with("Suiro: a flood"), "{subject}");
            assert!(subject.len() <= 100 && subject.chars().all(|c| (' '..='~').contains(&c)), "{subject}");
        }
    }

    #[test]
    fn what_dies_is_told_with_its_owner() {
        let mut unit = Unit::new("example.cybozu.com", "受注", 1, "c");
        unit.secrets = vec![SecretRef { caller: Some("shop".into()), ..SecretRef::new("hash".into(), None) }];
        let mut notices = Vec::new();
        super::super::note_expiry(Timestamp(0), &mut notices, "hash", Timestamp(86_400_000));
        super::super::note_credential(Timestamp(0), &mut notices, Some(("c7", Timestamp(86_400_000))));
        let texts: Vec<_> = notices.iter().map(|notice| Told { unit: &unit, notice, link: None }.text()).collect();
        assert!(texts[0].contains("caller: shop") && texts[0].contains("1970-01-02T00:00:00Z"), "{}", texts[0]);
        assert!(texts[1].contains("connection: c7") && texts[1].contains("credential.expires"), "{}", texts[1]);
        assert!(texts[2].contains("credential.expired") && !texts[2].contains("caller"), "{}", texts[2]);
    }
}
