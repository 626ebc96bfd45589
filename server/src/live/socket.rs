//! One browser's live connection: a few cursors, each behind or at the head of its topic. A slow browser costs a number
//! a topic, never a queue.

use std::{iter, pin::pin, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, close_code};
use domain::{
    Timestamp,
    live::{ClientFrame, ServerFrame, Subscription, Topic},
};
use engine::clock::{self, BoxFuture, Clock};
use futures_util::{
    FutureExt, Sink, SinkExt, Stream, StreamExt,
    future::{Either, select},
    stream,
};
use tokio_util::sync::CancellationToken;

use super::{
    Source, TopicLog,
    close_reason::Cut,
    rate_limit::Allowance,
    subscribers::Bell,
    topic_log::{Batch, encode},
    topic_source::TopicError,
};
use crate::{
    metrics::{Answer, LiveMetrics, Subscribed},
    time,
};

/// A browser that does not take what is new for so long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// So long a browser that is cut has to answer the close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
/// Silence for three of these tells a browser that the line is broken.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Heartbeats fall on multiples of so many milliseconds, so that those of many connections fall together: the machine
/// wakes once for all of them, and goes back to sleep.
const BEAT_GRID_MILLIS: i64 = 125;
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

/// What connections are made of: axum's websocket, or the simulated one.
pub(crate) trait Socket:
    Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send
{
}

impl<S> Socket for S where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send
{
}

/// How far a browser has read a topic.
struct Cursor {
    topic: Topic,
    log: Arc<TopicLog>,
    /// Its number among the readers of the topic.
    number: usize,
    seq: u64,
    _counted: Subscribed,
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.log.readers().leave(self.number);
    }
}

/// What wakes a connection.
enum Event {
    Away,
    Heard(Option<Result<Message, axum::Error>>),
    Moved,
    Beat,
}

struct Connection<L, S: Source> {
    socket: L,
    reader: S::Reader,
    source: Arc<S>,
    /// Cancelled when the server goes away.
    stop: CancellationToken,
    /// Rung by every topic that moves on.
    bell: Bell,
    cursors: Vec<Cursor>,
    allowance: Allowance,
    beats: u32,
    unanswered: u32,
    authorise_at: Timestamp,
    _counted: Subscribed,
}

