//! The local stack: the same handlers as on Lambda, in one process.
//!
//! DynamoDB is embedded and speaks on a loopback port, nudges stay in the process, secrets lie in a file, EventBridge's
//! minute is a timer. No rule of the design has a second implementation here.

mod folder;
mod nudges;
mod table;
mod vault;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws::Aws;
use connect::kintone::{Connector, HostPolicy, Settings};
use connect::messages::Webhooks;
use connect::records::Records;
use connect::storage::Storage;
use model::clock::{Clock, SystemClock};
use model::ledger::{Ledger, LedgerError};
use model::ports::{Nudge, Topics, Vault};
use sweep::Senders;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use worker::observer::{LogObserver, Observer};

pub use folder::{Announced, Folder, FolderError, announced};
pub use nudges::LocalQueue;
pub use table::{Embedded, store_at};
pub use vault::FileVault;

/// How the stack is started.
pub struct Options {
    /// Where table and credentials lie; `None`: in memory, gone with the process.
    pub data: Option<PathBuf>,
    /// Where realtime URLs listen.
    pub listen: SocketAddr,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
    /// How often the sweep looks. A minute on AWS; here it costs nothing to look more often.
    pub sweep_every: Duration,
    /// How kintone is spoken to.
    pub kintone: Settings,
}

impl Default for Options {
    fn default() -> Self {
        let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
        Self {
            data: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: Arc::new(SystemClock),
            observer: Arc::new(LogObserver),
            sweep_every: Duration::from_secs(2),
            kintone: Settings { hosts, ..Settings::default() },
        }
    }
}

/// Why the stack does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The embedded DynamoDB.
    #[error("the embedded DynamoDB does not start: {0}")]
    Table(String),
    /// The port.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// A running stack. Dropping it stops it at once, as a kill would; nothing is lost by that.
pub struct Stack {
    /// Units, runs, gates.
    pub ledger: Ledger,
    /// Credentials.
    pub vault: Arc<dyn Vault>,
    /// The way to kintone.
    pub connector: Connector,
    /// Files of units: the folder `files` of the data folder.
    pub files: Storage,
    /// The queue of nudges.
    pub queue: LocalQueue,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
    _table: Embedded,
    _folder: Option<Folder>,
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.queue.stop();
    }
}

impl Stack {
    /// Starts everything.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let folder = options.data.as_deref().map(Folder::lock).transpose()?;
        let table = table::Embedded::start(folder.as_ref()).await?;
        let ledger = Ledger::new(Arc::new(table.store.clone()), options.clock.clone());
        let vault: Arc<dyn Vault> = Arc::new(FileVault::new(folder.as_ref().map(|f| f.credentials())));
        let connector = Connector::new(options.kintone).map_err(|e| StartError::Other(e.to_string()))?;
        let files = match &folder {
            Some(folder) => Storage::folder(&folder.files()).map_err(|e| StartError::Other(e.to_string()))?,
            None => Storage::memory(),
        };
        let queue = LocalQueue::start(|back| worker::Deps {
            ledger: ledger.clone(),
            vault: vault.clone(),
            connector: connector.clone(),
            files: files.clone(),
            observer: options.observer,
            nudges: back.clone(),
            wake: back,
        });
        let listener = TcpListener::bind(options.listen).await.map_err(|e| StartError::Listen(options.listen, e))?;
        let address = listener.local_addr().map_err(|e| StartError::Listen(options.listen, e))?;
        if let Some(folder) = &folder {
            folder
                .announce(&Announced { dynamodb: table.endpoint.clone(), urls: Some(format!("http://{address}")) })?;
        }
        let doors = api::Deps::new(ledger.clone(), Arc::new(queue.clone()));
        let counting = tokio::spawn(note_refused_forever(doors.clone()));
        let router = api::router(doors).into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "realtime URLs are no longer served");
            }
        });
        let senders = senders(vault.clone(), &connector, Aws::topics_are_emulated()).await;
        let sweeper = sweep::Deps { ledger: ledger.clone(), nudges: Arc::new(queue.clone()), senders };
        let sweeping = tokio::spawn(sweep_forever(sweeper, options.sweep_every));
        let tasks = vec![serving, counting, sweeping];
        Ok(Self { ledger, vault, connector, files, queue, address, tasks, _table: table, _folder: folder })
    }

    /// Where realtime URLs start: `http://127.0.0.1:8080`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes up what the process before this one left: its nudges are gone with it, and its workers too, since the
    /// folder's lock says that no other process lives. Answers how many units and scheduled runs had something left.
    pub async fn take_up(&self, domains: &[String]) -> Result<usize, LedgerError> {
        let mut taken = 0;
        for domain in domains {
            self.ledger.lapse_leases(domain).await?;
            // Each takes one run of the row further.
            for scheduled in self.ledger.gate(domain).await?.schedules {
                self.queue.push(Nudge::scheduled(domain, scheduled.run.unit));
                taken += 1;
            }
            for view in self.ledger.units(domain).await? {
                let nudges = view.state.nudges();
                for _ in 0..nudges {
                    self.queue.push(Nudge::new(domain, view.unit.id.clone()));
                }
                taken += usize::from(nudges > 0);
            }
        }
        Ok(taken)
    }
}

/// The ways to targets of notices. `topics` says whether there are topics: the local stack has none, but an emulator may.
pub async fn senders(vault: Arc<dyn Vault>, connector: &Connector, topics: bool) -> Senders {
    let topics: Option<Arc<dyn Topics>> = match topics {
        true => Some(Arc::new(Aws::from_env().await.topics())),
        false => None,
    };
    let (messenger, recorder) = (Webhooks::new(connector.clone()), Records::new(connector.clone()));
    Senders { vault, messenger: Arc::new(messenger), recorder: Arc::new(recorder), topics }
}

/// Here a process is never frozen, so that what it has counted need not wait for its next call.
async fn note_refused_forever(doors: api::Deps) {
    let clock = doors.ledger.clock().clone();
    loop {
        clock.sleep_until(clock.now() + model::refusals::FLUSH_EVERY).await;
        doors.guard.note(&doors.ledger).await;
    }
}

async fn sweep_forever(deps: sweep::Deps, every: Duration) {
    let clock = deps.ledger.clock().clone();
    loop {
        if let Err(error) = sweep::sweep(&deps).await {
            tracing::warn!(%error, "sweep failed; the next one tries again");
        }
        clock.sleep_until(clock.now() + every).await;
    }
}
