//! Sending what takes back: what kintone refuses is left as it is and told, and the rest goes on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use connect::kintone::{Bulk, Class, NotABulk, Rejection};
use connect::storage::StorageError;
use model::run::{FlowResult, FlowState};

use super::Work;
use super::one_flow::{At, Sent};
use super::packed::Packed;
use crate::log::LogRecord;
use crate::told;
use crate::undo::images::Image;
use crate::undo::left::{Left, Telling};
use crate::undo::standing::Wrote;
use crate::writing::WritingError;

/// How many refusals without a name are looked into by sending half of the records: each costs a call, and kintone allows
/// 10,000 a day and app. Behind them, all records of a part that is refused are left.
const LOOKED_INTO: usize = 300;

impl Work<'_> {
    /// Sends what takes back. `last`: it will not be computed again, so that a record that was changed at this moment is left,
    /// too; else nothing is written then, and [`WritingError::Conflict`] says so.
    pub(super) async fn send_back(
        &mut self,
        at: &At<'_>,
        mut packed: Packed,
        last: bool,
        result: &mut FlowResult,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        loop {
            let Sent { written, bulks, rejection, outcome } = self.send(at, packed.clone(), log).await;
            result.output_records = written as u64;
            let leaves = match &outcome {
                Err(WritingError::Conflict(_)) => last,
                Err(WritingError::Refused(_)) => true,
                _ => false,
            };
            let part = rejection.filter(|rejection| leaves && !rejection.error.class.is_temporary());
            let Some((rejection, part)) =
                part.and_then(|rejection| rejection.part.clone().map(|part| (rejection, part)))
            else {
                outcome?;
                let telling = packed.staged.telling.take().unwrap_or_default();
                (result.message, result.state) = (telling.text(), packed.staged.result.state);
                self.tell_new_ids(at.index, packed.images.is_some(), &telling, result).await;
                return Ok(());
            };
            packed.sent = bulks;
            packed.shortened += 1;
            self.shorten(at.index, &mut packed, &rejection, part).await?;
            tracing::info!(run = %self.ticket.run.id, error = %rejection.error, "some records are refused and left");
            if log.is_some() {
                packed.kept = None;
                if self.time_is_up() {
                    self.note_waiting(at.kintone, at.index, &mut packed, log).await?;
                    return Err(WritingError::HandOver);
                }
                // Records have gone back already: what cannot be staged now is left to the next worker.
                let kept = self.keep(at.index, &mut packed).await;
                kept.map_err(|error| WritingError::Later(None, format!("{error:?}")))?;
            }
        }
    }

    /// Leaves out of the bulks what kintone refused, or, where it names no record, sends the halves of them one by one.
    async fn shorten(
        &mut self,
        flow: usize,
        packed: &mut Packed,
        rejection: &Rejection,
        part: Range<usize>,
    ) -> Result<(), WritingError> {
        let odd = |error: NotABulk| WritingError::Later(None, error.to_string());
        let mut left: BTreeMap<usize, String> = BTreeMap::new();
        for record in &rejection.records {
            let field = record.field.as_deref().unwrap_or("-");
            let why = format!("{field}: {}", record.messages.join(" "));
            left.entry(record.position).and_modify(|all| *all = format!("{all} {why}")).or_insert(why);
        }
        if left.is_empty() && (part.len() == 1 || packed.shortened > LOOKED_INTO) {
            left = part.clone().map(|position| (position, rejection.error.brief())).collect();
        }
        let bulks = std::mem::take(&mut packed.staged.bulks);
        let mut next = 0;
        if left.is_empty() {
            let middle = part.start + part.len() / 2;
            for (at, bulk) in bulks.into_iter().enumerate() {
                if at != packed.sent {
                    packed.staged.bulks.push(bulk);
                    continue;
                }
                let all = bulk.positions();
                for piece in [all.start..part.start, part.start..middle, middle..part.end, part.end..all.end] {
                    let piece = bulk.select(piece.start, |position| piece.contains(&position)).map_err(odd)?;
                    packed.staged.bulks.extend(piece);
                }
            }
            return Ok(());
        }
        self.leave(packed, &bulks, &left, rejection.error.class).map_err(odd)?;
        for bulk in bulks {
            let bulk = bulk.select(next, |position| !left.contains_key(&position)).map_err(odd)?;
            next = bulk.as_ref().map_or(next, |bulk| bulk.positions().end);
            packed.staged.bulks.extend(bulk);
        }
        packed.staged.result.output_records = packed.staged.bulks.iter().map(Bulk::records).sum::<usize>() as u64;
        self.shorten_images(flow, packed, &left.into_keys().collect()).await
    }

    /// Tells what is left, by the records' former ids.
    fn leave(
        &self,
        packed: &mut Packed,
        bulks: &[Bulk],
        left: &BTreeMap<usize, String>,
        class: Class,
    ) -> Result<(), NotABulk> {
        let Some(telling) = &mut packed.staged.telling else { return Ok(()) };
        let mut targets = Vec::new();
        for bulk in bulks {
            targets.extend(bulk.targets()?);
        }
        // What is added has no id yet: its former one is known by its place among those of its app.
        let mut added: BTreeMap<u64, usize> = BTreeMap::new();
        let mut gone: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (position, (app, mut id)) in targets.into_iter().enumerate() {
            let place = added.entry(app).or_default();
            let at = *place;
            *place += usize::from(id.is_none());
            let Some(why) = left.get(&position) else { continue };
            if id.is_none() {
                gone.entry(app).or_default().insert(at);
                id = telling.back.get(&app).and_then(|back| back.get(at).copied());
            }
            // One write of a record may only make room for the next.
            if id.is_none_or(|id| seen.insert((app, id))) {
                let why = if class == Class::Conflict { Left::Changed } else { Left::Refused(why.clone()) };
                telling.left.leave(app, why, [id]);
            }
        }
        for (app, gone) in gone {
            let back = telling.back.entry(app).or_default();
            let mut place = 0;
            back.retain(|_| {
                place += 1;
                !gone.contains(&(place - 1))
            });
        }
        let planned = &mut packed.staged.result;
        (planned.state, planned.message) = (FlowState::Failed, telling.text());
        Ok(())
    }

    /// The images of the bulks that are left, under a name of their own: those before them stay true for what took effect.
    async fn shorten_images(
        &self,
        flow: usize,
        packed: &mut Packed,
        left: &BTreeSet<usize>,
    ) -> Result<(), WritingError> {
        let later = |error: StorageError| WritingError::Later(None, error.to_string());
        let Some(name) = &packed.images else { return Ok(()) };
        let of_flow = self.of_flow(flow);
        let Some((head, images)) = of_flow.images(name).await.map_err(later)? else {
            return Err(WritingError::Later(None, format!("the images {name} cannot be read")));
        };
        let kept = images.into_iter().enumerate().filter(|(position, _)| !left.contains(position));
        let kept: Vec<Image> = kept.map(|(_, image)| image).collect();
        let name = packed.name(self.ticket.run.attempt);
        of_flow.keep(&name, head, &kept).await.map_err(later)?;
        packed.images = Some(name);
        Ok(())
    }

    /// Tells under which numbers deleted records have come back, where that is known.
    async fn tell_new_ids(&self, flow: usize, kept: bool, telling: &Telling, result: &mut FlowResult) {
        if telling.back.values().all(Vec::is_empty) {
            return;
        }
        let took = if kept { self.of_flow(flow).took(Wrote::Noted).await.ok().flatten() } else { None };
        let mut new: HashMap<u64, Vec<Option<u64>>> = HashMap::new();
        for (image, id) in took.map(|took| took.images).unwrap_or_default() {
            if let Image::Add { app, .. } = image {
                new.entry(app).or_default().push(id);
            }
        }
        for (app, former) in telling.back.iter().filter(|(_, former)| !former.is_empty()) {
            let new = new.get(app).map_or(&[][..], Vec::as_slice);
            let pairs = former.iter().enumerate().map(|(at, former)| (*former, new.get(at).copied().flatten()));
            let line = format!(
                "アプリ / app {app}: 削除したレコードは新しいレコード番号で戻しました。コメントと変更履歴は戻りません / deleted records came back with new record numbers, without comments and history: {}",
                told::renumbered(pairs)
            );
            result.message = [result.message.as_str(), &line].join("\n");
        }
    }
}
