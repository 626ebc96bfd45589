//! A live connection that applies changes as the pages do: only the next one.

use std::collections::BTreeMap;

use domain::live::{Applied, ClientFrame, Replica, Resume, ServerFrame, SubscriptionRequest, Topic, TopicState};
use domain::view::{BoardEntry, OrderView, ShopView, Ticket};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{TIMEOUT, Transcript};

/// A live connection and the topics that it shows.
pub(crate) struct Live {
    socket: WebSocketStream<TcpStream>,
    transcript: Transcript,
    replicas: BTreeMap<Topic, Replica>,
    pub(crate) denied: Vec<Topic>,
    /// The code and the text of the close frame, once it has arrived.
    pub(crate) closed: Option<(u16, String)>,
    pub(crate) pings: usize,
    /// Whether a hello has replaced earlier subscriptions.
    replaced: bool,
}

impl Live {
    pub(crate) fn new(socket: WebSocketStream<TcpStream>, transcript: Transcript) -> Self {
        Self {
            socket,
            transcript,
            replicas: BTreeMap::new(),
            denied: Vec::new(),
            closed: None,
            pings: 0,
            replaced: false,
        }
    }

    /// Subscribes, and waits for the first frame of each topic.
    pub(crate) async fn hello(&mut self, topics: &[&str]) {
        let subscriptions =
            topics.iter().map(|topic| SubscriptionRequest { topic: topic.parse().unwrap(), resume: None });
        self.send(ClientFrame::Hello { subscriptions: subscriptions.collect() }).await;
        let expected = self.replicas.len() + self.denied.len() + topics.len();
        while self.replicas.len() + self.denied.len() < expected {
            self.next().await.unwrap();
        }
    }

    /// Replaces all subscriptions, and waits for the first frame of each topic.
    pub(crate) async fn replace(&mut self, topics: &[&str]) {
        self.replaced = true;
        self.replicas.clear();
        self.denied.clear();
        let subscriptions =
            topics.iter().map(|topic| SubscriptionRequest { topic: topic.parse().unwrap(), resume: None });
        self.send(ClientFrame::Hello { subscriptions: subscriptions.collect() }).await;
        let mut answers = 0;
        while answers < topics.len() {
            let frame = self.next().await.unwrap_or_else(|| panic!("the connection has ended: {:?}", self.closed));
            answers += usize::from(matches!(frame, ServerFrame::Snapshot { .. } | ServerFrame::Denied { .. }));
        }
    }

    /// Resumes all topics of `other`. Returns the first frame of each topic.
    pub(crate) async fn resume_from(&mut self, other: &Self) -> Vec<ServerFrame> {
        self.replicas.clone_from(&other.replicas);
        let subscription = |(topic, replica): (&Topic, &Replica)| SubscriptionRequest {
            topic: topic.clone(),
            resume: Some(replica.position()),
        };
        let subscriptions: Vec<_> = self.replicas.iter().map(subscription).collect();
        let topics = subscriptions.len();
        self.send(ClientFrame::Hello { subscriptions }).await;
        let mut answers = Vec::new();
        while answers.len() < topics {
            let frame = self.next().await.expect("the connection has ended");
            if !matches!(frame, ServerFrame::Delta { .. } | ServerFrame::Heartbeat { .. }) {
                answers.push(frame);
            }
        }
        answers
    }

    /// The order as it is shown now.
    pub(crate) fn order_now(&self, id: &str) -> OrderView {
        match self.replica(&format!("order/{id}")).state() {
            TopicState::Order(view) => (**view).clone(),
            other => panic!("{other:?}"),
        }
    }

    /// Resumes a topic from a state and its position.
    pub(crate) async fn resume(&mut self, topic: &str, state: TopicState, position: Resume) {
        let topic: Topic = topic.parse().unwrap();
        self.replicas.insert(topic.clone(), Replica::new(state, position));
        self.send(ClientFrame::Hello { subscriptions: vec![SubscriptionRequest { topic, resume: Some(position) }] })
            .await;
    }

