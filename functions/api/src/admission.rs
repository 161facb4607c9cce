//! The way of a call that wants to start something: refused by what is known, or read anew and admitted.

use std::time::Duration;

use model::catalogue;
use model::clock::Timestamp;
use model::coalesce;
use model::gate::{self, Admission};
use model::ids::RunId;
use model::ledger::{Admitted, Request};
use model::limits::MAX_PAYLOAD;
use model::ports::Nudge;
use model::refusals::Cause;
use model::run::Method;
use model::store::Key;
use model::unit::Unit;

use crate::Deps;
use crate::answer::{Answer, Refusal};
use crate::door::{self, Call, LetIn, Opened, Turned};

/// How long an answer waits for the queue at most, for all nudges of a call together. A caller must not be told of a failure for
/// want of them: its runs are recorded. Forty nudges, one after the other, usually take less.
const NUDGING: Duration = Duration::from_secs(1);

/// What a call asks for.
pub enum Wants {
    /// Nothing: the answer stands.
    Nothing(Answer),
    /// Runs; with an access token, where the way needs one.
    Runs(Vec<Request>, Option<String>),
}

/// An answer, and as what its call is counted where it was not queued.
type Answered = (Option<Cause>, Result<Answer, Refusal>);

/// Admits what a call asks for. `build` says what that is, of a unit and of who was let in.
pub async fn admit(
    deps: &Deps,
    call: &Call<'_>,
    build: impl Fn(&Unit, &LetIn) -> Result<Wants, Turned>,
) -> Result<Answer, Refusal> {
    let (hash, now) = (call.hash()?, deps.ledger.clock().now());
    let wants = |opened: &Opened| call.verify(now, opened).and_then(|let_in| fitting(build(&opened.unit, &let_in)?));
    // What a refused call has read a moment ago refuses more of them; it lets nobody in.
    if let Some(recent) = deps.guard.recent(&hash, now) {
        let refused = match wants(&recent) {
            Err(turned) => return Err(door::turn(deps, &recent, turned).await),
            Ok(Wants::Nothing(answer)) => return Ok(answer),
            Ok(Wants::Runs(requests, token)) => match (seen(deps, &hash, &recent.unit, &requests), token) {
                // Who needs a token is told of its runs for a right one alone.
                (Some(runs), Some(token)) => match door::check_token(deps, &token, &recent).await {
                    Ok(()) => Some(answered(now, Admitted::Duplicate(runs))),
                    Err(turned) => return Err(door::turn(deps, &recent, turned).await),
                },
                (Some(runs), None) => Some(answered(now, Admitted::Duplicate(runs))),
                (None, _) => known(now, &recent, &requests),
            },
        };
        if let Some(refused) = refused {
            return counted(deps, &recent, refused).await;
        }
    }
    let opened = door::open(deps, &hash).await?;
    let wanted = match wants(&opened) {
        Ok(Wants::Runs(requests, Some(token))) => {
            door::check_token(deps, &token, &opened).await.map(|()| Wants::Runs(requests, None))
        }
        other => other,
    };
    let requests = match wanted {
        Ok(Wants::Runs(requests, _)) => requests,
        Ok(Wants::Nothing(answer)) => return Ok(answer),
        Err(turned) => {
            deps.guard.remember(&hash, &opened, now);
            return Err(door::turn(deps, &opened, turned).await);
        }
    };
    let admitted = match seen(deps, &hash, &opened.unit, &requests) {
        Some(runs) => Admitted::Duplicate(runs),
        None => deps.ledger.admit(&opened.unit, Some(opened.item.clone()), &requests, true).await?,
    };
    match &admitted {
        Admitted::Queued(runs) => {
            nudge(deps, &opened.unit, runs.len()).await;
            // What is left of earlier refusals is noted with this call.
            deps.guard.note(&deps.ledger).await;
        }
        // The run that it became part of has its nudge.
        Admitted::Joined(_) => deps.guard.note(&deps.ledger).await,
        _ => deps.guard.remember(&hash, &opened, now),
    }
    if matches!(admitted, Admitted::Late(_)) && opened.state.nudges() == 0 {
        // Nothing else is under way that would write its log record.
        nudge(deps, &opened.unit, 1).await;
    }
    if let (Admitted::Duplicate(runs), Some(key)) = (&admitted, remembered(&opened.unit, &requests)) {
        deps.guard.see(&hash, key, runs);
    }
    counted(deps, &opened, answered(now, admitted)).await
}

