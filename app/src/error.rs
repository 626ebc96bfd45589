//! The errors of commands.

use domain::Refusal;
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};

/// Why a command had no effect. `Display` is for logs; readers see `i18n::error_text`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", content = "detail", rename_all = "camelCase")]
pub enum CommandError {
    /// The order or the menu does not allow it.
    #[error("{0}")]
    Refused(Refusal),
    /// The command is for staff, and the browser has not signed in.
    #[error("This is for the bar. Open the staff link that the server printed when it started.")]
    StaffOnly,
    /// The browser sends no cookies, so the order could never be found again. Nothing was started.
    #[error("The browser sent no cookie.")]
    CookiesBlocked,
    /// A parameter is missing or malformed.
    #[error("{0}")]
    Invalid(Invalid),
    /// Too many orders from the network of this browser. The next is accepted after this many seconds.
    #[error("too many orders from this network; the next is accepted in {0} s")]
    TooMany(u32),
    /// The backend cannot answer now. Nothing was changed, or it will be completed later.
    #[error("The bar's computer does not answer. Try again in a moment.")]
    Unavailable,
    /// The request did not reach the server, or the answer did not reach the browser.
    #[error("No connection. Check the network and try again; nothing happens twice.")]
    Offline,
}

/// What is missing or malformed in a request. On the wire it is a code, which each page translates. `Display` is for
/// logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Invalid {
    /// A field is missing or malformed.
    #[error("a field is missing or malformed")]
    Form,
    /// No order is named.
    #[error("no order is named")]
    WhichOrder,
    /// Neither a drink nor a modifier is named, or both are.
    #[error("name one drink or one modifier")]
    WhichItem,
    /// The menu does not have the drink or modifier.
    #[error("the menu has no such drink or modifier")]
    NotOnTheMenu,
    /// The idempotency key is missing or malformed: the page is older than the server.
    #[error("the key of the request is missing or malformed")]
    OutOfDate,
    /// A pause or a cancellation without a reason.
    #[error("a reason is missing")]
    ReasonMissing,
    /// A reason that is longer than [`domain::order::REASON_LIMIT`].
    #[error("the reason is too long")]
    ReasonLong,
    /// An unknown state of the bar.
    #[error("the state of the bar is open, paused or closed")]
    ShopState,
    /// A pause that is too long.
    #[error("the pause is too long")]
    PauseLong,
    /// An unknown value of a preference.
    #[error("there is no such preference")]
    #[serde(rename = "look")]
    Preference,
    /// The body is too large.
    #[error("the body is too large")]
    TooLarge,
    /// The server has given up on the request.
    #[error("the request took too long")]
    TooSlow,
    /// The form was sent from another site.
    #[error("the form was sent from another site")]
    OtherPage,
    /// The request is for a host that is not this server's.
    #[error("the request is for another host")]
    UnknownHost,
}

impl CommandError {
    /// The label in metrics and logs. It reveals neither the order nor the person.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Refused(Refusal::NotFound) => "not_found",
            Self::Refused(Refusal::StaffOnly) | Self::StaffOnly => "staff_only",
            Self::Refused(Refusal::CustomerOnly) => "customer_only",
            Self::Refused(_) => "refused",
            Self::CookiesBlocked => "cookies_blocked",
            Self::Invalid(_) => "invalid",
            Self::TooMany(_) => "too_many",
            Self::Unavailable => "unavailable",
            Self::Offline => "offline",
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Refused(Refusal::NotFound) => 404,
            Self::Refused(Refusal::StaffOnly | Refusal::CustomerOnly) | Self::StaffOnly | Self::CookiesBlocked => 403,
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

impl From<Invalid> for CommandError {
    fn from(why: Invalid) -> Self {
        Self::Invalid(why)
    }
}

impl FromServerFnError for CommandError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Invalid(Invalid::Form)
            }
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Offline,
            _ => Self::Unavailable,
        }
    }
}

/// A command that was sent without JavaScript and had no effect. Its page is loaded again and shows the error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The path of the command.
    pub path: String,
    /// Why it had no effect.
    pub error: CommandError,
}
