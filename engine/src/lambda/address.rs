//! Where a function is invoked.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

/// The address of a program that speaks Lambda's invocation API. It is not shown by `Debug`, because it may say more of
/// a machine than a log should.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address(String);

impl Address {
    /// Reads an address such as `http://127.0.0.1:3001`.
    ///
    /// # Errors
    /// Why it is none, in words; they do not repeat the address.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        // The parser leaves out what stands behind it.
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

    /// The URL at which the function of this name is invoked.
    pub(super) fn invocations(&self, name: &str) -> String {
        format!("{}/2015-03-31/functions/{name}/invocations", self.0)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address is valid in one network segment only (169.254.0.0/16, fe80::/10). The metadata services of cloud
/// providers have such addresses.
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
    fn an_address_is_http_and_no_more() {
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
    fn the_invocation_api_lies_below_the_address() {
        let address = Address::parse("http://127.0.0.1:3001/").unwrap();
        assert_eq!(address.invocations("f"), "http://127.0.0.1:3001/2015-03-31/functions/f/invocations");
    }
}
