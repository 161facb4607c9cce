//! What became of each record in the course of a run, flow by flow, of which a worker kept images: pure, from the images and
//! the notes.

use std::collections::BTreeMap;

use connect::storage::StorageError;
use engine::Record;

use super::OfFlow;
use super::images::{Head, Image};

/// What a run did to a record, all its flows together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was changed.
    Changed {
        /// The fields that were changed, as they were before the first change.
        before: Record,
        /// Its revision behind the last change.
        revision: u64,
    },
    /// It was deleted.
    Deleted {
        /// All its fields that can be written, as they were before the run.
        before: Record,
    },
    /// It was added.
    Added {
        /// Its revision behind the last change.
        revision: u64,
    },
    /// It was added, and deleted again.
    Gone,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// By app and id.
    pub records: BTreeMap<(u64, u64), Done>,
    /// Added records of which nobody knows the id, because the answer was lost: by app, with the fields that were written.
    pub unknown: Vec<(u64, Record)>,
    /// Files that were written; they are not taken back.
    pub files: Vec<String>,
    /// Units that were called; what they did is not taken back.
    pub calls: Vec<String>,
}

/// What took effect of a flow: its images, each with the id of the record where it was added and that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Took {
    /// What stands in front of the images.
    pub head: Head,
    /// The images of the writes that took effect, in order.
    pub images: Vec<(Image, Option<u64>)>,
}

impl OfFlow<'_> {
    /// What took effect; `None` where nothing is kept.
    pub async fn took(&self) -> Result<Option<Took>, StorageError> {
        let notes = self.notes().await?;
        let Some(last) = notes.last() else { return Ok(None) };
        let Some((head, mut images)) = self.images(&last.computation).await? else { return Ok(None) };
        images.truncate(notes.iter().map(|note| note.upto).max().unwrap_or(0));
        let mut images: Vec<(Image, Option<u64>)> = images.into_iter().map(|image| (image, None)).collect();
        for note in notes.iter().filter(|note| note.upto >= note.ids.len()) {
            let first = note.upto - note.ids.len();
            for ((_, known), id) in images.iter_mut().skip(first).zip(&note.ids) {
                *known = Some(*id).filter(|id| *id > 0).or(*known);
            }
        }
        Ok(Some(Took { head, images }))
    }
}

impl Standing {
    /// How many records there are to take back.
    pub fn len(&self) -> usize {
        self.records.values().filter(|done| **done != Done::Gone).count() + self.unknown.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes note of a flow, in the order in which flows ran.
    pub fn follow(&mut self, took: Took) {
        self.files.extend(took.head.files);
        self.calls.extend(took.head.calls);
        for (image, id) in took.images {
            match image {
                Image::Update { app, id, revision, before } => self.update((app, id), revision + 1, before),
                Image::Delete { app, id, before } => self.delete((app, id), before),
                Image::Add { app, record } => match id {
                    Some(id) => drop(self.records.insert((app, id), Done::Added { revision: 1 })),
                    None => self.unknown.push((app, record)),
                },
            }
        }
    }

    fn update(&mut self, record: (u64, u64), now: u64, changed: Record) {
        match self.records.get_mut(&record) {
            None => drop(self.records.insert(record, Done::Changed { before: changed, revision: now })),
            Some(Done::Changed { before, revision }) => {
                *revision = now;
                merge(before, changed);
            }
            Some(Done::Added { revision }) => *revision = now,
            Some(Done::Deleted { .. } | Done::Gone) => {}
        }
    }

    fn delete(&mut self, record: (u64, u64), held: Record) {
        let done = match self.records.remove(&record) {
            None => Done::Deleted { before: held },
            Some(Done::Changed { mut before, .. }) => {
                merge(&mut before, held);
                Done::Deleted { before }
            }
            Some(Done::Added { .. } | Done::Gone) => Done::Gone,
            Some(deleted @ Done::Deleted { .. }) => deleted,
        };
        self.records.insert(record, done);
    }
}

/// Adds the fields that are not yet known.
fn merge(before: &mut Record, later: Record) {
    for (code, value) in later {
        if !before.iter().any(|(known, _)| *known == code) {
            before.push((code, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::value::Value;

    use super::*;

    fn fields(fields: &[(&str, &str)]) -> Record {
        fields.iter().map(|(code, value)| ((*code).to_owned(), Value::text(*value))).collect()
    }

    fn update(id: u64, revision: u64, before: &[(&str, &str)]) -> (Image, Option<u64>) {
        (Image::Update { app: 1, id, revision, before: fields(before) }, Some(id))
    }

    fn standing(flows: Vec<Vec<(Image, Option<u64>)>>) -> Standing {
        let mut standing = Standing::default();
        for images in flows {
            standing.follow(Took { head: Head::default(), images });
        }
        standing
    }

    #[test]
    fn what_flows_did_one_after_the_other_is_one_change() {
        let first = vec![update(5, 7, &[("a", "1")])];
        let second = vec![update(5, 8, &[("a", "2"), ("b", "x")])];
        let found = standing(vec![first, second]);
        let before = fields(&[("a", "1"), ("b", "x")]);
        assert_eq!(found.records, BTreeMap::from([((1, 5), Done::Changed { before, revision: 9 })]));
    }

    #[test]
    fn what_is_changed_and_then_deleted_comes_back_as_it_was_at_first() {
        let delete = (Image::Delete { app: 1, id: 5, before: fields(&[("a", "2"), ("c", "y")]) }, None);
        let found = standing(vec![vec![update(5, 7, &[("a", "1")]), delete]]);
        let before = fields(&[("a", "1"), ("c", "y")]);
        assert_eq!(found.records, BTreeMap::from([((1, 5), Done::Deleted { before })]));
    }

    #[test]
    fn what_is_added_goes_at_its_last_revision_or_is_gone_already() {
        let add = |id| (Image::Add { app: 1, record: fields(&[("a", "1")]) }, id);
        let delete = (Image::Delete { app: 1, id: 8, before: Vec::new() }, None);
        let first = vec![add(Some(7)), add(Some(8)), add(None)];
        let found = standing(vec![first, vec![update(7, 1, &[("a", "1")]), delete]]);
        let records = BTreeMap::from([((1, 7), Done::Added { revision: 2 }), ((1, 8), Done::Gone)]);
        assert_eq!((found.records, found.unknown), (records, vec![(1, fields(&[("a", "1")]))]));
    }
}
