//! What a flow has computed: what it would write, and the rows of a step.

use engine::{Called, Changes, StepReport, Stopped, Table};
use model::catalogue;

use super::FlowError;
use crate::files::FileOutput;

/// A flow, computed and compared.
#[derive(Debug)]
pub struct Computed {
    /// Records read by its inputs.
    pub input_records: u64,
    /// What each step did.
    pub steps: Vec<StepReport>,
    /// What each output would write.
    pub outputs: Vec<OutputChanges>,
    /// The files that it would write.
    pub files: Vec<FileOutput>,
    /// The units that it calls.
    pub calls: Vec<Called>,
    /// The data check that stopped it: the outputs are those of errors then.
    pub stopped: Option<Stopped>,
}

impl Computed {
    /// Records that its outputs add, change and delete.
    pub fn in_apps(&self) -> u64 {
        self.outputs.iter().map(|output| output.changes.len() as u64).sum()
    }

    /// Rows of its files.
    pub fn in_files(&self) -> u64 {
        self.files.iter().map(|file| file.rows as u64).sum()
    }

    /// Why a data check has stopped it, where one has.
    pub fn stop(&self) -> Option<FlowError> {
        let Stopped { step, errors } = self.stopped.as_ref()?;
        let summary = crate::writing::summary(self);
        Some(FlowError::new(
            catalogue::DATA_CHECK_STOPPED,
            format!("ステップ「{step}」: エラーのあるレコード{errors}件\n{summary}"),
            format!("step \"{step}\": {errors} records with errors"),
        ))
    }

    /// Whether records or rows of files get numbers.
    pub fn is_numbered(&self) -> bool {
        let records = self.outputs.iter().any(|output| !output.changes.demands().is_empty());
        records || self.files.iter().any(|file| file.numbered.is_some())
    }

    /// Why it can only be written by a run of a unit: counters and units are kept in its table.
    pub fn needs_a_unit(&self) -> Option<FlowError> {
        if self.is_numbered() {
            return Some(FlowError::new(
                catalogue::NUMBER_UNKNOWN,
                "採番のあるフローは、実行単位として実行したときだけ書き込めます。",
                "A flow that numbers records writes only when it is run as a unit.",
            ));
        }
        let step = &self.calls.first()?.step;
        Some(FlowError::new(
            catalogue::CALL_REFUSED,
            format!("ステップ「{step}」: 呼び出しのあるフローは、実行単位として実行したときだけ書き込めます。"),
            format!("step \"{step}\": a flow that calls a unit writes only when it is run as a unit."),
        ))
    }
}

/// The rows of a step, looked at.
#[derive(Debug)]
pub struct LookedAt {
    /// The rows.
    pub table: Table,
    /// Records read for them.
    pub input_records: u64,
    /// What each step as far as this one did.
    pub steps: Vec<StepReport>,
    /// The data check before it that would stop the flow.
    pub stopped: Option<Stopped>,
}

/// What one output step would write.
#[derive(Debug)]
pub struct OutputChanges {
    /// The step.
    pub step: String,
    /// The app.
    pub app: u64,
    /// What differs.
    pub changes: Changes,
    /// Field codes of its key, where it has one.
    pub key: Vec<String>,
    /// Whether it adds records because none has their key: what it adds may be there a little later.
    pub adds_by_key: bool,
}
