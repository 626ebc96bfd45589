//! Serves one live connection. It holds a cursor for each topic; a slow client costs a number for each topic, not a
//! queue.

use std::{iter, pin::pin, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, close_code};
use domain::{
    Timestamp,
    live::{ClientFrame, ServerFrame, SubscriptionRequest, Topic},
};
use engine::clock::{self, BoxFuture};
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    TopicLog, TopicSource,
    close_reason::CloseReason,
    rate_limit::MessageLimit,
    subscribers::Notifier,
    topic_log::{Batch, encode},
    topic_source::TopicError,
    websocket::{End, Socket, end_of_error, with_time_limit},
};
use crate::{
    metrics::{Answer, GaugeGuard, LiveMetrics},
    time,
};

/// Time-out for the peer's close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
/// A client that receives no frame for three intervals treats the connection as lost.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Heartbeats are aligned to multiples of this, in milliseconds, so that the machine wakes up once for many
/// connections.
const HEARTBEAT_GRID_MILLIS: i64 = 125;
/// A ping is sent with every sixth heartbeat. Browsers answer pings themselves.
const HEARTBEATS_PER_PING: u32 = 6;
/// How many pings may be unanswered when the next is due. A phone that loses its network closes nothing, and would
/// count for its network for a quarter of an hour.
const MAX_UNANSWERED_PINGS: u32 = 2;
/// Access to the topics is checked again after this time.
const AUTHORIZATION_PERIOD: Duration = Duration::from_secs(5 * 60);
/// The most topics of one connection.
pub(super) const MAX_TOPICS: usize = 4;
/// At shutdown clients are asked to reconnect within this span, in milliseconds.
const RETURN_SPREAD_MILLIS: u32 = 5_000;

/// How far a client has read a topic.
struct Cursor {
    topic: Topic,
    log: Arc<TopicLog>,
    /// The key of the subscription.
    key: usize,
    seq: u64,
    _gauge: GaugeGuard,
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.log.subscribers().unsubscribe(self.key);
    }
}

/// What a connection waits for.
enum Event {
    Away,
    Received(Option<Result<Message, axum::Error>>),
    Changed,
    Heartbeat,
}

struct Connection<L, S: TopicSource> {
    socket: L,
    reader: S::Reader,
    source: Arc<S>,
    /// Cancelled when the server shuts down.
    stop: CancellationToken,
    /// Notified by every topic of the connection that has changed.
    notifier: Notifier,
    cursors: Vec<Cursor>,
    message_limit: MessageLimit,
    heartbeats: u32,
    unanswered_pings: u32,
    reauthorize_at: Timestamp,
    _gauge: GaugeGuard,
}

