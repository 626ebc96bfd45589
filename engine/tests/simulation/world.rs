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
/// went to sleep.
#[derive(Debug, Clone)]
struct SimulatedClock(Arc<Mutex<ClockState>>);

#[derive(Debug)]
struct ClockState {
    now: Timestamp,
    sleepers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    slept: u64,
}

impl SimulatedClock {
    fn advance(&self, span: Duration) {
        let mut day = self.0.lock().unwrap();
        day.now = day.now + span;
        let now = day.now;
        while let Some(sleeper) = day.sleepers.first_entry().filter(|sleeper| sleeper.key().0 <= now) {
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
        let mut day = self.0.lock().unwrap();
        if deadline <= day.now {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        day.slept += 1;
        let key = (deadline, day.slept);
        day.sleepers.insert(key, wake);
        Box::pin(async move {
            if woken.await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// A random source that a restart does not change: random bytes drawn while the engine opens come from another one.
#[derive(Debug)]
struct SimulatedRng {
    running: SeededRng,
    opening: SeededRng,
    is_opening: AtomicBool,
}

impl Rng for SimulatedRng {
    fn fill(&self, bytes: &mut [u8]) {
        if self.is_opening.load(Ordering::Relaxed) { self.opening.fill(bytes) } else { self.running.fill(bytes) }
    }
}

/// The behaviour of the functions, and what they received.
#[derive(Debug, Default)]
pub(super) struct FunctionState {
    /// The delivered events, in order.
    pub(super) heard: Vec<Value>,
    /// The number of deliveries that fail before the next one succeeds.
    pub(super) failures: u64,
    /// The duration of a call in milliseconds.
    pub(super) pause_ms: u64,
}

pub(super) struct World {
    clock: SimulatedClock,
    chance: Arc<SimulatedRng>,
    pub(super) staff: Arc<Mutex<FunctionState>>,
    folder: PathBuf,
    life: Option<(Runtime, Engine)>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("engine-simulation-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let chance = SimulatedRng {
            running: SeededRng::new(seed),
            opening: SeededRng::new(!seed),
            is_opening: AtomicBool::new(false),
        };
        let clock =
            SimulatedClock(Arc::new(Mutex::new(ClockState { now: MORNING, sleepers: BTreeMap::new(), slept: 0 })));
        let mut world = Self { clock, chance: Arc::new(chance), staff: Arc::default(), folder, life: None };
        world.open();
        world
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Crashes the engine, with everything in flight, and opens it again.
    pub(super) fn reopen(&mut self) {
        self.life = None;
        self.open();
    }

    fn open(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let options = Options {
            path: Some(self.folder.join("cloud.db")),
            clock: Arc::new(self.clock.clone()),
            rng: Arc::clone(&self.chance) as Arc<dyn Rng>,
            ..Options::default()
        };
        self.chance.is_opening.store(true, Ordering::Relaxed);
        let engine = inline::without_threads(|| Engine::open(options)).unwrap();
        self.chance.is_opening.store(false, Ordering::Relaxed);
        engine.register_function("listener", self.function());
        engine.register_function("helper", self.function());
        runtime.block_on(async { engine.start() });
        self.life = Some((runtime, engine));
    }

    fn function(&self) -> Handler {
        let (staff, clock) = (Arc::clone(&self.staff), self.clock.clone());
        Arc::new(move |payload: Value| {
            let (staff, clock) = (Arc::clone(&staff), clock.clone());
            Box::pin(async move {
                let pause = Duration::from_millis(staff.lock().unwrap().pause_ms);
                clock.sleep_until(clock.now() + pause).await;
                let mut staff = staff.lock().unwrap();
                if staff.failures > 0 {
                    staff.failures -= 1;
                    return Err(FunctionError::new("Refused", "as drawn"));
                }
                let answer = json!({ "heard": staff.heard.len() });
                staff.heard.push(payload);
                Ok(answer)
            })
        })
    }

    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.life.as_ref().unwrap().0.block_on(work)
    }

    fn engine(&self) -> &Engine {
        &self.life.as_ref().unwrap().1
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
            let (mut still, mut jobs) = (0, self.engine().statistics().jobs);
            while still < IDLE_ROUNDS {
                tokio::task::yield_now().await;
                let done = self.engine().statistics().jobs;
                still = if done == jobs { still + 1 } else { 0 };
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
        self.life = None;
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
