//! The store's contract on the DynamoDB adapter, over an embedded DynamoDB; and on the store in memory, alike.

use std::sync::Arc;

use aws::DynamoStore;
use model::clock::SystemClock;
use model::store::contract;
use model::store::memory::MemoryStore;

#[tokio::test]
async fn memory() {
    contract::check(&MemoryStore::new(Arc::new(SystemClock))).await;
    let store = Arc::new(MemoryStore::new(Arc::new(SystemClock)));
    model::ledger::contract::check(store, Arc::new(SystemClock)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamodb() {
    let db = dynoxide::Database::memory().expect("an embedded database");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, db, std::future::pending::<()>()));
    let store = DynamoStore::at_endpoint(&endpoint, "suiro");
    store.create_table().await.expect("a table");
    store.create_table().await.expect("making it again changes nothing");
    contract::check(&store).await;
    model::ledger::contract::check(Arc::new(store), Arc::new(SystemClock)).await;
}
