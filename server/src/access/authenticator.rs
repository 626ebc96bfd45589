//! The cookies and the staff link.

use std::{fmt, time::Duration};

use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// How long a phone that is not used is remembered, in days. Use renews it.
pub(super) const PHONE_DAYS: i64 = 30;
/// How long a tablet stays signed in, in days.
pub(super) const STAFF_DAYS: i64 = 7;

/// What it takes to tell who asks.
#[derive(Clone)]
pub(crate) struct Authenticator {
    pub(super) key: Key,
    /// The last part of the staff link.
    secret: Secret,
    /// True when the bar is reached over https: the cookies then never leave it.
    pub(super) secure: bool,
    /// The id of the bar. Browsers share cookies between the ports of a host, so two bars on one host need different
    /// names for theirs.
    bar: String,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("secure", &self.secure).field("bar", &self.bar).finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Both cookies and the staff link follow from `key`, so that all nodes that share it know each other's.
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

    /// Whether this is the secret of the staff link. Digests of both are compared in constant time, so that the time
    /// depends neither on the content nor on the length.
    pub(super) fn is_secret(&self, tried: &str) -> bool {
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        digest(tried).as_slice().ct_eq(digest(&self.secret).as_slice()).into()
    }

    /// Browsers accept a name with this prefix only from the host itself, over https.
    fn name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    pub(super) fn phone_cookie(&self) -> String {
        self.name(&format!("doppio-{}", self.bar))
    }

    pub(super) fn staff_cookie(&self) -> String {
        self.name(&format!("doppio-staff-{}", self.bar))
    }

    /// The name of the phone's cookie in version 0.1 before it had the bar's id. A phone that has one keeps its orders.
    pub(super) fn former_phone_cookie(&self) -> String {
        self.name("doppio")
    }

    /// The same for the staff's cookie.
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
            // Lax, because a scanned code is a link from elsewhere.
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
    fn the_secret_of_the_staff_link_is_not_in_what_is_logged() {
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
