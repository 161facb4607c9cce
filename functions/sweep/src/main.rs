//! sweep on Lambda: settings, adapters, and one sweep per invocation.

use std::sync::Arc;
use std::time::Duration;

use aws::Aws;
use connect::kintone::{Connector, HostPolicy, Retry, Settings};
use connect::messages::Webhooks;
use connect::records::Records;
use lambda_runtime::{LambdaEvent, service_fn};
use model::clock::SystemClock;
use model::ledger::Ledger;

/// Longest wait for an answer: a sweep has a minute for all that it tells, and what it cannot tell is told by a later one.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::logs::init();
    let config = sweep::config::Config::from_env()?;
    let aws = Aws::on_lambda();
    let ledger = Ledger::new(Arc::new(aws.store(config.table)), Arc::new(SystemClock));
    let hosts = HostPolicy { allowed: config.allowed_hosts, allow_local: config.allow_local };
    let retry = Retry { tries: 1, ..Retry::default() };
    let connector = Connector::new(Settings { hosts, retry, request_timeout: TOLD_WITHIN, ..Settings::default() })?;
    let senders = sweep::Senders {
        vault: Arc::new(aws.vault(config.secrets_prefix)),
        messenger: Arc::new(Webhooks::new(connector.clone())),
        recorder: Arc::new(Records::new(connector)),
        topics: Some(Arc::new(aws.topics())),
    };
    let deps = &sweep::Deps { ledger, nudges: Arc::new(aws.nudges(config.queue_url)), senders };
    let handle = |_: LambdaEvent<serde_json::Value>| async move {
        let sweep::Swept { units, scheduled, failed } = sweep::sweep(deps).await?;
        Ok::<_, lambda_runtime::Error>(serde_json::json!({ "nudged": units, "scheduled": scheduled, "failed": failed }))
    };
    lambda_runtime::run(service_fn(handle)).await
}
