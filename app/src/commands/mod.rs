//! The commands, as server functions: POST with a form body at `/api/<name>`, so that they work without JavaScript too.
//!
//! Every command checks who asks before it looks at anything else. Without JavaScript it answers with a redirect to the
//! page that shows the result.

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

/// What the path of every server function begins with.
pub(crate) const API_PREFIX: &str = "/api/";

/// The path of a server function: where its form is sent.
pub(crate) const fn path_of<F: ServerFn>() -> &'static str {
    F::PATH
}
