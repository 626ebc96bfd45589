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
use engine::clock::{Clock, ManualClock, Rng, SeededRng};
use futures_util::{Sink, Stream};

use super::*;
use crate::{metrics::Metrics, time::Clocks};

/// A client that has sent its messages and takes whatever it is sent.
struct FakeSocket {
    message: Option<Message>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Stream for FakeSocket {
    type Item = Result<Message, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.message.take().map_or(Poll::Pending, |message| Poll::Ready(Some(Ok(message))))
    }
}

impl Sink<Message> for FakeSocket {
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

struct FakeSource {
    clocks: Clocks,
    rng: SeededRng,
    metrics: Arc<Metrics>,
    log: Arc<TopicLog>,
}

impl TopicSource for FakeSource {
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
async fn a_heartbeat_does_not_overtake_a_change_of_which_the_connection_was_not_notified() {
    let clock = ManualClock::starting_at(clock::Timestamp(1));
    let connections: Arc<dyn Clock> = Arc::new(clock.clone());
    let start = Resume { epoch: 7, seq: 0 };
    let log = Arc::new(TopicLog::new(Topic::Board, start, TopicState::Board(Vec::new()), Arc::clone(&connections)));
    let others: Vec<usize> = (0..1_000).map(|_| log.subscribers().subscribe(Notifier::default())).collect();
    assert_eq!(others.len(), 1_000);
    let source = FakeSource {
        clocks: Clocks::single(connections),
        rng: SeededRng::new(1),
        metrics: Metrics::new(),
        log: Arc::clone(&log),
    };
    let sent = Arc::default();
    let hello = r#"{"frame":"hello","subscriptions":[{"topic":"board"}]}"#;
    let reader = FakeSocket { message: Some(Message::Text(hello.into())), sent: Arc::clone(&sent) };
    let mut serving = pin!(serve(reader, (), Arc::new(source), CancellationToken::new()));
    let take = || std::mem::take(&mut *sent.lock().unwrap());

    assert!((&mut serving).now_or_never().is_none());
    assert_eq!(take(), ["snapshot"]);
    let entry = BoardEntry { number: OrderNumber(1), column: Column::Preparing, since: Timestamp(0) };
    log.push(Change::BoardPut(entry));
    assert!((&mut serving).now_or_never().is_none());
    assert_eq!(take(), [""; 0], "it is not in the first slice");
    clock.advance(HEARTBEAT);
    assert!((&mut serving).now_or_never().is_none());
    assert_eq!(take(), ["delta", "heartbeat"]);
}
