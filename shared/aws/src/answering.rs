//! For tests: a service of AWS that takes requests and answers them, or does not.

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Where requests are answered, one by one.
pub struct Answering {
    listener: TcpListener,
    /// The URL.
    pub endpoint: String,
}

impl Answering {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        Self { listener, endpoint }
    }

    /// How clients reach it.
    pub fn config(&self) -> aws_config::SdkConfig {
        aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "local", "local", None, None, "local",
            )))
            .endpoint_url(&self.endpoint)
            .build()
    }

    /// The body of the request, answered with this status, type and body.
    pub async fn received(&self, status: &str, content: &str, answer: &str) -> String {
        let (mut stream, _) = self.listener.accept().await.expect("a request");
        let mut read = Vec::new();
        loop {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.expect("bytes");
            read.extend_from_slice(&bytes[..count]);
            let text = String::from_utf8_lossy(&read).into_owned();
            assert!(count > 0, "the request ends early: {text}");
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.and_then(|n| n.parse().ok()) == Some(body.len()) {
                let length = answer.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-type: {content}\r\ncontent-length: {length}");
                let whole = format!("{head}\r\nconnection: close\r\n\r\n{answer}");
                stream.write_all(whole.as_bytes()).await.expect("answered");
                return body.to_owned();
            }
        }
    }
}
