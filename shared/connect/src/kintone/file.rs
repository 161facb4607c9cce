//! Attached files, streamed: neither way holds a whole file in memory.

use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use futures::stream::{BoxStream, StreamExt as _};
use model::value::FileRef;
use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response, Url};
use serde::Deserialize;

use super::answer::read_answer;
use super::classify::{CallInfo, Effect};
use super::client::Kintone;
use super::error::{KintoneError, Right};
use super::http::text;

/// Longest time for one file: a gigabyte (kintone's most) at about ten megabits a second.
const FILE_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// A file on its way from kintone.
pub struct Download {
    /// MIME type, as kintone says it.
    pub content_type: String,
    /// Bytes, where kintone says how many.
    pub size: Option<u64>,
    /// The content. A broken connection is an error in the stream: what came before is not the whole file.
    pub content: BoxStream<'static, Result<Bytes, KintoneError>>,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download")
            .field("content_type", &self.content_type)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Uploaded {
    file_key: String,
}

impl Kintone {
    /// Uploads a file and returns its key, which can be attached to a record within three days.
    ///
    /// Not repeated here, since a stream can be read once only. An upload that is not attached is dropped by kintone,
    /// so the caller may upload again after any error.
    pub async fn upload_file<S, E>(&self, name: &str, content_type: &str, content: S) -> Result<String, KintoneError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let _pass = self.inner.throttle.enter().await;
        self.send_upload(name, content_type, Part::stream(reqwest::Body::wrap_stream(content))).await
    }

    /// Copies an attached file: what stands under the key of a record is uploaded again. Returns the new file's key, to be
    /// attached within three days. Repeated like a read, since a copy that is not attached is dropped by kintone.
    pub async fn copy_file(&self, file: &FileRef) -> Result<String, KintoneError> {
        let settings = self.inner.connector.settings();
        let mut attempt: u32 = 1;
        loop {
            let error = match self.copy_once(file).await {
                Ok(key) => return Ok(key),
                Err(error) => error,
            };
            if !error.class.is_temporary() || attempt >= settings.retry.tries {
                return Err(error);
            }
            settings.pause.pause(settings.retry.delay(attempt, settings.pause.jitter())).await;
            attempt += 1;
        }
    }

    /// The upload goes under the download's pass: waiting for a second one while holding the first could wait for ever.
    async fn copy_once(&self, file: &FileRef) -> Result<String, KintoneError> {
        let Download { content_type, size, content } = self.download_file(&file.file_key).await?;
        let body = reqwest::Body::wrap_stream(content);
        let part = match size {
            Some(size) => Part::stream_with_length(body, size),
            None => Part::stream(body),
        };
        let known = [&file.content_type, &content_type].into_iter().find(|t| !t.is_empty());
        self.send_upload(&file.name, known.map_or("application/octet-stream", String::as_str), part).await
    }

    async fn send_upload(&self, name: &str, content_type: &str, part: Part) -> Result<String, KintoneError> {
        let info = info("POST file.json");
        let part = part
            .file_name(name.to_owned())
            .mime_str(content_type)
            .map_err(|_| info.name(KintoneError::local(format!("{content_type} is not a MIME type"))))?;
        let form = Form::new().part("file", part);
        let response = self.file_call(Method::POST, self.file_url(&info)?, Some(form), &info).await?;
        let body = response.bytes().await.map_err(|e| info.transport(&e))?;
        Ok(read_answer::<Uploaded>(&body, &info)?.file_key)
    }

    /// Downloads an attached file by the key that stands in its record.
    pub async fn download_file(&self, file_key: &str) -> Result<Download, KintoneError> {
        let info = info("GET file.json");
        let mut url = self.file_url(&info)?;
        url.query_pairs_mut().append_pair("fileKey", file_key);
        let pass = self.inner.throttle.enter().await;
        let response = self.file_call(Method::GET, url, None, &info).await?;
        let content_type = text(response.headers(), CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
        let size = response.content_length();
        let content = response.bytes_stream().map(move |chunk| {
            // Held until the stream ends: the download counts as a running call that long.
            let _held = &pass;
            chunk.map_err(|e| info.transport(&e))
        });
        Ok(Download { content_type, size, content: content.boxed() })
    }

    /// Files have one address, guest spaces or not.
    fn file_url(&self, info: &CallInfo) -> Result<Url, KintoneError> {
        let address = format!("{}/k/v1/file.json", self.inner.base);
        Url::parse(&address).map_err(|e| info.name(KintoneError::local(format!("the URL cannot be made: {e}"))))
    }

    async fn file_call(
        &self,
        method: Method,
        url: Url,
        form: Option<Form>,
        info: &CallInfo,
    ) -> Result<Response, KintoneError> {
        self.calls().add(&info.apps);
        let http = self.inner.connector.http();
        let mut builder = http.request(method, url).headers(self.inner.headers.clone()).timeout(FILE_TIMEOUT);
        if let Some(form) = form {
            builder = builder.multipart(form);
        }
        let response = builder.send().await.map_err(|e| info.transport(&e))?;
        self.heed(response.headers());
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|e| info.transport(&e))?;
        Err(info.answer(status.as_u16(), text(&headers, "x-cybozu-error"), &body))
    }
}

/// An upload changes no record, so its failures are a read's.
fn info(call: &str) -> CallInfo {
    CallInfo { call: call.to_owned(), apps: Vec::new(), effect: Effect::Read, right: Right::ViewRecords }
}
