//! The bare handler: the same path, the same JSON parsed, 202 with a body of the same shape, nothing kept.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Outcome;

/// Serves for as long as the runtime lives; answers its base URL.
pub async fn start() -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/r/{unit}/{secret}", post(accept));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}"))
}

async fn accept(Path((unit, _)): Path<(String, String)>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    if body["record"].is_object() {
        (StatusCode::ACCEPTED, Json(json!({ "code": 202, "status": "Accepted", "runId": format!("{unit}-1") })))
    } else {
        (StatusCode::BAD_REQUEST, Json(json!({ "code": 400 })))
    }
}
