//! The sub-commands other than `serve`. Each works while the server runs, through its control socket, and while it does
//! not, by opening the data. They return what is to be printed.

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
