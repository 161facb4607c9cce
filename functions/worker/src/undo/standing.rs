//! What became of each record in the course of a run, flow by flow, of which a worker kept images: pure, from the images and
//! the notes.

use std::collections::{BTreeMap, BTreeSet};

use connect::storage::StorageError;
use engine::Record;

use super::OfFlow;
use super::images::{Head, Image};
use super::notes::Note;

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
    /// Somebody else changed it between two writes of the run: what it held before would take that change away.
    Disturbed,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// By app and id.
    pub records: BTreeMap<(u64, u64), Done>,
    /// Records that the run deleted after somebody else had changed them in its course, by app and id: they come back as they
    /// were when they were deleted.
    pub disturbed: BTreeSet<(u64, u64)>,
    /// Added records of which nobody knows the id, because the answer was lost: by app, with the fields that were written.
    pub unknown: Vec<(u64, Record)>,
    /// Files that were written; they are not taken back.
    pub files: Vec<String>,
    /// Units that were called; what they did is not taken back.
    pub calls: Vec<String>,
    /// Apps and fields whose added records got numbers; those are not given again.
    pub numbers: BTreeSet<String>,
    /// How many writes are known only from what the run says that it wrote, because no note tells of them.
    pub unnoted: usize,
    /// How many writes are recorded of which nothing is kept.
    pub missing: usize,
}

/// What is known of how much a flow has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrote {
    /// What the notes say.
    Noted,
    /// So many records, as its run says.
    Recorded {
        /// Records, with the rows of files where it wrote files.
        records: u64,
        /// Whether it wrote all that it had computed.
        whole: bool,
    },
}

/// What took effect of a flow: its images, each with the id of the record where it was added and that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Took {
    /// What stands in front of the images.
    pub head: Head,
    /// The computation that they are of.
    pub computation: String,
    /// The images of the writes that took effect, in order.
    pub images: Vec<(Image, Option<u64>)>,
    /// How many of them no note tells of.
    pub unnoted: usize,
    /// How many writes are recorded of which there is no image.
    pub missing: usize,
}

impl OfFlow<'_> {
    /// What took effect; `None` where nothing is kept.
    ///
    /// Notes may be missing, because they could not be kept. The bulks take effect in the order of the images, so a note tells
    /// of all before it, and what the run says that it wrote tells of those behind the last one.
    pub async fn took(&self, wrote: Wrote) -> Result<Option<Took>, StorageError> {
        let kept = self.store.kept_of_flow(self.run, self.flow).await?;
        let notes = self.notes(&kept.bulks).await?;
        let noted = notes.last().map(|note| note.computation.clone());
        let Some(computation) = noted.or_else(|| last_of(wrote, &kept.computations)) else { return Ok(None) };
        let Some((head, images)) = self.images(&computation).await? else { return Ok(None) };
        Ok(Some(took(head, computation, images, &notes, wrote)))
    }
}

/// The computation that was written where no note tells it: the last one, for those before it were not written.
fn last_of(wrote: Wrote, computations: &[String]) -> Option<String> {
    let number = |name: &&String| name.split('-').map(|n| n.parse().unwrap_or(0)).collect::<Vec<u32>>();
    match wrote {
        Wrote::Noted => None,
        Wrote::Recorded { .. } => computations.iter().max_by_key(number).cloned(),
    }
}

