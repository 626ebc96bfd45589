//! The load generator: a process of its own that plays everybody who reads.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use super::crowd::Crowd;
use super::frames::Line;
use super::table::{Measured, Times};
use super::taps::{self, Taps};
use crate::clock::{nap, now, within};
use crate::engine::http::Connection;
use crate::engine::process::{cpu_ms, memory};

/// Changes that everybody hears.
const NEWS: usize = 30;
/// How long nothing happens while the idle cost is measured: two heartbeats of everybody.
const IDLE: Duration = Duration::from_secs(10);
/// How long one tap may take.
const TAP_LIMIT: Duration = Duration::from_secs(20);
/// How long all taps may take.
const TAPS_LIMIT: Duration = Duration::from_secs(90);
/// Until what has just been done has been cleared up.
const REST: Duration = Duration::from_secs(2);

/// `crowd <address> <process> <readers> bar <barista's cookie>`, or `… floor`.
///
/// # Errors
/// A word is missing, or the server does not do what it should.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut next = || arguments.next().context("the load generator is started by `cargo xtask bench live`");
    let (host, process, size) = (next()?, next()?.parse()?, next()?.parse()?);
    let barista = match next()?.as_str() {
        "bar" => Some(next()?),
        "floor" => None,
        other => bail!("there is no server `{other}`"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    let measured = runtime.block_on(local.run_until(measure(&host, process, size, barista)))?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// What makes a server say something new to everybody.
enum Trigger {
    /// A barista marks a drink as sold out, or takes that back.
    Bar { tablet: Connection, cookie: String, gone: bool },
    /// A word that the bare server takes for it.
    Floor(Line),
}

impl Trigger {
    async fn pull(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Bar { tablet, cookie, gone } => {
                *gone = !*gone;
                let form = format!("drink=Mocha&gone={gone}");
                let tap = tablet.post_form("/api/set_sold_out", cookie, &form);
                let status = within(TAP_LIMIT, "the answer to set_sold_out", tap).await?;
                anyhow::ensure!(status == 200, "set_sold_out: {status}");
                Ok(())
            }
            Self::Floor(line) => line.say("news").await,
        }
    }
}

async fn measure(host: &str, process: u32, size: usize, barista: Option<String>) -> anyhow::Result<Measured> {
    let cpu = || cpu_ms(process).context("the system does not say what a process takes");
    let kib = || memory(process).map(|mib| mib * 1024.0).context("the system does not say what a process takes");
    let mut trigger = match &barista {
        Some(cookie) => Trigger::Bar { tablet: Connection::new(host), cookie: cookie.clone(), gone: false },
        None => Trigger::Floor(Line::open(host, "").await?),
    };
    // What is done once only, for the first request, is no cost of a reader.
    trigger.pull().await?;
    let mut one = Crowd::new(host, 1);
    one.come(&hello(None)).await?;
    one.go().await;
    let readers = f64::from(u32::try_from(size)?);

    let empty = kib()?;
    let mut crowd = Crowd::new(host, size);
    let (before, connected) = (cpu()?, crowd.come(&hello(None)).await?);
    let connect_cpu = (cpu()? - before) * 1000.0 / readers;
    eprintln!("{size} readers are connected …");
    nap(REST).await;
    let each = (kib()? - empty) / readers;

    let (before, texts) = (cpu()?, crowd.heard.texts.get());
    nap(IDLE).await;
    let idle = (cpu()? - before) / IDLE.as_secs_f64();
    let idle_texts = per_second(crowd.heard.texts.get() - texts, IDLE);

    let (before, texts, began) = (cpu()?, crowd.heard.texts.get(), now());
    let mut last = Vec::new();
    for _ in 0..NEWS {
        last.push(crowd.news(trigger.pull()).await?);
        nap(Duration::from_millis(50)).await;
    }
    let took = began.elapsed();
    let heard = f64::from(u32::try_from(crowd.heard.texts.get() - texts)?);
    let delivery = (cpu()? - before) * 1000.0 / heard;
    let news = Times::of(last);
    let each_after_news = (kib()? - empty) / readers;
    eprintln!("{heard} texts in {:.1} s …", took.as_secs_f64());

    let taps = match barista {
        // The rest is worth knowing without them.
        Some(cookie) => match tap(host.to_owned(), cookie).await {
            Ok(taps) => Some(taps),
            Err(error) => {
                eprintln!("the taps were not measured: {error:#}");
                None
            }
        },
        None => None,
    };

    let samples = crowd.heard.samples.borrow().clone();
    crowd.go().await;
    nap(REST).await;
    let resume = position(&samples.snapshot, &samples.delta);
    let (before, returned) = (cpu()?, crowd.come(&hello(resume)).await?);
    let return_cpu = (cpu()? - before) * 1000.0 / readers;
    nap(REST).await;
    let each_after_return = (kib()? - empty) / readers;
    crowd.go().await;
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

/// Runs the taps in a thread of their own while the crowd goes on reading.
async fn tap(host: String, barista: String) -> anyhow::Result<Taps> {
    let (done, mut outcome) = tokio::sync::oneshot::channel();
    eprintln!("taps …");
    let thread = thread::Builder::new().name("taps".to_owned()).spawn(move || {
        // Nobody waits for it only when the benchmark has failed already.
        let _ = done.send(taps::measure(&host, &barista));
    })?;
    let outcome = tokio::select! {
        outcome = &mut outcome => outcome.context("the taps broke down")?,
        // Longer than they take on a busy machine.
        () = nap(TAPS_LIMIT) => bail!("the taps have not ended in {} s", TAPS_LIMIT.as_secs()),
    };
    thread.join().map_err(|_| anyhow::anyhow!("the taps broke down"))?;
    outcome
}

fn per_second(number: u64, time: Duration) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

/// How far a reader has come that was sent these.
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
