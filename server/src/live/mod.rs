//! What every screen shows, live: one projection of the open orders, and the sockets that read it.
//!
//! Reading order: [`log`] is one topic as a numbered sequence of changes; [`hub`] turns changed orders into changes of
//! topics; [`feed`] brings in what other processes wrote; [`route`] lets a browser in, as far as
//! [`admission`] has room; [`socket`] is its connection, within its [`allowance`], until [`close`].

mod admission;
mod allowance;
mod close;
mod feed;
mod hub;
mod log;
mod origin;
mod projection;
mod route;
mod socket;

pub(crate) use self::{
    admission::{Admission, Refused},
    close::Cut,
    feed::follow,
    hub::Hub,
    log::TopicLog,
    projection::LINGER_MILLIS,
    route::{Live, router},
};
