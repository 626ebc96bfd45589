//! The floor under the live connections: a bare tokio-tungstenite server that knows nothing of coffee.
//!
//! `bare-websocket` reads three lines from standard input: what it answers to the first message of a connection, what it
//! says every five seconds, and the news. It prints the address of its websockets, and then sends the news to all of them
//! whenever one of them says something more; it ends with standard input. Each connection is a task that waits for one
//! [`watch`] and for its socket; every text is encoded before, and the buffers are as large as the bar's. What this takes
//! nobody can save who speaks websockets with this library.

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

/// As the bar has (`server/src/main.rs`).
const THREADS: usize = 4;
/// As the bar has (`server/src/live/route.rs`).
const READ_BUFFER_BYTES: usize = 1024;
/// As the bar has (`server/src/lifecycle.rs`).
const BACKLOG: u32 = 1024;
/// As the bar has (`server/src/live/socket.rs`): heartbeats are spread over this time, and fall on multiples of the grid.
const HEARTBEAT: Duration = Duration::from_secs(5);
const BEAT_GRID: Duration = Duration::from_millis(125);
const BEATS: u32 = 40;

/// What is said.
#[derive(Debug, Clone)]
struct Texts {
    answer: Utf8Bytes,
    heartbeat: Utf8Bytes,
    news: Utf8Bytes,
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let mut lines = stdin().lines();
    let mut text = || anyhow::Ok(Utf8Bytes::from(lines.next().context("three texts are missing")??));
    let texts = Texts { answer: text()?, heartbeat: text()?, news: text()? };
    let head = watch::Sender::new(0_u64);
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = socket.listen(BACKLOG)?;
    let mut out = stdout().lock();
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    let mut nobody = tokio::task::spawn_blocking(|| stdin().lines().try_for_each(|line| line.map(drop)));
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
            ended = &mut nobody => return Ok(ended??),
        }
    }
}

/// One reader, until it goes; why it goes interests nobody.
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
                socket.send(Message::Text(texts.news.clone())).await.ok()?;
            }
            message = socket.next() => {
                // Readers say nothing more; who does has news.
                message?.ok()?;
                news.send_modify(|head| *head += 1);
            }
            _ = heartbeat.tick() => {
                socket.send(Message::Text(texts.heartbeat.clone())).await.ok()?;
            }
        }
    }
}

/// The next of the times that are `beat_at` and whole heartbeats after it.
fn next_after(beat_at: Instant) -> Instant {
    let mut next = beat_at;
    while next < now() {
        next += HEARTBEAT;
    }
    next
}

#[expect(clippy::disallowed_methods, reason = "a benchmark lives in real time")]
fn now() -> Instant {
    Instant::now()
}
