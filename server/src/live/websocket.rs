//! A websocket, and how it ends.

use std::time::Duration;

use axum::extract::ws::Message;
use engine::clock::Clock;
use futures_util::{
    FutureExt, Sink, Stream,
    future::{Either, select},
};

use super::close_reason::CloseReason;

/// A client that does not take a frame for so long is disconnected.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The client closed it or it broke.
    Gone,
    /// The server shuts down.
    Away,
    /// The server closes it.
    Closed(CloseReason),
}

/// A websocket: axum's, or the one of the simulation.
pub(crate) trait Socket:
    Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send
{
}

impl<S> Socket for S where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send
{
}

/// Fails when the client does not take the frames in time.
pub(super) async fn with_time_limit<F>(mut sending: F, clock: &dyn Clock) -> Result<(), End>
where
    F: Future<Output = Result<(), axum::Error>> + Unpin,
{
    // The operating system nearly always takes them at once; then no timer is needed.
    if let Some(sent) = (&mut sending).now_or_never() {
        return sent.map_err(|_| End::Gone);
    }
    match select(sending, clock.sleep_until(clock.now() + SEND_LIMIT)).await {
        Either::Left((sent, _)) => sent.map_err(|_| End::Gone),
        Either::Right(_) => Err(End::Closed(CloseReason::TooSlow)),
    }
}

/// Distinguishes what the client did wrong from a broken connection.
pub(super) fn end_of_error(error: axum::Error) -> End {
    match error.into_inner().downcast_ref() {
        Some(tungstenite::Error::Capacity(_)) => End::Closed(CloseReason::TooLarge),
        Some(tungstenite::Error::Utf8(_)) => End::Closed(CloseReason::Malformed),
        _ => End::Gone,
    }
}
