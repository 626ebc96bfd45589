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
pub(super) const ROOM: usize = 96;

/// What the simulated network sees of the connection.
pub(super) type Wire = Arc<Mutex<Ends>>;

/// Connections on which the server has acted, in the order of the actions.
pub(super) type Stirred = Arc<Mutex<Vec<usize>>>;

/// What the server has done to a connection.
pub(super) struct Heard {
    pub(super) said: Vec<Message>,
    /// It has more to send, and the buffer is full.
    pub(super) stuck: bool,
    /// It has dropped the connection.
    pub(super) dropped: bool,
}

#[derive(Debug, Default)]
pub(super) struct Ends {
    line: usize,
    stirred: Stirred,
    /// Whether it is among the [`Stirred`].
    is_stirred: bool,
    /// What has arrived and was not read yet; `None` is the end.
    heard: VecDeque<Option<Message>>,
    reader: Option<Waker>,
    /// What was sent and not taken by the network yet.
    said: Vec<Message>,
    under_way: usize,
    writer: Option<Waker>,
    broken: bool,
    dropped: bool,
}

fn wake(waiting: &mut Option<Waker>) {
    if let Some(waker) = waiting.take() {
        waker.wake();
    }
}

impl Ends {
    /// A connection with its index.
    pub(super) fn of(line: usize, stirred: &Stirred) -> Wire {
        Arc::new(Mutex::new(Self { line, stirred: Arc::clone(stirred), ..Self::default() }))
    }

    fn stir(&mut self) {
        if !std::mem::replace(&mut self.is_stirred, true) {
            self.stirred.lock().unwrap().push(self.line);
        }
    }

    /// Takes what the server has sent.
    pub(super) fn listen(&mut self) -> Heard {
        self.is_stirred = false;
        Heard { said: std::mem::take(&mut self.said), stuck: self.writer.is_some(), dropped: self.dropped }
    }

    /// Something arrives from the client; `None` is the end.
    pub(super) fn receive(&mut self, message: Option<Message>) {
        self.heard.push_back(message);
        wake(&mut self.reader);
    }

    /// The client has read a message.
    pub(super) fn make_room(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
        wake(&mut self.writer);
    }

    /// The connection is reset.
    pub(super) fn reset(&mut self) {
        self.broken = true;
        self.receive(None);
        wake(&mut self.writer);
    }
}

/// The server's end.
#[derive(Debug)]
pub(super) struct ServerEnd(pub(super) Wire);

impl Drop for ServerEnd {
    fn drop(&mut self) {
        let mut ends = self.0.lock().unwrap();
        ends.dropped = true;
        ends.stir();
    }
}

fn reset() -> axum::Error {
    axum::Error::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

impl Stream for ServerEnd {
    type Item = Result<Message, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut ends = self.0.lock().unwrap();
        match ends.heard.pop_front() {
            Some(Some(message)) => Poll::Ready(Some(Ok(message))),
            Some(None) if ends.broken => Poll::Ready(Some(Err(reset()))),
            Some(None) => Poll::Ready(None),
            None => {
                ends.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Sink<Message> for ServerEnd {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        let mut ends = self.0.lock().unwrap();
        if ends.broken {
            return Poll::Ready(Err(reset()));
        }
        if ends.under_way >= ROOM {
            ends.writer = Some(cx.waker().clone());
            ends.stir();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
        let mut ends = self.0.lock().unwrap();
        ends.under_way += 1;
        ends.said.push(message);
        ends.stir();
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }
}
