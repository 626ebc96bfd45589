//! Who asks: every browser has a cookie that says which phone it is; a browser that has opened the staff link has
//! another one that says which barista. Both are encrypted, so that nobody can make one up.

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
