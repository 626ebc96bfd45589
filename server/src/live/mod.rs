//! What every screen shows, live: one projection of the open orders, and the sockets that read it.
//!
//! Reading order: [`log`] is one topic as a numbered sequence of changes; [`hub`] turns changed orders into changes of
//! topics; [`readers`] are woken by them; [`feed`] brings in what other processes wrote; [`route`] lets a browser in, as far as
//! [`admission`] has room; [`socket`] is its connection, within its [`allowance`], until [`close`].

mod admission;
mod allowance;
mod close;
mod feed;
mod hub;
mod log;
mod projection;
mod readers;
mod route;
mod socket;
mod source;

pub(crate) use self::{
    admission::{Admission, Refused},
    close::Cut,
    feed::follow,
    hub::Hub,
    log::TopicLog,
    projection::LINGER_MILLIS,
    route::{Live, router},
    source::Source,
};
#[cfg(test)]
pub(crate) use self::{log::RING, socket::serve};
