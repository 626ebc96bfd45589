//! Where there are no Unix sockets a bar cannot be asked: it has to be stopped first, and the sub-commands say so.

use std::{path::Path, sync::Arc};

use engine::clock::Clock;
use tokio::sync::oneshot;

use super::{AskError, Reply, Request};

/// A desk at which nobody ever asks.
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

/// Finds nobody to ask.
pub(crate) fn send(_: &Path, _: &Request) -> Result<Option<Reply>, AskError> {
    Ok(None)
}
