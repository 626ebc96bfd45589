//! IP addresses and CIDR ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Parses an IP address.
pub(super) fn parse_address(text: &str) -> Option<IpAddr> {
    // Only literal addresses: AWS's matcher would otherwise ask the name server.
    let v4 = || text.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    let v6 = || text.parse::<Ipv6Addr>().ok().filter(|_| !text.contains('.')).map(|v6| IpAddr::V6(v6).to_canonical());
    v4().or_else(v6)
}

/// A CIDR range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cidr {
    address: IpAddr,
    bits: u32,
}

impl Cidr {
    /// Parses `10.0.0.0/24`; errors are worded as in AWS.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let [before, bits] = parts.as_slice() else { return Err("Malformed CIDR, one '/' required".to_owned()) };
        let bits: i64 = bits.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer".to_owned())?;
        let bits = u32::try_from(bits).map_err(|_| "Malformed CIDR, mask bits must not be negative".to_owned())?;
        let address = parse_address(before).ok_or_else(|| format!("Nonstandard IP address: {before}"))?;
        match address {
            IpAddr::V4(_) if bits > 31 => Err("IPv4 mask bits must be < 32".to_owned()),
            IpAddr::V6(_) if bits > 127 => Err("IPv6 mask bits must be < 128".to_owned()),
            _ => Ok(Self { address, bits }),
        }
    }

    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let shift = 32 - self.bits;
                let network = |bits: u32| bits.checked_shr(shift).unwrap_or(0);
                network(ours.to_bits()) == network(theirs.to_bits())
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let shift = 128 - self.bits;
                let network = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
                network(ours.to_bits()) == network(theirs.to_bits())
            }
            _ => false,
        }
    }
}