    async fn send(&mut self, frame: ClientFrame) {
        self.socket.send(Message::text(serde_json::to_string(&frame).unwrap())).await.unwrap();
    }

    /// Sends a text message, which need not be a frame.
    pub(crate) async fn send_text(&mut self, text: String) {
        let _ = self.socket.send(Message::text(text)).await;
    }

    /// The server's answer for a topic. A heartbeat may be due before it.
    pub(crate) async fn next_answer(&mut self) -> Option<ServerFrame> {
        loop {
            match self.next().await {
                Some(ServerFrame::Heartbeat { .. }) => {}
                frame => return frame,
            }
        }
    }

    /// The next frame; `None` when the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<ServerFrame> {
        loop {
            let message =
                tokio::time::timeout(TIMEOUT, self.socket.next()).await.expect("no frame came in time")?.ok()?;
            let text = match message {
                Message::Text(text) => text,
                Message::Close(frame) => {
                    self.closed = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
                    continue;
                }
                Message::Ping(_) => {
                    self.pings += 1;
                    continue;
                }
                _ => continue,
            };
            self.transcript.write(text.as_bytes());
            let frame: ServerFrame = serde_json::from_str(&text).unwrap();
            match &frame {
                ServerFrame::Snapshot { topic, epoch, seq, state } => {
                    let position = Resume { epoch: *epoch, seq: *seq };
                    self.replicas.insert(topic.clone(), Replica::new(state.clone(), position));
                }
                ServerFrame::Delta { topic, seq, change } => match self.replicas.get_mut(topic) {
                    Some(replica) => assert_eq!(replica.apply(*seq, change), Applied::Yes, "{frame:?}"),
                    // It was sent before the server had received the hello.
                    None => assert!(self.replaced, "{frame:?}"),
                },
                ServerFrame::Denied { topic } => self.denied.push(topic.clone()),
                ServerFrame::Resumed { .. } | ServerFrame::Heartbeat { .. } | ServerFrame::Bye { .. } => {}
            }
            return Some(frame);
        }
    }

    /// Reads to the end of the connection. Returns the code and the text of its close frame.
    pub(crate) async fn end(&mut self) -> (u16, String) {
        while self.next().await.is_some() {}
        self.closed.clone().expect("the connection ended without a close frame")
    }

    /// Sends a binary message.
    pub(crate) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    /// Waits until the topic is denied.
    pub(crate) async fn wait_for_denial(&mut self, topic: &str) {
        let topic: Topic = topic.parse().unwrap();
        while !self.denied.contains(&topic) {
            self.next().await.expect("the connection has ended");
        }
    }

    pub(crate) fn replica(&self, topic: &str) -> &Replica {
        &self.replicas[&topic.parse().unwrap()]
    }

    async fn until<T>(&mut self, topic: &str, mut found: impl FnMut(&TopicState) -> Option<T>) -> T {
        loop {
            if let Some(found) = found(self.replica(topic).state()) {
                return found;
            }
            self.next().await.expect("the connection has ended");
        }
    }

    /// Waits until the order matches.
    pub(crate) async fn order(&mut self, id: &str, expected: impl Fn(&OrderView) -> bool) -> OrderView {
        self.until(&format!("order/{id}"), |state| match state {
            TopicState::Order(view) if expected(view) => Some((**view).clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the queue matches.
    pub(crate) async fn queue(&mut self, expected: impl Fn(&[Ticket]) -> bool) -> Vec<Ticket> {
        self.until("queue", |state| match state {
            TopicState::Queue(tickets) if expected(tickets) => Some(tickets.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the board matches.
    pub(crate) async fn board(&mut self, expected: impl Fn(&[BoardEntry]) -> bool) -> Vec<BoardEntry> {
        self.until("board", |state| match state {
            TopicState::Board(entries) if expected(entries) => Some(entries.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the shop matches.
    pub(crate) async fn shop(&mut self, expected: impl Fn(&ShopView) -> bool) -> ShopView {
        self.until("shop", |state| match state {
            TopicState::Shop(shop) if expected(shop) => Some(shop.clone()),
            _ => None,
        })
        .await
    }
}
