//! In which order changes are written, so that kintone never meets a value that must be unique twice.
//!
//! Who gives a value up is written before who takes it, in a part of its own: deletes before the updates and adds that take
//! their values, updates in waves. Where updates pass values round in a ring (or along a long chain), those that others wait
//! for give theirs up first, with a write of its own: the field is blank then, or, where it must not be, holds a text that
//! nobody has. Deletes and adds stand side by side, so that a replaced app is never seen empty.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use model::value::Value;

use super::changes::{Changes, Record, Written};

/// Records of one part of a bulk: kintone's most.
const PART: usize = 100;
/// Most waves of updates; with more, a write that gives the values up takes fewer parts.
const WAVES: usize = 4;

/// Changes that go together, at most a part of a bulk. What comes behind must stand in another part.
#[derive(Clone, Debug, PartialEq)]
pub enum Batch {
    /// Records to change.
    Put(Vec<Put>),
    /// Records to delete, by index in [`Changes::deletes`].
    Delete(Vec<usize>),
    /// Records to add, by index in [`Changes::adds`].
    Add(Range<usize>),
}

/// A change of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// Which of [`Changes::updates`].
    pub update: usize,
    /// The revision that the record has then.
    pub revision: u64,
    /// The fields of a write that only gives values up; `None`: the update itself.
    pub release: Option<Record>,
}

/// A unique field, by index, and a value of it.
type Held = (usize, Value);

/// Who gives a value up.
#[derive(Clone, Copy)]
enum Giver {
    Update(usize),
    Delete(usize),
}

impl Changes {
    /// The changes in the order in which they are to be written.
    pub fn sequence(&self) -> Vec<Batch> {
        let unique: Vec<usize> = (0..self.written.len()).filter(|i| self.written[*i].unique).collect();
        let given = if unique.is_empty() { HashMap::new() } else { self.given(&unique) };
        let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.updates.len()];
        let mut early = BTreeSet::new();
        let mut taker: HashMap<usize, usize> = HashMap::new();
        if !given.is_empty() {
            for (index, update) in self.updates.iter().enumerate() {
                for field in unique.iter().filter(|f| changes(update.fields.as_slice(), **f)) {
                    match given.get(&self.wanted(*field, update.row)) {
                        Some(Giver::Update(other)) if *other != index => drop(needs[index].insert(*other)),
                        Some(Giver::Delete(delete)) => drop(early.insert(*delete)),
                        _ => {}
                    }
                }
            }
            for (place, row) in self.adds.iter().enumerate() {
                for field in &unique {
                    if let Some(Giver::Delete(delete)) = given.get(&self.wanted(*field, *row)) {
                        taker.entry(*delete).or_insert(place);
                    }
                }
            }
        }
        let mut batches: Vec<Batch> = parts(early.iter().copied()).into_iter().map(Batch::Delete).collect();
        self.puts(&unique, needs, &mut batches);
        let mut deletes: Vec<usize> = (0..self.deletes.len()).filter(|d| !early.contains(d)).collect();
        deletes.sort_by_key(|delete| taker.get(delete).copied().unwrap_or(usize::MAX));
        side_by_side(&deletes, &taker, self.adds.len(), &mut batches);
        batches
    }

    /// Values that some change gives up.
    fn given(&self, unique: &[usize]) -> HashMap<Held, Giver> {
        let mut given = HashMap::new();
        let stored = |field: usize, record: usize| {
            self.present.column(self.written[field].column.name()).map_or(Value::Blank, |c| c.value(record))
        };
        for (index, update) in self.updates.iter().enumerate() {
            for field in unique.iter().filter(|f| changes(update.fields.as_slice(), **f)) {
                given.insert((*field, stored(*field, update.present)), Giver::Update(index));
            }
        }
        for (index, record) in self.deleted.iter().enumerate() {
            for field in unique {
                given.insert((*field, stored(*field, *record)), Giver::Delete(index));
            }
        }
        // Blank is no value: any number of records may be without one.
        given.retain(|(_, value), _| !value.is_blank());
        given
    }

    fn wanted(&self, field: usize, row: usize) -> Held {
        (field, self.written[field].column.value(row))
    }

    /// The updates: first those that only give values up, then wave by wave.
    fn puts(&self, unique: &[usize], mut needs: Vec<BTreeSet<usize>>, batches: &mut Vec<Batch>) {
        let mut wave = waves(&needs);
        let late = |wave: &Option<usize>| wave.is_none_or(|w| w >= WAVES);
        let waiting = needs.iter().zip(&wave).filter(|(_, wave)| late(wave));
        let released: BTreeSet<usize> = waiting.flat_map(|(needs, _)| needs.iter().copied()).collect();
        if !released.is_empty() {
            needs.iter_mut().for_each(|needs| needs.retain(|giver| !released.contains(giver)));
            wave = waves(&needs);
        }
        let release = |update: usize| {
            let changed = &self.updates[update];
            let fields = unique.iter().filter(|f| changes(changed.fields.as_slice(), **f));
            let field = |f: &usize| (self.written[*f].column.name().to_owned(), spare(&self.written[*f], changed.id));
            Put { update, revision: changed.revision, release: Some(fields.map(field).collect()) }
        };
        batches.extend(parts(released.iter().copied().map(release)).into_iter().map(Batch::Put));
        let last = wave.iter().flatten().max().copied().unwrap_or(0);
        for turn in 0..=last {
            let members = wave.iter().enumerate().filter(|(_, wave)| wave.unwrap_or(last) == turn);
            let put = members.map(|(update, _)| {
                let moved = u64::from(released.contains(&update));
                Put { update, revision: self.updates[update].revision + moved, release: None }
            });
            batches.extend(parts(put).into_iter().map(Batch::Put));
        }
    }
}

