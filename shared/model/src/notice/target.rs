//! Where notices go: webhooks, a kintone app, an SNS topic.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::Part;
use crate::clock::Timestamp;

/// A place that notices go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What people call it; unique in the domain.
    pub name: String,
    /// What it takes, and where it is.
    #[serde(flatten)]
    pub way: Way,
}

/// What a target takes, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Way {
    /// Slack's incoming webhooks, and whatever takes `{"text": ...}`.
    Slack {
        /// The vault's name of the URL, which is a secret.
        credential: String,
    },
    /// Workflows of Teams: a message with an adaptive card.
    Teams {
        /// The vault's name of the URL.
        credential: String,
    },
    /// A record of a kintone app.
    Kintone(RecordPlace),
    /// A topic of SNS.
    Sns {
        /// Its ARN.
        topic: String,
    },
}

/// A kintone app that takes a record for each notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPlace {
    /// `https://example.cybozu.com`; the local stack also takes http.
    pub base_url: String,
    /// The guest space that the app is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_space: Option<u64>,
    /// The app's number.
    pub app: u64,
    /// The vault's name of what opens it.
    pub credential: String,
    /// Codes of the app's fields where they are not the usual ones; `None` leaves the part out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Part, Option<String>>,
}

/// Where notices of a domain's units go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// Version of this form: 1.
    pub v: u8,
    /// All of them are told.
    pub targets: Vec<Target>,
}

impl Default for Targets {
    fn default() -> Self {
        Self { v: 1, targets: Vec::new() }
    }
}

/// Longest text of an error that is kept, in characters: it stands in the state of a unit.
pub const MOST_OF_ERROR: usize = 200;

/// What became of the last notice of a unit that a target was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Delivery {
    /// When it was sent.
    pub at: Timestamp,
    /// Why it was not delivered; `None` where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Delivery {
    /// Of what sending has answered. The error is cut where it is long.
    pub fn new(at: Timestamp, sent: Result<(), String>) -> Self {
        Self { at, error: sent.err().map(|error| error.chars().take(MOST_OF_ERROR).collect()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn targets_of_before_decode_and_each_way_is_kept_whole() {
        let stored = json!({ "v": 1, "targets": [{ "name": "ops", "shape": "slack", "credential": "notify/d/ops" }] });
        let targets: Targets = serde_json::from_value(stored.clone()).expect("what was stored before");
        assert_eq!(targets.targets[0].way, Way::Slack { credential: "notify/d/ops".into() });
        assert_eq!(serde_json::to_value(&targets).expect("JSON"), stored);
        let fields = BTreeMap::from([(Part::Title, Some("件名".to_owned())), (Part::Count, None)]);
        let place = RecordPlace {
            base_url: "https://example.cybozu.com".into(),
            guest_space: Some(7),
            app: 12,
            credential: "notify/d/app".into(),
            fields,
        };
        let ways = [
            Way::Teams { credential: "notify/d/t".into() },
            Way::Kintone(place),
            Way::Sns { topic: "arn:aws:sns:ap-northeast-1:1:ops".into() },
        ];
        for way in ways {
            let target = Target { name: "t".into(), way };
            let stored = serde_json::to_value(&target).expect("JSON");
            assert_eq!(serde_json::from_value::<Target>(stored).expect("a target"), target);
        }
    }

    #[test]
    fn a_long_error_is_cut() {
        let delivery = Delivery::new(Timestamp(1), Err("あ".repeat(900)));
        assert_eq!(delivery.error.map(|e| e.chars().count()), Some(MOST_OF_ERROR));
        assert_eq!(Delivery::new(Timestamp(1), Ok(())).error, None);
    }
}
