//! The state of the middlewares and of the staff link.

use std::sync::Arc;

use domain::Timestamp;
use engine::clock::{Clock, Rng};

use super::Authenticator;
use crate::{http::HttpState, time};

/// The state of the middlewares and of the staff link.
#[derive(Debug, Clone)]
pub(crate) struct AccessState {
    pub(crate) authenticator: Arc<Authenticator>,
    /// The clock by which cookies end.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) http: HttpState,
    /// The style sheets for the page of the staff link, which is not a page of the app.
    pub(crate) styles: Arc<[String]>,
}

impl AccessState {
    pub(super) fn now(&self) -> Timestamp {
        time::now(&*self.clock)
    }
}