/// Serves the connection until the browser goes away or the server does.
///
/// What is seldom done is boxed: a connection spends its life waiting, and there may be ten thousand.
pub(crate) fn serve<L: Socket, S: Source>(
    socket: L,
    reader: S::Reader,
    source: Arc<S>,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send {
    let authorise_at = after(time::now(&*source.clocks().line), AUTHORISED);
    let connection = Connection {
        _counted: source.metrics().socket(),
        socket,
        reader,
        source,
        stop,
        bell: Bell::default(),
        cursors: Vec::new(),
        allowance: Allowance::default(),
        beats: 0,
        unanswered: 0,
        authorise_at,
    };
    connection.serve()
}

impl<L: Socket, S: Source> Connection<L, S> {
    async fn serve(mut self) {
        let Err(end) = self.run().await;
        match end {
            End::Gone => {}
            End::Away => self.say_goodbye().boxed().await,
            End::Cut(cut) => self.cut(cut).boxed().await,
        }
    }

    fn metrics(&self) -> &LiveMetrics {
        self.source.metrics()
    }

    fn line_now(&self) -> Timestamp {
        time::now(&*self.source.clocks().line)
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, End> {
        let stop = self.stop.clone();
        let mut away = pin!(stop.cancelled());
        // All who come back at once are not to be spoken to at once for ever after.
        let mut heartbeat = self.next_beat(HEARTBEAT.mul_f64(f64::from(self.random() % 1_000) / 1_000.0));
        loop {
            // In this order: what is new is said before a heartbeat that would vouch for it.
            let event = tokio::select! {
                biased;
                () = &mut away => Event::Away,
                message = self.socket.next() => Event::Heard(message),
                () = self.bell.notified() => Event::Moved,
                () = &mut heartbeat => Event::Beat,
            };
            match event {
                Event::Away => return Err(End::Away),
                Event::Heard(Some(Ok(message))) => self.hear(message).boxed().await?,
                Event::Heard(Some(Err(error))) => return Err(broken(error)),
                Event::Heard(None) => return Err(End::Gone),
                Event::Moved => self.catch_up().await?,
                Event::Beat => {
                    heartbeat = self.next_beat(HEARTBEAT);
                    self.beat().await?;
                }
            }
        }
    }

    fn next_beat(&self, span: Duration) -> BoxFuture<'static, ()> {
        let line = &self.source.clocks().line;
        let clock::Timestamp(due) = line.now() + span;
        line.sleep_until(clock::Timestamp(due - due.rem_euclid(BEAT_GRID_MILLIS)))
    }

    fn random(&self) -> u32 {
        let mut bytes = [0; 4];
        self.source.rng().fill(&mut bytes);
        u32::from_le_bytes(bytes)
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
        self.cursors = Vec::with_capacity(subscriptions.len().min(TOPICS));
        // Read before the first is answered: a table may take its time, and the answer to the last topic would vouch for
        // the others as they were before.
        let mut logs = Vec::with_capacity(self.cursors.capacity());
        for Subscription { topic, .. } in subscriptions.iter().take(TOPICS) {
            logs.push(may_read(&*self.source, &self.reader, topic, &self.stop).await?);
        }
        for (subscription, log) in subscriptions.into_iter().zip(logs.into_iter().chain(iter::repeat(None))) {
            match log {
                Some(log) => self.subscribe(subscription, log).await?,
                None => self.deny(subscription.topic).await?,
            }
        }
        Ok(())
    }

    async fn subscribe(&mut self, subscription: Subscription, log: Arc<TopicLog>) -> Result<(), End> {
        let Subscription { topic, resume } = subscription;
        // A topic that is named twice is read once.
        self.cursors.retain(|cursor| cursor.topic != topic);
        // Joined first, so that nothing is missed between the first frames and the next change.
        let number = log.readers().join(Arc::clone(&self.bell));
        let Batch { frames, seq, whole, .. } = log.begin(resume);
        let answer = match resume {
            None => Answer::First,
            Some(_) if whole => Answer::Resumed,
            Some(_) => Answer::Snapshot,
        };
        self.metrics().answered(&topic, answer);
        let counted = self.metrics().subscribed(&topic);
        self.cursors.push(Cursor { topic, log, number, seq, _counted: counted });
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
            self.authorise_again(now).boxed().await?;
        }
        // A heartbeat vouches for what was new before it, while rights were asked for or in a crowd too,
        // where the bell has not been rung yet.
        self.catch_up().await?;
        let now = time::now(&*self.source.clocks().bar);
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
            match may_read(&*self.source, &self.reader, &topic, &self.stop).await {
                Ok(Some(_)) => {}
                Ok(None) => {
                    self.cursors.retain(|cursor| cursor.topic != topic);
                    self.deny(topic).await?;
                }
                Err(End::Cut(_)) => known = false,
                Err(end) => return Err(end),
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
            let Some(cursor) = self.cursors.get_mut(at).filter(|cursor| cursor.log.seq() != cursor.seq) else {
                continue;
            };
            let Batch { frames, seq, whole, since } = cursor.log.catch_up(cursor.seq);
            cursor.seq = seq;
            self.send_all(frames).await?;
            let (metrics, now) = (self.metrics(), self.line_now());
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
        let mut frames = stream::iter(frames.into_iter().map(|frame| Ok(Message::Text(frame))));
        in_time(self.socket.send_all(&mut frames), &*self.source.clocks().line).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        in_time(self.socket.send(message), &*self.source.clocks().line).await
    }

    /// Says why, and gives the browser a moment to hear it: a line that is dropped with something unread in it is reset,
    /// and the reason would be lost.
    async fn cut(&mut self, cut: Cut) {
        self.metrics().cut(cut.label());
        tracing::debug!(reason = cut.label(), "a live connection is cut");
        self.cursors.clear();
        let Self { socket, source, stop, .. } = self;
        let closing = async {
            if socket.send(Message::Close(Some(cut.into()))).await.is_ok() {
                while let Some(Ok(_)) = socket.next().await {}
            }
        };
        tokio::select! {
            biased;
            () = closing => {}
            () = time::pass(&*source.clocks().line, CLOSE_LIMIT) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn say_goodbye(&mut self) {
        let retry_in_ms = self.random() % RETURN_SPREAD_MILLIS;
        let bye = Message::Text(encode(&ServerFrame::Bye { retry_in_ms }));
        if self.send(bye).await.is_ok() {
            let reason = "The server goes away for a moment.".into();
            // Whoever does not hear it has heard the frame before.
            _ = self.send(Message::Close(Some(CloseFrame { code: close_code::AWAY, reason }))).await;
        }
    }
}

/// Gives up on a browser that does not take what it is sent.
async fn in_time<F>(mut sending: F, line: &dyn Clock) -> Result<(), End>
where
    F: Future<Output = Result<(), axum::Error>> + Unpin,
{
    // Nearly always the system takes it at once, and then no timer is needed.
    if let Some(sent) = (&mut sending).now_or_never() {
        return sent.map_err(|_| End::Gone);
    }
    match select(sending, line.sleep_until(line.now() + SEND_LIMIT)).await {
        Either::Left((sent, _)) => sent.map_err(|_| End::Gone),
        Either::Right(_) => Err(End::Cut(Cut::TooSlow)),
    }
}

/// The topic, if this browser may read it at this moment. Nobody waits for a table while the server goes away.
async fn may_read<S: Source>(
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
        Err(TopicError::Unavailable) => Err(End::Cut(Cut::Unavailable)),
    }
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

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        sync::Mutex,
        task::{Context, Poll},
    };

    use domain::{
        OrderNumber,
        live::{Change, Resume, TopicState},
        view::{BoardEntry, Column},
    };
    use engine::clock::{ManualClock, Rng, SeededRng};

    use super::*;
    use crate::{metrics::Metrics, time::Clocks};

    /// A reader that has said what it has to say, and takes whatever it is sent.
    struct Line {
        says: Option<Message>,
        sent: Arc<Mutex<Vec<String>>>,
    }

    impl Stream for Line {
        type Item = Result<Message, axum::Error>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.says.take().map_or(Poll::Pending, |message| Poll::Ready(Some(Ok(message))))
        }
    }

    impl Sink<Message> for Line {
        type Error = axum::Error;

        fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
            Poll::Ready(Ok(()))
        }

        fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
            let frame: serde_json::Value = serde_json::from_str(message.to_text()?).unwrap();
            self.sent.lock().unwrap().push(frame["frame"].as_str().unwrap().to_owned());
            Ok(())
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
            Poll::Ready(Ok(()))
        }
    }

    struct Wall {
        clocks: Clocks,
        rng: SeededRng,
        metrics: Arc<Metrics>,
        log: Arc<TopicLog>,
    }

    impl Source for Wall {
        type Reader = ();

        fn clocks(&self) -> &Clocks {
            &self.clocks
        }

        fn rng(&self) -> &dyn Rng {
            &self.rng
        }

        fn metrics(&self) -> &LiveMetrics {
            &self.metrics.live
        }

        async fn log(&self, (): &(), _: &Topic) -> Result<Arc<TopicLog>, TopicError> {
            Ok(Arc::clone(&self.log))
        }
    }

    #[tokio::test]
    async fn a_heartbeat_does_not_overtake_a_change_that_its_reader_has_not_been_woken_for() {
        let clock = ManualClock::starting_at(clock::Timestamp(1));
        let line: Arc<dyn Clock> = Arc::new(clock.clone());
        let start = Resume { epoch: 7, seq: 0 };
        let log = Arc::new(TopicLog::new(Topic::Board, start, TopicState::Board(Vec::new()), Arc::clone(&line)));
        let crowd: Vec<usize> = (0..1_000).map(|_| log.readers().join(Bell::default())).collect();
        assert_eq!(crowd.len(), 1_000);
        let wall =
            Wall { clocks: Clocks::same(line), rng: SeededRng::new(1), metrics: Metrics::new(), log: Arc::clone(&log) };
        let sent = Arc::default();
        let hello = r#"{"frame":"hello","subscriptions":[{"topic":"board"}]}"#;
        let reader = Line { says: Some(Message::Text(hello.into())), sent: Arc::clone(&sent) };
        let mut serving = pin!(serve(reader, (), Arc::new(wall), CancellationToken::new()));
        let take = || std::mem::take(&mut *sent.lock().unwrap());

        assert!((&mut serving).now_or_never().is_none());
        assert_eq!(take(), ["snapshot"]);
        let entry = BoardEntry { number: OrderNumber(1), column: Column::Preparing, since: Timestamp(0) };
        log.push(Change::BoardPut(entry));
        assert!((&mut serving).now_or_never().is_none());
        assert_eq!(take(), [""; 0], "it is behind those that are woken at once");
        clock.advance(HEARTBEAT);
        assert!((&mut serving).now_or_never().is_none());
        assert_eq!(take(), ["delta", "heartbeat"]);
    }
}
