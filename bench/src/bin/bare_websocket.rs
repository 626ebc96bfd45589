//! The baseline of the live benchmark: a bare tokio-tungstenite server without any product code.
//!
//! `bare-websocket` reads three lines from standard input: its answer to the first message of a connection, its
//! heartbeat, and its change. It prints the address on which it listens. It sends the change to all connections when one of
//! them sends another message, and ends when standard input ends. Each connection is a task that waits for one [`watch`]
//! and for its socket. All texts are encoded beforehand, and the buffers have the size of the product's. No server with
//! this library can cost less.

use std::io::{Write as _, stdin, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at};
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, protocol::WebSocketConfig};

/// As in the product (`server/src/main.rs`).
const THREADS: usize = 4;
/// As in the product (`server/src/routes/live.rs`).
const READ_BUFFER_BYTES: usize = 1024;
/// As in the product (`server/src/lifecycle.rs`).
const BACKLOG: u32 = 1024;
/// As in the product (`server/src/live/socket.rs`): heartbeats are spread over this time, and fall on multiples of the grid.
const HEARTBEAT: Duration = Duration::from_secs(5);
const BEAT_GRID: Duration = Duration::from_millis(125);
const BEATS: u32 = 40;

/// The messages that it sends.
#[derive(Debug, Clone)]
struct Texts {
    answer: Utf8Bytes,
    heartbeat: Utf8Bytes,
    change: Utf8Bytes,
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let mut lines = stdin().lines();
    let mut text = || anyhow::Ok(Utf8Bytes::from(lines.next().context("three texts are missing")??));
    let texts = Texts { answer: text()?, heartbeat: text()?, change: text()? };
    let head = watch::Sender::new(0_u64);
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = socket.listen(BACKLOG)?;
    let mut out = stdout().lock();
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    let mut input_end = tokio::task::spawn_blocking(|| stdin().lines().try_for_each(|line| line.map(drop)));
    let mut connections = JoinSet::new();
    let began = now();
    let mut first_beats = (0..BEATS).cycle();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                let beat_at = began + BEAT_GRID * first_beats.next().unwrap_or_default();
                connections.spawn(connection(stream, texts.clone(), head.clone(), beat_at));
            }
            Some(_) = connections.join_next() => {}
            ended = &mut input_end => return Ok(ended??),
        }
    }
}

/// Serves one reader until its connection ends. The reason of the end is of no interest.
async fn connection(stream: TcpStream, texts: Texts, news: watch::Sender<u64>, beat_at: Instant) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let mut socket = accept_async_with_config(stream, Some(config)).await.ok()?;
    socket.next().await?.ok()?;
    let mut head = news.subscribe();
    socket.send(Message::Text(texts.answer)).await.ok()?;
    let mut heartbeat = interval_at(next_after(beat_at), HEARTBEAT);
    loop {
        tokio::select! {
            changed = head.changed() => {
                changed.ok()?;
                socket.send(Message::Text(texts.change.clone())).await.ok()?;
            }
            message = socket.next() => {
                // Only the load generator sends a second message, to request a change.
                message?.ok()?;
                news.send_modify(|head| *head += 1);
            }
            _ = heartbeat.tick() => {
                socket.send(Message::Text(texts.heartbeat.clone())).await.ok()?;
            }
        }
    }
}

/// The next heartbeat that is not in the past: `beat_at` plus a multiple of the interval.
fn next_after(beat_at: Instant) -> Instant {
    let mut next = beat_at;
    while next < now() {
        next += HEARTBEAT;
    }
    next
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}
