//! Webhooks: what is told when, and the sending after the commit, without resending.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};

use crate::clock::pause;
use crate::kintone::error::random_uuid;
use crate::spec::{WebhookEvent, WebhookSpec};
use crate::switches::Switches;

/// The most webhooks of an app.
pub const WEBHOOKS_PER_APP: usize = 10;
/// A payload over this many bytes is not sent.
const PAYLOAD_AT_MOST: usize = 1_000_000;
/// How long a receiver may take; kintone's own time is not known.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Something that happened and that webhooks may tell.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The app.
    pub app: u64,
    /// What happened.
    pub event: WebhookEvent,
    /// The payload, but for the notification's own `id`.
    pub body: Map<String, Value>,
}

/// What became of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// Its status.
        status: u16,
    },
    /// The receiver did not answer.
    Failed {
        /// Why.
        reason: String,
    },
    /// More than the domain's notifications a minute (`GAIA_WT02` in the audit log).
    OverTheLimit,
    /// The payload is too large.
    TooLarge,
}

/// A notification that was sent or dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The notification's id.
    pub id: String,
    /// The app.
    pub app: u64,
    /// The event.
    pub event: WebhookEvent,
    /// Where to.
    pub url: String,
    /// When it happened (the simulator's time).
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
}

struct Letter {
    delivery: Delivery,
    body: Vec<u8>,
    delay: Duration,
    reorder: bool,
}

/// Sends notifications, to each address in order unless a switch says otherwise.
pub struct Webhooks {
    client: reqwest::Client,
    /// Where sending happens; the calls may come from outside the runtime.
    runtime: Option<Handle>,
    queues: Mutex<HashMap<String, mpsc::UnboundedSender<Letter>>>,
    sent_at: Mutex<VecDeque<Timestamp>>,
    log: Mutex<Vec<Delivery>>,
    open: AtomicUsize,
    idle: Notify,
}

impl Default for Webhooks {
    fn default() -> Self {
        // A receiver is named by its address: no proxy of the environment stands in between, no redirect is followed.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_WITHIN)
            .build()
            .unwrap_or_default();
        Self {
            client,
            runtime: Handle::try_current().ok(),
            queues: Mutex::default(),
            sent_at: Mutex::default(),
            log: Mutex::default(),
            open: AtomicUsize::new(0),
            idle: Notify::new(),
        }
    }
}

impl Webhooks {
    /// Queues what a committed call has to tell. Returns at once.
    pub fn tell(self: &Arc<Self>, notices: Vec<Notice>, hooks: &[WebhookSpec], switches: &Switches, now: Timestamp) {
        for notice in notices {
            for hook in hooks.iter().filter(|hook| hook.app == notice.app && hook.events.contains(&notice.event)) {
                self.queue(&notice, hook, switches, now);
            }
        }
    }

    fn queue(self: &Arc<Self>, notice: &Notice, hook: &WebhookSpec, switches: &Switches, now: Timestamp) {
        let id = random_uuid();
        let mut body = notice.body.clone();
        body.insert("id".to_owned(), id.as_str().into());
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut delivery = Delivery {
            id,
            app: notice.app,
            event: notice.event,
            url: hook.url.clone(),
            at: now,
            outcome: Outcome::TooLarge,
        };
        if body.len() > PAYLOAD_AT_MOST {
            return lock(&self.log).push(delivery);
        }
        if !self.within_limit(switches.webhooks_per_minute, now) {
            delivery.outcome = Outcome::OverTheLimit;
            return lock(&self.log).push(delivery);
        }
        let delay = Duration::from_millis(switches.webhook_delay_ms);
        for _ in 0..=usize::from(switches.webhook_duplicates) {
            let letter =
                Letter { delivery: delivery.clone(), body: body.clone(), delay, reorder: switches.webhook_reorder };
            self.open.fetch_add(1, Ordering::SeqCst);
            let mut queues = lock(&self.queues);
            let queue = queues.entry(hook.url.clone()).or_insert_with(|| self.start_queue());
            if queue.send(letter).is_err() {
                self.done(delivery.clone());
            }
        }
    }

    fn within_limit(&self, per_minute: u64, now: Timestamp) -> bool {
        let mut sent = lock(&self.sent_at);
        while sent.front().is_some_and(|first| now.duration_since(*first) >= SignedDuration::from_mins(1)) {
            sent.pop_front();
        }
        let within = (sent.len() as u64) < per_minute;
        if within {
            sent.push_back(now);
        }
        within
    }

    fn start_queue(self: &Arc<Self>) -> mpsc::UnboundedSender<Letter> {
        let (sender, mut receiver) = mpsc::unbounded_channel::<Letter>();
        let this = Arc::clone(self);
        let Some(runtime) = &self.runtime else { return sender };
        runtime.spawn(async move {
            let mut waiting = VecDeque::new();
            loop {
                if waiting.is_empty() {
                    let Some(letter) = receiver.recv().await else { return };
                    waiting.push_back(letter);
                }
                if let Some(delay) = waiting.front().map(|letter| letter.delay) {
                    pause(delay).await;
                }
                while let Ok(letter) = receiver.try_recv() {
                    waiting.push_back(letter);
                }
                let newest_first = waiting.front().is_some_and(|letter| letter.reorder);
                let next = if newest_first { waiting.pop_back() } else { waiting.pop_front() };
                if let Some(letter) = next {
                    this.send(letter).await;
                }
            }
        });
        sender
    }

    async fn send(&self, letter: Letter) {
        let mut delivery = letter.delivery;
        let request = self.client.post(&delivery.url).header("content-type", "application/json").body(letter.body);
        delivery.outcome = match request.send().await {
            Ok(answer) => Outcome::Answered { status: answer.status().as_u16() },
            Err(error) => Outcome::Failed { reason: error.to_string() },
        };
        self.done(delivery);
    }

    fn done(&self, delivery: Delivery) {
        lock(&self.log).push(delivery);
        if self.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.idle.notify_waiters();
        }
    }

    /// Returns when nothing waits to be sent.
    pub async fn idle(&self) {
        loop {
            let notified = self.idle.notified();
            if self.open.load(Ordering::SeqCst) == 0 {
                return;
            }
            notified.await;
        }
    }

    /// What has been sent or dropped so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.log).clone()
    }

    /// Forgets what has been sent.
    pub fn clear(&self) {
        lock(&self.log).clear();
        lock(&self.sent_at).clear();
    }
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Webhooks").field("open", &self.open).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
