//! The load generator: a process of its own with all readers.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use super::connection::LiveConnection;
use super::readers::Readers;
use super::table::Measured;
use super::taps::{self, Taps};
use super::times::Times;
use crate::clock::{now, sleep, within};
use crate::engine::http::Connection;
use crate::engine::process::{cpu_ms, memory};

/// Number of changes that are sent to all readers.
const CHANGES: usize = 30;
/// Duration of the idle phase: two heartbeats of each connection.
const IDLE: Duration = Duration::from_secs(10);
/// Time-out of one tap.
const TAP_LIMIT: Duration = Duration::from_secs(20);
/// Time-out of all taps.
const TAPS_LIMIT: Duration = Duration::from_secs(90);
/// Pause between two phases, in which the server finishes its background work.
const SETTLE: Duration = Duration::from_secs(2);

/// `readers <address> <process> <readers> bar <barista's cookie>`, or `… baseline`.
///
/// # Errors
/// An argument is missing, or the server refuses a request.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut next = || arguments.next().context("the load generator is started by `cargo xtask bench live`");
    let (host, process, size) = (next()?, next()?.parse()?, next()?.parse()?);
    let barista = match next()?.as_str() {
        "bar" => Some(next()?),
        "baseline" => None,
        other => bail!("unknown server `{other}`; known are bar and baseline"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    let measured = runtime.block_on(local.run_until(measure(&host, process, size, barista)))?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// Makes a server send a change to all readers.
enum Trigger {
    /// A barista marks a drink as sold out, or as available again.
    Bar { tablet: Connection, cookie: String, gone: bool },
    /// Any message makes the bare server send its change.
    BareServer(LiveConnection),
}

impl Trigger {
    async fn fire(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Bar { tablet, cookie, gone } => {
                *gone = !*gone;
                let form = format!("drink=Mocha&gone={gone}");
                let tap = tablet.post_form("/api/set_sold_out", cookie, &form);
                let status = within(TAP_LIMIT, "the answer to set_sold_out", tap).await?;
                anyhow::ensure!(status == 200, "set_sold_out: {status}");
                Ok(())
            }
            Self::BareServer(connection) => connection.send_text("news").await,
        }
    }
}

async fn measure(host: &str, process: u32, size: usize, barista: Option<String>) -> anyhow::Result<Measured> {
    let cpu = || cpu_ms(process).context("the system does not report the resources of a process");
    let kib =
        || memory(process).map(|mib| mib * 1024.0).context("the system does not report the resources of a process");
    let mut trigger = match &barista {
        Some(cookie) => Trigger::Bar { tablet: Connection::new(host), cookie: cookie.clone(), gone: false },
        None => Trigger::BareServer(LiveConnection::open(host, "").await?),
    };
    // One-time costs of the first request are not costs of a reader.
    trigger.fire().await?;
    let mut one = Readers::new(host, 1);
    one.connect_all(&hello(None)).await?;
    one.disconnect_all().await;
    let count = f64::from(u32::try_from(size)?);

    let empty = kib()?;
    let mut readers = Readers::new(host, size);
    let (before, connected) = (cpu()?, readers.connect_all(&hello(None)).await?);
    let connect_cpu = (cpu()? - before) * 1000.0 / count;
    eprintln!("{size} readers are connected …");
    sleep(SETTLE).await;
    let each = (kib()? - empty) / count;

    let (before, texts) = (cpu()?, readers.received.texts.get());
    sleep(IDLE).await;
    let idle = (cpu()? - before) / IDLE.as_secs_f64();
    let idle_texts = per_second(readers.received.texts.get() - texts, IDLE);

    let (before, texts, began) = (cpu()?, readers.received.texts.get(), now());
    let mut last = Vec::new();
    for _ in 0..CHANGES {
        last.push(readers.time_of_change(trigger.fire()).await?);
        sleep(Duration::from_millis(50)).await;
    }
    let took = began.elapsed();
    let received = f64::from(u32::try_from(readers.received.texts.get() - texts)?);
    let delivery = (cpu()? - before) * 1000.0 / received;
    let news = Times::of(last);
    let each_after_news = (kib()? - empty) / count;
    eprintln!("{received} texts in {:.1} s …", took.as_secs_f64());

    let taps = match barista {
        // The other figures are useful without the taps.
        Some(cookie) => match tap(host.to_owned(), cookie).await {
            Ok(taps) => Some(taps),
            Err(error) => {
                eprintln!("the taps were not measured: {error:#}");
                None
            }
        },
        None => None,
    };

    let samples = readers.received.samples.borrow().clone();
    readers.disconnect_all().await;
    sleep(SETTLE).await;
    let resume = position(&samples.snapshot, &samples.delta);
    let (before, returned) = (cpu()?, readers.connect_all(&hello(resume)).await?);
    let return_cpu = (cpu()? - before) * 1000.0 / count;
    sleep(SETTLE).await;
    let each_after_return = (kib()? - empty) / count;
    readers.disconnect_all().await;
    Ok(Measured {
        connected,
        connect_cpu,
        each,
        each_after_news,
        each_after_return,
        idle,
        idle_texts,
        delivery,
        news,
        returned,
        return_cpu,
        taps,
        texts: [samples.snapshot, samples.heartbeat, samples.delta],
    })
}

/// Runs the taps in a thread of their own while all readers stay connected.
async fn tap(host: String, barista: String) -> anyhow::Result<Taps> {
    let (done, mut outcome) = tokio::sync::oneshot::channel();
    eprintln!("taps …");
    let thread = thread::Builder::new().name("taps".to_owned()).spawn(move || {
        // The receiver is dropped only if the benchmark has already failed.
        let _ = done.send(taps::measure(&host, &barista));
    })?;
    let outcome = tokio::select! {
        outcome = &mut outcome => outcome.context("the thread of the taps panicked")?,
        () = sleep(TAPS_LIMIT) => bail!("the taps have not ended in {} s", TAPS_LIMIT.as_secs()),
    };
    thread.join().map_err(|_| anyhow::anyhow!("the thread of the taps panicked"))?;
    outcome
}

fn per_second(number: u64, time: Duration) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

/// The position (epoch, sequence number) of a reader that has received these messages.
fn position(snapshot: &str, delta: &str) -> Option<(u64, u64)> {
    let number = |text: &str, name: &str| serde_json::from_str::<Value>(text).ok()?.get(name)?.as_u64();
    Some((number(snapshot, "epoch")?, number(delta, "seq")?))
}

fn hello(resume: Option<(u64, u64)>) -> String {
    let mut subscription = json!({ "topic": "shop" });
    if let (Some((epoch, seq)), Some(subscription)) = (resume, subscription.as_object_mut()) {
        subscription.insert("resume".to_owned(), json!({ "epoch": epoch, "seq": seq }));
    }
    json!({ "frame": "hello", "subscriptions": [subscription] }).to_string()
}
