//! One browser's live connection: a few cursors, each behind or at the head of its topic. A slow browser costs a number
//! a topic, never a queue.

use std::{pin::pin, sync::Arc, time::Duration};

use app::error::CommandError;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use domain::{
    Refusal, Timestamp,
    live::{ClientFrame, ServerFrame, Subscription, Topic},
};
use engine::clock::BoxFuture;
use futures_util::{
    FutureExt,
    future::{Either, select, select_all},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    TopicLog,
    allowance::Allowance,
    close::Cut,
    log::{Batch, encode},
};
use crate::{
    access::Session,
    backend::Bar,
    metrics::{Answer, LiveMetrics, Subscribed},
    time,
};

/// A browser that does not take a frame for so long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// So long a browser that is cut has to answer the close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
/// Silence for three of these tells a browser that the line is broken.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// With every so many heartbeats comes a ping, which browsers answer by themselves.
const BEATS_A_PING: u32 = 6;
/// So many pings may be without an answer when the next is due. Browsers that vanish say no goodbye, and each would
/// count as a connection of its network for a quarter of an hour.
const UNANSWERED: u32 = 2;
/// After so long it is asked again who may read what.
const AUTHORISED: Duration = Duration::from_secs(5 * 60);
/// The most topics of one connection.
pub(super) const TOPICS: usize = 4;
/// At shutdown browsers come back spread over so many milliseconds.
const RETURN_SPREAD_MILLIS: u32 = 5_000;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The browser has gone.
    Gone,
    /// The server goes away.
    Away,
    /// We cut it.
    Cut(Cut),
}

/// How far a browser has read a topic.
struct Cursor {
    topic: Topic,
    log: Arc<TopicLog>,
    head: watch::Receiver<u64>,
    seq: u64,
    _counted: Subscribed,
}

/// What wakes a connection.
enum Event {
    Away,
    Heard(Option<Result<Message, axum::Error>>),
    Moved,
    Beat,
}

struct Connection {
    socket: WebSocket,
    session: Session,
    bar: Arc<Bar>,
    cursors: Vec<Cursor>,
    allowance: Allowance,
    beats: u32,
    unanswered: u32,
    authorise_at: Timestamp,
}

/// Serves the connection until the browser goes away or the server does.
pub(super) async fn serve(socket: WebSocket, session: Session, bar: Arc<Bar>, stop: CancellationToken) {
    let _counted = bar.orders.metrics.live.socket();
    let authorise_at = after(time::now(&*bar.clocks.line), AUTHORISED);
    let mut connection = Connection {
        socket,
        session,
        bar,
        cursors: Vec::new(),
        allowance: Allowance::default(),
        beats: 0,
        unanswered: 0,
        authorise_at,
    };
    let Err(end) = connection.run(&stop).await;
    match end {
        End::Gone => {}
        End::Away => connection.say_goodbye().await,
        End::Cut(cut) => connection.cut(cut, &stop).await,
    }
}

impl Connection {
    fn metrics(&self) -> &LiveMetrics {
        &self.bar.orders.metrics.live
    }

    fn line_now(&self) -> Timestamp {
        time::now(&*self.bar.clocks.line)
    }

    async fn run(&mut self, stop: &CancellationToken) -> Result<std::convert::Infallible, End> {
        let mut away = pin!(stop.cancelled());
        let mut heartbeat = self.next_heartbeat();
        loop {
            let event = tokio::select! {
                () = &mut away => Event::Away,
                message = self.socket.recv() => Event::Heard(message),
                () = moved(&mut self.cursors) => Event::Moved,
                () = &mut heartbeat => Event::Beat,
            };
            match event {
                Event::Away => return Err(End::Away),
                Event::Heard(Some(Ok(message))) => self.hear(message).await?,
                Event::Heard(Some(Err(error))) => return Err(broken(error)),
                Event::Heard(None) => return Err(End::Gone),
                Event::Moved => self.catch_up().await?,
                Event::Beat => {
                    heartbeat = self.next_heartbeat();
                    self.beat().await?;
                }
            }
        }
    }

