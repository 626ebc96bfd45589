//! The load generator: a process of its own with one thread, so that its own cost is known.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::life::Client;
use super::process::cpu_ms;
use crate::clock::now;

/// How long a load lasts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// First uncounted, then counted.
    Counted { warm_up: Duration, counted: Duration },
    /// Until this many orders have lived.
    Lives(u64),
}

/// What a load did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    /// Orders that lived, counted or not.
    pub(crate) lives: u64,
    /// Lives a second while it was counted.
    pub(crate) per_second: f64,
    /// Milliseconds from SendTaskSuccess to the next token, for half of the orders.
    pub(crate) p50: f64,
    /// The same for 99 of 100.
    pub(crate) p99: f64,
    /// Milliseconds of processor time of the load generator, all in all.
    pub(crate) cpu_ms: f64,
}

impl Done {
    /// Reads what the load generator printed.
    ///
    /// # Errors
    /// It printed something else.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let value: Value = serde_json::from_str(text).with_context(|| format!("the load generator said: {text}"))?;
        let number = |name: &str| value.get(name).and_then(Value::as_f64).context("a number is missing");
        Ok(Self {
            lives: value.get("lives").and_then(Value::as_u64).context("the number of lives is missing")?,
            per_second: number("per_second")?,
            p50: number("p50")?,
            p99: number("p99")?,
            cpu_ms: number("cpu_ms")?,
        })
    }
}

/// `load <host> <machine> <clients> counted <warm-up ms> <counted ms>`, or `… lives <number>`.
///
/// # Errors
/// A word is missing, or an order did not live as it should.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut next = || arguments.next().context("the load generator is started by `cargo xtask bench engine`");
    let (host, machine, clients) = (next()?, next()?, next()?.parse()?);
    let length = match next()?.as_str() {
        "counted" => Length::Counted {
            warm_up: Duration::from_millis(next()?.parse()?),
            counted: Duration::from_millis(next()?.parse()?),
        },
        "lives" => Length::Lives(next()?.parse()?),
        other => bail!("there is no length `{other}`"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Done { lives, per_second, p50, p99, cpu_ms } = runtime.block_on(put(&host, &machine, clients, length))?;
    println!("{}", json!({ "lives": lives, "per_second": per_second, "p50": p50, "p99": p99, "cpu_ms": cpu_ms }));
    Ok(())
}

async fn put(host: &str, machine: &str, clients: usize, length: Length) -> anyhow::Result<Done> {
    let (lives, counted) = (Cell::new(0), Cell::new(0));
    let delays = RefCell::new(Vec::new());
    let began = now();
    let (from, to) = match length {
        Length::Counted { warm_up, counted } => (warm_up, warm_up + counted),
        Length::Lives(_) => (Duration::ZERO, Duration::MAX),
    };
    let most = match length {
        Length::Counted { .. } => u64::MAX,
        Length::Lives(number) => number,
    };
    let begun = Cell::new(0);
    let work = (0..clients).map(|_| {
        let mut client = Client::new(host, machine);
        let (lives, counted, delays, begun) = (&lives, &counted, &delays, &begun);
        async move {
            while began.elapsed() < to && begun.get() < most {
                begun.set(begun.get() + 1);
                let delay = client.live().await?;
                lives.set(lives.get() + 1);
                if (from..to).contains(&began.elapsed()) {
                    counted.set(counted.get() + 1);
                    delays.borrow_mut().push(delay);
                }
            }
            anyhow::Ok(())
        }
    });
    try_join_all(work).await?;
    let seconds = match length {
        Length::Counted { counted, .. } => counted,
        Length::Lives(_) => began.elapsed(),
    };
    let mut delays = delays.into_inner();
    delays.sort_unstable();
    let at = |percent: usize| {
        let place = (delays.len() * percent / 100).min(delays.len().saturating_sub(1));
        delays.get(place).map_or(f64::NAN, |delay| delay.as_secs_f64() * 1000.0)
    };
    let per_second = f64::from(u32::try_from(counted.get())?) / seconds.as_secs_f64();
    let cpu_ms = cpu_ms(std::process::id()).unwrap_or(f64::NAN);
    Ok(Done { lives: lives.get(), per_second, p50: at(50), p99: at(99), cpu_ms })
}
