//! One client: a phone and a barista in one, who take an order from the first tap to the last.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::http::{Answer, Connection};
use crate::clock::{now, pause};

/// How long a barista can take "made" back; the drink is on the counter after it.
const UNDO: Duration = Duration::from_secs(4);
/// How long to wait before asking again for what takes the workflow some milliseconds.
const AGAIN: Duration = Duration::from_millis(1);
/// As many times the workflow is waited for before the benchmark gives up.
const PATIENCE: u32 = 30_000;

/// An order that is made and waits for the end of its undo window.
#[derive(Debug)]
struct Finishing {
    order: String,
    phone: String,
    due: Instant,
}

/// A client with a connection of its own.
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

    /// Takes one order as far as the undo window, and collects those whose window has passed.
    ///
    /// # Errors
    /// The server refuses what it should not.
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
        // Without a cookie it is a phone that has never been here, so that no order waits for the one before.
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

    /// Gives a command; one that comes before the workflow is ready for it (409) is given again.
    fn command(&mut self, name: &str, cookie: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let path = format!("/api/{name}");
        for _ in 0..PATIENCE {
            let answer = self.connection.post_form(&path, cookie, fields)?;
            match answer.status {
                200 => return Ok(answer),
                409 => pause(AGAIN),
                status => bail!("{name}: {status} {}", String::from_utf8_lossy(&answer.body)),
            }
        }
        bail!("{name}: the workflow does not come to it")
    }
}
