//! Identifiers. Each is checked when it is constructed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be 1 to 64 letters, digits, '-' or '_'")]
pub struct InvalidId {
    what: &'static str,
}

/// Checks an id. Ids are parts of keys, paths and execution names, so their alphabet is what all of these allow.
fn check(text: &str, what: &'static str) -> Result<(), InvalidId> {
    let legal = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if legal { Ok(()) } else { Err(InvalidId { what }) }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                check(&text, $what)?;
                Ok(Self(text))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;
            fn try_from(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// The id of an order: `SK` in the order table, `orderId` in events, and the name of the workflow execution.
    OrderId,
    "an order id"
);
id!(
    /// The id of a guest's browser, from its cookie: `USERID` in the order table, `userId` in events.
    CustomerId,
    "a customer id"
);

/// The prefix of the id of a walk-in. The ids of browsers are random hexadecimal digits.
const WALK_IN: &str = "bar-";

impl CustomerId {
    /// The id of a walk-in: an order that is placed at the bar, without a phone. It follows from the key of the
    /// request, so each order has its own.
    ///
    /// # Errors
    /// [`InvalidId`] when the key holds more than letters, digits, `-` and `_`, or is too long.
    pub fn walk_in(key: &str) -> Result<Self, InvalidId> {
        check(key, "the key of a request")?;
        Self::try_from(format!("{WALK_IN}{key}"))
    }

    /// Whether it is the id of a walk-in.
    pub fn is_walk_in(&self) -> bool {
        self.0.starts_with(WALK_IN)
    }
}

const BARISTA: &str = "a barista's name must be 1 to 24 printable characters and its device";

/// The id of a barista at a tablet: `baristaUserId` in the order table.
///
/// As text it is `<name>~<device>`. Colleagues read the name; the device part distinguishes two people of the same
/// name. Neither part is secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaristaId(String);

impl BaristaId {
    /// The maximum length of a name, in characters.
    pub const NAME_LIMIT: usize = 24;

    /// The id of a barista with this name at this device.
    ///
    /// # Errors
    /// [`InvalidId`] when the name has no visible character, is too long or has a `~`, or the device part is not an id.
    pub fn new(name: &str, device: &str) -> Result<Self, InvalidId> {
        let name = text::clean(name, Self::NAME_LIMIT).map_err(|_| InvalidId { what: BARISTA })?;
        Self::try_from(format!("{name}~{device}"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, without the device.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('~').map_or(self.0.as_str(), |(name, _)| name)
    }
}

impl TryFrom<String> for BaristaId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        let what = BARISTA;
        let (name, device) = text.rsplit_once('~').ok_or(InvalidId { what })?;
        let printable = !name.trim().is_empty() && !name.chars().any(|each| each.is_control() || each == '~');
        if !printable || name.chars().count() > Self::NAME_LIMIT {
            return Err(InvalidId { what });
        }
        check(device, what)?;
        Ok(Self(text))
    }
}

impl From<BaristaId> for String {
    fn from(id: BaristaId) -> Self {
        id.0
    }
}

impl fmt::Display for BaristaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of a barista without the device, for guests and colleagues.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BaristaName(String);

impl BaristaName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&BaristaId> for BaristaName {
    fn from(id: &BaristaId) -> Self {
        Self(id.name().to_owned())
    }
}

impl From<String> for BaristaName {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl fmt::Display for BaristaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number that is called out. It counts from 1 within a shop. Tables and events hold it as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderNumber(pub u32);

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for OrderNumber {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_with_other_characters_are_refused() {
        assert!(OrderId::try_from("V1StGXR8_Z5jdHi6B-myT").is_ok());
        for bad in ["", "a/b", "a b", "ü", "a\n", &"x".repeat(65)] {
            assert!(OrderId::try_from(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<OrderId>("\"../etc\"").is_err());
    }

    #[test]
    fn baristas_of_the_same_name_have_different_ids() {
        let (one, other) = (BaristaId::new(" José ", "t1").unwrap(), BaristaId::new("José", "t2").unwrap());
        assert_ne!(one, other);
        assert_eq!((one.name(), other.to_string().as_str()), ("José", "José"));
        for bad in ["", "   ", "a~b", "\u{200b}\u{200d}", "\u{202e}", &"x".repeat(25)] {
            assert!(BaristaId::new(bad, "t1").is_err(), "{bad:?}");
        }
        assert_eq!(BaristaId::new("\u{202e}A\u{1b}na\u{200b}", "t1").unwrap().name(), "Ana");
    }
}
