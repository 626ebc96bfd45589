//! How the pages speak: messages in the reader's language, and what they say of time, drinks and errors.

mod catalogue;
mod errors;
mod menu;
mod phrases;

pub use catalogue::{Words, words};
pub use errors::{invalid, reason, trouble};
pub use menu::{MenuNames, menu_words, provide_menu_words};
pub(crate) use phrases::{ahead, busy, countdown, ending, in_a_sentence, minutes, spoken, wall_time};
