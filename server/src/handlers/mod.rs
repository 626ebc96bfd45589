//! The functions that rules call.

mod order_processor;

pub(crate) use self::order_processor::{FUNCTIONS, handler};
