//! The two clocks of a browser.

/// Milliseconds since the navigation, for durations. Changes of the device's clock do not affect it. Some browsers stop
/// it while the device sleeps.
pub fn steady_millis() -> i64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0, |performance| performance.now() as i64)
}

/// The device's clock, in milliseconds since 1970. Only for what is shown, and for what must survive a reload.
pub fn wall_millis() -> i64 {
    js_sys::Date::now() as i64
}
