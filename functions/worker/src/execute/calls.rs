//! Calls of other units: checked and noted before the flow that asks for them writes anything. They become requests when
//! the run ends well (`Ledger::end`).

use engine::Called;
use model::calls::{Call, CallRefused};
use model::catalogue;
use model::ledger::LedgerError;
use model::limits::MAX_CALLS;
use model::ports::Nudge;
use model::run::{Payload, Run, RunState};
use model::unit::{Unit, UnitState};

use super::Work;
use super::numbers::later;
use crate::Deps;
use crate::flow_run::FlowError;
use crate::writing::WritingError;

impl Work<'_> {
    /// Notes what the flow calls, in place of what it called before. Answers what to tell of it: parameters that the
    /// called unit does not use, which are not kept.
    pub(super) async fn note_calls(&self, flow: usize, called: &[Called]) -> Result<Vec<String>, WritingError> {
        let mut notes = Vec::new();
        let mut calls = Vec::with_capacity(called.len());
        for one in called {
            let (unit, state) = self.target(&one.unit).await?;
            notes.extend(unused(one, &unit));
            let payload = Payload { sets: one.sets.clone() };
            let app = self.ticket.unit.app;
            let call = Call { unit: unit.id.clone(), app, records: one.records.clone(), payload }.only_named(&unit);
            call.check(&self.ticket.run, &unit, state.enabled).map_err(|why| refused(&one.step, &why))?;
            calls.push(call);
        }
        let noted = self.deps.ledger.noted_calls_before(self.ticket, flow).await.map_err(later)?;
        if let Some(step) = called.first().filter(|_| noted + calls.len() > MAX_CALLS) {
            return Err(refused(&step.step, &CallRefused::TooMany(noted + calls.len())));
        }
        self.deps.ledger.note_calls(self.ticket, flow, &calls).await.map_err(|error| {
            match (error, called.first()) {
                (LedgerError::Calls(why), Some(first)) => refused(&first.step, &why),
                (error, _) => later(error),
            }
        })?;
        Ok(notes)
    }

    /// A unit of the same domain, by id or by name.
    async fn target(&self, wanted: &str) -> Result<(Unit, UnitState), WritingError> {
        let units = self.deps.ledger.units(&self.ticket.unit.domain).await.map_err(later)?;
        let by_id = units.iter().find(|view| view.unit.id.0 == wanted);
        let mut by_name = units.iter().filter(|view| view.unit.name == wanted);
        let (first, second) = (by_name.next(), by_name.next());
        match (by_id.or(first), by_id.is_none().then_some(second).flatten()) {
            (Some(view), None) => Ok((view.unit.clone(), view.state.clone())),
            (Some(_), Some(_)) => Err(call_error(
                format!("「{wanted}」という名前の実行単位が二つ以上あります。ID で書いてください。"),
                format!("More than one unit is called \"{wanted}\"; write its id."),
            )),
            (None, _) => Err(call_error(
                format!("このドメインに「{wanted}」という実行単位はありません。"),
                format!("The domain has no unit \"{wanted}\"."),
            )),
        }
    }
}

/// Parameters that the unit's flows do not name: mostly a misspelt one.
fn unused(called: &Called, unit: &Unit) -> Option<String> {
    let passed = called.sets.first()?.keys();
    let unused: Vec<&str> = passed.filter(|name| !unit.parameters.contains_key(*name)).map(String::as_str).collect();
    let (step, unit, unused) = (&called.step, &unit.name, unused.join(", "));
    (!unused.is_empty()).then(|| {
        format!("{step}: 実行単位「{unit}」が使わないパラメータは渡しません: {unused} / not passed, since the unit {unit:?} does not use them: {unused}")
    })
}

fn refused(step: &str, why: &CallRefused) -> WritingError {
    call_error(format!("ステップ「{step}」: {}", why.ja()), format!("step \"{step}\": {why}"))
}

fn call_error(ja: String, en: String) -> WritingError {
    WritingError::Refused(FlowError::new(catalogue::CALL_REFUSED, ja, en))
}

/// Nudges the units that a run has called, where it succeeded. One that is lost, the sweep sends.
pub(super) async fn nudge(deps: &Deps, ticket: &model::ledger::Ticket, ended: &Run) {
    if !ended.calls || ended.state != RunState::Succeeded {
        return;
    }
    let calls = match deps.ledger.noted_calls(ticket).await {
        Ok(calls) => calls,
        Err(LedgerError::Store(error)) => {
            tracing::warn!(run = %ticket.run.id, %error, "calls not nudged; the sweep will find them");
            return;
        }
        Err(_) => return,
    };
    for call in calls {
        if let Err(error) = deps.nudges.nudge(&Nudge::new(&ticket.unit.domain, call.unit)).await {
            tracing::warn!(run = %ticket.run.id, %error, "a call not nudged; the sweep will find it");
        }
    }
}
