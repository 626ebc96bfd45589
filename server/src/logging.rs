//! The log on standard error. Debug output of the AWS SDK is always left out, because it contains whole requests and
//! with them task tokens.

use std::{
    cell::OnceCell,
    io::{self, IsTerminal},
};

use domain::OrderId;
use tracing::{Instrument, Level, Metadata, Span};
use tracing_subscriber::{
    EnvFilter,
    filter::filter_fn,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts the log with a filter such as `info,server=debug`. Call it once.
pub fn start_log(filter: &str) {
    start_log_to(filter, io::stderr, io::stderr().is_terminal());
}

/// Starts the log with another output than standard error, with or without colours.
pub fn start_log_to(filter: &str, writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static, colours: bool) {
    tracing_subscriber::registry()
        .with(EnvFilter::new(filter))
        .with(filter_fn(|metadata| !may_have_tokens(metadata)))
        .with(fmt::layer().with_writer(writer).with_ansi(colours))
        .init();
}

fn may_have_tokens(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("aws_") && *metadata.level() > Level::INFO
}

tokio::task_local! {
    /// The order that the request of this task is about, once it is known.
    static ORDER: OnceCell<OrderId>;
}

/// Runs `response` in the span of its request. The field `order` of the span is set as soon as the order is known.
pub(crate) async fn in_request_span<T>(span: Span, response: impl Future<Output = T>) -> T {
    ORDER.scope(OnceCell::new(), response).instrument(span).await
}

/// A span with the id of the order; reuses the request's span if it is about this order. It is an error span, so it is
/// there at every log level.
pub(crate) fn order_span(order: &OrderId) -> Span {
    let first = |known: &OnceCell<OrderId>| match known.get() {
        Some(known) => known == order,
        None => {
            Span::current().record("order", tracing::field::display(order));
            known.set(order.clone()).is_ok()
        }
    };
    let is_of_request = ORDER.try_with(first).unwrap_or(false);
    let within = || Span::current().metadata().is_some_and(|span| span.name() == SPAN_NAME);
    if is_of_request || within() { Span::current() } else { tracing::error_span!(SPAN_NAME, %order) }
}

/// The name of the span. Work for an order calls other work for it; one span is enough.
const SPAN_NAME: &str = "about";
