//! The routes, and the layers around them.

pub(crate) mod health;
mod language;
pub(crate) mod live;
pub(crate) mod metrics;
mod router;

pub(crate) use self::router::{Web, router};
