//! The latency from a barista's tap to the frame on the board and on the guest's phone, while all readers are connected.
//!
//! Runs in a thread of its own. The readers share one thread, and its queue would add to the latency.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures_util::future::{try_join, try_join3};
use serde::{Deserialize, Serialize};

use super::connection::LiveConnection;
use super::times::Times;
use crate::clock::{now, sleep, within};
use crate::engine::http::Connection;
use crate::orders::http as blocking;

/// Number of orders that are claimed and cancelled.
const ORDERS: u32 = 100;
/// Time-out of one command.
const LIMIT: Duration = Duration::from_secs(20);
/// Milliseconds between taps. They differ so that taps do not run in step with the heartbeats.
const PAUSES: [u64; 7] = [20, 90, 35, 60, 10, 110, 45];

/// The latencies of the taps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Taps {
    /// From *Claim* to the frame on the phone.
    pub(crate) claim: Times,
    /// From *Cancel* to the frames on the phone and on the board, whichever is later.
    pub(crate) cancel: Times,
}

/// Places orders, claims them and cancels them.
///
/// # Errors
/// The server refuses a command.
pub(crate) fn measure(host: &str, barista: &str) -> anyhow::Result<Taps> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut board = LiveConnection::open(host, "").await?;
        board.send_text(&hello("board")).await?;
        board.until(r#""frame":"snapshot""#).await?;
        let mut tablet = Connection::new(host);
        let mut guests = blocking::Connection::open(host)?;
        let (mut claims, mut cancellations) = (Vec::new(), Vec::new());
        let mut pauses = PAUSES.iter().cycle();
        let mut pause = || sleep(Duration::from_millis(pauses.next().copied().unwrap_or_default()));
        for number in 0..ORDERS {
            let (order, mut phone) =
                place(host, &mut guests, number).await.with_context(|| format!("order {number}"))?;
            board.until(r#""boardPut""#).await?;
            pause().await;
            let fields = format!("order={order}");
            let began = now();
            let tap = accepted(&mut tablet, "/api/claim_order", barista, &fields);
            let seen = async {
                phone.until(r#""stage":"making""#).await?;
                Ok(began.elapsed())
            };
            let ((), seen) = try_join(tap, seen).await?;
            claims.push(seen);
            pause().await;
            let began = now();
            let fields = format!("{fields}&reason=sold_out");
            let tap = accepted(&mut tablet, "/api/cancel_at_bar", barista, &fields);
            let on_phone = async {
                phone.until(r#""stage":"ended""#).await?;
                Ok(began.elapsed())
            };
            let on_board = async {
                board.until(r#""boardRemove""#).await?;
                Ok(began.elapsed())
            };
            let ((), on_phone, on_board) = try_join3(tap, on_phone, on_board).await?;
            cancellations.push(on_phone.max(on_board));
            pause().await;
        }
        Ok(Taps { claim: Times::of(claims), cancel: Times::of(cancellations) })
    })
}

/// Sends a command that must be accepted.
async fn accepted(tablet: &mut Connection, path: &str, barista: &str, fields: &str) -> anyhow::Result<()> {
    let status = within(LIMIT, path, tablet.post_form(path, barista, fields)).await?;
    ensure!(status == 200, "{path}: {status}");
    Ok(())
}

/// Places an order from a new phone with a live connection.
async fn place(host: &str, guests: &mut blocking::Connection, number: u32) -> anyhow::Result<(String, LiveConnection)> {
    let key = format!("tap-{number}");
    // The first request of a phone sets its cookie, without which no order can be started.
    let cookie = guests.post_form("/api/read_topics", "", &[])?.cookies.join("; ");
    let started = guests.post_form("/api/start_order", &cookie, &[("key", &key)])?;
    ensure!(started.status == 200, "start_order: {}", String::from_utf8_lossy(&started.body));
    let order = started.json()?.get("id").and_then(|id| id.as_str()).context("an order without an id")?.to_owned();
    let mut phone = LiveConnection::open(host, &cookie).await?;
    phone.send_text(&hello(&format!("order/{order}"))).await?;
    phone.until(r#""frame":"snapshot""#).await?;
    let choice = [
        ("order", order.as_str()),
        ("key", &key),
        ("drink", "Cappuccino"),
        ("choice[Size]", "Large"),
        ("choice[Milk]", "Oat milk"),
    ];
    let began = now();
    loop {
        let submitted = guests.post_form("/api/submit_order", &cookie, &choice)?;
        match submitted.status {
            200 => break,
            // The workflow needs some milliseconds until it waits for the choice.
            409 if began.elapsed() < LIMIT => sleep(Duration::from_millis(1)).await,
            status => anyhow::bail!("submit_order: {status} {}", String::from_utf8_lossy(&submitted.body)),
        }
    }
    phone.until(r#""stage":"waiting""#).await?;
    Ok((order, phone))
}

fn hello(topic: &str) -> String {
    format!(r#"{{"frame":"hello","subscriptions":[{{"topic":"{topic}"}}]}}"#)
}
