//! Labels of metrics.

/// Names and values, all of them words of our own: no label names an order, a person or a secret.
pub(super) type Labels<const N: usize> = [(&'static str, &'static str); N];
