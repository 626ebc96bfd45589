//! The sub-commands beside `serve`. Each works while the bar is open and while it is closed: an open bar is asked through
//! its control socket, the data of a closed one is opened here. What they return is what is printed.

mod backup;
pub(crate) mod dead_letters;
mod error;
mod restore;
mod table;

pub use self::{
    backup::back_up,
    dead_letters::{list, replay},
    error::OperateError,
    restore::restore,
};
pub use crate::control::{DeadLetterInfo, Outcome, Replayed};
