//! The address of a client: the peer of the connection, or, if that is a trusted proxy, the address that it names.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use http::HeaderMap;
use ipnet::IpNet;

/// Proxies append the address of their peer to this header.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks of the trusted proxies.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    pub(crate) fn new(trusted: &[IpNet]) -> Self {
        Self(trusted.into())
    }

    /// Whether this is the address of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client; `None` when a trusted proxy does not name it.
    pub(crate) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut address = peer.ip().to_canonical();
        let named = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
        let mut named: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
        // From the nearest to the farthest. What stands before the first address that is no trusted proxy cannot be
        // believed.
        while self.trusts(address) {
            address = forwarded(named.pop()?)?.to_canonical();
        }
        Some(address)
    }
}

/// An address as proxies write it: some add the port, some the brackets or quotes of the header `Forwarded`.
fn forwarded(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    text.parse().ok().or_else(in_brackets).or_else(with_port)
}

/// The network whose limits count for a client. Clients that a trusted proxy does not name share one.
pub(crate) fn network_or_unspecified(address: Option<IpAddr>) -> IpAddr {
    address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), network)
}

/// What one household or one attacker has: an IPv4 address, or the first 64 bits of an IPv6 address.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> Option<String> {
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 50_000);
        TrustedProxies::new(&trusted).client(peer, &headers).map(|address| address.to_string())
    }

    #[test]
    fn a_forwarded_address_of_an_untrusted_peer_is_ignored() {
        let stranger = Some("203.0.113.7".to_owned());
        assert_eq!(client(&[], "203.0.113.7", &["198.51.100.1"]), stranger);
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.7", &["198.51.100.1"]), stranger);
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &["198.51.100.1, 203.0.113.7"]), stranger);
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &["198.51.100.1", "203.0.113.7, 10.9.9.9"]), stranger);
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.1.2.3", &["::ffff:203.0.113.7"]), stranger);
    }

    #[test]
    fn this_machine_is_a_client_like_others_unless_it_is_a_trusted_proxy() {
        assert_eq!(client(&[], "127.0.0.1", &["203.0.113.7"]), Some("127.0.0.1".to_owned()));
        assert_eq!(client(&["127.0.0.1/32"], "127.0.0.1", &["203.0.113.7"]), Some("203.0.113.7".to_owned()));
    }

    #[test]
    fn the_addresses_of_an_ipv6_network_count_as_one() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:ffff::9"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
    }

    #[test]
    fn a_proxy_may_write_the_port_too() {
        for (written, address) in [
            ("1.2.3.4:55", "1.2.3.4"),
            ("\"1.2.3.4:55\"", "1.2.3.4"),
            ("\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:1.2.3.4]:55", "1.2.3.4"),
            ("198.51.100.1, 1.2.3.4:55, 10.9.9.9:80", "1.2.3.4"),
        ] {
            assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &[written]), Some(address.to_owned()), "{written}");
        }
    }

    #[test]
    fn a_forwarded_value_without_an_address_gives_none() {
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &[]), None);
        for nothing in ["unknown", "", "\"\"", "[]", ":80", "1.2.3.4:99999", "_hidden", "198.51.100.1, unknown"] {
            assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &[nothing]), None, "{nothing}");
        }
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &["10.1.2.4"]), None);
    }
}
