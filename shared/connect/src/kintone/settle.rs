//! The fence: the log record whose revision-checked update is the first part of every bulk, and what it tells
//! when an answer was lost.

use model::field::{Field, Kind};
use model::value::Value;

use super::client::Kintone;
use super::encode::{self, EncodeError};
use super::error::{Class, KintoneError};
use super::read::ReadField;

/// The log record that guards the writes of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The log app.
    pub app: u64,
    /// The log record's `$id`.
    pub record: u64,
    /// The revision that the record has now, as its owner knows it.
    pub revision: u64,
    /// The text field that holds the mark of the last bulk.
    pub journal: Field,
    /// The mark that its owner left there last. Every owner leaves one of its own before its first bulk; so while this
    /// one stands there nobody else owns the record, whoever edited it.
    pub mark: String,
    /// Further fields that every bulk sets in the log record.
    pub more: Vec<(Field, Value)>,
}

/// What the log record says about a bulk with an unknown outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It took effect; the fence is at this revision now.
    Committed {
        /// The log record's revision.
        revision: u64,
    },
    /// It has not taken effect, and repeating it is safe: should the lost request still be on its way, only one of
    /// the two passes the fence.
    NotCommitted,
    /// It has not taken effect, and the record was edited by somebody who is no owner: repeat it at this revision.
    Edited {
        /// The log record's revision.
        revision: u64,
    },
    /// Somebody else wrote the log record: this owner must stop.
    Fenced {
        /// The log record's revision.
        revision: u64,
        /// The mark that stands there.
        mark: String,
    },
}

impl Fence {
    /// The part of a bulk that passes the fence. A call for several records, since those fire no webhooks.
    pub(crate) fn part(&self, api: &str, mark: &str) -> Result<Vec<u8>, EncodeError> {
        let mut out =
            format!("{{\"method\":\"PUT\",\"api\":\"{api}\",\"payload\":{{\"app\":{},\"records\":[", self.app)
                .into_bytes();
        out.extend_from_slice(
            format!("{{\"id\":{},\"revision\":{},\"record\":", self.record, self.revision).as_bytes(),
        );
        let (mut fields, mut values): (Vec<Field>, Vec<Value>) = self.more.iter().cloned().unzip();
        fields.push(self.journal.clone());
        values.push(Value::text(mark));
        encode::record(&mut out, &fields, &values)?;
        out.extend_from_slice(b"}]}}");
        Ok(out)
    }

    /// Judges what the log record says.
    fn judge(&self, mark: &str, revision: u64, found: &str) -> Settled {
        if found == mark {
            Settled::Committed { revision }
        } else if revision == self.revision {
            Settled::NotCommitted
        } else if found == self.mark {
            Settled::Edited { revision }
        } else {
            Settled::Fenced { revision, mark: found.to_owned() }
        }
    }
}

impl Kintone {
    /// Reads the log record and says whether the bulk with this mark took effect. `fence` is as it was when the bulk
    /// was sent; the mark must be the bulk's own.
    pub async fn settle(&self, fence: &Fence, mark: &str) -> Result<Settled, KintoneError> {
        let journal = [ReadField::new(&fence.journal.code, Kind::Text)];
        let Some(record) = self.read_one(fence.app, fence.record, &journal).await? else {
            let message = format!("the log record {} is gone", fence.record);
            return Err(KintoneError::new(Class::NotFound, message).change(|failure| failure.apps = vec![fence.app]));
        };
        let found = match record.values.first() {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        };
        Ok(fence.judge(mark, record.revision, found))
    }
}

#[cfg(test)]
mod tests {
    use model::field::FieldType;

    use super::*;

    fn fence() -> Fence {
        let journal = Field::new("journal", FieldType::SingleLineText);
        let more = vec![(Field::new("state", FieldType::SingleLineText), Value::Text("running".into()))];
        Fence { app: 3, record: 12, revision: 4, journal, mark: "a".into(), more }
    }

    #[test]
    fn the_part_checks_the_revision_and_sets_the_mark() {
        let part: serde_json::Value =
            serde_json::from_slice(&fence().part("/k/v1/records.json", "w1/2/3").unwrap()).unwrap();
        let record = serde_json::json!({"state": {"value": "running"}, "journal": {"value": "w1/2/3"}});
        let payload = serde_json::json!({"app": 3, "records": [{"id": 12, "revision": 4, "record": record}]});
        assert_eq!(part, serde_json::json!({"method": "PUT", "api": "/k/v1/records.json", "payload": payload}));
    }

    #[test]
    fn the_mark_says_whose_the_record_is() {
        let judge = |revision, found: &str| fence().judge("b", revision, found);
        assert_eq!(judge(4, "a"), Settled::NotCommitted);
        assert_eq!(judge(5, "b"), Settled::Committed { revision: 5 });
        assert_eq!(judge(6, "b"), Settled::Committed { revision: 6 }, "edited after it took effect");
        assert_eq!(judge(5, "a"), Settled::Edited { revision: 5 });
        assert_eq!(judge(5, "x"), Settled::Fenced { revision: 5, mark: "x".into() });
    }
}
