//! How views are sent to readers: topics, frames, and how a frame changes what a screen shows. Server and browsers
//! share this code.
//!
//! A topic is a sequence of changes with consecutive numbers within an `epoch`; a snapshot contains all changes up to
//! its number. A reader applies a change only if it is the next one, and asks for a snapshot otherwise. So it either
//! has the state of the server or knows that it does not.

mod frame;
mod replica;
mod topic;

pub use frame::{ClientFrame, Resume, ServerFrame, SubscriptionRequest};
pub use replica::{Applied, Replica};
pub use topic::{Change, Topic, TopicState};
