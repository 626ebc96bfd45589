//! Vibration, on phones that support it.

/// Vibrates: the durations of vibration and pause in turn, in milliseconds. iPhones do not support it, so it must not
/// be the only signal.
pub fn vibrate(pattern: &[u16]) {
    #[cfg(feature = "hydrate")]
    if let Some(navigator) = super::js::global("navigator") {
        let steps = js_sys::Array::new();
        for step in pattern {
            steps.push(&(*step).into());
        }
        super::js::call(&navigator, "vibrate", &[steps.into()]);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = pattern;
}
