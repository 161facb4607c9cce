//! Who is told what happens to runs: the log on Lambda, the terminal in the demo.

use model::ids::{RunId, UnitId};
use model::ledger::Ticket;
use model::run::{FlowResult, Run};
use model::unit::WaitNote;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Happening {
    /// A run starts, or is taken up again.
    Starts(Box<Ticket>),
    /// A flow of a run ended.
    Flow(RunId, FlowResult),
    /// The unit's first request waits.
    Waits {
        /// The unit.
        unit: UnitId,
        /// Until when and why.
        note: WaitNote,
    },
    /// A run ended.
    Ended(Box<Run>),
}

/// Is told.
pub trait Observer: Send + Sync {
    /// Something happened. Must not block.
    fn tell(&self, happening: &Happening);
}

/// Writes to the structured log. No record data, no secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogObserver;

impl Observer for LogObserver {
    fn tell(&self, happening: &Happening) {
        match happening {
            Happening::Starts(ticket) => {
                let attempt = ticket.run.attempt;
                tracing::info!(run = %ticket.run.id, attempt, resumed = ticket.resumed, "run starts");
            }
            Happening::Flow(run, flow) => tracing::info!(
                run = %run,
                flow = flow.name,
                state = flow.state.as_str(),
                input_records = flow.input_records,
                output_records = flow.output_records,
                api_requests = flow.api_requests,
                "flow ended"
            ),
            Happening::Waits { unit, note } => {
                tracing::info!(unit = %unit, until = %note.until, reason = ?note.reason, "unit waits");
            }
            Happening::Ended(run) => {
                let code = run.code.map(|c| c.0.code).unwrap_or_default();
                tracing::info!(run = %run.id, state = run.state.as_str(), code, "run ended");
            }
        }
    }
}
