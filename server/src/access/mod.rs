//! Who asks: every browser has a cookie that says which phone it is; a browser that has opened the staff link has
//! another one that says which barista. Both are encrypted, so that nobody can make one up.

mod identify;
mod key;
mod staff;

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use sha2::{Digest, Sha256};

pub(crate) use self::{
    identify::{Session, identify},
    key::{KeyError, load_or_create},
    staff::router,
};

/// How long a phone is remembered, in days.
const PHONE_DAYS: i64 = 30;
/// How long a tablet stays signed in, in days.
const STAFF_DAYS: i64 = 7;

/// What it takes to tell who asks.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    key: Key,
    /// The last part of the staff link.
    secret: String,
    /// True when the bar is reached over https: the cookies then never leave it.
    secure: bool,
}

impl Access {
    /// Both cookies and the staff link follow from `key`, so that all nodes that share it know each other's.
    pub(crate) fn new(key: Key, secure: bool) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"doppio staff link");
        hash.update(key.master());
        let secret = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { key, secret, secure }
    }

    /// The path of the staff link.
    pub(crate) fn staff_path(&self) -> String {
        format!("/staff/{}", self.secret)
    }

    /// Whether this is the secret of the staff link. It takes the same time for every wrong one.
    fn is_secret(&self, tried: &str) -> bool {
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        let difference =
            digest(tried).iter().zip(digest(&self.secret)).fold(0, |all, (one, other)| all | (one ^ other));
        difference == 0
    }

    /// Browsers accept a name with this prefix only from the host itself, over https.
    fn name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn phone_cookie(&self) -> String {
        self.name("doppio")
    }

    fn staff_cookie(&self) -> String {
        self.name("doppio-staff")
    }

    fn cookie(&self, name: String, value: String, days: i64) -> Cookie<'static> {
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

    #[test]
    fn only_the_one_secret_opens_the_staff_page_and_it_follows_from_the_key() {
        let access = Access::new(Key::from(&[7; 64]), false);
        let again = Access::new(Key::from(&[7; 64]), true);
        let other = Access::new(Key::from(&[8; 64]), false);
        assert!(access.is_secret(&again.secret));
        for wrong in ["", &other.secret, &access.secret.to_uppercase(), &access.secret[1..]] {
            assert!(!access.is_secret(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn over_https_the_cookies_are_bound_to_the_host() {
        let cookie = |secure| {
            let access = Access::new(Key::from(&[7; 64]), secure);
            access.cookie(access.phone_cookie(), "x".into(), 1).to_string()
        };
        assert_eq!(cookie(true), "__Host-doppio=x; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400");
        assert_eq!(cookie(false), "doppio=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400");
    }
}
