//! The log: lines on standard error, as much as the operator asks for, and never what the AWS SDK says at its most
//! talkative, because that has whole requests in it and with them task tokens.

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

/// The same, to somewhere else than standard error, in colours or not.
pub fn start_log_to(filter: &str, writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static, colours: bool) {
    tracing_subscriber::registry()
        .with(EnvFilter::new(filter))
        .with(filter_fn(|line| !may_have_tokens(line)))
        .with(fmt::layer().with_writer(writer).with_ansi(colours))
        .init();
}

fn may_have_tokens(line: &Metadata<'_>) -> bool {
    line.target().starts_with("aws_") && *line.level() > Level::INFO
}

tokio::task_local! {
    /// Of which order the request is that this task answers, once that is known.
    static ORDER: OnceCell<OrderId>;
}

/// Answers a request within its span, whose field `order` is filled in when that is known.
pub(crate) async fn in_request_span<T>(span: Span, answer: impl Future<Output = T>) -> T {
    ORDER.scope(OnceCell::new(), answer).instrument(span).await
}

/// The span for what is about this order, so that each of its lines says so: errors too, however little is logged. A
/// request's lines say it from here to its end.
pub(crate) fn order_span(order: &OrderId) -> Span {
    let first = |known: &OnceCell<OrderId>| match known.get() {
        Some(known) => known == order,
        None => {
            Span::current().record("order", tracing::field::display(order));
            known.set(order.clone()).is_ok()
        }
    };
    let said = ORDER.try_with(first).unwrap_or(false);
    let within = || Span::current().metadata().is_some_and(|span| span.name() == ABOUT);
    if said || within() { Span::current() } else { tracing::error_span!(ABOUT, %order) }
}

/// Work for an order calls other work for it; once in a line is enough.
const ABOUT: &str = "about";