fn changes(fields: &[u16], field: usize) -> bool {
    fields.iter().any(|f| usize::from(*f) == field)
}

/// In which wave each update can be written: behind all that it needs. `None` for those on a ring, or behind one.
fn waves(needs: &[BTreeSet<usize>]) -> Vec<Option<usize>> {
    let mut wave: Vec<Option<usize>> = vec![None; needs.len()];
    let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (update, needs) in needs.iter().enumerate() {
        needs.iter().for_each(|giver| waiting[*giver].push(update));
    }
    let mut free: Vec<usize> = (0..needs.len()).filter(|update| missing[*update] == 0).collect();
    while let Some(update) = free.pop() {
        wave[update] = Some(needs[update].iter().filter_map(|giver| wave[*giver]).max().map_or(0, |w| w + 1));
        for other in std::mem::take(&mut waiting[update]) {
            missing[other] -= 1;
            if missing[other] == 0 {
                free.push(other);
            }
        }
    }
    wave
}

/// What a unique field holds while its value is given up.
fn spare(written: &Written, id: u64) -> Value {
    use model::field::Kind;
    match written.column.kind() {
        _ if !written.required => Value::Blank,
        Kind::Text => Value::Text(format!("~{id}")),
        Kind::Number => i64::try_from(id).map_or(Value::Blank, |id| Value::Number((-id).into())),
        // Nothing is known to be free; kintone refuses the blank, and nothing is written.
        _ => Value::Blank,
    }
}

fn parts<T>(all: impl Iterator<Item = T>) -> Vec<Vec<T>> {
    let mut result: Vec<Vec<T>> = Vec::new();
    for item in all {
        match result.last_mut().filter(|part| part.len() < PART) {
            Some(part) => part.push(item),
            None => result.push(vec![item]),
        }
    }
    result
}

/// Deletes and adds in turns; in front of every part of adds stand all deletes whose values it takes.
fn side_by_side(deletes: &[usize], taker: &HashMap<usize, usize>, adds: usize, batches: &mut Vec<Batch>) {
    let mut gone = 0;
    let mut at = 0;
    while at < adds || gone < deletes.len() {
        let end = (at + PART).min(adds.max(at));
        let needed = deletes[gone..].iter().take_while(|d| taker.get(d).is_some_and(|place| *place < end)).count();
        let balance = (at + PART).saturating_sub(gone).min(deletes.len() - gone);
        let turn = &deletes[gone..gone + needed.max(balance)];
        batches.extend(turn.chunks(PART).map(|part| Batch::Delete(part.to_vec())));
        gone += turn.len();
        if at < adds {
            batches.push(Batch::Add(at..end));
        }
        at += PART;
    }
}
