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

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::SharedCredentialsProvider;

/// A variable that Lambda or the SDK defines; ours are read in each function's `config`.
fn env(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "not a setting of ours")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
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
            .region(env("AWS_REGION").map(Region::new));
        config.set_endpoint_url(env("AWS_ENDPOINT_URL"));
        Self { config: config.build() }
    }

    /// As a person's machine has it: the SDK's whole chain of environment, profiles and sign-ins.
    pub async fn from_env() -> Self {
        Self { config: aws_config::defaults(BehaviorVersion::latest()).load().await }
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
