//! One browser's live connection: a few cursors, each behind or at the head of its topic. A slow browser costs a number
//! a topic, never a queue.

use std::{pin::pin, sync::Arc, time::Duration};

use app::backend::Viewer;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use domain::live::{ClientFrame, ServerFrame, Subscription, Topic};
use futures_util::{
    FutureExt, SinkExt, StreamExt,
    future::{Either, select, select_all},
    stream::SplitSink,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    TopicLog,
    log::{Batch, encode},
};
use crate::{backend::Bar, time};

/// A browser that does not take a frame for so long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Silence for three of these tells a browser that the line is broken.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// The most topics of one connection.
const TOPICS: usize = 4;
/// At shutdown browsers come back spread over so many milliseconds.
const RETURN_SPREAD_MILLIS: u32 = 5_000;

/// Why a connection ends; nobody needs to be told.
#[derive(Debug)]
struct Gone;

/// How far a browser has read a topic.
struct Cursor {
    topic: Topic,
    log: Arc<TopicLog>,
    head: watch::Receiver<u64>,
    seq: u64,
}

struct Connection {
    sink: SplitSink<WebSocket, Message>,
    viewer: Viewer,
    bar: Arc<Bar>,
    cursors: Vec<Cursor>,
}

/// Serves the connection until the browser goes away or the server does.
pub(super) async fn serve(socket: WebSocket, viewer: Viewer, bar: Arc<Bar>, stop: CancellationToken) {
    let (sink, mut incoming) = socket.split();
    let mut connection = Connection { sink, viewer, bar, cursors: Vec::new() };
    let mut heartbeat = connection.next_heartbeat();
    loop {
        let result = tokio::select! {
            () = stop.cancelled() => {
                connection.say_goodbye().await;
                return;
            }
            message = incoming.next() => match message {
                Some(Ok(message)) => connection.hear(&message).await,
                Some(Err(_)) | None => Err(Gone),
            },
            () = connection.something_new() => connection.catch_up().await,
            () = &mut heartbeat => {
                heartbeat = connection.next_heartbeat();
                let now = connection.bar.now();
                connection.send(Message::Text(encode(&ServerFrame::Heartbeat { now }))).await
            }
        };
        if result.is_err() {
            return;
        }
    }
}

impl Connection {
    fn next_heartbeat(&self) -> engine::clock::BoxFuture<'static, ()> {
        let clock = Arc::clone(&self.bar.clocks.line);
        async move { time::pass(&*clock, HEARTBEAT).await }.boxed()
    }

    async fn hear(&mut self, message: &Message) -> Result<(), Gone> {
        let Message::Text(text) = message else {
            return if matches!(message, Message::Close(_)) { Err(Gone) } else { Ok(()) };
        };
        match serde_json::from_str(text) {
            Ok(ClientFrame::Hello { subscriptions }) => {
                for subscription in subscriptions.into_iter().take(TOPICS) {
                    self.subscribe(subscription).await?;
                }
                Ok(())
            }
            Err(_) => {
                let _ = self.close(close_code::POLICY, "This is not a frame of this protocol.").await;
                Err(Gone)
            }
        }
    }

    async fn subscribe(&mut self, subscription: Subscription) -> Result<(), Gone> {
        let Subscription { topic, resume } = subscription;
        self.cursors.retain(|cursor| cursor.topic != topic);
        let log = self.bar.log(&self.viewer, &topic).await.ok().filter(|_| self.cursors.len() < TOPICS);
        let Some(log) = log else {
            return self.send(Message::Text(encode(&ServerFrame::Denied { topic }))).await;
        };
        let head = log.head();
        let Batch { frames, seq } = log.begin(resume);
        self.cursors.push(Cursor { topic, log, head, seq });
        self.send_all(frames).await
    }

    /// Resolves when a topic has moved on.
    async fn something_new(&mut self) {
        if self.cursors.is_empty() {
            std::future::pending::<()>().await;
        }
        let moved = self.cursors.iter_mut().map(|cursor| {
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

    async fn catch_up(&mut self) -> Result<(), Gone> {
        let mut all = Vec::new();
        for cursor in &mut self.cursors {
            let Batch { frames, seq } = cursor.log.catch_up(cursor.seq);
            cursor.seq = seq;
            all.extend(frames);
        }
        self.send_all(all).await
    }

    async fn send_all(&mut self, frames: Vec<Utf8Bytes>) -> Result<(), Gone> {
        for frame in frames {
            self.send(Message::Text(frame)).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        let limit = pin!(time::pass(&*self.bar.clocks.line, SEND_LIMIT));
        match select(self.sink.send(message), limit).await {
            Either::Left((Ok(()), _)) => Ok(()),
            Either::Left((Err(_), _)) | Either::Right(_) => Err(Gone),
        }
    }

    async fn close(&mut self, code: u16, reason: &'static str) -> Result<(), Gone> {
        self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
    }

    async fn say_goodbye(&mut self) {
        let mut bytes = [0; 4];
        self.bar.rng.fill(&mut bytes);
        let retry_in_ms = u32::from_le_bytes(bytes) % RETURN_SPREAD_MILLIS;
        let bye = Message::Text(encode(&ServerFrame::Bye { retry_in_ms }));
        if self.send(bye).await.is_ok() {
            let _ = self.close(close_code::AWAY, "The server goes away for a moment.").await;
        }
    }
}
