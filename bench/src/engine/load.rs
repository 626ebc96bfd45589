//! The load generator, with one thread in a process of its own, so that its CPU time can be measured.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::order::Client;
use super::process::cpu_ms;
use crate::clock::now;

/// When the load generator ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// After a warm-up and the measured time.
    Counted { warm_up: Duration, counted: Duration },
    /// After this number of orders.
    Orders(u64),
}

/// The result of a load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoadResult {
    /// All orders, also those of the warm-up.
    pub(crate) orders: u64,
    /// Orders per second in the measured time.
    pub(crate) per_second: f64,
    /// Median of the milliseconds from SendTaskSuccess to the next token.
    pub(crate) p50: f64,
    /// 99th percentile of the same.
    pub(crate) p99: f64,
    /// CPU time of the load generator, in milliseconds.
    pub(crate) cpu_ms: f64,
}

impl LoadResult {
    /// Parses the output of the load generator.
    ///
    /// # Errors
    /// The output is not such a result.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let value: Value = serde_json::from_str(text).with_context(|| format!("the load generator printed: {text}"))?;
        let number = |name: &str| value.get(name).and_then(Value::as_f64).context("a number is missing");
        Ok(Self {
            orders: value.get("orders").and_then(Value::as_u64).context("the number of orders is missing")?,
            per_second: number("per_second")?,
            p50: number("p50")?,
            p99: number("p99")?,
            cpu_ms: number("cpu_ms")?,
        })
    }
}

/// `load <host> <machine> <clients> counted <warm-up ms> <counted ms>`, or `… orders <number>`.
///
/// # Errors
/// An argument is missing or invalid, or an order does not reach the expected state.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut next = || arguments.next().context("the load generator is started by `cargo xtask bench engine`");
    let (host, machine, clients) = (next()?, next()?, next()?.parse()?);
    let length = match next()?.as_str() {
        "counted" => Length::Counted {
            warm_up: Duration::from_millis(next()?.parse()?),
            counted: Duration::from_millis(next()?.parse()?),
        },
        "orders" => Length::Orders(next()?.parse()?),
        other => bail!("unknown length `{other}`; known are counted and orders"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let LoadResult { orders, per_second, p50, p99, cpu_ms } =
        runtime.block_on(run_clients(&host, &machine, clients, length))?;
    println!("{}", json!({ "orders": orders, "per_second": per_second, "p50": p50, "p99": p99, "cpu_ms": cpu_ms }));
    Ok(())
}

async fn run_clients(host: &str, machine: &str, clients: usize, length: Length) -> anyhow::Result<LoadResult> {
    let (orders, counted) = (Cell::new(0), Cell::new(0));
    let delays = RefCell::new(Vec::new());
    let began = now();
    let (from, to) = match length {
        Length::Counted { warm_up, counted } => (warm_up, warm_up + counted),
        Length::Orders(_) => (Duration::ZERO, Duration::MAX),
    };
    let order_limit = match length {
        Length::Counted { .. } => u64::MAX,
        Length::Orders(number) => number,
    };
    let begun = Cell::new(0);
    let work = (0..clients).map(|_| {
        let mut client = Client::new(host, machine);
        let (orders, counted, delays, begun) = (&orders, &counted, &delays, &begun);
        async move {
            while began.elapsed() < to && begun.get() < order_limit {
                begun.set(begun.get() + 1);
                let delay = client.process().await?;
                orders.set(orders.get() + 1);
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
        Length::Orders(_) => began.elapsed(),
    };
    let mut delays = delays.into_inner();
    delays.sort_unstable();
    let at = |percent: usize| {
        let place = (delays.len() * percent / 100).min(delays.len().saturating_sub(1));
        delays.get(place).map_or(f64::NAN, |delay| delay.as_secs_f64() * 1000.0)
    };
    let per_second = f64::from(u32::try_from(counted.get())?) / seconds.as_secs_f64();
    let cpu_ms = cpu_ms(std::process::id()).unwrap_or(f64::NAN);
    Ok(LoadResult { orders: orders.get(), per_second, p50: at(50), p99: at(99), cpu_ms })
}
