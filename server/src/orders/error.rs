//! Why a command on an order has no effect.

use domain::Refusal;

use super::{StoreError, UpdateError};
use crate::shop::ShopError;

/// Why a command on an order has no effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OrderError {
    /// The order, the menu or the state of the shop does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The key of the request is missing or malformed.
    #[error("the key of the request is missing or malformed")]
    Key,
    /// The tables or the workflow do not answer. The log has the reason.
    #[error("the tables or the workflow do not answer")]
    Unavailable,
}

impl From<StoreError> for OrderError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a command could not be carried out");
        Self::Unavailable
    }
}

impl From<UpdateError> for OrderError {
    fn from(error: UpdateError) -> Self {
        tracing::error!(%error, "a command could not be carried out");
        Self::Unavailable
    }
}

impl From<ShopError> for OrderError {
    fn from(error: ShopError) -> Self {
        tracing::error!(%error, "settings cannot be read or written");
        Self::Unavailable
    }
}
