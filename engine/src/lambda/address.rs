//! The address of a function.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

/// The HTTP address of a program that implements Lambda's invocation API. `Debug` does not show it, because it may
/// reveal more about a machine than a log should.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address(String);

impl Address {
    /// Parses an address such as `http://127.0.0.1:3001`.
    ///
    /// # Errors
    /// The reason why it is not valid, without the address itself.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        // The URI parser drops the fragment.
        if text.contains('#') {
            return Err("it must not have a fragment (#) behind it");
        }
        let uri: Uri = text.parse().map_err(|_| "it is not a URL. Write it as http://127.0.0.1:3001")?;
        if uri.scheme_str() != Some("http") {
            return Err("only http:// addresses can be invoked. Write it as http://127.0.0.1:3001");
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err("it names no host. Write it as http://127.0.0.1:3001");
        }
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        if host.parse().is_ok_and(is_link_local) {
            return Err("link-local addresses cannot be invoked: cloud providers give out credentials there");
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("it must not hold a user or a password");
        }
        if uri.query().is_some() {
            return Err("it must not have a query behind it");
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The URL that invokes the function of this name.
    pub(super) fn invocations(&self, name: &str) -> String {
        format!("{}/2015-03-31/functions/{name}/invocations", self.0)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address is link-local (169.254.0.0/16, fe80::/10), as those of the metadata services of cloud providers.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => Ipv6Addr::is_unicast_link_local(&address),
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_plain_http_url() {
        for good in ["http://127.0.0.1:3001", "http://localhost:9000/", "http://[::1]:80", "http://functions/a"] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a#b",
            "http://a/#",
            "http://127.0.0.1:3001/#/",
            "http://169.254.169.254",
            "http://169.254.0.1:80/latest",
            "http://[fe80::1]:80",
            "http://[::ffff:169.254.169.254]",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
        for bad in ["https://a", "ftp://a", "127.0.0.1:3001", "http://", "", "http://u:p@a", "http://a?b", "unix:/x"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_invocation_api_is_below_the_address() {
        let address = Address::parse("http://127.0.0.1:3001/").unwrap();
        assert_eq!(address.invocations("f"), "http://127.0.0.1:3001/2015-03-31/functions/f/invocations");
    }
}
