//! Serves one connection to its end.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::Router;
use engine::clock::{BoxFuture, Clock, Timestamp};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{
    activity::{Activity, Expired, Instruction},
    registry::Permit,
    service::Service,
    stream::Stream,
};

/// The largest header of a request: the request line and all fields.
const HEADER_BYTES: usize = 32 << 10;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Regularly: by the client or by shutdown.
    Done,
    /// The header of a request did not arrive in time.
    HeaderTimeout,
    /// The body of a request did not arrive in time.
    BodyTimeout,
    /// No further request arrived in time.
    IdleTimeout,
    /// The client did not take the response in time.
    WriteTimeout,
    /// It was closed to make room for another connection.
    MadeRoom,
    /// The header of a request is too large.
    HeaderTooLarge,
    /// The client uses HTTP/2.
    Http2,
    /// The client has sent something that is not HTTP.
    Malformed,
    /// The connection broke.
    Broken,
}

impl End {
    /// The value of the label `reason` in the metrics; `None` for a regular end.
    pub(crate) const fn label(self) -> Option<&'static str> {
        Some(match self {
            Self::Done => return None,
            Self::HeaderTimeout => "header_timeout",
            Self::BodyTimeout => "body_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::WriteTimeout => "write_timeout",
            Self::MadeRoom => "made_room",
            Self::HeaderTooLarge => "header_too_large",
            Self::Http2 => "http2",
            Self::Malformed => "malformed",
            Self::Broken => "broken",
        })
    }
}

impl From<Expired> for End {
    fn from(expired: Expired) -> Self {
        match expired {
            Expired::Header => Self::HeaderTimeout,
            Expired::Body => Self::BodyTimeout,
            Expired::Idle => Self::IdleTimeout,
            Expired::Write => Self::WriteTimeout,
        }
    }
}

impl From<hyper::Error> for End {
    fn from(error: hyper::Error) -> Self {
        if error.is_parse_too_large() {
            Self::HeaderTooLarge
        } else if error.is_parse_version_h2() {
            Self::Http2
        } else if error.is_parse() {
            Self::Malformed
        } else {
            Self::Broken
        }
    }
}

/// Serves the requests of a connection with `router`, until it ends or another protocol takes over.
pub(super) async fn serve(
    socket: TcpStream,
    peer: SocketAddr,
    permit: Permit,
    router: Router,
    clock: Arc<dyn Clock>,
) -> End {
    let activity = Arc::clone(permit.activity());
    let release_network = permit.release_network();
    let service = Service { router, peer, activity: Arc::clone(&activity) };
    let mut connection = pin!(
        http1::Builder::new()
            // The time limits are those of the activity, which uses the injected clock.
            .header_read_timeout(None)
            .max_header_size(HEADER_BYTES)
            // For read-ahead and for output.
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(Stream::new(socket, permit)), service)
            .with_upgrades()
    );
    let mut timer = Timer { clock, armed: None };
    let mut finishing = false;
    let end = poll_fn(|cx| {
        activity.register(cx.waker());
        match activity.instruction() {
            Instruction::Continue => {}
            Instruction::Finish if finishing => {}
            Instruction::Finish => {
                finishing = true;
                connection.as_mut().graceful_shutdown();
            }
            Instruction::MakeRoom => return Poll::Ready(End::MadeRoom),
            Instruction::Abort => return Poll::Ready(End::Done),
        }
        if let Poll::Ready(result) = connection.as_mut().poll(cx) {
            return Poll::Ready(result.map_or_else(End::from, |()| End::Done));
        }
        if finishing && activity.is_between_requests() {
            return Poll::Ready(End::Done);
        }
        timer.poll(&activity, cx).map(End::from)
    })
    .await;
    if activity.is_upgraded() {
        release_network();
        activity.detach();
    }
    end
}

/// Wakes the task at the deadline of an activity. Deadlines move with every request, mostly to later times, so the
/// timer is set again only if it would fire too late, or after it has fired too early.
struct Timer {
    clock: Arc<dyn Clock>,
    armed: Option<(Timestamp, BoxFuture<'static, ()>)>,
}

impl Timer {
    fn poll(&mut self, activity: &Activity, cx: &mut Context<'_>) -> Poll<Expired> {
        while let Some((deadline, expired)) = activity.deadline() {
            if self.clock.now() >= deadline {
                return Poll::Ready(expired);
            }
            let armed = self.armed.take().filter(|(at, _)| *at <= deadline);
            let (at, mut sleep) = armed.unwrap_or_else(|| (deadline, self.clock.sleep_until(deadline)));
            if sleep.as_mut().poll(cx).is_pending() {
                self.armed = Some((at, sleep));
                break;
            }
        }
        Poll::Pending
    }
}
