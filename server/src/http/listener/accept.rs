//! Accepts connections.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use engine::clock::{Clock, Timestamp};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    connection,
    registry::{Limit, Registry},
};
use crate::{client_address::network, time};

/// Listen backlog: all phones reconnect together after a restart, and a client that finds the backlog full tries again
/// only after a second.
const BACKLOG: u32 = 1024;
/// The pause after the operating system failed to accept a connection, usually because too many files are open.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// The interval between warnings about refused connections, in milliseconds. All refusals are counted.
const WARN_EVERY_MILLIS: i64 = 60_000;
/// The response to a refused connection. It has no text, because the language of the client is not known.
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// A listening socket.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

impl Listener {
    /// Listens on `address`; port 0 is any free port.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // On other systems the option would allow two programs to use the same address.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Serves `router` until `stop` is cancelled. Then it accepts nothing more, closes idle connections, and lets the
    /// others finish their requests. The tasks are spawned on `tasks`.
    pub(crate) fn serve(
        self,
        router: Router,
        registry: Arc<Registry>,
        clock: Arc<dyn Clock>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) {
        let mut server =
            Server { listener: self.listener, router, registry, clock, connections: tasks.clone(), warned: None };
        tasks.spawn(async move {
            let clock = Arc::clone(&server.clock);
            tokio::select! {
                () = stop.cancelled() => {}
                () = accept(&mut server, &*clock) => {}
            }
            let registry = Arc::clone(&server.registry);
            drop(server);
            registry.finish();
        });
    }
}

/// A source of connections: a socket, or a test.
trait ConnectionSource: Send {
    type Connection: Send;

    /// Accepts the next connection.
    fn next(&mut self) -> impl Future<Output = io::Result<Self::Connection>> + Send;

    /// Serves a connection in a task of its own.
    fn serve(&mut self, connection: Self::Connection);

    /// Closes an idle connection.
    fn make_room(&mut self);
}

/// Accepts connections forever. After an error of the system it pauses.
async fn accept(source: &mut impl ConnectionSource, clock: &dyn Clock) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    let mut failing = false;
    loop {
        match source.next().await {
            Ok(connection) => {
                failing = false;
                source.serve(connection);
            }
            // The client has closed the connection before it was accepted.
            Err(error)
                if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted) => {}
            Err(error) => {
                if !failing {
                    tracing::error!(
                        %error,
                        "no connection can be accepted at the moment; if too many files are open, raise their limit (ulimit -n) or lower --connection-limit"
                    );
                }
                failing = true;
                source.make_room();
                time::sleep(clock, RETRY_AFTER).await;
            }
        }
    }
}

/// Serves the connections of one listener.
struct Server {
    listener: TcpListener,
    router: Router,
    registry: Arc<Registry>,
    clock: Arc<dyn Clock>,
    connections: TaskTracker,
    /// When a refused connection was last logged as a warning.
    warned: Option<Timestamp>,
}

impl ConnectionSource for Server {
    type Connection = (TcpStream, SocketAddr);

    async fn next(&mut self) -> io::Result<Self::Connection> {
        self.listener.accept().await
    }

    fn serve(&mut self, (socket, peer): Self::Connection) {
        let permit = match self.registry.admit(peer) {
            Ok(permit) => permit,
            Err(limit) => return self.refuse(&socket, peer, limit),
        };
        // Sends small frames at once instead of collecting them (`TCP_NODELAY`). Fails only if the connection is closed
        // already.
        _ = socket.set_nodelay(true);
        let serving = connection::serve(socket, peer, permit, self.router.clone(), Arc::clone(&self.clock));
        let registry = Arc::clone(&self.registry);
        self.connections.spawn(async move {
            let end = serving.await;
            if let Some(reason) = end.label() {
                registry.metrics.ended(reason);
                tracing::debug!(reason, %peer, "a connection is ended");
            }
        });
    }

    fn make_room(&mut self) {
        self.registry.make_room();
    }
}

impl Server {
    fn refuse(&mut self, socket: &TcpStream, peer: SocketAddr, limit: Limit) {
        self.registry.metrics.refused(limit.label());
        let now = self.clock.now();
        if self.warned.is_none_or(|at| now.0.saturating_sub(at.0) >= WARN_EVERY_MILLIS) {
            self.warned = Some(now);
            let network = network(peer.ip());
            tracing::warn!(
                limit = limit.label(),
                %network,
                "connections are refused; doppio_connections_refused counts them"
            );
        }
        // Does not wait for a client that does not read.
        _ = socket.try_write(REFUSAL);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use engine::clock::ManualClock;
    use futures_util::FutureExt;

    use super::*;

    /// A system without free file descriptors. Counts the calls.
    #[derive(Default)]
    struct Exhausted {
        asked: Arc<Mutex<u32>>,
        room: Arc<Mutex<u32>>,
    }

    impl ConnectionSource for Exhausted {
        type Connection = ();

        async fn next(&mut self) -> io::Result<()> {
            *self.asked.lock().unwrap() += 1;
            Err(io::Error::other("too many open files"))
        }

        fn serve(&mut self, (): ()) {}

        fn make_room(&mut self) {
            *self.room.lock().unwrap() += 1;
        }
    }

    #[tokio::test]
    async fn after_an_accept_error_the_listener_pauses() {
        let clock = ManualClock::starting_at(Timestamp(0));
        let mut source = Exhausted::default();
        let (asked, room) = (Arc::clone(&source.asked), Arc::clone(&source.room));
        let mut accepting = std::pin::pin!(accept(&mut source, &clock));
        for attempt in 1..=3 {
            assert!((&mut accepting).now_or_never().is_none());
            assert!((&mut accepting).now_or_never().is_none(), "it waits for the clock");
            assert_eq!((*asked.lock().unwrap(), *room.lock().unwrap()), (attempt, attempt));
            clock.advance(RETRY_AFTER);
        }
    }
}
