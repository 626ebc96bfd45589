//! The names, attributes and key of the cookies, and the secret of the staff link.

use std::{fmt, time::Duration};

use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// How long an unused customer cookie is kept, in days. It is renewed by use.
pub(super) const PHONE_DAYS: i64 = 30;
/// How long a tablet stays signed in, in days.
pub(super) const STAFF_DAYS: i64 = 7;

/// Knows the key from which the cookies and the staff link are derived.
#[derive(Clone)]
pub(crate) struct Authenticator {
    pub(super) key: Key,
    /// The last part of the staff link.
    secret: Secret,
    /// Whether guests come over https. The cookies are then never sent without encryption.
    pub(super) secure: bool,
    /// The id of the shop. Browsers share cookies between the ports of a host, so two shops on one host need different
    /// cookie names.
    bar: String,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("secure", &self.secure).field("bar", &self.bar).finish_non_exhaustive()
    }
}

impl Authenticator {
    /// The cookies and the staff link depend on `key` only, so they are valid on every node that has the same key.
    pub(crate) fn new(key: Key, secure: bool, bar: String) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"doppio staff link");
        hash.update(key.master());
        let secret: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { key, secret: secret.into(), secure, bar }
    }

    /// The path of the staff link.
    pub(crate) fn staff_path(&self) -> String {
        format!("/staff/{}", &*self.secret)
    }

    /// Whether this is the secret of the staff link. Digests are compared in constant time, so the duration depends
    /// neither on the content nor on the length.
    pub(super) fn is_secret(&self, tried: &str) -> bool {
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        digest(tried).as_slice().ct_eq(digest(&self.secret).as_slice()).into()
    }

    /// Adds the prefix with which browsers accept a cookie only from this host itself, over https.
    fn name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    pub(super) fn phone_cookie(&self) -> String {
        self.name(&format!("doppio-{}", self.bar))
    }

    pub(super) fn staff_cookie(&self) -> String {
        self.name(&format!("doppio-staff-{}", self.bar))
    }

    /// The name of the customer cookie before it contained the id of the shop (early 0.1). It is still read, so that
    /// customers keep their orders.
    pub(super) fn former_phone_cookie(&self) -> String {
        self.name("doppio")
    }

    /// The name of the staff cookie before it contained the id of the shop.
    pub(super) fn former_staff_cookie(&self) -> String {
        self.name("doppio-staff")
    }

    pub(super) fn flash_cookie(&self) -> String {
        self.name(&format!("doppio-failed-{}", self.bar))
    }

    pub(super) fn cookie(&self, name: String, value: String, days: i64) -> Cookie<'static> {
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            // `Lax`, because a scanned QR code counts as a link from another site.
            .same_site(SameSite::Lax)
            .max_age(
                Duration::from_secs(days.unsigned_abs().saturating_mul(24 * 60 * 60)).try_into().unwrap_or_default(),
            )
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(key: u8, secure: bool) -> Authenticator {
        Authenticator::new(Key::from(&[key; 64]), secure, "b1".to_owned())
    }

    #[test]
    fn the_secret_of_the_staff_link_is_not_logged() {
        let access = access(7, false);
        assert!(!format!("{access:?}").contains(&*access.secret));
    }

    #[test]
    fn only_the_one_secret_opens_the_staff_page_and_it_follows_from_the_key() {
        let one = access(7, false);
        let again = access(7, true);
        let other = access(8, false);
        assert!(one.is_secret(&again.secret));
        for wrong in ["", &*other.secret, &one.secret.to_uppercase(), &one.secret[1..]] {
            assert!(!one.is_secret(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn over_https_the_cookies_are_bound_to_the_host() {
        let cookie = |secure| {
            let access = access(7, secure);
            access.cookie(access.phone_cookie(), "x".into(), 1).to_string()
        };
        assert_eq!(cookie(true), "__Host-doppio-b1=x; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400");
        assert_eq!(cookie(false), "doppio-b1=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400");
    }
}
