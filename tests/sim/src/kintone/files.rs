//! Files with their two kinds of keys: the key of an upload can only be attached, the key in a record only be
//! downloaded.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::error::{random_u64, random_uuid};
use crate::query::FileText;

/// A file's content and name.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The name as sent.
    pub name: String,
    /// The content type as sent.
    pub content_type: String,
    /// The bytes.
    pub content: Bytes,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// The app that it is attached in; none for an upload.
    pub app: Option<u64>,
}

/// All files of the domain.
#[derive(Debug, Default)]
pub struct Files {
    uploads: HashMap<String, Stored>,
    attached: HashMap<String, Stored>,
    /// The text of attached files that have one, for `like`.
    texts: Arc<HashMap<String, String>>,
}

impl Files {
    /// Takes an upload and returns its key, a UUID. Uploads older than `life` are dropped on the way.
    pub fn upload(&mut self, name: String, content_type: String, content: Bytes, now: Timestamp, life: u64) -> String {
        self.drop_expired(now, life);
        let key = random_uuid();
        self.uploads.insert(key.clone(), Stored { name, content_type, content, uploaded_at: now, app: None });
        key
    }

    /// Attaches an upload in an app: what the record then holds, with a download key. `None` for an unknown or expired
    /// key.
    pub fn attach(&mut self, key: &str, app: u64, now: Timestamp, life: u64) -> Option<Value> {
        self.drop_expired(now, life);
        let upload = self.uploads.get(key)?.clone();
        // kintone's download keys begin with the time and are long runs of digits and capital hex.
        let download = format!(
            "{}{:016X}{:016X}{:04X}",
            now.strftime("%Y%m%d%H%M%S"),
            random_u64(),
            random_u64(),
            random_u64() & 0xffff
        );
        let told = json!({
            "contentType": upload.content_type,
            "fileKey": download,
            "name": upload.name,
            "size": upload.content.len().to_string(),
        });
        if upload.content_type.starts_with("text/")
            && let Ok(text) = std::str::from_utf8(&upload.content)
        {
            Arc::make_mut(&mut self.texts).insert(download.clone(), text.to_owned());
        }
        self.attached.insert(download, Stored { app: Some(app), ..upload });
        Some(told)
    }

    /// The file behind a download key.
    pub fn download(&self, key: &str) -> Option<&Stored> {
        self.attached.get(key)
    }

    /// What a search reads in attached files.
    pub fn readable(&self) -> FileText {
        let texts = Arc::clone(&self.texts);
        Arc::new(move |key| texts.get(key).cloned())
    }

    fn drop_expired(&mut self, now: Timestamp, life: u64) {
        let life = SignedDuration::from_secs(i64::try_from(life).unwrap_or(i64::MAX));
        self.uploads.retain(|_, upload| now.duration_since(upload.uploaded_at) < life);
    }
}
