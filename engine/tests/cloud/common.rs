//! Shared by the integration tests: an engine with a manual clock, and SDK clients for it.

use std::{
    future::Future,
    net::SocketAddr,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use engine::{
    Engine, Options,
    clock::{Clock, ManualClock, Rng, SeededRng, Timestamp},
    lambda::{FunctionError, Handler},
};
use serde_json::Value;
use tokio::sync::mpsc;

/// 2026-11-20T10:00:00Z.
pub(crate) const MORNING: Timestamp = Timestamp(1_795_168_800_000);

/// The SDK clients.
pub(crate) struct Clients {
    pub(crate) sfn: aws_sdk_sfn::Client,
    pub(crate) events: aws_sdk_eventbridge::Client,
    pub(crate) tables: aws_sdk_dynamodb::Client,
}

impl Clients {
    /// Clients of `endpoint` that use `http` and never retry.
    pub(crate) fn new(http: SharedHttpClient, endpoint: &str) -> Self {
        macro_rules! client {
            ($sdk:ident) => {
                $sdk::Client::from_conf(
                    $sdk::Config::builder()
                        .behavior_version(BehaviorVersion::latest())
                        .region(Region::new("us-east-1"))
                        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
                        // A slow machine must not fail the test.
                        .timeout_config(TimeoutConfig::disabled())
                        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                        .retry_config(RetryConfig::disabled())
                        .endpoint_url(endpoint)
                        .http_client(http.clone())
                        .build(),
                )
            };
        }
        Self { sfn: client!(aws_sdk_sfn), events: client!(aws_sdk_eventbridge), tables: client!(aws_sdk_dynamodb) }
    }

    /// Clients that connect over TCP.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self::new(aws_smithy_http_client::Builder::new().build_http(), &format!("http://{address}"))
    }

    /// A rule on `bus` with one target.
    pub(crate) async fn rule(&self, bus: &str, name: &str, pattern: Value, target: &str) {
        self.events.put_rule().event_bus_name(bus).name(name).event_pattern(pattern.to_string()).send().await.unwrap();
        let mut to = aws_sdk_eventbridge::types::Target::builder().id("1").arn(target);
        if target.contains(":states:") {
            to = to.role_arn("arn:aws:iam::000000000000:role/events");
        }
        let target = to.build().unwrap();
        self.events.put_targets().event_bus_name(bus).rule(name).targets(target).send().await.unwrap();
    }
}

/// An engine with its clients.
pub(crate) struct Cloud {
    pub(crate) engine: Engine,
    pub(crate) clock: ManualClock,
    clients: Clients,
}

impl Deref for Cloud {
    type Target = Clients;

    fn deref(&self) -> &Clients {
        &self.clients
    }
}

impl Cloud {
    /// An engine in memory, not started.
    pub(crate) fn in_memory() -> Self {
        Self::open(None, ManualClock::starting_at(MORNING))
    }

    /// An engine with its store at `path` and a manual clock.
    pub(crate) fn open(path: Option<&Path>, clock: ManualClock) -> Self {
        let rng = SeededRng::new(u64::from(NEXT.fetch_add(1, Ordering::Relaxed)));
        let mut cloud = Self::open_with(path, Arc::new(clock.clone()), Arc::new(rng));
        cloud.clock = clock;
        cloud
    }

    /// An engine with another clock, such as the system clock.
    pub(crate) fn open_with(path: Option<&Path>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let options = Options { path: path.map(Path::to_owned), clock, rng, ..Options::default() };
        let engine = Engine::open(options).unwrap();
        let clients = Clients::new(engine.connector(), "http://engine.invalid");
        Self { engine, clock: ManualClock::starting_at(MORNING), clients }
    }

    /// Registers a function that sends its payloads to the receiver and returns `null`.
    pub(crate) fn listen(&self, name: &str) -> (String, mpsc::UnboundedReceiver<Value>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let arn = self.function(name, move |payload| {
            sender.send(payload).ok();
            Ok(Value::Null)
        });
        (arn, receiver)
    }

    /// Registers a function; returns its ARN.
    pub(crate) fn function(
        &self,
        name: &str,
        body: impl Fn(Value) -> Result<Value, FunctionError> + Send + Sync + 'static,
    ) -> String {
        let body = Arc::new(body);
        let handler: Handler = Arc::new(move |payload| {
            let body = Arc::clone(&body);
            Box::pin(async move { body(payload) })
        });
        self.engine.register_function(name, handler)
    }

    /// Puts an event; returns its id.
    pub(crate) async fn put(&self, bus: &str, detail_type: &str, detail: Value) -> String {
        let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source("test")
            .detail_type(detail_type)
            .detail(detail.to_string())
            .build();
        let answer = self.events.put_events().entries(entry).send().await.unwrap();
        assert_eq!(answer.failed_entry_count(), 0);
        answer.entries()[0].event_id().unwrap().to_owned()
    }
}

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A temporary folder that is removed when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let name = format!("engine-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of the store in it.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("cloud.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// Polls until there is a value; fails the test after a while.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut call: impl FnMut() -> F) -> T {
    let found = async {
        loop {
            if let Some(found) = call().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(20), found).await {
        Ok(found) => found,
        Err(_) => panic!("timed out: {what}"),
    }
}

/// The next message; fails the test if none comes.
pub(crate) async fn next(receiver: &mut mpsc::UnboundedReceiver<Value>) -> Value {
    tokio::time::timeout(Duration::from_secs(20), receiver.recv()).await.expect("nothing was delivered").unwrap()
}
