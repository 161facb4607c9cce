//! One sending of a bulk: its body, its answer, its outcome.

use reqwest::Method;
use serde::Deserialize;

use super::answer::{Num, not_understood, read_answer};
use super::bulk::{Bulk, BulkBuilder, MAX_BULK_BYTES, PartBody, Verb};
use super::client::Kintone;
use super::error::{Class, KintoneError, Right};
use super::failure::Rejection;
use super::http::Request;
use super::settle::Fence;

/// One record that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// `$id`
    pub id: u64,
    /// Its revision now; `None` where it was deleted.
    pub revision: Option<u64>,
    /// True where it was added.
    pub inserted: bool,
}

/// A bulk that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Each record, in the order of the changes; empty where the answer was lost and the fence told of the outcome.
    pub records: Vec<Written>,
    /// How many records the bulk changed.
    pub count: usize,
    /// The fence's revision now.
    pub fence_revision: Option<u64>,
}

/// What became of one sending of a bulk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was written.
    Committed(Committed),
    /// Nothing of it was written.
    Refused(Rejection),
    /// Nobody knows.
    Unknown(KintoneError),
}

#[derive(Deserialize)]
struct BulkAnswer {
    results: Vec<PartAnswer>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PartAnswer {
    ids: Vec<Num>,
    revisions: Vec<Num>,
    pub(crate) records: Vec<RecordAnswer>,
}

#[derive(Deserialize)]
pub(crate) struct RecordAnswer {
    pub(crate) id: Num,
    pub(crate) revision: Num,
    #[serde(default)]
    pub(crate) operation: Option<String>,
}

impl RecordAnswer {
    /// An upsert says what it did; a plain update says nothing.
    pub(crate) fn inserted(&self) -> bool {
        self.operation.as_deref() == Some("INSERT")
    }
}

impl Kintone {
    /// Packs changes into bulks that leave room for a fence (19 parts) or not (20).
    pub fn bulk_builder(&self, fenced: bool) -> BulkBuilder {
        BulkBuilder::new(self.api("records.json"), fenced, MAX_BULK_BYTES)
    }

    /// Sends a bulk once (repeating only what kintone refused to take on). `fence` comes with the mark to set; the
    /// bulk must have been built with room for it.
    pub async fn send(&self, bulk: &Bulk, fence: Option<(&Fence, &str)>) -> Outcome {
        let refused = |error| Outcome::Refused(Rejection::of(error, bulk, fence.is_some()));
        let request = match self.bulk_request(bulk, fence) {
            Ok(request) => request,
            Err(error) => return refused(error),
        };
        let info = request.info();
        let answer = match self.call(&request).await {
            Ok(answer) => answer,
            Err(error) if error.class.wrote_nothing() => return refused(name_part(error, bulk, fence)),
            Err(error) => return Outcome::Unknown(error),
        };
        let read = read_answer::<BulkAnswer>(&answer.body, &info).and_then(|a| {
            committed(&a.results, bulk, fence.is_some()).ok_or_else(|| not_understood(&info, "other results"))
        });
        match read {
            Ok(committed) => Outcome::Committed(committed),
            Err(error) => Outcome::Unknown(error),
        }
    }

    fn bulk_request(&self, bulk: &Bulk, fence: Option<(&Fence, &str)>) -> Result<Request, KintoneError> {
        let mut apps = bulk.apps();
        let mut body = Vec::with_capacity(bulk.bytes() + 1_000);
        body.extend_from_slice(b"{\"requests\":[");
        if let Some((fence, mark)) = fence {
            let part = fence.part(&self.api("records.json"), mark).map_err(|e| KintoneError::local(e.to_string()))?;
            body.extend_from_slice(&part);
            body.push(b',');
            apps.push(fence.app);
        }
        for (at, part) in bulk.parts.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&part.json);
        }
        body.extend_from_slice(b"]}");
        Ok(Request::write(Method::POST, "bulkRequest.json", apps, Right::EditRecords, body))
    }
}

/// Names the app and the right of the part that lacks it.
fn name_part(error: KintoneError, bulk: &Bulk, fence: Option<(&Fence, &str)>) -> KintoneError {
    let Some(index) = error.bulk_index.filter(|_| error.class == Class::Permission) else { return error };
    let (app, right) = match (fence, index.checked_sub(usize::from(fence.is_some()))) {
        (Some((fence, _)), None) => (fence.app, Right::EditRecords),
        (_, Some(at)) if at < bulk.parts.len() => {
            let right = match bulk.parts[at].verb {
                Verb::Insert => Right::AddRecords,
                Verb::Update | Verb::Upsert => Right::EditRecords,
                Verb::Delete => Right::DeleteRecords,
            };
            (bulk.parts[at].app, right)
        }
        _ => return error,
    };
    error.change(|failure| {
        failure.apps = vec![app];
        failure.right = Some(right);
    })
}

/// `None` where the answer does not fit the bulk.
fn committed(results: &[PartAnswer], bulk: &Bulk, fenced: bool) -> Option<Committed> {
    let (fence, parts) = results.split_at_checked(usize::from(fenced))?;
    if parts.len() != bulk.parts.len() {
        return None;
    }
    let fence_revision = match fence.first() {
        Some(answer) => Some(answer.records.first()?.revision.0),
        None => None,
    };
    let mut records = Vec::with_capacity(bulk.records());
    for (answer, part) in parts.iter().zip(&bulk.parts) {
        let before = records.len();
        records_of(answer, part, &mut records);
        if records.len() - before != part.positions.len() {
            return None;
        }
    }
    Some(Committed { records, count: bulk.records(), fence_revision })
}

fn records_of(answer: &PartAnswer, part: &PartBody, out: &mut Vec<Written>) {
    match part.verb {
        Verb::Insert => out.extend(answer.ids.iter().zip(&answer.revisions).map(|(id, revision)| Written {
            id: id.0,
            revision: Some(revision.0),
            inserted: true,
        })),
        Verb::Update | Verb::Upsert => out.extend(answer.records.iter().map(|record| Written {
            id: record.id.0,
            revision: Some(record.revision.0),
            inserted: record.inserted(),
        })),
        Verb::Delete => {
            out.extend(part.deleted.iter().map(|id| Written { id: *id, revision: None, inserted: false }));
        }
    }
}
