//! The journal in the log record: how far a run has written, committed together with what it wrote.

use model::catalogue::Code;
use model::run::FlowResult;
use serde::{Deserialize, Serialize};

/// The mark that every bulk of a run leaves in the log record, as JSON.
///
/// It commits with the bulk, so whoever reads it knows exactly which bulks took effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Version of this form: 1.
    pub v: u8,
    /// The attempt that wrote it.
    pub attempt: u32,
    /// The flow, from 0.
    pub flow: usize,
    /// How many bulks of the flow have taken effect with this one; 0 in the mark that an attempt leaves when it begins.
    pub chunk: usize,
    /// Whether this one is the flow's last.
    pub done: bool,
    /// Results of the flows that were done, and of this one if it is done with this bulk.
    pub flows: Vec<FlowResult>,
    /// The flow's records are all written, and only its files, which are staged, remain; its result is among the flows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub files: bool,
    /// Which computation of the flow its bulks are from, where they are staged for whoever takes the run up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staged: Option<String>,
    /// Which computation's images are kept to take the flow back, where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<String>,
    /// How many writes of the flow have taken effect with this mark's bulk.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub writes: usize,
    /// Why the run fails, where what it has written is being taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failed>,
}

/// Why a run fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The catalogue's entry.
    pub code: Code,
    /// What there is to say beside it.
    pub message: String,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// Where a run that is taken up again stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// These flows are done; the next one has written nothing.
    Between(Vec<FlowResult>),
    /// A flow has written all its records and not yet all its files.
    Files(Mark),
    /// A flow has written some of its bulks, or none yet of those that are staged.
    Within(Mark),
}

impl Mark {
    /// The mark with which an attempt begins: from here on the journal is its own.
    pub fn begin(attempt: u32, flows: Vec<FlowResult>) -> Self {
        Self {
            v: 1,
            attempt,
            flow: flows.len(),
            chunk: 0,
            done: false,
            flows,
            files: false,
            staged: None,
            images: None,
            writes: 0,
            failure: None,
        }
    }

    /// The mark in a journal; `None` where there is none, or somebody else wrote into it.
    pub fn read(journal: &str) -> Option<Self> {
        serde_json::from_str(journal).ok()
    }

    /// As the journal holds it.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Standing {
    /// What a journal says; an empty one says that nothing was written. `None`: somebody else wrote into it.
    pub fn read(journal: &str) -> Option<Self> {
        if journal.is_empty() {
            return Some(Self::Between(Vec::new()));
        }
        Some(match Mark::read(journal)? {
            mark if mark.files => Self::Files(mark),
            mark if mark.done || (mark.chunk == 0 && mark.staged.is_none()) => Self::Between(mark.flows),
            mark => Self::Within(mark),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(chunk: usize) -> Mark {
        Mark { flow: 0, chunk, done: chunk == 2, ..Mark::begin(1, Vec::new()) }
    }

    #[test]
    fn a_journal_says_how_far_a_run_got() {
        assert_eq!(Standing::read(""), Some(Standing::Between(Vec::new())));
        assert_eq!(Standing::read(&mark(1).to_text()), Some(Standing::Within(mark(1))));
        assert_eq!(Standing::read(&mark(2).to_text()), Some(Standing::Between(Vec::new())));
        assert_eq!(Standing::read(&mark(0).to_text()), Some(Standing::Between(Vec::new())), "an attempt began");
        let files = Mark { files: true, ..mark(3) };
        assert_eq!(Standing::read(&files.to_text()), Some(Standing::Files(files)));
        assert_eq!(Standing::read("a note by hand"), None);
    }
}
