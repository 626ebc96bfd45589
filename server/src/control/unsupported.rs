//! For systems without Unix sockets: the server has to be stopped before a sub-command can work.

use std::{path::Path, sync::Arc};

use engine::clock::Clock;
use tokio::sync::oneshot;

use super::{AskError, Reply, Request};

/// Receives no requests.
#[derive(Debug)]
pub(crate) struct ControlServer;

impl ControlServer {
    pub(crate) fn open(_: &Path, _: &Arc<dyn Clock>) -> Self {
        Self
    }

    pub(crate) async fn next(&mut self) -> (Request, oneshot::Sender<Reply>) {
        std::future::pending().await
    }

    pub(crate) async fn close(self) {}
}

/// Never finds a running server.
pub(crate) fn send(_: &Path, _: &Request) -> Result<Option<Reply>, AskError> {
    Ok(None)
}
