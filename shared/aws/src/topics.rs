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
    use aws_sdk_sns::config::{BehaviorVersion, Config, Credentials, Region};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// The form of the first request that comes, answered with this status and body.
    async fn received(listener: TcpListener, status: &str, answer: &str) -> String {
        let (mut stream, _) = listener.accept().await.expect("a request");
        let mut read = Vec::new();
        loop {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.expect("bytes");
            read.extend_from_slice(&bytes[..count]);
            let text = String::from_utf8_lossy(&read).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.and_then(|n| n.parse().ok()) == Some(body.len()) {
                let head = format!("HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}", answer.len());
                stream
                    .write_all(format!("{head}\r\nconnection: close\r\n\r\n{answer}").as_bytes())
                    .await
                    .expect("answered");
                return body.to_owned();
            }
        }
    }

    const ARN: &str = "arn:aws:sns:ap-northeast-1:123456789012:ops";

    async fn published(status: &str, answer: &str) -> (Result<(), MessageError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .endpoint_url(&endpoint)
            .build();
        let topics = SnsTopics::new(Client::from_conf(config));
        let publish =
            topics.publish(ARN, "Suiro: a run has failed", "失敗しました / failed\nhttps://example.cybozu.com/k/9/");
        tokio::join!(publish, received(listener, status, answer))
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
