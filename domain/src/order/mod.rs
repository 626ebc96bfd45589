//! The life of one order.
//!
//! What is known of an order is a set of facts, each of which only ever grows ([`Order::apply`]); the [`Phase`] is read
//! off them. So events may come late, twice or in any order, and the order is the same in the end. What may be done
//! next is decided by one table ([`Order::decide`]).

mod command;
mod decide;
mod event;
mod fold;
mod phase;
mod reason;
mod refusal;
mod token;

pub use command::{Actor, Command};
pub use decide::{CHOOSE_MILLIS, Decision, EXTENSIONS, Message};
pub use event::{BarMove, Extension, OrderEvent};
pub use fold::{BarState, End, Order, Step, TokenState};
pub use phase::{Ending, Phase, Waiter};
pub use reason::{CancelReason, PauseReason, REASON_LIMIT};
pub use refusal::Refusal;
pub use token::TaskToken;
