//! Reasons: a code that each page says in its reader's language, or words that stay as they were written.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest reason in a barista's own words, in characters.
pub const REASON_LIMIT: usize = 140;

macro_rules! reason {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal, $sentence:literal;)+ }) => {
        $(#[$doc])*
        ///
        /// As text, on the wire and in the table, it is its code; words that are no code are themselves.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$each])* $variant,)+
            /// The bar's own words, in its own language.
            Custom(String),
        }

        impl $name {
            /// Every reason that has a code, in the order in which they are offered.
            pub const CODES: &[Self] = &[$(Self::$variant),+];

            /// The code, or the words.
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

        /// An English sentence, for logs and for the table's `reason`; pages have words of their own.
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
    /// Why the bar called an order off.
    CancelReason {
        /// Something in it cannot be had any more.
        SoldOut = "sold_out", "Something you chose has just sold out.";
        /// The machine does not work.
        MachineDown = "machine_down", "The machine needs a rest.";
        /// The bar closes.
        Closing = "closing", "We are closing.";
        /// The same order is there twice.
        OrderedTwice = "ordered_twice", "This was ordered twice.";
        /// The bar gives one drink to each.
        OneEach = "one_each", "It is one drink for each of us today.";
    }
}

reason! {
    /// Why the bar takes no orders for a while.
    PauseReason {
        /// The queue is long.
        CatchingUp = "catching_up", "We are catching up with the queue.";
        /// The people at the bar rest.
        ShortBreak = "short_break", "We are taking a short break.";
        /// The machine rests, or is being cleaned.
        Machine = "machine", "The machine needs a rest.";
        /// Something is being brought.
        Restocking = "restocking", "We are fetching more milk and beans.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_travels_as_its_code_and_words_travel_as_they_are() {
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
