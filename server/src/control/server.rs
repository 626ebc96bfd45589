//! The server side.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use engine::clock::Clock;
use futures_util::future::{Either, select};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::{mpsc, oneshot},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Reply, Request};
use crate::{data_folder, time};

/// The longest request in bytes: a path and some JSON around it.
const MAX_REQUEST_BYTES: u64 = 16 * 1024;
/// Time-out for receiving a request.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// A request, and where to send the reply.
type Call = (Request, oneshot::Sender<Reply>);

/// Receives requests, one after the other.
#[derive(Debug)]
pub(crate) struct ControlServer {
    calls: mpsc::Receiver<Call>,
    socket: Option<PathBuf>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl ControlServer {
    /// Listens in `folder`. This process must have its data open, which means that an existing socket is a leftover. If
    /// it cannot listen, it logs a warning and receives no requests, because the server can run without.
    pub(crate) fn open(folder: &Path, clock: &Arc<dyn Clock>) -> Self {
        let (sender, calls) = mpsc::channel(1);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let path = data_folder::control_socket(folder);
        let socket = match bind(&path) {
            Ok(listener) => {
                tasks.spawn(listen(listener, sender, Arc::clone(clock), tasks.clone(), stop.clone()));
                Some(path)
            }
            Err(error) => {
                tracing::warn!(
                    socket = %path.display(), %error,
                    "`doppio restore` and `doppio dead-letters` cannot reach this server; stop it before you use them"
                );
                None
            }
        };
        Self { calls, socket, tasks, stop }
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Call {
        match self.calls.recv().await {
            Some(call) => call,
            None => std::future::pending().await,
        }
    }

    /// Removes the socket and waits until the last replies are sent.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        if let Some(socket) = &self.socket
            && let Err(error) = fs::remove_file(socket)
        {
            tracing::debug!(socket = %socket.display(), %error, "the control socket could not be removed");
        }
        drop(self.calls);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Creates the socket under another name and renames it, so that it never exists with wider permissions and an old one
/// is replaced atomically.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let making = path.with_extension("new");
    if let Err(error) = fs::remove_file(&making)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let listener = UnixListener::bind(&making)?;
    fs::set_permissions(&making, fs::Permissions::from_mode(0o600))?;
    fs::rename(&making, path)?;
    Ok(listener)
}

async fn listen(
    listener: UnixListener,
    calls: mpsc::Sender<Call>,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (calls, clock) = (calls.clone(), Arc::clone(&clock));
                tasks.spawn(async move {
                    if let Err(error) = answer(stream, &calls, &*clock).await {
                        tracing::debug!(%error, "a control request was not answered");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket cannot accept a connection");
                time::sleep(&*clock, Duration::from_secs(1)).await;
            }
        }
    }
}

async fn answer(mut stream: UnixStream, calls: &mpsc::Sender<Call>, clock: &dyn Clock) -> io::Result<()> {
    let mut line = Vec::new();
    {
        let mut limited = (&mut stream).take(MAX_REQUEST_BYTES);
        let read = pin!(limited.read_to_end(&mut line));
        if let Either::Right(_) = select(read, pin!(time::sleep(clock, RECEIVE_TIMEOUT))).await {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    let reply = match serde_json::from_slice(&line) {
        Ok(request) => {
            let (sender, reply) = oneshot::channel();
            let closing = || Reply::Refused("The server is shutting down.".to_owned());
            match calls.send((request, sender)).await {
                Ok(()) => reply.await.unwrap_or_else(|_| closing()),
                Err(_) => closing(),
            }
        }
        Err(error) => {
            Reply::Refused(format!("This server is of another release and does not know the request: {error}."))
        }
    };
    stream.write_all(&serde_json::to_vec(&reply)?).await?;
    stream.shutdown().await
}
