//! The embedded DynamoDB, on a loopback port of this process.

use std::time::Duration;

use aws::DynamoStore;
use model::clock::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::StartError;
use super::folder::Folder;

/// The table's name.
pub const TABLE: &str = "suiro";

/// A running embedded DynamoDB with its table.
pub struct Embedded {
    /// The store on it.
    pub store: DynamoStore,
    /// Where it answers.
    pub endpoint: String,
    serving: JoinHandle<()>,
    forgetting: JoinHandle<()>,
}

/// How often expired items are deleted. AWS does it within days; nothing depends on it.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);

/// The embedded DynamoDB deletes nothing by itself.
async fn forget_expired(database: dynoxide::Database) {
    loop {
        let swept = database.clone();
        match tokio::task::spawn_blocking(move || swept.sweep_ttl().map_err(|e| e.to_string())).await {
            Ok(Ok(0)) => {}
            Ok(Ok(items)) => tracing::info!(items, "expired items deleted"),
            Ok(Err(error)) => tracing::warn!(error, "expired items are not deleted"),
            Err(error) => tracing::warn!(%error, "expired items are not deleted"),
        }
        SystemClock.pause(FORGET_EVERY).await;
    }
}

impl Embedded {
    /// Starts it on the folder's file, or in memory.
    pub async fn start(folder: Option<&Folder>) -> Result<Self, StartError> {
        let failed = |e: String| StartError::Table(e);
        let database = match folder {
            Some(folder) => dynoxide::Database::new(&folder.table().to_string_lossy()),
            None => dynoxide::Database::memory(),
        };
        let database = database.map_err(|e| failed(e.to_string()))?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| failed(e.to_string()))?;
        let address = listener.local_addr().map_err(|e| failed(e.to_string()))?;
        let kept = database.clone();
        let serving = tokio::spawn(async move {
            let served = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending::<()>()).await;
            if let Err(error) = served {
                tracing::error!(%error, "the embedded DynamoDB has stopped");
            }
        });
        let forgetting = tokio::spawn(forget_expired(kept));
        let endpoint = format!("http://{address}");
        let store = DynamoStore::at_endpoint(&endpoint, TABLE);
        store.create_table().await.map_err(|e| failed(e.to_string()))?;
        Ok(Self { store, endpoint, serving, forgetting })
    }
}

/// The store on the embedded DynamoDB of another process on this machine.
pub fn store_at(endpoint: &str) -> DynamoStore {
    DynamoStore::at_endpoint(endpoint, TABLE)
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.serving.abort();
        self.forgetting.abort();
    }
}
