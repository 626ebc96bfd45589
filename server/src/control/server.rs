//! The listening side.

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

/// The longest request in bytes: a path, and a little around it.
const LONGEST_REQUEST: u64 = 16 * 1024;
/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// What somebody asks, and where the answer goes.
type Ask = (Request, oneshot::Sender<Reply>);

/// Where requests arrive, one after the other.
#[derive(Debug)]
pub(crate) struct ControlServer {
    asks: mpsc::Receiver<Ask>,
    socket: Option<PathBuf>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl ControlServer {
    /// Listens in `folder`, whose data this process must have open: only then is a socket that lies there nobody's.
    /// A desk that cannot listen is no reason not to open the bar; it says so in the log, and nobody ever asks.
    pub(crate) fn open(folder: &Path, clock: &Arc<dyn Clock>) -> Self {
        let (sender, asks) = mpsc::channel(1);
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
                    "`doppio restore` and `doppio dead-letters` cannot ask this bar; stop it before you use them"
                );
                None
            }
        };
        Self { asks, socket, tasks, stop }
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Ask {
        match self.asks.recv().await {
            Some(ask) => ask,
            None => std::future::pending().await,
        }
    }

    /// Takes the socket away and lets the last answers be sent.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        if let Some(socket) = &self.socket
            && let Err(error) = fs::remove_file(socket)
        {
            tracing::debug!(socket = %socket.display(), %error, "the control socket could not be removed");
        }
        drop(self.asks);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Makes the socket under another name, so that it is never there with wider rights, nor missing while an old one is
/// replaced.
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
    asks: mpsc::Sender<Ask>,
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
                let (asks, clock) = (asks.clone(), Arc::clone(&clock));
                tasks.spawn(async move {
                    if let Err(error) = answer(stream, &asks, &*clock).await {
                        tracing::debug!(%error, "a control request was not answered");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket takes no connection");
                time::sleep(&*clock, Duration::from_secs(1)).await;
            }
        }
    }
}

async fn answer(mut stream: UnixStream, asks: &mpsc::Sender<Ask>, clock: &dyn Clock) -> io::Result<()> {
    let mut line = Vec::new();
    {
        let mut limited = (&mut stream).take(LONGEST_REQUEST);
        let read = pin!(limited.read_to_end(&mut line));
        if let Either::Right(_) = select(read, pin!(time::sleep(clock, PATIENCE))).await {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    let reply = match serde_json::from_slice(&line) {
        Ok(request) => {
            let (sender, reply) = oneshot::channel();
            let closing = || Reply::Refused("The bar is closing.".to_owned());
            match asks.send((request, sender)).await {
                Ok(()) => reply.await.unwrap_or_else(|_| closing()),
                Err(_) => closing(),
            }
        }
        Err(error) => Reply::Refused(format!("This bar is of another release and does not know the request: {error}.")),
    };
    stream.write_all(&serde_json::to_vec(&reply)?).await?;
    stream.shutdown().await
}
