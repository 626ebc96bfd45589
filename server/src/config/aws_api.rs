//! The option `--aws-api`.

use std::{net::SocketAddr, str::FromStr};

/// The address of the AWS API of the embedded cloud, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwsApi {
    /// The API is not offered.
    Off,
    /// The API is offered at this address.
    At(SocketAddr),
}

/// The text is neither an address nor `off`.
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
