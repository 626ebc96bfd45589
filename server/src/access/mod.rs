//! Who sends a request. Every browser gets a cookie that identifies the customer; a browser that has opened the staff
//! link gets another one that identifies the barista. Both are encrypted, so nobody can forge one.

mod authenticator;
mod flash;
mod key;
mod session;
mod staff_link;
mod state;

pub(crate) use self::{
    authenticator::Authenticator,
    flash::carry_error,
    key::{KeyError, load_or_create},
    session::{Session, identify},
    staff_link::router,
    state::AccessState,
};
