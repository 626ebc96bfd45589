//! Accepts forms from our own pages only. Browsers say which site a form comes from; other programs need not.

use app::error::Invalid;
use axum::{body::Body, response::Response};
use http::StatusCode;
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use super::refusal::refuse;

/// The public URL is not an origin.
#[derive(Debug, thiserror::Error)]
#[error("the public URL cannot be trusted as an origin: {0:?}")]
pub struct CsrfError(ConfigError);

type Rejection = fn(ProtectionError) -> Response<Body>;

pub(crate) fn layer(public_origin: Option<&str>) -> Result<CsrfLayer<Rejection>, CsrfError> {
    let layer = CsrfLayer::new();
    let layer = match public_origin {
        Some(origin) => layer.add_trusted_origin(origin).map_err(CsrfError)?,
        None => layer,
    };
    Ok(layer.with_rejection_response(reject as Rejection))
}

fn reject(_: ProtectionError) -> Response<Body> {
    refuse(StatusCode::FORBIDDEN, Invalid::OtherPage)
}