async fn counted(deps: &Deps, opened: &Opened, (cause, answer): Answered) -> Result<Answer, Refusal> {
    if let Some(cause) = cause {
        deps.guard.count(&deps.ledger, &opened.unit, cause).await;
    }
    answer
}

/// Where it is remembered that a call was accepted: all its requests have one id.
fn remembered(unit: &Unit, requests: &[Request]) -> Option<Key> {
    requests.first()?.trigger.remembered(&unit.id)
}

/// Refuses payloads that the table does not hold.
fn fitting(wants: Wants) -> Result<Wants, Turned> {
    let fits = |r: &Request| serde_json::to_vec(&r.payload).is_ok_and(|bytes| bytes.len() <= MAX_PAYLOAD);
    match &wants {
        Wants::Runs(requests, _) if !requests.iter().all(fits) => {
            let refusal = Refusal::new(catalogue::BODY_TOO_LARGE).detail(
                "フローが使うフィールドの値が合わせて300 KBを超えています",
                "the fields that the flows name are larger than 300 KB together",
            );
            Err(Turned::by(Cause::Content, refusal))
        }
        _ => Ok(wants),
    }
}

/// The runs as which a call was accepted before, as far as this process remembers.
fn seen(deps: &Deps, hash: &str, unit: &Unit, requests: &[Request]) -> Option<Vec<RunId>> {
    deps.guard.seen(hash, &remembered(unit, requests)?)
}

/// What is refused by what was read a moment ago, with the answer that it would get if it were read now.
fn known(now: Timestamp, recent: &Opened, requests: &[Request]) -> Option<Answered> {
    let (unit, state) = (&recent.unit, &recent.state);
    let webhook = requests.iter().all(|request| request.trigger.method == Method::Webhook);
    let admitted = match (gate::admit(now, state, &unit.limits, requests.len()), state.takes_late(now)) {
        (Admission::Disabled, _) => Admitted::Disabled,
        (Admission::TooMany { retry_at }, _) if !webhook => Admitted::TooMany { retry_at },
        // It may become part of a run that waits.
        (Admission::TooMany { .. }, _) if coalesce::candidate(now, unit, state).is_some() => return None,
        (Admission::TooMany { .. }, Some(seq)) => Admitted::Flood(RunId { unit: unit.id.clone(), seq }),
        // It may be recorded or queued: that is decided by what is read now.
        (Admission::TooMany { .. } | Admission::Queued { .. }, _) => return None,
    };
    Some(answered(now, admitted))
}

fn answered(now: Timestamp, admitted: Admitted) -> Answered {
    let (cause, answer) = match admitted {
        Admitted::Queued(runs) => return (None, Ok(Answer::accepted(&runs))),
        Admitted::Joined(run) => return (None, Ok(Answer::joined(&run))),
        Admitted::Late(run) => (Cause::Late, Ok(Answer::noted(catalogue::TIMED_OUT, 202, &[run]))),
        Admitted::Flood(run) => (Cause::Late, Ok(Answer::noted(catalogue::UNIT_FLOOD, 202, &[run]))),
        Admitted::Duplicate(runs) => (Cause::Duplicate, Ok(Answer::noted(catalogue::NOTIFICATION_SEEN, 200, &runs))),
        Admitted::SignatureUsed(runs) => (Cause::Signature, Err(Refusal::new(catalogue::SIGNATURE_USED).runs(runs))),
        Admitted::Disabled => (Cause::Disabled, Err(Refusal::new(catalogue::UNIT_DISABLED))),
        Admitted::TooMany { retry_at } => {
            let seconds = now.until(retry_at).as_secs_f64().ceil().max(1.0);
            (Cause::TooMany, Err(Refusal::new(catalogue::TOO_MANY_WAITING).retry_after(seconds as u64)))
        }
    };
    (Some(cause), answer)
}

/// Nudges a unit so many times, as far as the queue takes them in time. Nudges may be lost: the runs are recorded, and the
/// sweep finds them.
async fn nudge(deps: &Deps, unit: &Unit, count: usize) {
    let clock = deps.ledger.clock();
    let until = clock.now() + NUDGING;
    let mut tried = 0;
    let sending = async {
        for _ in 0..count {
            if let Err(error) = deps.nudges.nudge(&Nudge::new(&unit.domain, unit.id.clone())).await {
                tracing::warn!(unit = %unit.id, %error, "nudge not sent; the sweep will send it");
            }
            tried += 1;
        }
    };
    tokio::select! {
        biased;
        () = sending => {}
        () = clock.sleep_until(until) => {
            tracing::warn!(unit = %unit.id, missing = count - tried, "the queue is slow: nudges not sent; the sweep will send them");
        }
    }
}
