//! Who calls, as far as the call itself says: where it comes from, and what it is signed with.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use lambda_http::request::RequestContext;
use model::signature::{SIGNATURE, TIMESTAMP};

/// A call, but for its path and its body.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Where it comes from: what API Gateway saw, or the peer of a local connection. No header of the caller's says it.
    pub source: Option<IpAddr>,
    /// The method.
    pub method: String,
    /// The query, as it was sent.
    pub query: Option<String>,
    /// The header of the signature's time.
    pub timestamp: Option<String>,
    /// The header of the signature.
    pub signature: Option<String>,
    /// The header of the request's id, as often as it was sent; `None` where it is no text.
    pub request_ids: Vec<Option<String>>,
}

/// The header in which a caller may give its request an id: the name that the IETF's draft gives it.
const REQUEST_ID: &str = "idempotency-key";

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = |name| parts.headers.get(name).and_then(|h| h.to_str().ok()).map(str::to_owned);
        let request_ids = parts.headers.get_all(REQUEST_ID).iter();
        Ok(Self {
            source: source(parts),
            method: parts.method.to_string(),
            query: parts.uri.query().map(str::to_owned),
            timestamp: header(TIMESTAMP),
            signature: header(SIGNATURE),
            request_ids: request_ids.map(|h| std::str::from_utf8(h.as_bytes()).ok().map(str::to_owned)).collect(),
        })
    }
}

fn source(parts: &Parts) -> Option<IpAddr> {
    match parts.extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref()?.parse().ok(),
        Some(_) => None,
        None => parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
    }
}
