//! How the other sub-commands speak to a bar that is open: a Unix socket in the data folder.
//!
//! One connection, one request, one reply, each a line of JSON. Who may connect is who may write to the socket's file,
//! and that is its owner only, as with the data itself (ADR 6).

#[cfg(unix)]
mod client;
mod protocol;
#[cfg(unix)]
mod server;
#[cfg(not(unix))]
mod unsupported;

pub use self::protocol::{AskError, DeadLetterInfo, Outcome, Replayed};
pub(crate) use self::protocol::{Reply, Request};
#[cfg(not(unix))]
pub(crate) use self::unsupported::{ControlServer, send};
#[cfg(unix)]
pub(crate) use self::{client::send, server::ControlServer};
