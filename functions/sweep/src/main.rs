//! sweep on Lambda: settings, adapters, and one sweep per invocation.

use std::sync::Arc;

use aws::Aws;
use lambda_runtime::{LambdaEvent, service_fn};
use model::clock::SystemClock;
use model::ledger::Ledger;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::logs::init();
    let config = sweep::config::Config::from_env()?;
    let aws = Aws::on_lambda();
    let ledger = Ledger::new(Arc::new(aws.store(config.table)), Arc::new(SystemClock));
    let deps = &sweep::Deps { ledger, nudges: Arc::new(aws.nudges(config.queue_url)) };
    let handle = |_: LambdaEvent<serde_json::Value>| async move {
        let sweep::Swept { units, scheduled, failed } = sweep::sweep(deps).await?;
        Ok::<_, lambda_runtime::Error>(serde_json::json!({ "nudged": units, "scheduled": scheduled, "failed": failed }))
    };
    lambda_runtime::run(service_fn(handle)).await
}
