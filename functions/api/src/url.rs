//! What stands in a URL: axum's own extractors, refusing in the catalogue's words.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use model::catalogue;
use serde::de::DeserializeOwned;

use crate::answer::Refusal;

/// The path's parameters. What cannot even be read is as unknown as any other wrong URL.
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(segments)| Self(segments)).map_err(|_| Refusal::new(catalogue::URL_UNKNOWN))
    }
}

/// The query's parameters.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(parameters)| Self(parameters)).map_err(|_| {
            crate::record::invalid(
                "クエリには各パラメータを1回だけ、パーセントエンコードして指定してください",
                "the query must name each parameter once, percent-encoded",
            )
        })
    }
}
