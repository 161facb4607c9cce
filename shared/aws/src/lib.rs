//! DynamoDB, SQS and Secrets Manager behind the ports of `model`. The only crate that names the AWS SDK.

mod attribute;
pub mod dynamo;
pub mod queue;
pub mod secrets;

pub use dynamo::DynamoStore;
pub use queue::SqsNudges;
pub use secrets::SecretsVault;

/// The SDK's configuration as AWS gives it to a Lambda: region, role, and `AWS_ENDPOINT_URL` where an emulator answers.
pub struct Aws {
    config: aws_config::SdkConfig,
}

impl Aws {
    /// From the environment.
    pub async fn from_env() -> Self {
        Self { config: aws_config::defaults(aws_config::BehaviorVersion::latest()).load().await }
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
}
