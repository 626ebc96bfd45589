//! What every screen shows, live: one projection of the open orders, and the sockets that read it.
//!
//! Reading order: [`topic_log`] is one topic as a numbered sequence of changes; [`hub`] turns changed orders into changes of
//! topics; [`subscribers`] are woken by them; a browser is let in as far as [`admission`] has room; [`socket`] is its
//! connection, within its [`rate_limit`], until [`close_reason`].

mod admission;
mod close_reason;
mod hub;
mod projection;
mod rate_limit;
mod socket;
mod subscribers;
mod topic_log;
mod topic_source;

#[cfg(test)]
pub(crate) use self::topic_log::RING;
pub(crate) use self::{
    admission::{Admission, Refused},
    close_reason::Cut,
    hub::Hub,
    projection::LINGER_MILLIS,
    socket::serve,
    topic_log::TopicLog,
    topic_source::{Source, TopicError},
};
