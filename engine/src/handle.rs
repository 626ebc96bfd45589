//! [`Engine`]: opening, starting, calling and shutting down.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use axum::Router;
use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::context::{Account, Context},
    clock::{Clock, Rng, SystemClock, SystemRng, Timestamp},
    cloud::Cloud,
    error::ApiError,
    housekeeping,
    lambda::{
        error::FunctionError,
        invocation::call,
        registry::{Functions, Handler},
    },
    migrations::SCHEMA,
    outbox::{
        delivery,
        queue::{self, DeadLetter, PendingDelivery},
    },
    stepfunctions::service::{timers, token::TokenKey},
    store::{CommitFailure, JobContext, OpenError, Statistics, Store},
    wire::{self, request_id::RequestIds},
};

/// How long shutdown waits for running functions. Their deliveries are repeated after the next start.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// How to open an [`Engine`].
#[derive(Debug, Clone)]
pub struct Options {
    /// The file of the store, created if missing, together with its folder; `None` keeps the store in memory.
    pub path: Option<PathBuf>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness. Task tokens are as unguessable as it is.
    pub rng: Arc<dyn Rng>,
    /// The region in all ARNs.
    pub region: String,
    /// The twelve-digit account id in all ARNs.
    pub account: String,
}

impl Default for Options {
    /// In memory, with the system's clock and random source, in `us-east-1` of account `000000000000`.
    fn default() -> Self {
        Self {
            path: None,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
        }
    }
}

/// The embedded cloud. Clones are handles to the same engine.
#[derive(Clone)]
pub struct Engine {
    cloud: Arc<Cloud>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("region", &self.cloud.context.account.region).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens the store, or creates it. Background loops run only after [`Engine::start`].
    ///
    /// # Errors
    /// The file is in use, damaged, of another program, newer than this release, or cannot be read or written; it is
    /// left unchanged.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let Options { path, clock, rng, region, account } = options;
        let (store, token_key) = Store::open(path.as_deref(), Arc::clone(&clock), &*rng, SCHEMA)?;
        let request_ids = RequestIds::new(&*rng);
        let context = Context::new(Account { region, id: account }, clock, rng, TokenKey::new(token_key));
        let cloud = Arc::new(Cloud { context: Arc::new(context), store, functions: Functions::default(), request_ids });
        Ok(Self { cloud, tasks: TaskTracker::new(), stop: CancellationToken::new() })
    }

    /// Registers `handler` as the function `name`, replacing a function of that name; returns the ARN for rules and
    /// workflows. Register before [`Engine::start`]: a delivery to a missing function becomes a dead letter at once.
    pub fn register_function(&self, name: &str, handler: Handler) -> String {
        self.cloud.functions.register(name, handler, self.cloud.context.clock.now());
        self.cloud.context.arn("lambda", format_args!("function:{name}"))
    }

    /// Invokes a registered function, without retries.
    ///
    /// # Errors
    /// There is no such function, or it failed.
    pub async fn invoke_function(&self, name: &str, payload: Value) -> Result<Value, FunctionError> {
        call(&self.cloud, name, payload).await
    }

    /// Starts the background loops. Timers that came due meanwhile fire, and undelivered events are delivered. Needs a
    /// Tokio runtime. A second call does nothing.
    pub fn start(&self) {
        if self.tasks.is_closed() {
            return;
        }
        self.tasks.spawn(timers::run(Arc::clone(&self.cloud), self.stop.clone()));
        self.tasks.spawn(delivery::run(Arc::clone(&self.cloud), self.tasks.clone(), self.stop.clone()));
        self.tasks.spawn(housekeeping::run(Arc::clone(&self.cloud), self.stop.clone()));
        self.tasks.close();
    }

    /// The wire API as a service: `POST /` with `X-Amz-Target`, and Lambda's REST API.
    pub fn router(&self) -> Router {
        wire::router(Arc::clone(&self.cloud))
    }

    /// An HTTP client for the AWS SDK that calls this engine in process, whatever the endpoint.
    pub fn connector(&self) -> SharedHttpClient {
        wire::connector(self.router())
    }

    /// The dead letters, oldest first.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, ApiError> {
        self.cloud.store.read(queue::dead_letters).await
    }

    /// Puts a dead letter back into the outbox, with a full set of attempts. Returns the number of the delivery, for
    /// [`Engine::delivery`], or `None` if there is no dead letter of that id.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn replay_dead_letter(&self, id: i64) -> Result<Option<i64>, ApiError> {
        self.cloud.transact(move |tx| queue::replay(tx.job, id)).await
    }

    /// The state of a delivery; `None` once it has been delivered or given up.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn delivery(&self, number: i64) -> Result<Option<PendingDelivery>, ApiError> {
        self.cloud.store.read(move |db| queue::find(db, number)).await
    }

    /// When the next failed delivery is retried; `None` if none waits for a retry.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn next_delivery(&self) -> Result<Option<Timestamp>, ApiError> {
        let now = self.cloud.context.clock.now();
        self.cloud.store.read(move |db| queue::next_attempt(db, now)).await
    }

    /// Commits and jobs since the start.
    pub fn statistics(&self) -> Statistics {
        self.cloud.store.statistics()
    }

    /// Whether commits work. After a failed commit, this tries another one.
    ///
    /// # Errors
    /// Since when and why commits fail.
    pub async fn check_writes(&self) -> Result<(), CommitFailure> {
        self.cloud.store.check_writes().await
    }

    /// Limits the store to this number of pages of 4 KiB; `None` removes the limit. A write beyond it fails as on a
    /// full disk.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn limit_pages(&self, pages: Option<u32>) -> Result<(), ApiError> {
        let limit = pages.unwrap_or(u32::MAX - 1);
        let set = move |on: &JobContext<'_>| Ok(on.db.pragma_update(None, "max_page_count", limit)?);
        self.cloud.store.write(set).await
    }

    /// Stops the loops, waits up to ten seconds for functions that run, then closes the store. Later calls are refused.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        let clock = &self.cloud.context.clock;
        tokio::select! {
            () = self.tasks.wait() => {}
            () = clock.sleep_until(clock.now() + SHUTDOWN_TIMEOUT) => {
                tracing::warn!(running = self.tasks.len(), "functions are still running at shutdown and are abandoned");
            }
        }
        self.cloud.store.close();
    }
}