/// Serves a connection until the client closes it or the server shuts down.
///
/// Futures that are rarely needed are boxed to keep the state of an idle connection small: there may be 10,000.
pub(crate) fn serve<L: Socket, S: TopicSource>(
    socket: L,
    reader: S::Reader,
    source: Arc<S>,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send {
    let reauthorize_at = after(time::now(&*source.clocks().connections), AUTHORIZATION_PERIOD);
    let connection = Connection {
        _gauge: source.metrics().socket(),
        socket,
        reader,
        source,
        stop,
        notifier: Notifier::default(),
        cursors: Vec::new(),
        message_limit: MessageLimit::default(),
        heartbeats: 0,
        unanswered_pings: 0,
        reauthorize_at,
    };
    connection.serve()
}

impl<L: Socket, S: TopicSource> Connection<L, S> {
    async fn serve(mut self) {
        let Err(end) = self.run().await;
        match end {
            End::Gone => {}
            End::Away => self.send_bye().boxed().await,
            End::Closed(reason) => self.close(reason).boxed().await,
        }
    }

    fn metrics(&self) -> &LiveMetrics {
        self.source.metrics()
    }

    fn now(&self) -> Timestamp {
        time::now(&*self.source.clocks().connections)
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, End> {
        let stop = self.stop.clone();
        let mut away = pin!(stop.cancelled());
        // A random start spreads the heartbeats of clients that reconnect together.
        let mut heartbeat = self.next_heartbeat(HEARTBEAT.mul_f64(f64::from(self.random() % 1_000) / 1_000.0));
        loop {
            // In this order: changes are sent before a heartbeat that confirms there are no others.
            let event = tokio::select! {
                biased;
                () = &mut away => Event::Away,
                message = self.socket.next() => Event::Received(message),
                () = self.notifier.notified() => Event::Changed,
                () = &mut heartbeat => Event::Heartbeat,
            };
            match event {
                Event::Away => return Err(End::Away),
                Event::Received(Some(Ok(message))) => self.handle_message(message).boxed().await?,
                Event::Received(Some(Err(error))) => return Err(end_of_error(error)),
                Event::Received(None) => return Err(End::Gone),
                Event::Changed => self.catch_up().await?,
                Event::Heartbeat => {
                    heartbeat = self.next_heartbeat(HEARTBEAT);
                    self.send_heartbeat().await?;
                }
            }
        }
    }

    fn next_heartbeat(&self, span: Duration) -> BoxFuture<'static, ()> {
        let connections = &self.source.clocks().connections;
        let clock::Timestamp(due) = connections.now() + span;
        connections.sleep_until(clock::Timestamp(due - due.rem_euclid(HEARTBEAT_GRID_MILLIS)))
    }

    fn random(&self) -> u32 {
        let mut bytes = [0; 4];
        self.source.rng().fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    async fn handle_message(&mut self, message: Message) -> Result<(), End> {
        self.unanswered_pings = 0;
        if !self.message_limit.take(self.now()) {
            return Err(End::Closed(CloseReason::TooManyFrames));
        }
        match message {
            // The websocket library answers pings.
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
            Message::Binary(_) => Err(End::Closed(CloseReason::Malformed)),
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(ClientFrame::Hello { subscriptions }) => self.subscribe_to(subscriptions).await,
                Err(_) => Err(End::Closed(CloseReason::Malformed)),
            },
        }
    }

    /// A hello lists all topics that the page shows, so it replaces the previous subscriptions.
    async fn subscribe_to(&mut self, subscriptions: Vec<SubscriptionRequest>) -> Result<(), End> {
        self.cursors = Vec::with_capacity(subscriptions.len().min(MAX_TOPICS));
        // All topics are looked up before the first is sent. A lookup may take long, and the frames of the last topic
        // would imply that the others are as old as that.
        let mut logs = Vec::with_capacity(self.cursors.capacity());
        for SubscriptionRequest { topic, .. } in subscriptions.iter().take(MAX_TOPICS) {
            logs.push(authorized_topic(&*self.source, &self.reader, topic, &self.stop).await?);
        }
        for (subscription, log) in subscriptions.into_iter().zip(logs.into_iter().chain(iter::repeat(None))) {
            match log {
                Some(log) => self.subscribe(subscription, log).await?,
                None => self.deny(subscription.topic).await?,
            }
        }
        Ok(())
    }

    async fn subscribe(&mut self, subscription: SubscriptionRequest, log: Arc<TopicLog>) -> Result<(), End> {
        let SubscriptionRequest { topic, resume } = subscription;
        // A topic that is listed twice is subscribed once.
        self.cursors.retain(|cursor| cursor.topic != topic);
        // GaugeGuard before the log is read, so that no change is missed in between.
        let key = log.subscribers().subscribe(Arc::clone(&self.notifier));
        let Batch { frames, seq, is_complete, .. } = log.first_frames(resume);
        let answer = match resume {
            None => Answer::First,
            Some(_) if is_complete => Answer::Resumed,
            Some(_) => Answer::Snapshot,
        };
        self.metrics().answered(&topic, answer);
        let gauge = self.metrics().subscribed(&topic);
        self.cursors.push(Cursor { topic, log, key, seq, _gauge: gauge });
        self.send_all(frames).await
    }

    async fn deny(&mut self, topic: Topic) -> Result<(), End> {
        self.metrics().answered(&topic, Answer::Denied);
        self.send(Message::Text(encode(&ServerFrame::Denied { topic }))).await
    }

    async fn send_heartbeat(&mut self) -> Result<(), End> {
        // Before the heartbeat, which must not confirm topics that the client may not read any more.
        let now = self.now();
        if now >= self.reauthorize_at {
            self.reauthorize(now).boxed().await?;
        }
        // A heartbeat confirms all changes before it. Some may have come during the check above, or the notification
        // may still be waiting in [`super::subscribers`].
        self.catch_up().await?;
        let now = time::now(&*self.source.clocks().orders);
        self.send(Message::Text(encode(&ServerFrame::Heartbeat { now }))).await?;
        self.heartbeats = self.heartbeats.wrapping_add(1);
        if self.heartbeats.is_multiple_of(HEARTBEATS_PER_PING) {
            if self.unanswered_pings >= MAX_UNANSWERED_PINGS {
                return Err(End::Closed(CloseReason::Silent));
            }
            self.unanswered_pings += 1;
            self.send(Message::Ping(axum::body::Bytes::new())).await?;
        }
        Ok(())
    }

    /// Access can end: sign-ins expire and orders are erased.
    async fn reauthorize(&mut self, now: Timestamp) -> Result<(), End> {
        let mut known = true;
        let topics: Vec<Topic> = self.cursors.iter().map(|cursor| cursor.topic.clone()).collect();
        for topic in topics {
            match authorized_topic(&*self.source, &self.reader, &topic, &self.stop).await {
                Ok(Some(_)) => {}
                Ok(None) => {
                    self.cursors.retain(|cursor| cursor.topic != topic);
                    self.deny(topic).await?;
                }
                Err(End::Closed(_)) => known = false,
                Err(end) => return Err(end),
            }
        }
        // If the tables do not answer, the next heartbeat tries again.
        if known {
            self.reauthorize_at = after(now, AUTHORIZATION_PERIOD);
        }
        Ok(())
    }

    async fn catch_up(&mut self) -> Result<(), End> {
        for at in 0..self.cursors.len() {
            let Some(cursor) = self.cursors.get_mut(at).filter(|cursor| cursor.log.seq() != cursor.seq) else {
                continue;
            };
            let Batch { frames, seq, is_complete, since } = cursor.log.catch_up(cursor.seq);
            cursor.seq = seq;
            self.send_all(frames).await?;
            let (metrics, now) = (self.metrics(), self.now());
            if let Some(cursor) = self.cursors.get(at) {
                metrics.delivered(&cursor.topic, since, now);
                if !is_complete {
                    metrics.answered(&cursor.topic, Answer::Behind);
                }
            }
        }
        Ok(())
    }

    async fn send_all(&mut self, frames: Vec<Utf8Bytes>) -> Result<(), End> {
        let mut frames = stream::iter(frames.into_iter().map(|frame| Ok(Message::Text(frame))));
        with_time_limit(self.socket.send_all(&mut frames), &*self.source.clocks().connections).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        with_time_limit(self.socket.send(message), &*self.source.clocks().connections).await
    }

    /// Sends the reason and waits for the peer's close frame. Without the wait, unread input would reset the connection
    /// and the reason would be lost.
    async fn close(&mut self, reason: CloseReason) {
        self.metrics().closed(reason.label());
        tracing::debug!(reason = reason.label(), "a live connection is closed");
        self.cursors.clear();
        let Self { socket, source, stop, .. } = self;
        let closing = async {
            if socket.send(Message::Close(Some(reason.into()))).await.is_ok() {
                while let Some(Ok(_)) = socket.next().await {}
            }
        };
        tokio::select! {
            biased;
            () = closing => {}
            () = time::sleep(&*source.clocks().connections, CLOSE_LIMIT) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn send_bye(&mut self) {
        let retry_in_ms = self.random() % RETURN_SPREAD_MILLIS;
        let bye = Message::Text(encode(&ServerFrame::Bye { retry_in_ms }));
        if self.send(bye).await.is_ok() {
            let reason = "The server goes away for a moment.".into();
            // A failure is ignored: the client may have closed after the `bye` frame.
            _ = self.send(Message::Close(Some(CloseFrame { code: close_code::AWAY, reason }))).await;
        }
    }
}

/// The topic, if the client may read it now. Shutdown does not wait for the table.
async fn authorized_topic<S: TopicSource>(
    source: &S,
    reader: &S::Reader,
    topic: &Topic,
    stop: &CancellationToken,
) -> Result<Option<Arc<TopicLog>>, End> {
    let read = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(End::Away),
        read = source.log(reader, topic) => read,
    };
    match read {
        Ok(log) => Ok(Some(log)),
        Err(TopicError::Denied) => Ok(None),
        Err(TopicError::Unavailable) => Err(End::Closed(CloseReason::Unavailable)),
    }
}

fn after(now: Timestamp, span: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
