//! What every screen shows, live: one projection of the open orders, and the sockets that read it.
//!
//! Reading order: [`log`] is one topic as a numbered sequence of changes; [`hub`] turns changed orders into changes of
//! topics; [`feed`] brings in what other processes wrote; [`socket`] is one browser's connection; [`route`] lets it in.

mod feed;
mod hub;
mod log;
mod origin;
mod projection;
mod route;
mod socket;

pub(crate) use self::{
    feed::follow,
    hub::Hub,
    log::TopicLog,
    projection::LINGER_MILLIS,
    route::{Live, router},
};
