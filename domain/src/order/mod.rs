//! The life of one order.
//!
//! An order is a set of facts that only grows ([`Order::apply`]), and its [`Phase`] follows from them. So events may
//! come late, twice or in any order, and the result is the same. What may be done next follows from one table
//! ([`Order::decide`]).

mod command;
mod event;
mod phase;
mod reason;
mod refusal;
mod state;
mod task_token;
mod transitions;

pub use command::{Actor, OrderCommand};
pub use event::{BarMove, BarState, Extension, OrderEvent};
pub use phase::{Ending, Party, Phase};
pub use reason::{CancelReason, PauseReason, REASON_LIMIT};
pub use refusal::Refusal;
pub use state::{End, Order, TokenState, WorkflowStep};
pub use task_token::TaskToken;
pub use transitions::{CHOOSE_MILLIS, Decision, MAX_EXTENSIONS, TaskCallback};
