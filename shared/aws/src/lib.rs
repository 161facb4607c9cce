//! DynamoDB, SQS, Secrets Manager and SNS behind the ports of `model`. The only crate that names the AWS SDK.

#[cfg(test)]
mod answering;
mod attribute;
pub mod dynamo;
pub mod logs;
pub mod queue;
pub mod secrets;
#[cfg(feature = "topics")]
pub mod topics;

pub use dynamo::DynamoStore;
pub use queue::SqsNudges;
pub use secrets::SecretsVault;
#[cfg(feature = "topics")]
pub use topics::SnsTopics;

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::SharedCredentialsProvider;

/// A variable that Lambda or the SDK defines; ours are read in each function's `config`.
fn env(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "not a setting of ours")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How long a call may take in all, with the SDK's own repetitions; far below a lease, and below what api has to answer.
const CALL: Duration = Duration::from_secs(10);
/// How long one try of it may take: these services answer in milliseconds.
const TRY: Duration = Duration::from_secs(4);

/// A call that hangs must end: the SDK by itself only limits how long it takes to connect.
fn timeouts(call: Duration, one_try: Duration) -> TimeoutConfig {
    let builder = TimeoutConfig::builder().operation_timeout(call).operation_attempt_timeout(one_try);
    builder.connect_timeout(one_try / 2).build()
}

/// The SDK's configuration.
pub struct Aws {
    config: SdkConfig,
}

impl Aws {
    /// As Lambda gives it: region and credentials of the role in the environment, and `AWS_ENDPOINT_URL` where an emulator
    /// answers. Nothing else is asked, and no client of profiles, containers or STS is in the binary.
    pub fn on_lambda() -> Self {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
            .timeout_config(timeouts(CALL, TRY))
            .region(env("AWS_REGION").map(Region::new));
        config.set_endpoint_url(env("AWS_ENDPOINT_URL"));
        Self { config: config.build() }
    }

    /// As a person's machine has it: the SDK's whole chain of environment, profiles and sign-ins.
    pub async fn from_env() -> Self {
        Self {
            config: aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts(CALL, TRY)).load().await,
        }
    }

    /// The store on a table.
    pub fn store(&self, table: impl Into<String>) -> DynamoStore {
        DynamoStore::new(aws_sdk_dynamodb::Client::new(&self.config), table)
    }

    /// The queue of nudges.
    pub fn nudges(&self, queue_url: impl Into<String>) -> SqsNudges {
        SqsNudges::new(aws_sdk_sqs::Client::new(&self.config), queue_url)
    }

    /// Credentials whose names start with `prefix` in Secrets Manager.
    pub fn vault(&self, prefix: impl Into<String>) -> SecretsVault {
        SecretsVault::new(aws_sdk_secretsmanager::Client::new(&self.config), prefix)
    }

    /// Topics of SNS.
    #[cfg(feature = "topics")]
    pub fn topics(&self) -> SnsTopics {
        SnsTopics::new(aws_sdk_sns::Client::new(&self.config))
    }

    /// Whether the environment names an endpoint of SNS: where there is no AWS, only an emulator has topics.
    #[cfg(feature = "topics")]
    pub fn topics_are_emulated() -> bool {
        ["AWS_ENDPOINT_URL_SNS", "AWS_ENDPOINT_URL"].iter().any(|name| env(name).is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::store::{Key, Store as _, StoreError};
    use tokio::net::TcpListener;

    use super::{DynamoStore, timeouts};

    #[tokio::test]
    async fn a_call_that_hangs_ends() {
        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let config = crate::answering::Answering::new().await.config().into_builder();
        let config = config
            .endpoint_url(format!("http://{}", silent.local_addr().expect("an address")))
            .timeout_config(timeouts(Duration::from_millis(200), Duration::from_millis(80)))
            .build();
        let store = DynamoStore::new(aws_sdk_dynamodb::Client::new(&config), "t");
        let got = store.get(&[Key { pk: "a".into(), sk: "b".into() }]).await;
        assert!(matches!(got, Err(StoreError::Unavailable(_))), "{got:?}");
    }
}
