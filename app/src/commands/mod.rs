//! The commands, as server functions: POST with a form body at `/api/<name>`, so that they work without JavaScript.
//!
//! Every command first checks who sends it. Without JavaScript the answer is a redirect to the page that shows the
//! result.

mod bar;
mod customer;
#[cfg(feature = "ssr")]
pub(crate) mod request;

use leptos::server_fn::ServerFn;

pub use bar::{
    AcknowledgeOrder, CancelAtBar, ClaimOrder, ClaimTogether, CompleteOrder, HandOverOrder, RecallOrder, ReleaseOrder,
    SetPreferences, SetShopState, SetSoldOut, UndoComplete, WalkInOrder,
};
pub use customer::{CancelOrder, CollectOrder, ExtendOrder, StartOrder, SubmitOrder};

/// The prefix of the paths of all server functions.
pub(crate) const API_PREFIX: &str = "/api/";

/// The path of a server function.
pub(crate) const fn path_of<F: ServerFn>() -> &'static str {
    F::PATH
}
