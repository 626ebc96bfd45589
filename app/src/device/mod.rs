//! Abilities of the device: sounds, wake lock, vibration, local storage, theme.
//!
//! On the server they do nothing, so components need not check where they run. In the browser each ability is checked
//! before it is used, because old browsers lack them. JavaScript objects are accessed by name (`js`), which is smaller
//! than bindings.

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
