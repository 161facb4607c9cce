//! Taking a run back: asked for as a request of its own, and begun once.

use super::{Admitted, Ledger, LedgerError, RACES, Request, Ticket};
use crate::ids::RunId;
use crate::keys;
use crate::limits::RUN_KEPT;
use crate::run::{FlowState, Method, Payload, Run, RunState, Trigger, Undoing};
use crate::store::{Expect, Write};

/// Why a run cannot be taken back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUndoable {
    /// It has not ended.
    #[error("run {0} has not ended")]
    NotEnded(RunId),
    /// It is not known what it wrote.
    #[error("it is not known what run {0} wrote")]
    Uncertain(RunId),
    /// Another run has taken it back, or has begun to.
    #[error("run {0} was undone by run {1}")]
    Undone(RunId, RunId),
    /// It has taken itself back.
    #[error("run {0} failed and took itself back")]
    Itself(RunId),
    /// It only told what would be done.
    #[error("run {0} was a dry run")]
    DryRun(RunId),
    /// It wrote nothing.
    #[error("run {0} wrote nothing")]
    Nothing(RunId),
}

impl NotUndoable {
    /// In Japanese.
    pub fn ja(&self) -> String {
        match self {
            Self::NotEnded(run) => format!("実行 {run} はまだ終わっていません"),
            Self::Uncertain(run) => format!("実行 {run} は何を書き込んだか確認できていません"),
            Self::Undone(run, by) => format!("実行 {run} は実行 {by} が元に戻しました"),
            Self::Itself(run) => format!("実行 {run} は失敗したときに自分で元に戻しました"),
            Self::DryRun(run) => format!("実行 {run} は確認だけで、何も書き込んでいません"),
            Self::Nothing(run) => format!("実行 {run} は何も書き込んでいません"),
        }
    }
}

impl Ledger {
    /// Asks for a run that takes back what an ended one wrote; a dry run only tells. The sweep's next round starts it.
    pub async fn undo(&self, id: &RunId, dry_run: bool) -> Result<Admitted, LedgerError> {
        let run = self.run(id).await?;
        self.undoable(&run, None).await?;
        let unit = self.unit(&id.unit).await?;
        let undo = Some(Undoing { run: id.clone(), dry_run });
        let trigger = Trigger { undo, ..Trigger::new(Method::Undo, run.trigger.app) };
        let request = Request { trigger, payload: Payload { sets: vec![Default::default()] }, again_of: None };
        self.admit(&unit, None, &[request], false).await
    }

    /// Begins to take back the run that this one is for: no other will. A worker that takes it up again begins once more.
    pub async fn begin_undo(&self, ticket: &Ticket, undoing: &Undoing) -> Result<Run, LedgerError> {
        for round in 0..RACES {
            let (mut run, item) = self.run_item(&undoing.run.unit, undoing.run.seq).await?;
            self.undoable(&run, Some(&ticket.run.id)).await?;
            if undoing.dry_run || run.undone_by.as_ref() == Some(&ticket.run.id) {
                return Ok(run);
            }
            run.undone_by = Some(ticket.run.id.clone());
            let kept = run.ended_at.unwrap_or(self.clock.now()) + RUN_KEPT;
            let write = Write::put(keys::run(&run.id), &run, Expect::Version(item.version))?.expiring(kept);
            if self.won(vec![write], round).await? {
                return Ok(run);
            }
        }
        Err(Self::too_many_races())
    }

    /// Notes that a run takes itself back, before it does: nobody takes it back once more.
    pub async fn begin_own_undo(&self, ticket: &Ticket) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let (mut run, item) = self.run_item(&ticket.unit.id, ticket.run.id.seq).await?;
            if run.attempt != ticket.run.attempt {
                return Err(LedgerError::Superseded(run.id));
            }
            if run.undone_by.is_some() {
                return Ok(());
            }
            run.undone_by = Some(run.id.clone());
            if self.won(vec![Write::put(keys::run(&run.id), &run, Expect::Version(item.version))?], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    async fn undoable(&self, run: &Run, by: Option<&RunId>) -> Result<(), LedgerError> {
        let id = run.id.clone();
        if !run.state.ended() {
            return Err(NotUndoable::NotEnded(id).into());
        }
        if run.state == RunState::Uncertain {
            return Err(NotUndoable::Uncertain(id).into());
        }
        if run.trigger.undo.as_ref().is_some_and(|undo| undo.dry_run) {
            return Err(NotUndoable::DryRun(id).into());
        }
        if run.written() == 0 {
            return Err(NotUndoable::Nothing(id).into());
        }
        let by_itself = run.undone_by.as_ref() == Some(&run.id);
        // What could not take anything back is the last of its flows, and has written nothing.
        let own = run.flows.last().filter(|own| own.output_records > 0 || own.state != FlowState::Failed);
        if by_itself && own.is_some() {
            return Err(NotUndoable::Itself(id).into());
        }
        // One that wrote nothing has taken nothing back.
        if let Some(other) = run.undone_by.as_ref().filter(|other| !by_itself && Some(*other) != by) {
            let undone = match self.run(other).await {
                Ok(other) => !other.state.ended() || other.written() > 0 || other.state == RunState::Uncertain,
                Err(LedgerError::NoRun(_)) => true,
                Err(error) => return Err(error),
            };
            if undone {
                return Err(NotUndoable::Undone(id, other.clone()).into());
            }
        }
        Ok(())
    }
}
