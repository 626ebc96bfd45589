//! How the views travel: topics, frames, and how a frame changes what a screen shows. Pure: both sides share it.
//!
//! A topic is a sequence of changes numbered one after the other within an `epoch`; a snapshot stands for all changes up to its
//! number. A reader applies a change only if it is the next one, and asks for a snapshot otherwise, so it either shows
//! the truth or knows that it does not.

mod frame;
mod replica;
mod topic;

pub use frame::{ClientFrame, Resume, ServerFrame, SubscriptionRequest};
pub use replica::{Applied, Replica};
pub use topic::{Change, Topic, TopicState};
