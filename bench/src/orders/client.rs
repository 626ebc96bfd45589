//! A client that plays the guest and the barista of an order, from the first tap to the last.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::http::{Answer, Connection};
use crate::clock::{now, sleep_blocking};

/// The undo window after *Ready*. The order is completed when it ends.
const UNDO: Duration = Duration::from_secs(4);
/// The interval of retries while the workflow is not ready for a command.
const RETRY_INTERVAL: Duration = Duration::from_millis(1);
/// The most retries of one command.
const MAX_RETRIES: u32 = 30_000;

/// A ready order in its undo window.
#[derive(Debug)]
struct Finishing {
    order: String,
    phone: String,
    due: Instant,
}

/// A client with its own connection.
#[derive(Debug)]
pub(crate) struct Client {
    connection: Connection,
    /// The barista's cookie.
    barista: String,
    name: String,
    begun: u64,
    finishing: VecDeque<Finishing>,
    /// Orders collected so far.
    pub(crate) collected: u64,
}

impl Client {
    pub(crate) fn new(host: &str, barista: &str, name: String) -> anyhow::Result<Self> {
        let connection = Connection::open(host)?;
        Ok(Self { connection, barista: barista.to_owned(), name, begun: 0, finishing: VecDeque::new(), collected: 0 })
    }

    pub(crate) fn requests(&self) -> u64 {
        self.connection.answered
    }

    /// Processes one order up to its undo window, and collects the orders whose window has ended.
    ///
    /// # Errors
    /// The server refuses a command.
    pub(crate) fn work(&mut self) -> anyhow::Result<()> {
        let made = self.make()?;
        self.finishing.push_back(made);
        while self.finishing.front().is_some_and(|order| order.due <= now()) {
            if let Some(order) = self.finishing.pop_front() {
                self.command("collect_order", &order.phone, &[("order", &order.order)])?;
                self.collected += 1;
            }
        }
        Ok(())
    }

    fn make(&mut self) -> anyhow::Result<Finishing> {
        self.begun += 1;
        let key = format!("{}-{}", self.name, self.begun);
        // Without a cookie this is a new phone, which may order at once.
        let phone = self.command("read_topics", "", &[])?.cookies.join("; ");
        let started = self.command("start_order", &phone, &[("key", &key)])?;
        let order = started.json()?.get("id").and_then(|id| id.as_str()).context("an order without an id")?.to_owned();
        let choice = [
            ("order", order.as_str()),
            ("key", &key),
            ("drink", "Cappuccino"),
            ("choice[Size]", "Large"),
            ("choice[Milk]", "Oat milk"),
        ];
        self.command("submit_order", &phone, &choice)?;
        let barista = self.barista.clone();
        self.command("claim_order", &barista, &[("order", &order)])?;
        self.command("complete_order", &barista, &[("order", &order)])?;
        Ok(Finishing { order, phone, due: now() + UNDO })
    }

    /// Sends a command. Retries while the workflow is not ready for it (409).
    fn command(&mut self, name: &str, cookie: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let path = format!("/api/{name}");
        for _ in 0..MAX_RETRIES {
            let answer = self.connection.post_form(&path, cookie, fields)?;
            match answer.status {
                200 => return Ok(answer),
                409 => sleep_blocking(RETRY_INTERVAL),
                status => bail!("{name}: {status} {}", String::from_utf8_lossy(&answer.body)),
            }
        }
        bail!("{name}: the workflow did not become ready")
    }
}
