//! Some of the changes of a bulk, as a bulk of its own: what kintone refuses is left out, and the rest is sent.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::bulk::{Bulk, PartBody, Verb};
use super::staged::NotABulk;

/// A request of a bulk.
#[derive(Serialize, Deserialize)]
struct Request {
    method: String,
    api: String,
    payload: Payload,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    app: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upsert: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<u64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revisions: Option<Vec<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    records: Option<Vec<Box<RawValue>>>,
}

#[derive(Deserialize)]
struct Numbered {
    #[serde(default)]
    id: Option<u64>,
}

impl Bulk {
    /// The app and, where it has one yet, the record of each change, in the order of the positions.
    pub fn targets(&self) -> Result<Vec<(u64, Option<u64>)>, NotABulk> {
        let mut targets = Vec::with_capacity(self.records());
        for part in &self.parts {
            match part.verb {
                Verb::Delete => targets.extend(part.deleted.iter().map(|id| (part.app, Some(*id)))),
                Verb::Insert => targets.extend(part.positions.clone().map(|_| (part.app, None))),
                Verb::Update | Verb::Upsert => {
                    let request: Request = serde_json::from_slice(&part.json)?;
                    for record in request.payload.records.unwrap_or_default() {
                        targets.push((part.app, serde_json::from_str::<Numbered>(record.get())?.id));
                    }
                }
            }
        }
        Ok(targets)
    }

    /// The changes at these positions as a bulk of its own, whose positions begin at `first`; `None` where there are none.
    pub fn select(&self, first: usize, keep: impl Fn(usize) -> bool) -> Result<Option<Self>, NotABulk> {
        let (mut parts, mut next) = (Vec::new(), first);
        for part in &self.parts {
            let kept: Vec<usize> = part.positions.clone().filter(|position| keep(*position)).collect();
            if kept.is_empty() {
                continue;
            }
            let positions = next..next + kept.len();
            next = positions.end;
            let whole = kept.len() == part.positions.len();
            let at: Vec<usize> = kept.iter().map(|position| position - part.positions.start).collect();
            let json = if whole { part.json.clone() } else { some(&part.json, &at)?.into() };
            let deleted = at.iter().filter_map(|at| part.deleted.get(*at).copied()).collect();
            parts.push(PartBody { app: part.app, verb: part.verb, json, positions, deleted });
        }
        let bulk = Self { parts, positions: first..next };
        Ok((next > first).then_some(bulk))
    }
}

/// A request with some of its records.
fn some(json: &[u8], at: &[usize]) -> Result<Vec<u8>, NotABulk> {
    let mut request: Request = serde_json::from_slice(json)?;
    let payload = &mut request.payload;
    payload.ids = payload.ids.take().map(|ids| chosen(ids, at));
    payload.revisions = payload.revisions.take().map(|revisions| chosen(revisions, at));
    payload.records = payload.records.take().map(|records| chosen(records, at));
    Ok(serde_json::to_vec(&request)?)
}

fn chosen<T>(all: Vec<T>, at: &[usize]) -> Vec<T> {
    all.into_iter().enumerate().filter(|(index, _)| at.binary_search(index).is_ok()).map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use model::field::{Field, FieldType};
    use model::value::Value;

    use super::super::bulk::{BulkBuilder, Change, MAX_BULK_BYTES, Target};
    use super::*;

    fn bulk() -> Bulk {
        let target = Target { app: 7, fields: vec![Field::new("名", FieldType::SingleLineText)] };
        let mut builder = BulkBuilder::new("/k/v1/records.json".to_owned(), true, MAX_BULK_BYTES);
        for id in 1..=3 {
            let values = [Value::text(format!("更新{id}"))];
            builder.push(&target, Change::Update { id, revision: Some(id + 10), values: &values }).unwrap();
        }
        for id in 21..=23 {
            builder.push(&target, Change::Delete { id, revision: Some(2) }).unwrap();
        }
        for text in ["一", "二"] {
            builder.push(&target, Change::Insert { values: &[Value::text(text)] }).unwrap();
        }
        builder.cut().unwrap()
    }

    #[test]
    fn every_position_names_its_record() {
        let ids = [Some(1), Some(2), Some(3), Some(21), Some(22), Some(23), None, None];
        assert_eq!(bulk().targets().unwrap(), ids.map(|id| (7, id)));
    }

    #[test]
    fn what_is_left_out_is_not_sent_and_the_rest_stays_in_its_order() {
        let bulk = bulk();
        let left = bulk.select(5, |position| ![1, 3, 4, 6].contains(&position)).unwrap().unwrap();
        assert_eq!((left.positions(), left.records()), (5..9, 4));
        let parts: Vec<_> = left.parts.iter().map(|part| (part.positions.clone(), part.deleted.clone())).collect();
        assert_eq!(parts, [(5..7, vec![]), (7..8, vec![23]), (8..9, vec![])]);
        let text = |at: usize| String::from_utf8(left.parts[at].json.to_vec()).unwrap();
        assert_eq!(
            text(0),
            r#"{"method":"PUT","api":"/k/v1/records.json","payload":{"app":7,"records":[{"id":1,"revision":11,"record":{"名":{"value":"更新1"}}},{"id":3,"revision":13,"record":{"名":{"value":"更新3"}}}]}}"#
        );
        assert!(text(1).contains(r#""ids":[23],"revisions":[2]"#), "{}", text(1));
        assert!(text(2).contains("二") && !text(2).contains("一"), "{}", text(2));
        assert!(bulk.select(0, |_| false).unwrap().is_none());
        let whole = bulk.select(0, |_| true).unwrap().unwrap();
        assert!(bulk.parts.iter().zip(&whole.parts).all(|(a, b)| a.json == b.json), "the same in every byte");
    }
}
