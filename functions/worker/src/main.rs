//! worker on Lambda: settings, adapters, and one nudge per invocation.

use std::sync::Arc;

use aws::{Aws, SqsNudges};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use connect::kintone::{Connector, HostPolicy, Settings};
use connect::storage::{Bucket, Storage};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use model::clock::SystemClock;
use model::ledger::Ledger;
use worker::hosting::{self, Received};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    aws::logs::init();
    let config = worker::config::Config::from_env()?;
    let aws = Aws::on_lambda();
    let queue: &SqsNudges = &aws.nudges(config.queue_url);
    let hosts = HostPolicy { allowed: config.allowed_hosts, allow_local: config.allow_local };
    let deps = &worker::Deps {
        ledger: Ledger::new(Arc::new(aws.store(config.table)), Arc::new(SystemClock)),
        vault: Arc::new(aws.vault(config.secrets_prefix)),
        connector: Connector::new(Settings { hosts, ..Settings::default() })?,
        files: Storage::bucket(&Bucket { name: config.files_bucket, allow_http: config.allow_local })?,
        observer: Arc::new(worker::observer::LogObserver),
        nudges: Arc::new(queue.clone()),
        wake: Arc::new(queue.clone()),
    };
    let handle = |event: LambdaEvent<SqsEvent>| async move {
        let mut failures = SqsBatchResponse::default();
        for message in event.payload.records {
            let id = message.message_id.unwrap_or_default();
            let (body, handle) = (message.body.as_deref(), message.receipt_handle.as_deref());
            let received = Received { body, handle, id: &id, deadline: Some(event.context.deadline) };
            if !hosting::used_up(deps, queue, received).await {
                failures.add_failure(id);
            }
        }
        Ok::<_, Error>(failures)
    };
    lambda_runtime::run(service_fn(handle)).await
}
