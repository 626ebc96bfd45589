//! [`Engine`]: open, start, speak to, shut down.

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
        queue::{self, DeadLetter, Waiting},
    },
    stepfunctions::service::{timers, token::TokenKey},
    store::{CommitFailure, JobContext, OpenError, Statistics, Store},
    wire::{self, request_id::RequestIds},
};

/// How long functions that run at shutdown may go on. What they were called for is delivered again by the next start.
const GRACE: Duration = Duration::from_secs(10);

/// How to open an [`Engine`].
#[derive(Debug, Clone)]
pub struct Options {
    /// The file that keeps everything, made when absent together with its folder; `None` keeps it in memory.
    pub path: Option<PathBuf>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness; task tokens are as unguessable as it is.
    pub rng: Arc<dyn Rng>,
    /// The region in all ARNs.
    pub region: String,
    /// The twelve digits of the account in all ARNs.
    pub account: String,
}

impl Default for Options {
    /// In memory, with the machine's clock and random source, in `us-east-1` of account `000000000000`.
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
    /// Opens the store, or makes it. Nothing runs by itself before [`Engine::start`].
    ///
    /// # Errors
    /// The file is in use, damaged, foreign, newer than this release, or cannot be read or written; it is then left
    /// as it was.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let Options { path, clock, rng, region, account } = options;
        let (store, token_key) = Store::open(path.as_deref(), Arc::clone(&clock), &*rng, SCHEMA)?;
        let request_ids = RequestIds::new(&*rng);
        let context = Context::new(Account { region, id: account }, clock, rng, TokenKey::new(token_key));
        let cloud = Arc::new(Cloud { context: Arc::new(context), store, functions: Functions::default(), request_ids });
        Ok(Self { cloud, tasks: TaskTracker::new(), stop: CancellationToken::new() })
    }

    /// Makes `handler` the function `name`; returns its ARN, which rules and workflows name. A function of that name
    /// is replaced. Register before [`Engine::start`]: a delivery that finds nobody is a dead letter at once.
    pub fn register_function(&self, name: &str, handler: Handler) -> String {
        self.cloud.functions.register(name, handler, self.cloud.context.clock.now());
        self.cloud.context.arn("lambda", format_args!("function:{name}"))
    }

    /// Calls a registered function as a rule would, without retries.
    ///
    /// # Errors
    /// There is no such function, or it failed.
    pub async fn invoke_function(&self, name: &str, payload: Value) -> Result<Value, FunctionError> {
        call(&self.cloud, name, payload).await
    }

    /// Starts the loops: timers that came due meanwhile fire now, undelivered events are delivered. Needs a Tokio
    /// runtime. A second call does nothing.
    pub fn start(&self) {
        if self.tasks.is_closed() {
            return;
        }
        self.tasks.spawn(timers::run(Arc::clone(&self.cloud), self.stop.clone()));
        self.tasks.spawn(delivery::run(Arc::clone(&self.cloud), self.tasks.clone(), self.stop.clone()));
        self.tasks.spawn(housekeeping::run(Arc::clone(&self.cloud), self.stop.clone()));
        self.tasks.close();
    }

    /// The wire API as a service: `POST /` with `X-Amz-Target`.
    pub fn router(&self) -> Router {
        wire::router(Arc::clone(&self.cloud))
    }

    /// An HTTP client for the AWS SDK that calls this engine in the same process, whatever the endpoint.
    pub fn connector(&self) -> SharedHttpClient {
        wire::connector(self.router())
    }

    /// Events that could not be delivered, oldest first.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, ApiError> {
        self.cloud.store.read(queue::dead_letters).await
    }

    /// Puts a dead letter back into the outbox, with all its attempts before it. Returns the number of its delivery, for
    /// [`Engine::delivery`], or `None` when there is no letter of that id.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn replay_dead_letter(&self, id: i64) -> Result<Option<i64>, ApiError> {
        self.cloud.transact(move |tx| queue::replay(tx.job, id)).await
    }

    /// What is known of a delivery; `None` when it has ended, be it delivered or given up.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn delivery(&self, number: i64) -> Result<Option<Waiting>, ApiError> {
        self.cloud.store.read(move |db| queue::find(db, number)).await
    }

    /// When the next delivery that failed before is tried again; `None` when none waits for that.
    ///
    /// # Errors
    /// The store failed or is closed.
    pub async fn next_delivery(&self) -> Result<Option<Timestamp>, ApiError> {
        let now = self.cloud.context.clock.now();
        self.cloud.store.read(move |db| queue::next_attempt(db, now)).await
    }

    /// How many commits and jobs there were since the start.
    pub fn statistics(&self) -> Statistics {
        self.cloud.store.statistics()
    }

    /// Whether commits work. After one has failed, this tries another.
    ///
    /// # Errors
    /// Since when and why commits fail.
    pub async fn check_writes(&self) -> Result<(), CommitFailure> {
        self.cloud.store.check_writes().await
    }

    /// Lets the store grow to so many pages of 4 KiB at most; `None` lifts that. Writes that need more fail as they do on
    /// a full disk.
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
            () = clock.sleep_until(clock.now() + GRACE) => {
                tracing::warn!(running = self.tasks.len(), "functions still run at shutdown; they are left behind");
            }
        }
        self.cloud.store.close();
    }
}
