//! What the device can do for a page: make a sound, keep its screen on, shake, keep a few words.
//!
//! On the server all of it does nothing, so that pages call it without asking where they are. In the browser every
//! ability is looked for before it is used: an old one has none of them, and the page works all the same. The browser's
//! objects are reached by name (`js`), which costs a page less than a binding for each.

#[cfg(feature = "hydrate")]
mod clock;
#[cfg(feature = "hydrate")]
mod js;
mod sound;
mod storage;
mod theme;
mod vibrate;
mod wake_lock;

#[cfg(feature = "hydrate")]
pub use clock::{steady_millis, wall_millis};
pub use sound::{Chime, Sound};
pub use storage::{store, stored};
pub use theme::set_theme;
pub use vibrate::vibrate;
pub use wake_lock::{WakeLock, WakeState};
