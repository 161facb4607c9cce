//! Turning what a call answers into HTTP, with the headers that kintone sends along.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};
use std::time::Duration;

use super::listen::Cut;
use crate::clock;
use crate::kintone::api::Refusal;
use crate::kintone::error::ApiError;
use crate::kintone::files::Stored;
use crate::kintone::text::Lang;

/// A whole answer, not yet on its way.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The error code, where there is one.
    pub code: Option<&'static str>,
    /// Headers besides those of every answer.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::of(status, "application/json;charset=utf-8", body)
    }

    /// Any content.
    pub fn of(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self { status, code: None, headers, body: body.into() }
    }

    /// An error.
    pub fn error(error: &ApiError, lang: Lang) -> Self {
        Self::json(error.status, error.body(lang).to_string()).coded(error.code)
    }

    /// A refused call; a failed part of a bulkRequest stands among the empty results of the others.
    pub fn refusal(refusal: &Refusal, lang: Lang) -> Self {
        match refusal {
            Refusal::Call(error) => Self::error(error, lang),
            Refusal::Part { index, of, error } => {
                let results: Vec<Value> =
                    (0..*of).map(|part| if part == *index { error.body(lang) } else { json!({}) }).collect();
                Self::json(error.status, json!({ "results": results }).to_string()).coded(error.code)
            }
        }
    }

    /// A file.
    pub fn file(file: &Stored) -> Self {
        let mut reply = Self::of(200, "application/octet-stream", file.content.clone());
        if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
            reply.headers.insert(header::CONTENT_TYPE, content_type);
        }
        let ascii: String = file.name.chars().map(|c| if c.is_ascii_graphic() && c != '"' { c } else { '_' }).collect();
        let disposition = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", percent_encoded(&file.name));
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            reply.headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        reply
    }

    fn coded(mut self, code: &'static str) -> Self {
        self.headers.insert("x-cybozu-error", HeaderValue::from_static(code));
        self.code = Some(code);
        self
    }

    /// The HTTP answer, with the state of the concurrency gate.
    pub fn send(self, limit: u64, running: u64) -> Response<Body> {
        let body = Body::from(self.body);
        Self { body: Bytes::new(), ..self }.send_with(limit, running, body)
    }

    /// The HTTP answer in pieces: each after a pause, and at the end of `cut_after` bytes a reset.
    pub fn send_in_pieces(
        self,
        limit: u64,
        running: u64,
        piece: usize,
        pause: Duration,
        cut: Option<Cut>,
    ) -> Response<Body> {
        let length = self.body.len();
        let pieces = stream::unfold((self.body.clone(), 0usize, cut), move |(mut rest, sent, cut)| async move {
            if rest.is_empty() {
                return None;
            }
            if sent > 0
                && let Some(cut) = &cut
            {
                // What was sent has to reach the peer before the reset drops what is still on its way.
                clock::pause(pause).await;
                cut.now();
                return Some((
                    Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
                    (Bytes::new(), sent, None),
                ));
            }
            if cut.is_none() {
                clock::pause(pause).await;
            }
            let next = rest.split_to(piece.clamp(1, rest.len()));
            let sent = sent + next.len();
            Some((Ok::<_, std::io::Error>(next), (rest, sent, cut)))
        });
        let mut response = self.send_with(limit, running, Body::from_stream(pieces));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        response
    }

    fn send_with(self, limit: u64, running: u64, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = self.headers;
        response.headers_mut().insert("x-concurrencylimit-limit", HeaderValue::from(limit));
        response.headers_mut().insert("x-concurrencylimit-running", HeaderValue::from(running));
        response
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
