//! Reasons: a code, which each page translates, or the text that a barista has written.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The maximum length of a barista's own text, in characters.
pub const REASON_LIMIT: usize = 140;

macro_rules! reason {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal, $sentence:literal;)+ }) => {
        $(#[$doc])*
        /// On the wire and in tables it is its code, or the barista's own text.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$each])* $variant,)+
            /// A barista's own text.
            Custom(String),
        }

        impl $name {
            /// All reasons with a code, in the order in which they are offered.
            pub const CODES: &[Self] = &[$(Self::$variant),+];

            /// The code or the text.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Custom(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($code => Self::$variant,)+
                    _ => Self::Custom(text),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(reason: $name) -> Self {
                match reason {
                    $name::Custom(text) => text,
                    code => code.as_str().to_owned(),
                }
            }
        }

        /// An English sentence, for logs and for the table's `reason`. Pages have translations.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $sentence,)+
                    Self::Custom(text) => text,
                })
            }
        }
    };
}

reason! {
    /// Why the bar cancelled an order.
    CancelReason {
        /// Something in it is sold out.
        SoldOut = "sold_out", "Something you chose has just sold out.";
        /// The machine is broken.
        MachineDown = "machine_down", "The machine needs a rest.";
        /// The bar closes.
        Closing = "closing", "We are closing.";
        /// The order was placed twice.
        OrderedTwice = "ordered_twice", "This was ordered twice.";
        /// The bar gives one drink to each guest.
        OneEach = "one_each", "It is one drink for each of us today.";
    }
}

reason! {
    /// Why the bar is paused.
    PauseReason {
        /// The queue is too long.
        CatchingUp = "catching_up", "We are catching up with the queue.";
        /// The baristas take a break.
        ShortBreak = "short_break", "We are taking a short break.";
        /// The machine is broken or is being cleaned.
        Machine = "machine", "The machine needs a rest.";
        /// Milk or beans are being fetched.
        Restocking = "restocking", "We are fetching more milk and beans.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_serialized_as_its_code_or_text() {
        for reason in CancelReason::CODES {
            let text = serde_json::to_string(reason).unwrap();
            assert_eq!(text, format!("\"{}\"", reason.as_str()));
            assert_eq!(serde_json::from_str::<CancelReason>(&text).unwrap(), *reason);
            assert_ne!(reason.to_string(), reason.as_str(), "a guest reads a sentence, not a code");
        }
        let words = CancelReason::from("The oat milk fell down.");
        assert_eq!(words, CancelReason::Custom("The oat milk fell down.".into()));
        assert_eq!(String::from(words), "The oat milk fell down.");
        assert_eq!(PauseReason::from("machine"), PauseReason::Machine);
    }
}
