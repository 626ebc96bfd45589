//! Limits of live connections, and the parser for networks.

use clap::Args;
use ipnet::IpNet;

/// How many live connections there may be at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct LiveLimits {
    /// In total. The system's limit of open files counts too, when it is lower.
    #[arg(long, env = "DOPPIO_LIVE_LIMIT", default_value_t = 20_000)]
    pub live_limit: u32,

    /// From one network (an IPv4 address, or the first 64 bits of an IPv6 address). The default is high, because a
    /// whole conference may come through one address.
    #[arg(long, env = "DOPPIO_LIVE_LIMIT_ADDRESS", default_value_t = 4_000)]
    pub live_limit_address: u32,

    /// From one browser, all its tabs together.
    #[arg(long, env = "DOPPIO_LIVE_LIMIT_SESSION", default_value_t = 32)]
    pub live_limit_session: u32,
}

/// Parses an address such as 127.0.0.1, or a network such as 10.0.0.0/8.
///
/// # Errors
/// A text that says what to write.
pub(super) fn network(text: &str) -> Result<IpNet, &'static str> {
    let address = || text.parse().map(|address: std::net::IpAddr| IpNet::from(address));
    text.parse()
        .or_else(|_| address())
        .map_err(|_| "write an address such as 127.0.0.1 or a network such as 10.0.0.0/8")
}
