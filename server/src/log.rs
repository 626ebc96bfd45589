//! The log: lines on standard error, as much as the operator asks for, and never what the AWS SDK says at its most
//! talkative, because that has whole requests in it and with them task tokens.

use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts the log with a filter such as `info,server=debug`. Call it once.
pub fn start_log(filter: &str) {
    tracing_subscriber::registry()
        .with(EnvFilter::new(filter))
        .with(filter_fn(|line| !tells_tokens(line)))
        .with(fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()))
        .init();
}

fn tells_tokens(line: &Metadata<'_>) -> bool {
    line.target().starts_with("aws_") && *line.level() > Level::INFO
}
