//! Internationalization: messages, translations of the menu, and phrases about time, drinks and errors.

mod catalogue;
mod errors;
mod menu;
mod phrases;

pub use catalogue::{Messages, messages};
pub use errors::{error_text, invalid_text, reason_text};
pub use menu::{MenuNames, menu_names, provide_menu_names};
pub(crate) use phrases::{
    countdown, in_a_sentence, local_time, minutes, orders_ahead, outcome_text, queue_length, spoken_drink,
};
