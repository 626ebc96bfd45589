//! `/healthz`: the process runs. `/readyz`: it accepts requests, and the services that it needs answer.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State, routing::get};
use domain::Timestamp;
use engine::{Engine, clock::Clock, error::Outage};
use futures_util::future::{Either, select};
use http::StatusCode;
use tokio::sync::Mutex;

use crate::{provision::Probe, time};

/// How long a result is used again, in milliseconds. It limits the calls to the cloud.
const KEPT_MILLIS: i64 = 1_000;
/// Time-out of a check.
const LIMIT: Duration = Duration::from_secs(3);

/// Whether the server is ready.
#[derive(Debug, Clone)]
pub(crate) struct Readiness(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: AtomicBool,
    probe: Probe,
    /// The embedded cloud, unless AWS is used.
    engine: Option<Engine>,
    clock: Arc<dyn Clock>,
    found: Mutex<Option<(Timestamp, Result<(), NotReady>)>>,
}

/// Why the server is not ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotReady {
    /// It is starting or shutting down.
    #[error("the server is starting or shutting down")]
    Closed,
    /// Something is missing or refuses requests.
    #[error("{0} is missing or does not answer")]
    Broken(&'static str),
    /// The data cannot be written.
    #[error("nothing can be written since {since}: {why}")]
    Unwritable {
        /// When the first commit failed.
        since: engine::clock::Timestamp,
        why: Outage,
    },
    /// A service does not answer.
    #[error("the cloud does not answer in time")]
    Silent,
}

impl Readiness {
    /// Creates it as not ready.
    pub(crate) fn new(probe: Probe, engine: Option<Engine>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { open: AtomicBool::new(false), probe, engine, clock, found: Mutex::default() }))
    }

    /// Sets whether requests are accepted.
    pub(crate) fn set(&self, open: bool) {
        self.0.open.store(open, Ordering::Release);
    }

    /// Checks all services, or returns a recent result.
    pub(crate) async fn check(&self) -> Result<(), NotReady> {
        let Inner { open, probe, clock, found, .. } = &*self.0;
        if !open.load(Ordering::Acquire) {
            return Err(NotReady::Closed);
        }
        // Concurrent checks wait for the same result.
        let mut found = found.lock().await;
        let now = time::now(&**clock);
        if let Some((at, result)) = &*found
            && now.millis_since(*at) < KEPT_MILLIS
        {
            return result.clone();
        }
        let limit = time::sleep(&**clock, LIMIT);
        let asked = async {
            self.check_writes().await?;
            probe.check().await.map_err(NotReady::Broken)
        };
        let result = match select(pin!(asked), pin!(limit)).await {
            Either::Left((answered, _)) => answered,
            Either::Right(_) => Err(NotReady::Silent),
        };
        *found = Some((time::now(&**clock), result.clone()));
        result
    }

    /// When the disk is full, reads still work but orders do not.
    async fn check_writes(&self) -> Result<(), NotReady> {
        let Some(engine) = &self.0.engine else { return Ok(()) };
        let failed = engine.check_writes().await;
        failed.map_err(|failure| NotReady::Unwritable { since: failure.since, why: failure.outage })
    }
}

pub(crate) fn router(readiness: Readiness) -> Router {
    Router::new().route("/healthz", get(async || "alive")).route("/readyz", get(ready)).with_state(readiness)
}

async fn ready(State(readiness): State<Readiness>) -> (StatusCode, String) {
    match readiness.check().await {
        Ok(()) => (StatusCode::OK, "ready".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}")),
    }
}
