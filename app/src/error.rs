//! What can go wrong with a command, as the page shows it.

use domain::Refusal;
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};

use crate::words::words;

/// Why a command had no effect. `Display` is for logs; people read `words::trouble`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", content = "detail", rename_all = "camelCase")]
pub enum CommandError {
    /// The order or the menu does not allow it.
    #[error("{0}")]
    Refused(Refusal),
    /// Only for the bar, and this browser has not opened the staff link.
    #[error("This is for the bar. Open the staff link that the server printed when it started.")]
    StaffOnly,
    /// Something is missing or malformed; the sentence is in the language of the request.
    #[error("{0}")]
    Invalid(String),
    /// So many orders were started or submitted from the network of this browser that it has to wait: for so many seconds.
    #[error("too many orders from this network; the next is accepted in {0} s")]
    TooMany(u32),
    /// The backend cannot answer now; nothing was changed, or it will be finished without further ado.
    #[error("The bar's computer does not answer. Try again in a moment.")]
    Unavailable,
    /// The request did not reach the server, or its answer did not reach us.
    #[error("No connection. Check the network and try again; nothing happens twice.")]
    Offline,
}

impl CommandError {
    /// The HTTP status that goes with it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Refused(Refusal::NotFound) => 404,
            Self::Refused(Refusal::StaffOnly | Refusal::CustomerOnly) | Self::StaffOnly => 403,
            Self::Refused(Refusal::Menu(_)) => 422,
            Self::Refused(_) => 409,
            Self::Invalid(_) => 400,
            Self::TooMany(_) => 429,
            Self::Unavailable | Self::Offline => 503,
        }
    }
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl FromServerFnError for CommandError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Invalid(words().common_error_invalid().to_owned())
            }
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Offline,
            _ => Self::Unavailable,
        }
    }
}
