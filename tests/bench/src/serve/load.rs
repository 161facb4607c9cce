//! The client: webhooks of kintone's shape, so many at once, each timed from the request to the answer's last byte.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::measure::{Stopwatch, percentile};
use crate::serve::units::APP;

/// What one round took.
#[derive(Clone, Debug)]
pub struct Round {
    wall: Duration,
    each: Vec<Duration>,
}

impl Round {
    /// Accepted requests per second.
    pub fn per_second(&self) -> u64 {
        (self.each.len() as f64 / self.wall.as_secs_f64()) as u64
    }

    /// Time of a request that so many percent do not exceed.
    pub fn percentile(&self, percent: usize) -> Duration {
        percentile(self.each.iter().copied(), percent)
    }
}

/// Sends `count` webhooks, the n-th to the n-th URL in turn. Any answer but 202 is an error.
pub async fn round(urls: &[String], count: usize, concurrency: usize) -> Outcome<Round> {
    let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let (urls, next) = (Arc::new(urls.to_vec()), Arc::new(AtomicUsize::new(0)));
    let mut senders = JoinSet::new();
    let watch = Stopwatch::start();
    for _ in 0..concurrency {
        let (http, urls, next) = (http.clone(), urls.clone(), next.clone());
        senders.spawn(async move {
            let mut each = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return Ok(each);
                }
                each.push(send(&http, &urls[n % urls.len()]).await?);
            }
        });
    }
    let mut each = Vec::with_capacity(count);
    while let Some(sender) = senders.join_next().await {
        let sent: Outcome<Vec<Duration>> = sender?;
        each.extend(sent?);
    }
    Ok(Round { wall: watch.elapsed(), each })
}

async fn send(http: &reqwest::Client, url: &str) -> Outcome<Duration> {
    let body = webhook();
    let watch = Stopwatch::start();
    let answer = http.post(url).header("content-type", "application/json").body(body).send().await?;
    let status = answer.status().as_u16();
    let told = answer.bytes().await?;
    let took = watch.elapsed();
    if status != 202 {
        return Err(format!("{status} in place of 202: {}", String::from_utf8_lossy(&told)).into());
    }
    Ok(took)
}

/// A notification as kintone sends it, with an id of its own: a record of ten fields and the system's.
fn webhook() -> String {
    static SENT: AtomicU64 = AtomicU64::new(1);
    let n = SENT.fetch_add(1, Ordering::Relaxed);
    let text = |value: String| json!({ "type": "SINGLE_LINE_TEXT", "value": value });
    let person = json!({ "code": "kanri", "name": "管理者" });
    let mut record = json!({
        "$id": { "type": "__ID__", "value": n.to_string() },
        "$revision": { "type": "__REVISION__", "value": "1" },
        "レコード番号": { "type": "RECORD_NUMBER", "value": n.to_string() },
        "作成者": { "type": "CREATOR", "value": person },
        "更新者": { "type": "MODIFIER", "value": person },
        "作成日時": { "type": "CREATED_TIME", "value": "2026-04-01T00:00:00Z" },
        "更新日時": { "type": "UPDATED_TIME", "value": "2026-04-01T00:00:00Z" },
        "受注番号": text(format!("A-{n}")),
    });
    for field in 1..=9 {
        record[format!("項目{field}")] = text(format!("受注 {n} の項目 {field}"));
    }
    json!({
        "id": format!("00000000-0000-4000-8000-{n:012}"), "type": "ADD_RECORD",
        "app": { "id": APP.to_string(), "name": "受注" }, "record": record, "recordTitle": format!("A-{n}"),
        "url": format!("https://example.cybozu.com/k/{APP}/show#record={n}"),
    })
    .to_string()
}
