//! Writing what a flow computed: its bulks in order, each behind the fence where there is one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect::kintone::{Bulk, Class, Committed, Fence, Kintone, Rejection, WriteError, Writer};
use connect::storage::StorageError;
use model::catalogue::{self, Code};
use model::clock::{Clock, Timestamp};

use crate::flow_run::{FlowError, not_permitted};
use crate::refused::{self, Label};
use crate::undo::OfFlow;

/// Why a flow's writing ended early.
#[derive(Debug)]
pub enum WritingError {
    /// A record changed since it was read, and nothing of the flow was written: read and compute again.
    Conflict(FlowError),
    /// kintone refused a bulk; those before it are written.
    Refused(FlowError),
    /// It cannot be known whether a bulk was written.
    Unknown(FlowError),
    /// Another worker owns the run: stop, say nothing.
    Superseded,
    /// The run is parked for the output budget, until then: stop, say nothing.
    Parked(Timestamp),
    /// This worker's time is up; the next one sends the rest.
    HandOver,
    /// Something that the flow needs does not answer; a later attempt goes on from the journal. With what kind of thing that
    /// is, where it is known better than that kintone is away.
    Later(Option<Code>, String),
}

impl WritingError {
    /// What to tell.
    pub fn error(&self) -> Option<&FlowError> {
        match self {
            Self::Conflict(e) | Self::Refused(e) | Self::Unknown(e) => Some(e),
            Self::Superseded | Self::Parked(_) | Self::HandOver | Self::Later(..) => None,
        }
    }
}

/// Where it is noted which bulks took effect, so that they can be taken back.
pub struct Keeping<'a> {
    /// The flow.
    pub of_flow: OfFlow<'a>,
    /// The computation that the bulks are from.
    pub computation: &'a str,
    /// Where pauses come from.
    pub clock: &'a dyn Clock,
}

/// How long to wait before a bulk is noted once more; the store has repeated its own requests by then.
const NOTE_AGAIN: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

impl Keeping<'_> {
    async fn note(&self, bulk: usize, upto: usize, committed: &Committed) -> Result<(), StorageError> {
        let mut pauses = NOTE_AGAIN.iter();
        loop {
            let Err(error) = self.of_flow.note(self.computation, bulk, upto, committed).await else { return Ok(()) };
            tracing::warn!(run = self.of_flow.run, bulk, %error, "that a bulk took effect is not noted");
            let Some(pause) = pauses.next() else { return Err(error) };
            self.clock.pause(*pause).await;
        }
    }
}

/// Sends a flow's bulks.
pub struct Sending<'a> {
    writer: Writer,
    /// Makes the mark of a bulk: (how many bulks with this one, whether it is the last).
    mark: &'a (dyn Fn(usize, bool) -> String + Sync),
    sent: usize,
    /// Records that are known to be written.
    pub written: usize,
    /// All records of the flow.
    total: usize,
    /// How many bulks are known to have taken effect.
    pub settled: usize,
    /// Whether an answer was lost that would have told the ids of added records.
    pub lost: bool,
    /// Asked before every bulk but the first: whether the rest is left to the next worker, where one could send it.
    pub time_is_up: Option<&'a (dyn Fn() -> bool + Sync)>,
    /// Whether it takes something back: then kintone is waited for also where nothing is written yet.
    pub takes_back: bool,
    /// The bulk that kintone refused.
    pub rejection: Option<Box<Rejection>>,
    /// Where that is noted, if it is.
    pub keeping: Option<Keeping<'a>>,
    /// Which of the writes are whose.
    pub labels: Vec<Label>,
    /// Told when something is written.
    pub wrote: Option<&'a AtomicBool>,
}

impl<'a> Sending<'a> {
    /// Sends through this client, behind this fence if there is one.
    pub fn new(kintone: &Kintone, fence: Option<Fence>, mark: &'a (dyn Fn(usize, bool) -> String + Sync)) -> Self {
        let writer = match fence {
            Some(fence) => kintone.fenced_writer(fence),
            None => kintone.writer(),
        };
        Self {
            writer,
            mark,
            sent: 0,
            written: 0,
            total: 0,
            settled: 0,
            lost: false,
            time_is_up: None,
            takes_back: false,
            rejection: None,
            keeping: None,
            labels: Vec::new(),
            wrote: None,
        }
    }

    /// The fence as it stands now.
    pub fn fence(&self) -> Option<&Fence> {
        self.writer.fence()
    }

    /// Sends a flow's bulks, in order, behind those of them that a worker before this one has sent.
    pub async fn send(&mut self, bulks: Vec<Bulk>, sent: usize) -> Result<(), WritingError> {
        self.total = bulks.iter().map(Bulk::records).sum();
        (self.sent, self.settled) = (sent, sent);
        self.written = bulks.iter().take(sent).map(Bulk::records).sum();
        let count = bulks.len();
        for (at, bulk) in bulks.into_iter().enumerate().skip(sent) {
            if at > sent && self.time_is_up.is_some_and(|is_up| is_up()) {
                let last = self.writer.finish().await;
                self.note(last).await?;
                return Err(WritingError::HandOver);
            }
            if let Err(error) = self.submit(bulk, at + 1 == count).await {
                // One may be on its way: where the run is taken up again, its outcome is settled then.
                drop(self.writer.finish().await);
                return Err(error);
            }
        }
        let last = self.writer.finish().await;
        self.note(last).await
    }

