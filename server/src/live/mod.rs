//! Live connections: a projection of the open orders, divided into topics, and the websockets that subscribe to them.
//!
//! Reading order: [`topic_log`] is one topic as a numbered sequence of changes; [`projection`] turns changed orders
//! into changes of topics; [`hub`] locks it; [`subscribers`] are notified of changes. [`admission`] limits the number
//! of connections, [`socket`] serves one within its [`rate_limit`], and [`close_reason`] says why it is closed.

mod admission;
mod close_reason;
mod hub;
mod projection;
mod rate_limit;
mod socket;
mod subscribers;
mod topic_log;
mod topic_source;
mod websocket;

#[cfg(test)]
pub(crate) use self::topic_log::RETAINED_CHANGES;
pub(crate) use self::{
    admission::Admission,
    hub::Hub,
    projection::LINGER_MILLIS,
    socket::serve,
    topic_log::TopicLog,
    topic_source::{TopicError, TopicSource},
};
