//! Limits of connections.

use clap::Args;

/// How many connections the pages may have at once, live connections included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct ConnectionLimits {
    /// In total. The system's limit of open files counts too, when it is lower.
    #[arg(long, env = "DOPPIO_CONNECTION_LIMIT", default_value_t = 24_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub connection_limit: u32,

    /// From one network (an IPv4 address, or the first 64 bits of an IPv6 address), without live connections. When a
    /// network has reached it, its connection that has been idle longest is closed for a new one. Trusted proxies are
    /// not limited.
    #[arg(long, env = "DOPPIO_CONNECTION_LIMIT_NETWORK", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub connection_limit_network: u32,
}
