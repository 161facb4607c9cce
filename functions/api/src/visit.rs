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
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = |name| parts.headers.get(name).and_then(|h| h.to_str().ok()).map(str::to_owned);
        Ok(Self {
            source: source(parts),
            method: parts.method.to_string(),
            query: parts.uri.query().map(str::to_owned),
            timestamp: header(TIMESTAMP),
            signature: header(SIGNATURE),
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