    fn next_heartbeat(&self) -> BoxFuture<'static, ()> {
        let line = &self.bar.clocks.line;
        line.sleep_until(line.now() + HEARTBEAT)
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.unanswered = 0;
        if !self.allowance.take(self.line_now()) {
            return Err(End::Cut(Cut::TooManyFrames));
        }
        match message {
            // The answer to a ping is on its way already.
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
            Message::Binary(_) => Err(End::Cut(Cut::Malformed)),
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(ClientFrame::Hello { subscriptions }) => self.subscribe_to(subscriptions).await,
                Err(_) => Err(End::Cut(Cut::Malformed)),
            },
        }
    }

    /// A hello names everything that the browser shows, so what it leaves out is let go.
    async fn subscribe_to(&mut self, subscriptions: Vec<Subscription>) -> Result<(), End> {
        self.cursors.clear();
        for (at, subscription) in subscriptions.into_iter().enumerate() {
            if at < TOPICS {
                self.subscribe(subscription).await?;
            } else {
                self.deny(subscription.topic).await?;
            }
        }
        Ok(())
    }

    async fn subscribe(&mut self, subscription: Subscription) -> Result<(), End> {
        let Subscription { topic, resume } = subscription;
        // A topic that is named twice is read once.
        self.cursors.retain(|cursor| cursor.topic != topic);
        let log = match may_read(&self.bar, &self.session, &topic).await {
            Ok(log) => log,
            Err(Unread::Denied) => return self.deny(topic).await,
            Err(Unread::Unknown) => return Err(End::Cut(Cut::Unavailable)),
        };
        let head = log.head();
        let Batch { frames, seq, whole, .. } = log.begin(resume);
        let answer = match resume {
            None => Answer::First,
            Some(_) if whole => Answer::Resumed,
            Some(_) => Answer::Snapshot,
        };
        self.metrics().answered(&topic, answer);
        let counted = self.metrics().subscribed(&topic);
        self.cursors.push(Cursor { topic, log, head, seq, _counted: counted });
        self.send_all(frames).await
    }

    async fn deny(&mut self, topic: Topic) -> Result<(), End> {
        self.metrics().answered(&topic, Answer::Denied);
        self.send(Message::Text(encode(&ServerFrame::Denied { topic }))).await
    }

    async fn beat(&mut self) -> Result<(), End> {
        // First, so that a heartbeat never vouches for what may not be read any more.
        let now = self.line_now();
        if now >= self.authorise_at {
            self.authorise_again(now).await?;
        }
        let now = self.bar.now();
        self.send(Message::Text(encode(&ServerFrame::Heartbeat { now }))).await?;
        self.beats = self.beats.wrapping_add(1);
        if self.beats.is_multiple_of(BEATS_A_PING) {
            if self.unanswered >= UNANSWERED {
                return Err(End::Cut(Cut::Silent));
            }
            self.unanswered += 1;
            self.send(Message::Ping(axum::body::Bytes::new())).await?;
        }
        Ok(())
    }

    /// A sign-in ends, an order is erased: who was let in once may not read for ever.
    async fn authorise_again(&mut self, now: Timestamp) -> Result<(), End> {
        let mut known = true;
        let topics: Vec<Topic> = self.cursors.iter().map(|cursor| cursor.topic.clone()).collect();
        for topic in topics {
            match may_read(&self.bar, &self.session, &topic).await {
                Ok(_) => {}
                Err(Unread::Denied) => {
                    self.cursors.retain(|cursor| cursor.topic != topic);
                    self.deny(topic).await?;
                }
                Err(Unread::Unknown) => known = false,
            }
        }
        // If the tables have not answered, the next heartbeat asks again.
        if known {
            self.authorise_at = after(now, AUTHORISED);
        }
        Ok(())
    }

    async fn catch_up(&mut self) -> Result<(), End> {
        for at in 0..self.cursors.len() {
            let Some(cursor) = self.cursors.get_mut(at) else { break };
            let Batch { frames, seq, whole, since } = cursor.log.catch_up(cursor.seq);
            if frames.is_empty() {
                continue;
            }
            cursor.seq = seq;
            self.send_all(frames).await?;
            let (metrics, now) = (&self.bar.orders.metrics.live, time::now(&*self.bar.clocks.line));
            if let Some(cursor) = self.cursors.get(at) {
                metrics.delivered(&cursor.topic, since, now);
                if !whole {
                    metrics.answered(&cursor.topic, Answer::Behind);
                }
            }
        }
        Ok(())
    }

    async fn send_all(&mut self, frames: Vec<Utf8Bytes>) -> Result<(), End> {
        for frame in frames {
            self.send(Message::Text(frame)).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let mut sending = pin!(self.socket.send(message));
        // Nearly always the system takes it at once, and then no timer is needed.
        if let Some(sent) = (&mut sending).now_or_never() {
            return sent.map_err(|_| End::Gone);
        }
        let limit = pin!(time::pass(&*self.bar.clocks.line, SEND_LIMIT));
        match select(sending, limit).await {
            Either::Left((sent, _)) => sent.map_err(|_| End::Gone),
            Either::Right(_) => Err(End::Cut(Cut::TooSlow)),
        }
    }

    /// Says why, and gives the browser a moment to hear it: a line that is dropped with something unread in it is reset,
    /// and the reason would be lost.
    async fn cut(mut self, cut: Cut, stop: &CancellationToken) {
        self.metrics().cut(cut);
        tracing::debug!(reason = cut.label(), "a live connection is cut");
        self.cursors.clear();
        let Self { socket, bar, .. } = &mut self;
        let closing = async {
            if socket.send(Message::Close(Some(cut.into()))).await.is_ok() {
                while let Some(Ok(_)) = socket.recv().await {}
            }
        };
        tokio::select! {
            () = closing => {}
            () = time::pass(&*bar.clocks.line, CLOSE_LIMIT) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn say_goodbye(&mut self) {
        let mut bytes = [0; 4];
        self.bar.rng.fill(&mut bytes);
        let retry_in_ms = u32::from_le_bytes(bytes) % RETURN_SPREAD_MILLIS;
        let bye = Message::Text(encode(&ServerFrame::Bye { retry_in_ms }));
        if self.send(bye).await.is_ok() {
            let reason = "The server goes away for a moment.".into();
            // Whoever does not hear it has heard the frame before.
            _ = self.send(Message::Close(Some(CloseFrame { code: close_code::AWAY, reason }))).await;
        }
    }
}

/// The topic, if this browser may read it at this moment.
async fn may_read(bar: &Bar, session: &Session, topic: &Topic) -> Result<Arc<TopicLog>, Unread> {
    let viewer = session.viewer(bar.now());
    bar.log(&viewer, topic).await.map_err(|error| match error {
        CommandError::StaffOnly | CommandError::Refused(Refusal::NotFound) => Unread::Denied,
        _ => Unread::Unknown,
    })
}

/// Why a topic cannot be read.
enum Unread {
    /// This browser may not, or there is no such topic.
    Denied,
    /// The tables do not answer.
    Unknown,
}

fn after(now: Timestamp, span: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

/// Tells what the reader has done wrong from what has happened to the line.
fn broken(error: axum::Error) -> End {
    match error.into_inner().downcast_ref() {
        Some(tungstenite::Error::Capacity(_)) => End::Cut(Cut::TooLarge),
        Some(tungstenite::Error::Utf8(_)) => End::Cut(Cut::Malformed),
        _ => End::Gone,
    }
}

/// Resolves when a topic has moved on.
async fn moved(cursors: &mut [Cursor]) {
    if cursors.is_empty() {
        std::future::pending::<()>().await;
    }
    let moved = cursors.iter_mut().map(|cursor| {
        let seq = cursor.seq;
        async move {
            if cursor.head.wait_for(|head| *head > seq).await.is_err() {
                // The topic is over: nothing will ever change on it.
                std::future::pending::<()>().await;
            }
        }
        .boxed()
    });
    select_all(moved).await;
}
