//! A nudge as a queue delivers it: hidden while its run is running, parked while its unit waits.

use std::time::Duration;

use async_trait::async_trait;
use model::clock::Timestamp;
use model::ports::{Hide, Nudge};

use crate::{Deps, Handled, Hold, handle};

/// How long a nudge stays hidden when the store did not answer.
const SOON: Duration = Duration::from_secs(5);

/// A message as it was received.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The nudge as JSON.
    pub body: Option<&'a str>,
    /// What the queue knows this delivery by.
    pub handle: Option<&'a str>,
    /// The message's id.
    pub id: &'a str,
    /// When this worker ends, whatever it is doing, in milliseconds of Unix time; `None`: not by itself.
    pub deadline: Option<u64>,
}

struct Held<'a> {
    queue: &'a dyn Hide,
    handle: &'a str,
    ends: Option<Timestamp>,
}

#[async_trait]
impl Hold for Held<'_> {
    fn handle(&self) -> Option<&str> {
        Some(self.handle)
    }

    async fn hide(&self, length: Duration) {
        self.queue.hide(self.handle, length).await;
    }

    fn ends(&self) -> Option<Timestamp> {
        self.ends
    }
}

/// Handles a delivery. True: the message is used up and may be deleted. False: it comes back when its time has come.
pub async fn used_up(deps: &Deps, queue: &dyn Hide, message: Received<'_>) -> bool {
    let (Some(body), Some(handle_id)) = (message.body, message.handle) else {
        tracing::error!(message = message.id, "a message without body or handle");
        return true;
    };
    let Ok(nudge) = serde_json::from_str::<Nudge>(body) else {
        tracing::error!(message = message.id, "not a nudge; dropped, since the runs are in the table");
        return true;
    };
    let ends = message.deadline.and_then(|at| i64::try_from(at).ok()).map(Timestamp);
    let owner = format!("{}:{}", message.id, model::ids::random_text(8));
    match handle(deps, &nudge, &owner, &Held { queue, handle: handle_id, ends }).await {
        Ok(Handled::Done) => true,
        Ok(Handled::Park(until)) => {
            queue.hide(handle_id, deps.ledger.clock().now().until(until)).await;
            false
        }
        Err(error) => {
            tracing::error!(unit = %nudge.unit, %error, "nudge not handled; it comes back");
            queue.hide(handle_id, SOON).await;
            false
        }
    }
}
