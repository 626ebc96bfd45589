//! Where the embedded cloud can be spoken to with AWS's own tools.

use std::{net::SocketAddr, str::FromStr};

/// The address of the embedded cloud's AWS API, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwsApi {
    /// Not offered.
    Off,
    /// Offered at this address.
    At(SocketAddr),
}

/// A text that is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write an address and port such as 127.0.0.1:4566, or off")]
pub struct MalformedAwsApi;

impl FromStr for AwsApi {
    type Err = MalformedAwsApi;
    fn from_str(text: &str) -> Result<Self, MalformedAwsApi> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At).map_err(|_| MalformedAwsApi),
        }
    }
}
