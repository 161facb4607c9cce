//! Nudges on an SQS FIFO queue: message group = unit, a fresh deduplication id each.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use model::ports::{Hide, Nudge, NudgeError, Nudges};

/// Longest invisibility that SQS allows.
const MAX_VISIBILITY: Duration = Duration::from_secs(12 * 3600);

/// Sends nudges to SQS, and parks the messages that a worker received.
#[derive(Clone)]
pub struct SqsNudges {
    client: Client,
    queue_url: String,
}

impl SqsNudges {
    /// On this queue.
    pub fn new(client: Client, queue_url: impl Into<String>) -> Self {
        Self { client, queue_url: queue_url.into() }
    }
}

#[async_trait]
impl Hide for SqsNudges {
    /// In whole seconds, rounded up, twelve hours at most.
    async fn hide(&self, handle: &str, length: Duration) {
        let length = length.min(MAX_VISIBILITY);
        let seconds = length.as_secs() + u64::from(length.subsec_nanos() > 0);
        let request = self.client.change_message_visibility().queue_url(&self.queue_url).receipt_handle(handle);
        let hidden = request.visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX)).send().await;
        if let Err(error) = hidden {
            tracing::warn!(error = %DisplayErrorContext(&error), "a message's visibility was not changed");
        }
    }
}

#[async_trait]
impl Nudges for SqsNudges {
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
        let body = serde_json::to_string(nudge).map_err(|e| NudgeError(e.to_string()))?;
        self.client
            .send_message()
            .queue_url(&self.queue_url)
            .message_group_id(nudge.group())
            .message_deduplication_id(model::ids::random_text(26))
            .message_body(body)
            .send()
            .await
            .map(|_| ())
            .map_err(|e| NudgeError(DisplayErrorContext(&e).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use model::ids::UnitId;

    use super::*;
    use crate::answering::Answering;

    async fn group_of(nudge: &Nudge) -> String {
        let sqs = Answering::new().await;
        let queue = SqsNudges::new(Client::new(&sqs.config()), format!("{}/queue.fifo", sqs.endpoint));
        let received = sqs.received("200 OK", "application/x-amz-json-1.0", r#"{"MessageId":"m"}"#);
        let (sent, body) = tokio::join!(queue.nudge(nudge), received);
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        sent.expect("sent");
        let message: Nudge = serde_json::from_str(body["MessageBody"].as_str().expect("a body")).expect("a nudge");
        assert_eq!(message, *nudge, "the worker reads what was sent");
        body["MessageGroupId"].as_str().expect("a group").to_owned()
    }

    #[tokio::test]
    async fn scheduled_runs_of_a_domain_are_one_group_and_each_unit_is_its_own() {
        let unit = UnitId("u4k8m2x7q9bd".into());
        let domain = "example.cybozu.com:8443";
        assert_eq!(group_of(&Nudge::scheduled(domain, unit.clone())).await, format!("schedule#{domain}"));
        assert_eq!(group_of(&Nudge::new(domain, unit.clone())).await, unit.0);
    }
}
