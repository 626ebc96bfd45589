//! Internationalization: messages, translations of the menu, and phrases about time, drinks and errors.

mod catalogue;
mod errors;
mod menu;
mod phrases;

pub use catalogue::{Messages, messages};
pub use errors::{error_text, invalid_text, reason_text};
pub use menu::{MenuNames, menu_words, provide_menu_words};
pub(crate) use phrases::{ahead, busy, countdown, ending, in_a_sentence, minutes, spoken, wall_time};
