//! A flow's bulks, before they are sent: packed from what was computed, and staged where they are more than one.

use connect::kintone::Bulk;
use model::catalogue;
use model::run::{FlowResult, FlowState};

use super::Work;
use super::one_flow::At;
use crate::flow_run::{Computed, FlowError};
use crate::packing::{Bulks, pack};
use crate::staging::{Place, Staged};
use crate::undo::left::Telling;
use crate::writing::WritingError;

/// A flow's bulks, ready to be sent.
#[derive(Clone)]
pub(super) struct Packed {
    /// The bulks, and the flow's result when all is written; its calls are those that were made before the bulks are sent.
    pub staged: Staged,
    /// How many of the bulks took effect already.
    pub sent: usize,
    /// Which computation of this attempt they are from; 0 where a worker before this one made them.
    pub computation: usize,
    /// How often some of them were left out since, because kintone refuses them.
    pub shortened: usize,
    /// The name under which they are kept, where they are.
    pub kept: Option<String>,
    /// The name of the images that are kept to take them back, where they are.
    pub images: Option<String>,
}

impl Packed {
    /// A name that no other bulks of this flow have.
    pub fn name(&self, attempt: u32) -> String {
        match self.shortened {
            0 => format!("{attempt}-{}", self.computation),
            times => format!("{attempt}-{}-{times}", self.computation),
        }
    }

    /// How many writes took effect already.
    pub fn writes(&self) -> usize {
        self.staged.bulks.iter().take(self.sent).map(Bulk::records).sum()
    }
}

impl Work<'_> {
    /// What was computed as bulks. More than one of them are staged: they take effect one after the other.
    pub(super) async fn packed(
        &mut self,
        at: &At<'_>,
        computation: usize,
        computed: &Computed,
        (result, telling): (&FlowResult, Option<Telling>),
        fenced: bool,
    ) -> Result<Packed, WritingError> {
        let bulks = pack(at.kintone, fenced, &computed.outputs, &self.schemas).await;
        let Bulks { bulks, labels } = bulks.map_err(WritingError::Refused)?;
        let mut planned = result.clone();
        let in_apps: usize = bulks.iter().map(Bulk::records).sum();
        planned.output_records = in_apps as u64 + computed.in_files();
        planned.api_requests = at.kintone.calls().total();
        if let Some(error) = &computed.stop() {
            planned.state = FlowState::Failed;
            planned.message = error.message();
        }
        planned.message = self.told(planned.message);
        let files = !computed.files.is_empty();
        let adds_by_key = computed.outputs.iter().any(|output| output.adds_by_key);
        let staged = Staged { bulks, labels, adds_by_key, files, telling, result: planned };
        let mut packed = Packed { staged, sent: 0, computation, shortened: 0, kept: None, images: None };
        self.keep_images(at, computed, &mut packed).await?;
        // Without a log record nobody could tell which of them took effect.
        if fenced && packed.staged.bulks.len() > 1 {
            self.keep(at.index, &mut packed).await?;
        }
        Ok(packed)
    }

    /// Stages the bulks, unless they are staged already.
    pub(super) async fn keep(&mut self, flow: usize, packed: &mut Packed) -> Result<(), WritingError> {
        if packed.kept.is_some() {
            return Ok(());
        }
        self.staged = true;
        let name = packed.name(self.ticket.run.attempt);
        let place = Place { store: &self.files.store, run: &self.files.run, flow, computation: &name };
        place.keep(&packed.staged).await.map_err(|error| {
            let text = error.to_string();
            WritingError::Refused(FlowError::new(catalogue::FILE_FAILED, text.clone(), text))
        })?;
        packed.kept = Some(name);
        Ok(())
    }
}
