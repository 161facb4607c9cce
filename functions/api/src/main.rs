//! api on Lambda: settings, adapters, and the router.

use std::sync::Arc;

use aws::Aws;
use model::clock::SystemClock;
use model::ledger::Ledger;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    aws::logs::init();
    let config = api::config::Config::from_env()?;
    let aws = Aws::on_lambda();
    let ledger = Ledger::new(Arc::new(aws.store(config.table)), Arc::new(SystemClock));
    let deps = api::Deps::new(ledger, Arc::new(aws.nudges(config.queue_url)));
    lambda_http::run(api::router(deps)).await
}