fn took(head: Head, computation: String, mut images: Vec<Image>, notes: &[Note], wrote: Wrote) -> Took {
    let upto = notes.iter().map(|note| note.upto).max().unwrap_or(0).min(images.len());
    let (count, missing) = match wrote {
        Wrote::Noted => (upto, 0),
        Wrote::Recorded { records, whole } => {
            let records = usize::try_from(records).unwrap_or(usize::MAX);
            // Rows of files are among the records.
            let missing = if head.files.is_empty() { records.saturating_sub(images.len()) } else { 0 };
            (if whole { images.len() } else { records.min(images.len()).max(upto) }, missing)
        }
    };
    images.truncate(count);
    let mut images: Vec<(Image, Option<u64>)> = images.into_iter().map(|image| (image, None)).collect();
    for note in notes.iter().filter(|note| note.upto >= note.ids.len()) {
        let first = note.upto - note.ids.len();
        for ((_, known), id) in images.iter_mut().skip(first).zip(&note.ids) {
            *known = Some(*id).filter(|id| *id > 0).or(*known);
        }
    }
    Took { head, computation, unnoted: count - upto, images, missing }
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
        self.numbers.extend(took.head.numbers);
        self.unnoted += took.unnoted;
        self.missing += took.missing;
        for (image, id) in took.images {
            match image {
                Image::Update { app, id, revision, before } => self.update((app, id), revision, before),
                Image::Delete { app, id, revision, before } => self.delete((app, id), revision, before),
                Image::Add { app, record } => match id {
                    Some(id) => drop(self.records.insert((app, id), Done::Added { revision: 1 })),
                    None => self.unknown.push((app, record)),
                },
            }
        }
    }

    /// `found` is the revision that the record had when it was changed.
    fn update(&mut self, record: (u64, u64), found: u64, changed: Record) {
        let now = found + 1;
        match self.records.get_mut(&record) {
            None => drop(self.records.insert(record, Done::Changed { before: changed, revision: now })),
            Some(Done::Changed { before, revision }) if *revision == found => {
                *revision = now;
                merge(before, changed);
            }
            Some(Done::Added { revision }) if *revision == found => *revision = now,
            Some(done @ (Done::Changed { .. } | Done::Added { .. })) => *done = Done::Disturbed,
            Some(Done::Deleted { .. } | Done::Gone | Done::Disturbed) => {}
        }
    }

    /// `found` is the revision that the record had when it was deleted; images of earlier versions do not have it.
    fn delete(&mut self, record: (u64, u64), found: Option<u64>, held: Record) {
        let done = match self.records.remove(&record) {
            None => Done::Deleted { before: held },
            Some(Done::Changed { mut before, revision }) if found.is_none_or(|found| found == revision) => {
                merge(&mut before, held);
                Done::Deleted { before }
            }
            Some(Done::Changed { .. } | Done::Disturbed) => {
                self.disturbed.insert(record);
                Done::Deleted { before: held }
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

    fn delete(id: u64, revision: Option<u64>, before: &[(&str, &str)]) -> (Image, Option<u64>) {
        (Image::Delete { app: 1, id, revision, before: fields(before) }, None)
    }

    fn standing(flows: Vec<Vec<(Image, Option<u64>)>>) -> Standing {
        let mut standing = Standing::default();
        for images in flows {
            let computation = "1-1".to_owned();
            standing.follow(Took { head: Head::default(), computation, images, unnoted: 0, missing: 0 });
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
        let delete = delete(5, Some(8), &[("a", "2"), ("c", "y")]);
        let found = standing(vec![vec![update(5, 7, &[("a", "1")]), delete]]);
        let before = fields(&[("a", "1"), ("c", "y")]);
        assert_eq!(found.records, BTreeMap::from([((1, 5), Done::Deleted { before })]));
    }

    #[test]
    fn what_is_added_goes_at_its_last_revision_or_is_gone_already() {
        let add = |id| (Image::Add { app: 1, record: fields(&[("a", "1")]) }, id);
        let delete = delete(8, Some(1), &[]);
        let first = vec![add(Some(7)), add(Some(8)), add(None)];
        let found = standing(vec![first, vec![update(7, 1, &[("a", "1")]), delete]]);
        let records = BTreeMap::from([((1, 7), Done::Added { revision: 2 }), ((1, 8), Done::Gone)]);
        assert_eq!((found.records, found.unknown), (records, vec![(1, fields(&[("a", "1")]))]));
    }

    #[test]
    fn what_somebody_changed_between_two_flows_is_left() {
        let add = (Image::Add { app: 1, record: fields(&[("a", "1")]) }, Some(7));
        let first = vec![update(5, 7, &[("a", "1")]), add, update(6, 3, &[("a", "1")])];
        // Their revisions were 8, 1 and 4 behind that.
        let second = vec![update(5, 9, &[("b", "x")]), update(7, 2, &[("b", "x")]), delete(6, Some(5), &[("a", "9")])];
        let found = standing(vec![first.clone(), second.clone()]);
        let deleted = Done::Deleted { before: fields(&[("a", "9")]) };
        let records = [((1, 5), Done::Disturbed), ((1, 6), deleted), ((1, 7), Done::Disturbed)];
        assert_eq!((found.records, found.disturbed), (records.into(), [(1, 6)].into()));
        // Whatever the run does to it afterwards.
        let third = vec![update(5, 10, &[("c", "z")]), delete(7, Some(3), &[("a", "5")])];
        let found = standing(vec![first, second, third]);
        assert_eq!(found.records[&(1, 5)], Done::Disturbed);
        assert_eq!(found.records[&(1, 7)], Done::Deleted { before: fields(&[("a", "5")]) });
    }

    #[test]
    fn an_image_of_a_deleted_record_without_its_revision_is_read() {
        let image: Image = serde_json::from_str(r#"{"write":"delete","app":1,"id":5,"before":[]}"#).unwrap();
        assert_eq!(image, Image::Delete { app: 1, id: 5, revision: None, before: Vec::new() });
        let found = standing(vec![vec![update(5, 7, &[("a", "1")]), (image, None)]]);
        assert_eq!(found.records[&(1, 5)], Done::Deleted { before: fields(&[("a", "1")]) });
    }

    #[test]
    fn notes_that_are_missing_lose_nothing() {
        let image = |id| Image::Update { app: 1, id, revision: 1, before: Vec::new() };
        let note = |upto, ids: &[u64]| Note { v: 1, computation: "1-1".into(), upto, ids: ids.to_vec() };
        let of = |notes: &[Note], wrote| {
            let took = took(Head::default(), "1-1".into(), (1..=6).map(image).collect(), notes, wrote);
            (took.images.len(), took.images.iter().filter_map(|(_, id)| *id).collect(), took.unnoted, took.missing)
        };
        let recorded = |records, whole| Wrote::Recorded { records, whole };
        let all = [note(2, &[1, 2]), note(4, &[3, 4]), note(6, &[5, 6])];
        assert_eq!(of(&all, recorded(6, true)), (6, vec![1, 2, 3, 4, 5, 6], 0, 0));
        let gap = [all[0].clone(), all[2].clone()];
        assert_eq!(of(&gap, recorded(6, true)), (6, vec![1, 2, 5, 6], 0, 0), "a later note tells of those before it");
        assert_eq!(of(&all[..1], recorded(6, true)), (6, vec![1, 2], 4, 0), "the run tells of those behind");
        assert_eq!(of(&all[..1], recorded(4, false)), (4, vec![1, 2], 2, 0), "it failed behind the second bulk");
        assert_eq!(of(&[], recorded(6, true)), (6, vec![], 6, 0));
        assert_eq!(of(&all, recorded(9, true)), (6, vec![1, 2, 3, 4, 5, 6], 0, 3), "of three nothing is kept");
        assert_eq!(of(&all[..1], Wrote::Noted), (2, vec![1, 2], 0, 0));
    }

    #[test]
    fn the_last_computation_is_the_one_that_was_written() {
        let names = ["1-2", "10-1", "9-3-12", "10-1-2", "9-3"].map(str::to_owned);
        assert_eq!(last_of(Wrote::Recorded { records: 1, whole: true }, &names).as_deref(), Some("10-1-2"));
    }
}
