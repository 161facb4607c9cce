//! Messages on topics of SNS.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use model::ports::{MessageError, Topics};

/// Publishes on topics of SNS.
#[derive(Clone)]
pub struct SnsTopics {
    client: Client,
}

impl SnsTopics {
    /// With this client.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Topics for SnsTopics {
    async fn publish(&self, topic: &str, subject: &str, message: &str) -> Result<(), MessageError> {
        let request = self.client.publish().topic_arn(topic).subject(subject).message(message);
        request.send().await.map(|_| ()).map_err(|e| MessageError(told(&e)))
    }
}

/// What SNS says, in a line: the whole error holds the answer and its connection too.
fn told(error: &SdkError<PublishError>) -> String {
    let hint = match error.code() {
        Some("AuthorizationError" | "AccessDenied" | "AccessDeniedException") => {
            " (the stack's parameter NoticeTopic must name the topic)"
        }
        _ => "",
    };
    match (error.code(), error.message()) {
        (Some(code), message) => format!("SNS answers {code}{hint}: {}", message.unwrap_or_default()),
        (None, _) => DisplayErrorContext(error).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answering::Answering;

    const ARN: &str = "arn:aws:sns:ap-northeast-1:123456789012:ops";

    async fn published(status: &str, answer: &str) -> (Result<(), MessageError>, String) {
        let sns = Answering::new().await;
        let topics = SnsTopics::new(Client::new(&sns.config()));
        let publish =
            topics.publish(ARN, "Suiro: a run has failed", "失敗しました / failed\nhttps://example.cybozu.com/k/9/");
        tokio::join!(publish, sns.received(status, "text/xml", answer))
    }

    #[tokio::test]
    async fn a_message_is_published_with_its_subject() {
        let answer = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>"#;
        let (sent, form) = published("200 OK", answer).await;
        assert_eq!(sent, Ok(()));
        for part in [
            "Action=Publish",
            "TopicArn=arn%3Aaws%3Asns%3Aap-northeast-1%3A123456789012%3Aops",
            "Subject=Suiro%3A%20a%20run%20has%20failed",
            "Message=%E5%A4%B1%E6%95%97",
            "%0Ahttps%3A%2F%2Fexample.cybozu.com%2Fk%2F9%2F",
        ] {
            assert!(form.contains(part), "{part}: {form}");
        }
    }

    #[tokio::test]
    async fn what_sns_refuses_is_told() {
        let answer = r#"<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>not allowed</Message></Error></ErrorResponse>"#;
        let (sent, _) = published("403 Forbidden", answer).await;
        let expected =
            "SNS answers AuthorizationError (the stack's parameter NoticeTopic must name the topic): not allowed";
        assert_eq!(sent, Err(MessageError(expected.into())));
    }
}
