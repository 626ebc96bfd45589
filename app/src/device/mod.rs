//! What the device can do for a page: make a sound, keep its screen on, shake, keep a few words.
//!
//! On the server all of it does nothing, so that pages call it without asking where they are. In the browser every
//! ability is looked for before it is used: an old one has none of them, and the page works all the same. The browser's
//! objects are reached by name (`script`), which costs a page less than a binding for each.

mod keep;
#[cfg(feature = "hydrate")]
mod script;
mod sound;
mod theme;
#[cfg(feature = "hydrate")]
mod time;
mod vibrate;
mod wake;

pub use keep::{keep, kept};
pub use sound::{Chime, Sound};
pub use theme::set_theme;
#[cfg(feature = "hydrate")]
pub use time::{steady_millis, wall_millis};
pub use vibrate::vibrate;
pub use wake::{Wake, WakeLock};
