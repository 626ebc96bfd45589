//! Thousands of live connections in one thread, and the messages they receive.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::connection::LiveConnection;
use crate::clock::{now, sleep};

/// Handshakes that run at the same time.
const AT_ONCE: usize = 256;
/// The time-out of each step. No step takes that long, so it only ends a run in which something was lost.
const STEP_TIMEOUT: Duration = Duration::from_secs(60);

/// What all readers have received together.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Number of text messages of any kind.
    pub(crate) texts: Cell<u64>,
    first_text: Cell<usize>,
    /// Number of the change that is being measured.
    round: Cell<u64>,
    arrived: Cell<usize>,
    last: Cell<Option<Instant>>,
    ended: Cell<usize>,
    /// One message of each kind, as the server sent it.
    pub(crate) samples: RefCell<Samples>,
}

/// Messages of the measured server. The bare server repeats them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples {
    pub(crate) snapshot: String,
    pub(crate) heartbeat: String,
    /// The newest one.
    pub(crate) delta: String,
}

/// Readers that connect, receive and disconnect together.
#[derive(Debug)]
pub(crate) struct Readers {
    host: String,
    size: usize,
    pub(crate) received: Rc<Received>,
    readers: JoinSet<()>,
}

impl Readers {
    pub(crate) fn new(host: &str, size: usize) -> Self {
        Self { host: host.to_owned(), size, received: Rc::default(), readers: JoinSet::new() }
    }

    /// Connects all readers. Returns the time until the last one had its first message.
    ///
    /// # Errors
    /// A connection is refused or lost.
    pub(crate) async fn connect_all(&mut self, hello: &str) -> anyhow::Result<Duration> {
        let (handshakes, hello) = (Rc::new(Semaphore::new(AT_ONCE)), Rc::<str>::from(hello));
        let began = now();
        self.received.first_text.set(0);
        for _ in 0..self.size {
            let (host, hello, handshakes, received) =
                (self.host.clone(), Rc::clone(&hello), Rc::clone(&handshakes), Rc::clone(&self.received));
            self.readers.spawn_local(async move {
                if let Err(error) = read(&host, &hello, &handshakes, &received).await {
                    // The first error tells the reason; the others would repeat it.
                    if received.ended.replace(received.ended.get() + 1) == 0 {
                        eprintln!("a reader has ended: {error:#}");
                    }
                }
            });
        }
        let last = self.until("the first text", |received| received.first_text.get()).await?;
        Ok(last.duration_since(began))
    }

    /// Drops all connections without a close frame.
    pub(crate) async fn disconnect_all(&mut self) {
        self.readers.shutdown().await;
    }

    /// Makes a change with `change` and returns the time until the last reader had it.
    ///
    /// # Errors
    /// The change fails or does not reach all readers.
    pub(crate) async fn time_of_change(
        &self,
        change: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<Duration> {
        let received = &self.received;
        received.arrived.set(0);
        received.round.set(received.round.get() + 1);
        let began = now();
        change.await?;
        let last = self.until("the change", |received| received.arrived.get()).await?;
        Ok(last.duration_since(began))
    }

    /// Waits until `have` counts all readers. `what` names the message in the error.
    async fn until(&self, what: &str, have: impl Fn(&Received) -> usize) -> anyhow::Result<Instant> {
        let began = now();
        while have(&self.received) < self.size {
            if self.received.ended.get() > 0 {
                bail!("{} connections were lost", self.received.ended.get());
            }
            if began.elapsed() > STEP_TIMEOUT {
                let (limit, have) = (STEP_TIMEOUT.as_secs(), have(&self.received));
                bail!("{what} has reached {have} of {} readers within {limit} s", self.size);
            }
            sleep(Duration::from_millis(1)).await;
        }
        self.received.last.get().context("nobody has received anything")
    }
}

async fn read(host: &str, hello: &str, handshakes: &Semaphore, received: &Received) -> anyhow::Result<()> {
    let permit = handshakes.acquire().await?;
    let mut connection = LiveConnection::open(host, "").await?;
    connection.send_text(hello).await?;
    let mut reader = Reader::default();
    while !reader.first_text {
        connection.receive(|text| reader.take(text, received)).await?;
    }
    drop(permit);
    loop {
        connection.receive(|text| reader.take(text, received)).await?;
    }
}

/// What one reader has received.
#[derive(Debug, Default)]
struct Reader {
    first_text: bool,
    round: u64,
}

impl Reader {
    fn take(&mut self, text: &[u8], received: &Received) {
        received.texts.set(received.texts.get() + 1);
        if text.starts_with(br#"{"frame":"delta""#) {
            if self.round != received.round.get() {
                self.round = received.round.get();
                received.last.set(Some(now()));
                received.arrived.set(received.arrived.get() + 1);
            }
            let mut samples = received.samples.borrow_mut();
            if samples.delta.as_bytes() != text {
                samples.delta = String::from_utf8_lossy(text).into_owned();
            }
        } else if text.starts_with(br#"{"frame":"heartbeat""#) {
            if received.samples.borrow().heartbeat.is_empty() {
                received.samples.borrow_mut().heartbeat = String::from_utf8_lossy(text).into_owned();
            }
        } else if !self.first_text {
            self.first_text = true;
            received.last.set(Some(now()));
            received.first_text.set(received.first_text.get() + 1);
            let mut samples = received.samples.borrow_mut();
            if text.starts_with(br#"{"frame":"snapshot""#) && samples.snapshot.is_empty() {
                samples.snapshot = String::from_utf8_lossy(text).into_owned();
            }
        }
    }
}
