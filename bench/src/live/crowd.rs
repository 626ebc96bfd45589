//! Ten thousand readers in one thread, and what they have heard.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::frames::Line;
use crate::clock::{nap, now};

/// As many handshakes at once as a whole room of phones makes.
const AT_ONCE: usize = 256;
/// Longer than anything here takes, so that what is lost is said and not waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all readers have heard together.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Texts of any kind.
    pub(crate) texts: Cell<u64>,
    welcomed: Cell<usize>,
    /// The change that is waited for now.
    round: Cell<u64>,
    arrived: Cell<usize>,
    last: Cell<Option<Instant>>,
    ended: Cell<usize>,
    /// One of each kind, as it came.
    pub(crate) samples: RefCell<Samples>,
}

/// Texts of the bar, for a server that knows nothing but to repeat them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples {
    pub(crate) snapshot: String,
    pub(crate) heartbeat: String,
    /// The newest.
    pub(crate) delta: String,
}

/// The readers.
#[derive(Debug)]
pub(crate) struct Crowd {
    host: String,
    size: usize,
    pub(crate) heard: Rc<Heard>,
    readers: JoinSet<()>,
}

impl Crowd {
    pub(crate) fn new(host: &str, size: usize) -> Self {
        Self { host: host.to_owned(), size, heard: Rc::default(), readers: JoinSet::new() }
    }

    /// Connects everybody; returns how long it took until the last one had its first text.
    ///
    /// # Errors
    /// Not all are let in.
    pub(crate) async fn come(&mut self, hello: &str) -> anyhow::Result<Duration> {
        let (door, hello) = (Rc::new(Semaphore::new(AT_ONCE)), Rc::<str>::from(hello));
        let began = now();
        self.heard.welcomed.set(0);
        for _ in 0..self.size {
            let (host, hello, door, heard) =
                (self.host.clone(), Rc::clone(&hello), Rc::clone(&door), Rc::clone(&self.heard));
            self.readers.spawn_local(async move {
                if let Err(error) = read(&host, &hello, &door, &heard).await {
                    // One is enough to know why.
                    if heard.ended.replace(heard.ended.get() + 1) == 0 {
                        eprintln!("a reader has ended: {error:#}");
                    }
                }
            });
        }
        let last = self.until("the first text", |heard| heard.welcomed.get()).await?;
        Ok(last.duration_since(began))
    }

    /// Cuts everybody off.
    pub(crate) async fn go(&mut self) {
        self.readers.shutdown().await;
    }

    /// Says what is new by `tell` and returns how long it took until each reader had it: half of them, and the last.
    ///
    /// # Errors
    /// It cannot be said, or does not come.
    pub(crate) async fn news(&self, tell: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Duration> {
        let heard = &self.heard;
        heard.arrived.set(0);
        heard.round.set(heard.round.get() + 1);
        let began = now();
        tell.await?;
        let last = self.until("the news", |heard| heard.arrived.get()).await?;
        Ok(last.duration_since(began))
    }

    /// Waits until everybody has `what`.
    async fn until(&self, what: &str, have: impl Fn(&Heard) -> usize) -> anyhow::Result<Instant> {
        let began = now();
        while have(&self.heard) < self.size {
            if self.heard.ended.get() > 0 {
                bail!("{} connections were lost", self.heard.ended.get());
            }
            if began.elapsed() > PATIENCE {
                let (limit, have) = (PATIENCE.as_secs(), have(&self.heard));
                bail!("{what} has come to {have} of {} readers within {limit} s", self.size);
            }
            nap(Duration::from_millis(1)).await;
        }
        self.heard.last.get().context("nobody has heard anything")
    }
}

async fn read(host: &str, hello: &str, door: &Semaphore, heard: &Heard) -> anyhow::Result<()> {
    let pass = door.acquire().await?;
    let mut line = Line::open(host, "").await?;
    line.say(hello).await?;
    let mut reader = Reader::default();
    while !reader.welcomed {
        line.listen(|text| reader.take(text, heard)).await?;
    }
    drop(pass);
    loop {
        line.listen(|text| reader.take(text, heard)).await?;
    }
}

/// What one reader has heard.
#[derive(Debug, Default)]
struct Reader {
    welcomed: bool,
    round: u64,
}

impl Reader {
    fn take(&mut self, text: &[u8], heard: &Heard) {
        heard.texts.set(heard.texts.get() + 1);
        if text.starts_with(br#"{"frame":"delta""#) {
            if self.round != heard.round.get() {
                self.round = heard.round.get();
                heard.last.set(Some(now()));
                heard.arrived.set(heard.arrived.get() + 1);
            }
            let mut samples = heard.samples.borrow_mut();
            if samples.delta.as_bytes() != text {
                samples.delta = String::from_utf8_lossy(text).into_owned();
            }
        } else if text.starts_with(br#"{"frame":"heartbeat""#) {
            if heard.samples.borrow().heartbeat.is_empty() {
                heard.samples.borrow_mut().heartbeat = String::from_utf8_lossy(text).into_owned();
            }
        } else if !self.welcomed {
            self.welcomed = true;
            heard.last.set(Some(now()));
            heard.welcomed.set(heard.welcomed.get() + 1);
            let mut samples = heard.samples.borrow_mut();
            if text.starts_with(br#"{"frame":"snapshot""#) && samples.snapshot.is_empty() {
                samples.snapshot = String::from_utf8_lossy(text).into_owned();
            }
        }
    }
}
