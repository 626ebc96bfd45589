//! Limits of live connections: in total, per network and per browser session. A refused connection gets an HTTP error
//! before the upgrade, and the page falls back to polling.
//!
//! The limits count open connections, not attempts: an attempt costs no more than a page, and all phones of a room
//! reconnect within the same seconds after a restart.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::response::{IntoResponse, Response};
use domain::CustomerId;
use http::{StatusCode, header};

use crate::{client_address::network_or_unspecified, config::LiveLimits};

/// The value of `Retry-After`.
const RETRY_AFTER_SECONDS: &str = "30";

/// The limit that a connection would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The total of the server.
    All,
    /// The limit of one network.
    Address,
    /// The limit of one browser session.
    Session,
}

impl Refused {
    /// The value of the label `limit` in the metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Address => "address",
            Self::Session => "session",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::All => {
                "This bar has as many live connections as it can serve. Ask for the page again every few seconds, and try the live connection again later."
            }
            Self::Address => {
                "Your network has as many live connections as one may have. Ask for the page again every few seconds, and try the live connection again later."
            }
            Self::Session => "This browser has too many live connections. Close some of its tabs, and try again.",
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self {
            Self::All => StatusCode::SERVICE_UNAVAILABLE,
            Self::Address | Self::Session => StatusCode::TOO_MANY_REQUESTS,
        };
        (status, [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)], self.words()).into_response()
    }
}

/// Counts the open connections.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: LiveLimits,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: u32,
    addresses: HashMap<IpAddr, u32>,
    sessions: HashMap<CustomerId, u32>,
}

/// Counts as one connection until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Arc<Admission>,
    address: IpAddr,
    session: CustomerId,
}

impl Admission {
    pub(crate) fn new(limits: LiveLimits) -> Arc<Self> {
        Arc::new(Self { limits, open: Mutex::default() })
    }

    /// Admits a connection. `address` is `None` when a trusted proxy does not name the client.
    pub(crate) fn admit(self: &Arc<Self>, address: Option<IpAddr>, session: &CustomerId) -> Result<Permit, Refused> {
        let address = network_or_unspecified(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.addresses.get(&address).copied().unwrap_or(0);
        let of_session = open.sessions.get(session).copied().unwrap_or(0);
        if open.all >= self.limits.live_limit {
            return Err(Refused::All);
        }
        if of_session >= self.limits.live_limit_session {
            return Err(Refused::Session);
        }
        if of_address >= self.limits.live_limit_address {
            return Err(Refused::Address);
        }
        open.all += 1;
        open.sessions.insert(session.clone(), of_session + 1);
        open.addresses.insert(address, of_address + 1);
        Ok(Permit { admission: Arc::clone(self), address, session: session.clone() })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.admission.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        leave(&mut open.sessions, &self.session);
        leave(&mut open.addresses, &self.address);
    }
}

fn leave<K: Eq + Hash>(open: &mut HashMap<K, u32>, key: &K) {
    match open.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(open.remove(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(name: &str) -> CustomerId {
        CustomerId::try_from(name).unwrap()
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn limits(live_limit: u32, live_limit_address: u32, live_limit_session: u32) -> Arc<Admission> {
        Admission::new(LiveLimits { live_limit, live_limit_address, live_limit_session })
    }

    #[test]
    fn each_limit_holds_and_a_closed_connection_makes_room() {
        let admission = limits(4, 3, 2);
        let (here, there) = (address("203.0.113.7"), address("198.51.100.1"));
        let first = admission.admit(here, &session("a")).unwrap();
        let _second = admission.admit(here, &session("a")).unwrap();
        assert_eq!(admission.admit(there, &session("a")).err(), Some(Refused::Session));
        let _third = admission.admit(here, &session("b")).unwrap();
        assert_eq!(admission.admit(here, &session("c")).err(), Some(Refused::Address));
        let _fourth = admission.admit(there, &session("c")).unwrap();
        assert_eq!(admission.admit(address("192.0.2.1"), &session("d")).err(), Some(Refused::All));
        drop(first);
        let _fifth = admission.admit(here, &session("a")).unwrap();
        assert_eq!(admission.admit(there, &session("d")).err(), Some(Refused::All));
    }

    #[test]
    fn closed_connections_leave_nothing_behind() {
        let admission = limits(10, 10, 10);
        let permits: Vec<_> =
            ["a", "b", "a"].map(|name| admission.admit(address("203.0.113.7"), &session(name)).unwrap()).into();
        drop(permits);
        let open = admission.open.lock().unwrap();
        assert_eq!((open.all, open.addresses.len(), open.sessions.len()), (0, 0, 0));
    }

    #[test]
    fn an_ipv6_network_and_all_unnamed_clients_each_count_as_one_network() {
        let admission = limits(10, 1, 10);
        let _first = admission.admit(address("2001:db8:1:2::1"), &session("a")).unwrap();
        assert_eq!(admission.admit(address("2001:db8:1:2:ffff::9"), &session("b")).err(), Some(Refused::Address));
        let _other = admission.admit(address("2001:db8:1:3::1"), &session("c")).unwrap();
        let _mapped = admission.admit(address("::ffff:203.0.113.7"), &session("d")).unwrap();
        assert_eq!(admission.admit(address("203.0.113.7"), &session("e")).err(), Some(Refused::Address));
        let _unnamed = admission.admit(None, &session("f")).unwrap();
        assert_eq!(admission.admit(None, &session("g")).err(), Some(Refused::Address));
    }
}