    async fn submit(&mut self, bulk: Bulk, last: bool) -> Result<(), WritingError> {
        let mark = (self.mark)(self.sent + 1, last);
        let before = self.writer.submit(bulk, &mark).await;
        self.note(before).await?;
        self.sent += 1;
        Ok(())
    }

    /// Takes note of what became of a bulk.
    async fn note(&mut self, outcome: Result<Option<Committed>, WriteError>) -> Result<(), WritingError> {
        match outcome {
            Ok(None) => Ok(()),
            Ok(Some(committed)) => {
                self.written += committed.count;
                if let Some(wrote) = self.wrote {
                    wrote.store(true, Ordering::Relaxed);
                }
                self.lost |= self.keeping.is_some() && committed.records.is_empty() && committed.count > 0;
                let bulk = self.settled;
                self.settled += 1;
                let Some(keeping) = &self.keeping else { return Ok(()) };
                match keeping.note(bulk, self.written, &committed).await {
                    Ok(()) => Ok(()),
                    // The journal tells of the bulk: whoever takes the run up notes it before it goes on.
                    Err(error) if self.fence().is_some() => Err(WritingError::Later(None, error.to_string())),
                    // Nobody could take it up. What the run says that it wrote tells of the bulk; the ids are looked for.
                    Err(_) => {
                        self.lost = true;
                        Ok(())
                    }
                }
            }
            Err(WriteError::Fenced { .. }) => Err(WritingError::Superseded),
            // The log record tells, as soon as it can be read: the next attempt goes on from it.
            Err(WriteError::Unknown(error)) if self.fence().is_some() => {
                Err(WritingError::Later(None, error.to_string()))
            }
            Err(WriteError::Unknown(error)) => {
                let (ja, en) = self.so_far();
                Err(WritingError::Unknown(FlowError::new(
                    catalogue::UNCERTAIN,
                    format!("{error}。{ja}"),
                    format!("{error}. {en}"),
                )))
            }
            Err(WriteError::Refused(rejection)) => {
                let error = self.refused(&rejection);
                self.rejection = Some(rejection);
                Err(error)
            }
        }
    }

    fn refused(&self, rejection: &Rejection) -> WritingError {
        let class = rejection.error.class;
        let stale = matches!(class, Class::Conflict | Class::NotFound) && rejection.part.is_some();
        if class == Class::Conflict && rejection.part.is_none() && self.fence().is_some() {
            return WritingError::Superseded;
        }
        if class.is_temporary() && (self.written > 0 || self.takes_back) && self.fence().is_some() {
            // The flow is written in part, or the run: the next attempt sends the rest, which is staged.
            return WritingError::Later(None, rejection.error.brief());
        }
        let (ja, en) = self.so_far();
        let at_the_log = self.fence().is_some() && rejection.at_fence();
        let code = match class {
            Class::Permission => not_permitted(&rejection.error),
            class if at_the_log && !class.is_temporary() => catalogue::LOG_RECORD_GONE,
            _ if stale => catalogue::CONFLICT,
            class if class.is_temporary() => catalogue::KINTONE_UNAVAILABLE,
            _ => catalogue::WRITE_REFUSED,
        };
        // What is wrong with single records is told once, by their places.
        let by_record = !rejection.records.is_empty();
        let detail = if by_record { rejection.error.brief() } else { rejection.error.to_string() };
        let [in_ja, in_en] = match class.is_temporary() {
            true => Default::default(),
            false => refused::places(&self.labels, &rejection.records, &rejection.named),
        };
        let error = FlowError::new(code, format!("{detail}\n{in_ja}{ja}"), format!("{detail}\n{in_en}{en}"));
        if stale && self.written == 0 { WritingError::Conflict(error) } else { WritingError::Refused(error) }
    }

    /// What was and what was not written.
    fn so_far(&self) -> (String, String) {
        let (written, total) = (self.written, self.total);
        (
            format!("書き込み済み{written}件、残り{}件(全{total}件)", total - written.min(total)),
            format!("Written: {written} records, not written: {} of {total}", total - written.min(total)),
        )
    }
}

/// One line per output: what was written, and what was counted on the way.
pub fn summary(computed: &crate::flow_run::Computed) -> String {
    let mut lines = Vec::new();
    for output in &computed.outputs {
        let c = &output.changes;
        let skipped = c.skipped.blank_key + c.skipped.no_partner;
        let (adds, updates, deletes, same) = (c.adds.len(), c.updates.len(), c.deletes.len(), c.unchanged);
        let mut ja = format!("追加{adds}件 更新{updates}件 削除{deletes}件 変更なし{same}件");
        let mut en = format!("added {adds}, updated {updates}, deleted {deletes}, unchanged {same}");
        if skipped > 0 {
            ja += &format!(" 対象外{skipped}件");
            en += &format!(", skipped {skipped}");
        }
        let copies = c.copies();
        if copies > 0 {
            ja += &format!(" 添付ファイルのコピー{copies}件");
            en += &format!(", attached files copied {copies}");
        }
        lines.push(format!("{}: {ja} / {en}", output.step));
    }
    for file in &computed.files {
        lines.push(format!("{}: {} {2}行 / {2} rows", file.step, file.path, file.rows));
    }
    for called in &computed.calls {
        lines.push(format!(
            "{0}: 実行単位「{1}」の呼び出し {2}行 / calls the unit {1:?} with {2} rows",
            called.step,
            called.unit,
            called.sets.len()
        ));
    }
    lines.extend(computed.counted().map(|counted| counted.text()));
    lines.join("\n")
}
