//! Reading an upload: one part named `file` of a multipart body.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;

/// The uploaded file.
#[derive(Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its content type.
    pub content_type: String,
    /// Its bytes.
    pub content: Bytes,
}

/// Reads the upload; `None` where the body is no multipart form with a part `file`.
pub async fn read(headers: &HeaderMap, body: Bytes) -> Option<Upload> {
    let mut request = Request::new(Body::from(body));
    request.headers_mut().insert(header::CONTENT_TYPE, headers.get(header::CONTENT_TYPE)?.clone());
    request.extensions_mut().insert(axum::extract::DefaultBodyLimit::disable());
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    while let Some(part) = parts.next_field().await.ok()? {
        if part.name() != Some("file") {
            continue;
        }
        // Clients write a quote in a name as %22.
        let name = part.file_name().unwrap_or("file").replace("%22", "\"");
        let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
        return Some(Upload { name, content_type, content: part.bytes().await.ok()? });
    }
    None
}
