//! A short shake, on phones that can.

/// Shakes the device: milliseconds of shaking and resting in turn. Not on an iPhone, and never the only sign.
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
