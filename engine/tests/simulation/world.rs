//! The engine with a simulated clock, random source and functions, over any number of restarts.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::{runtime::Runtime, sync::oneshot};
use tower::ServiceExt;

use crate::{
    Engine, Options,
    clock::{BoxFuture, Clock, Rng, SeededRng, Timestamp},
    lambda::{error::FunctionError, registry::Handler},
    store::inline,
};

/// 2026-11-20T10:00:00Z.
const MORNING: Timestamp = Timestamp(1_795_168_800_000);
/// Rounds without work after which the engine counts as idle.
const IDLE_ROUNDS: u32 = 12;
static FOLDERS: AtomicU64 = AtomicU64::new(0);

/// A clock that wakes sleepers in the order of their deadlines and, for equal deadlines, in the order in which they
/// started to sleep.
#[derive(Debug, Clone)]
struct SimulatedClock(Arc<Mutex<ClockState>>);

#[derive(Debug)]
struct ClockState {
    now: Timestamp,
    sleepers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    sleep_count: u64,
}

impl SimulatedClock {
    fn advance(&self, span: Duration) {
        let mut state = self.0.lock().unwrap();
        state.now = state.now + span;
        let now = state.now;
        while let Some(sleeper) = state.sleepers.first_entry().filter(|sleeper| sleeper.key().0 <= now) {
            // The sleeper may have been dropped.
            sleeper.remove().send(()).ok();
        }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().now
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        let mut state = self.0.lock().unwrap();
        if deadline <= state.now {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        state.sleep_count += 1;
        let key = (deadline, state.sleep_count);
        state.sleepers.insert(key, wake);
        Box::pin(async move {
            if woken.await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// A random source that a restart does not change: while the engine opens, the bytes come from another one.
#[derive(Debug)]
struct SimulatedRng {
    normal: SeededRng,
    opening: SeededRng,
    is_opening: AtomicBool,
}

impl Rng for SimulatedRng {
    fn fill(&self, bytes: &mut [u8]) {
        if self.is_opening.load(Ordering::Relaxed) { self.opening.fill(bytes) } else { self.normal.fill(bytes) }
    }
}

/// The behaviour of the functions, and what they received.
#[derive(Debug, Default)]
pub(super) struct FunctionState {
    /// The delivered events, in order.
    pub(super) received: Vec<Value>,
    /// The number of deliveries that fail before the next one succeeds.
    pub(super) failures: u64,
    /// The duration of a call in milliseconds.
    pub(super) duration_ms: u64,
}

pub(super) struct World {
    clock: SimulatedClock,
    rng: Arc<SimulatedRng>,
    pub(super) functions: Arc<Mutex<FunctionState>>,
    folder: PathBuf,
    running: Option<(Runtime, Engine)>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("engine-simulation-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let rng = SimulatedRng {
            normal: SeededRng::new(seed),
            opening: SeededRng::new(!seed),
            is_opening: AtomicBool::new(false),
        };
        let clock = SimulatedClock(Arc::new(Mutex::new(ClockState {
            now: MORNING,
            sleepers: BTreeMap::new(),
            sleep_count: 0,
        })));
        let mut world = Self { clock, rng: Arc::new(rng), functions: Arc::default(), folder, running: None };
        world.open();
        world
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Crashes the engine, with everything in flight, and opens it again.
    pub(super) fn reopen(&mut self) {
        self.running = None;
        self.open();
    }

    fn open(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let options = Options {
            path: Some(self.folder.join("cloud.db")),
            clock: Arc::new(self.clock.clone()),
            rng: Arc::clone(&self.rng) as Arc<dyn Rng>,
            ..Options::default()
        };
        self.rng.is_opening.store(true, Ordering::Relaxed);
        let engine = inline::without_threads(|| Engine::open(options)).unwrap();
        self.rng.is_opening.store(false, Ordering::Relaxed);
        engine.register_function("listener", self.function());
        engine.register_function("helper", self.function());
        runtime.block_on(async { engine.start() });
        self.running = Some((runtime, engine));
    }

    fn function(&self) -> Handler {
        let (functions, clock) = (Arc::clone(&self.functions), self.clock.clone());
        Arc::new(move |payload: Value| {
            let (functions, clock) = (Arc::clone(&functions), clock.clone());
            Box::pin(async move {
                let pause = Duration::from_millis(functions.lock().unwrap().duration_ms);
                clock.sleep_until(clock.now() + pause).await;
                let mut functions = functions.lock().unwrap();
                if functions.failures > 0 {
                    functions.failures -= 1;
                    return Err(FunctionError::new("Refused", "random failure"));
                }
                let answer = json!({ "received": functions.received.len() });
                functions.received.push(payload);
                Ok(answer)
            })
        })
    }

    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.running.as_ref().unwrap().0.block_on(work)
    }

    fn engine(&self) -> &Engine {
        &self.running.as_ref().unwrap().1
    }

    /// Sends a request; returns the response or the error code.
    pub(super) fn call(&self, target: &str, body: &Value) -> Result<Value, String> {
        let request = Request::post("/").header("x-amz-target", target).body(Body::from(body.to_string())).unwrap();
        self.run(async {
            let response = self.engine().router().oneshot(request).await.unwrap();
            let status = response.status();
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            let body: Value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
            assert!(status.as_u16() < 500, "{target}: {body}");
            if status.is_success() { Ok(body) } else { Err(body["__type"].as_str().unwrap().to_owned()) }
        })
    }

    /// Advances the clock.
    pub(super) fn advance(&self, span: Duration) {
        self.run(async { self.clock.advance(span) });
    }

    /// Runs the loops until they are idle.
    pub(super) fn run_until_idle(&self) {
        self.run(async {
            let (mut idle_rounds, mut jobs) = (0, self.engine().statistics().jobs);
            while idle_rounds < IDLE_ROUNDS {
                tokio::task::yield_now().await;
                let done = self.engine().statistics().jobs;
                idle_rounds = if done == jobs { idle_rounds + 1 } else { 0 };
                jobs = done;
            }
        });
    }

    /// Runs the loops for some rounds.
    pub(super) fn run_rounds(&self, rounds: u64) {
        self.run(async {
            for _ in 0..rounds {
                tokio::task::yield_now().await;
            }
        });
    }

    /// The ids of the events among the dead letters.
    pub(super) fn dead_letters(&self) -> Vec<String> {
        self.run(self.engine().dead_letters()).unwrap().into_iter().map(|letter| letter.event_id).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.running = None;
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
