//! The server's end of a connection, as axum would pass it to the hub, without a network.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use axum::extract::ws::Message;
use futures_util::{Sink, Stream};

/// How many messages are buffered before the client reads.
pub(super) const BUFFER_MESSAGES: usize = 96;

/// The simulated network's view of a connection.
pub(super) type Wire = Arc<Mutex<WireState>>;

/// Indexes of the connections whose server end has sent, is blocked, or is closed, in the order in which this happened.
pub(super) type ChangedConnections = Arc<Mutex<Vec<usize>>>;

/// The output of the server on a connection since the last call.
pub(super) struct ServerOutput {
    pub(super) outgoing: Vec<Message>,
    /// The server has more to send, and the buffer is full.
    pub(super) is_blocked: bool,
    /// The server has dropped the connection.
    pub(super) dropped: bool,
}

#[derive(Debug, Default)]
pub(super) struct WireState {
    connection: usize,
    changed_connections: ChangedConnections,
    /// Whether the connection is in `changed_connections`.
    is_in_list: bool,
    /// Messages that have arrived and are not read yet; `None` is the end of the stream.
    incoming: VecDeque<Option<Message>>,
    reader: Option<Waker>,
    /// Messages that were sent and are not taken by the network yet.
    outgoing: Vec<Message>,
    /// Messages that were sent and are not read by the client yet.
    in_flight: usize,
    writer: Option<Waker>,
    is_reset: bool,
    dropped: bool,
}

fn wake(waiting: &mut Option<Waker>) {
    if let Some(waker) = waiting.take() {
        waker.wake();
    }
}

impl WireState {
    /// A connection with its index.
    pub(super) fn of(connection: usize, changed_connections: &ChangedConnections) -> Wire {
        Arc::new(Mutex::new(Self {
            connection,
            changed_connections: Arc::clone(changed_connections),
            ..Self::default()
        }))
    }

    fn mark_changed(&mut self) {
        if !std::mem::replace(&mut self.is_in_list, true) {
            self.changed_connections.lock().unwrap().push(self.connection);
        }
    }

    /// Takes the output of the server.
    pub(super) fn take_output(&mut self) -> ServerOutput {
        self.is_in_list = false;
        ServerOutput {
            outgoing: std::mem::take(&mut self.outgoing),
            is_blocked: self.writer.is_some(),
            dropped: self.dropped,
        }
    }

    /// A message arrives from the client; `None` is the end of the stream.
    pub(super) fn receive(&mut self, message: Option<Message>) {
        self.incoming.push_back(message);
        wake(&mut self.reader);
    }

    /// The client has read a message.
    pub(super) fn message_read(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        wake(&mut self.writer);
    }

    /// The connection is reset.
    pub(super) fn reset(&mut self) {
        self.is_reset = true;
        self.receive(None);
        wake(&mut self.writer);
    }
}

/// The server's end.
#[derive(Debug)]
pub(super) struct ServerEnd(pub(super) Wire);

impl Drop for ServerEnd {
    fn drop(&mut self) {
        let mut wire = self.0.lock().unwrap();
        wire.dropped = true;
        wire.mark_changed();
    }
}

fn reset() -> axum::Error {
    axum::Error::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

impl Stream for ServerEnd {
    type Item = Result<Message, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut wire = self.0.lock().unwrap();
        match wire.incoming.pop_front() {
            Some(Some(message)) => Poll::Ready(Some(Ok(message))),
            Some(None) if wire.is_reset => Poll::Ready(Some(Err(reset()))),
            Some(None) => Poll::Ready(None),
            None => {
                wire.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Sink<Message> for ServerEnd {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        let mut wire = self.0.lock().unwrap();
        if wire.is_reset {
            return Poll::Ready(Err(reset()));
        }
        if wire.in_flight >= BUFFER_MESSAGES {
            wire.writer = Some(cx.waker().clone());
            wire.mark_changed();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
        let mut wire = self.0.lock().unwrap();
        wire.in_flight += 1;
        wire.outgoing.push(message);
        wire.mark_changed();
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }
}
