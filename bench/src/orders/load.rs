//! Concurrent clients for a given time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::client::Client;
use super::server::Server;
use crate::clock::{now, sleep_blocking};

/// The work that was done in the measured time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    orders: u64,
    requests: u64,
    time: Duration,
}

impl Counted {
    /// Complete orders per second.
    pub(crate) fn per_second(&self) -> f64 {
        count(self.orders) / self.time.as_secs_f64()
    }

    /// Requests per second.
    pub(crate) fn requests_per_second(&self) -> f64 {
        count(self.requests) / self.time.as_secs_f64()
    }
}

/// Exact below 2^32.
fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Runs `clients` concurrent clients for a warm-up and then for the measured time.
///
/// # Errors
/// The first error of any client.
pub(crate) fn run(server: &Server, clients: usize, warm_up: Duration, counted: Duration) -> anyhow::Result<Counted> {
    let (orders, requests, over) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let barista = server.sign_in()?;
    thread::scope(|scope| {
        let (orders, requests, over, barista) = (&orders, &requests, &over, barista.as_str());
        let workers: Vec<_> = (0..clients)
            .map(|number| {
                scope.spawn(move || -> anyhow::Result<()> {
                    let mut client = Client::new(&server.host, barista, format!("client-{number}"))?;
                    while !over.load(Ordering::Relaxed) {
                        let before = (client.collected, client.requests());
                        client.work()?;
                        orders.fetch_add(client.collected - before.0, Ordering::Relaxed);
                        requests.fetch_add(client.requests() - before.1, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        sleep_blocking(warm_up);
        let before = (orders.load(Ordering::Relaxed), requests.load(Ordering::Relaxed));
        let watch = now();
        sleep_blocking(counted);
        let result = Counted {
            orders: orders.load(Ordering::Relaxed) - before.0,
            requests: requests.load(Ordering::Relaxed) - before.1,
            time: watch.elapsed(),
        };
        over.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().map_err(|_| anyhow::anyhow!("the thread of a client panicked"))??;
        }
        Ok(result)
    })
}
