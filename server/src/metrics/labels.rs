//! Labels of metrics.

/// Names and values. All values are fixed words: no label contains an order, a person or a secret.
pub(super) type Labels<const N: usize> = [(&'static str, &'static str); N];
