//! What a notice looks like where it arrives.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{About, Notice};
use crate::clock::Timestamp;
use crate::ids::RunId;
use crate::unit::Unit;

/// What a webhook takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Slack's incoming webhooks, and whatever takes `{"text": ...}`.
    Slack,
    /// Workflows of Teams: a message with an adaptive card.
    Teams,
}

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
    fn title(&self) -> String {
        let [ja, en] = self.notice.about.title();
        format!("Suiro: {} - {ja} / {en}", self.unit.name)
    }

    /// What happened and what to do, a line each.
    fn lines(&self) -> Vec<String> {
        let Notice { about, code, since, count, run, .. } = self.notice;
        let mut lines = vec![format!("{code}  {}  {}", self.unit.domain, self.unit.id)];
        if let Some(code) = self.notice.entry() {
            lines.extend([code.ja(), code.en()]);
        }
        let at = |at: &Timestamp| at.rfc3339();
        lines.push(match about {
            About::Expiring => format!("期限 / expires: {}", at(since)),
            _ => format!("{count}回、{} から / {count} times since then", at(since)),
        });
        if let Some(seq) = run {
            let id = RunId { unit: self.unit.id.clone(), seq: *seq };
            lines.push(format!("suiro run show {id}"));
        }
        lines
    }

    /// The body that a webhook of this shape takes.
    pub fn body(&self, shape: Shape) -> Json {
        match shape {
            Shape::Slack => {
                let link = self.link.map(str::to_owned);
                let all = [vec![self.title()], self.lines(), link.into_iter().collect()].concat();
                json!({ "text": slack(&all.join("\n")) })
            }
            Shape::Teams => {
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

    #[test]
    fn a_notice_says_what_happened_what_to_do_and_where_to_look() {
        let unit = Unit::new("example.cybozu.com", "受注 <A&B>", 1, "c");
        let mut notices = Vec::new();
        super::super::note(Timestamp(0), &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(7));
        let link = Some("https://example.cybozu.com/k/9/show#record=3");
        let told = Told { unit: &unit, notice: &notices[0], link };
        let slack = told.body(Shape::Slack);
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
        assert_eq!(slack.as_object().map(|o| o.len()), Some(1));
        let card = &told.body(Shape::Teams)["attachments"][0]["content"];
        assert_eq!((&card["type"], &card["actions"][0]["url"]), (&json!("AdaptiveCard"), &json!(link)));
        assert!(card["body"][0]["text"].as_str().expect("a title").contains("受注 <A&B>"));
        let bare = Told { link: None, ..told }.body(Shape::Teams);
        assert_eq!(bare["attachments"][0]["content"]["actions"], json!([]));
    }
}
