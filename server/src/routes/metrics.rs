//! `GET /metrics`, for a listener of its own.

use std::sync::Arc;

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::header;

use crate::orders::Orders;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) fn router(orders: Arc<Orders>) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(orders)
}

async fn metrics(State(orders): State<Arc<Orders>>) -> impl IntoResponse {
    let (queue, phases) = orders.hub.count();
    ([(header::CONTENT_TYPE, OPENMETRICS)], orders.metrics.text(queue, phases))
}
