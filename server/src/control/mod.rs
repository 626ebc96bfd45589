//! How sub-commands talk to a running server: by a Unix socket in the data folder.
//!
//! Each connection carries one request and one reply, each a line of JSON. Only the owner of the data may connect (ADR
//! 6).

#[cfg(unix)]
mod client;
mod protocol;
#[cfg(unix)]
mod server;
#[cfg(not(unix))]
mod unsupported;

pub(crate) use self::protocol::AskError;
pub use self::protocol::{DeadLetterInfo, Outcome, Replayed};
pub(crate) use self::protocol::{Reply, Request};
#[cfg(not(unix))]
pub(crate) use self::unsupported::{ControlServer, send};
#[cfg(unix)]
pub(crate) use self::{client::send, server::ControlServer};
