//! Starting and stopping a simulator.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Response;
use axum::serve::Listener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::control::Control;
use crate::http::call::{self, Incoming};
use crate::http::control;
use crate::http::domain::Domain;
use crate::http::listen::{Cut, Loopback};
use crate::http::reply::Reply;
use crate::switches::Switches;

/// The most bytes of a request: kintone takes files of 1 GB.
const BODY_AT_MOST: usize = 1 << 30;
/// How long calls that are being served may still take when the simulator is stopped.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// How a simulator starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port; 0 for one that the system chooses.
    pub port: u16,
    /// The IPv4 address; its IPv6 twin is bound too where there is one.
    pub address: Ipv4Addr,
    /// The switches at the start.
    pub switches: Switches,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, address: Ipv4Addr::LOCALHOST, switches: Switches::default() }
    }
}

/// A running simulator. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Sim {
    control: Control,
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Sim {
    /// Starts a simulator with nothing in it. It answers when this returns.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = Loopback::bind(options.address, options.port).await?;
        let port = listener.local_addr()?.port();
        let control = Control(Arc::new(Domain::new(format!("http://localhost:{port}"))));
        control.set(options.switches);
        let (stop, stopped) = oneshot::channel::<()>();
        let service =
            Router::new().fallback(serve).with_state(control.clone()).into_make_service_with_connect_info::<Cut>();
        let serving = tokio::spawn(async move {
            let server = axum::serve(listener, service).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            if let Err(error) = server.await {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });
        Ok(Self { control, port, stop: Some(stop), serving })
    }

    /// Where clients reach it: `http://localhost:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The handle for everything that is not kintone's API.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops listening, lets calls that are being served end within two seconds, and returns.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if tokio::time::timeout(STOP_WITHIN, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}

async fn serve(State(control): State<Control>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_AT_MOST).await else {
        return Reply::of(413, "text/plain", "Payload Too Large").send(0, 0);
    };
    if let Some(path) = head.uri.path().strip_prefix("/_sim/") {
        let path = path.to_owned();
        // Orders may take long (a million records), so they leave the calls' threads alone.
        let ordered = tokio::task::spawn_blocking(move || control::serve(&control, head.method.as_str(), &path, &body));
        let reply = ordered.await.unwrap_or_else(|error| Reply::json(500, format!("{{\"error\":\"{error}\"}}")));
        return reply.send(0, 0);
    }
    let incoming = Incoming::new(&head.method, head.uri, head.headers, body, cut);
    // A client that goes away does not undo what it asked for.
    let served = tokio::spawn(call::serve(Arc::clone(&control.0), incoming));
    served.await.unwrap_or_else(|error| Reply::of(500, "text/plain", error.to_string()).send(0, 0))
}
