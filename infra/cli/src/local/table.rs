//! The embedded DynamoDB, on a loopback port of this process.

use aws::DynamoStore;
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
    /// The server.
    pub serving: JoinHandle<()>,
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
        let serving = tokio::spawn(async move {
            let served = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending::<()>()).await;
            if let Err(error) = served {
                tracing::error!(%error, "the embedded DynamoDB has stopped");
            }
        });
        let endpoint = format!("http://{address}");
        let store = DynamoStore::at_endpoint(&endpoint, TABLE);
        store.create_table().await.map_err(|e| failed(e.to_string()))?;
        Ok(Self { store, endpoint, serving })
    }
}

/// The store on the embedded DynamoDB of another process on this machine.
pub fn store_at(endpoint: &str) -> DynamoStore {
    DynamoStore::at_endpoint(endpoint, TABLE)
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
