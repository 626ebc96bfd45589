//! Derives the id of an order from the customer and the key of the request, so that a repeated request finds the same
//! order.

use domain::{CustomerId, OrderId};
use sha2::{Digest, Sha256};

/// The id of the order that `customer` starts with `key`. It cannot be guessed without the customer's cookie.
pub(super) fn order_id(customer: &CustomerId, key: &str) -> Option<OrderId> {
    let mut hash = Sha256::new();
    hash.update(customer.as_str().as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let hex: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    OrderId::try_from(hex).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_gives_the_same_order_id() {
        let phone = |name: &str| CustomerId::try_from(name).unwrap();
        let id = order_id(&phone("a"), "k").unwrap();
        assert_eq!(Some(&id), order_id(&phone("a"), "k").as_ref());
        assert_ne!(Some(&id), order_id(&phone("b"), "k").as_ref());
        assert_ne!(Some(&id), order_id(&phone("a"), "l").as_ref());
    }
}
