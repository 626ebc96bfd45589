//! Puts a [`Viewer`] into every request, and sets the customer cookie of a new browser.

use app::backend::Viewer;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::PrivateCookieJar;
use domain::{BaristaId, CustomerId, Role, Timestamp};
use engine::clock::uuid;

use super::{
    AccessState,
    authenticator::{PHONE_DAYS, STAFF_DAYS},
};

/// A customer cookie that is older than this is renewed.
const RENEWED_AFTER_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Whom a browser has proved to be. Valid for as long as one of its connections is open.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) customer: CustomerId,
    /// Whether the browser has sent our cookie.
    has_cookie: bool,
    /// The role in which the browser has signed in, and when that ends.
    signed_in: Option<(Role, Timestamp)>,
}

impl Session {
    /// The viewer at this moment: a sign-in may have ended.
    pub(crate) fn viewer(&self, now: Timestamp) -> Viewer {
        let signed_in = self.signed_in.as_ref().filter(|(_, ends)| now < *ends);
        let role = signed_in.map_or(Role::Guest, |(role, _)| role.clone());
        Viewer { customer: self.customer.clone(), has_cookie: self.has_cookie, role }
    }
}

/// The middleware.
pub(crate) async fn identify(State(state): State<AccessState>, mut request: Request, next: Next) -> Response {
    let access = &state.authenticator;
    let jar = PrivateCookieJar::from_headers(request.headers(), access.key.clone());
    let phone = jar.get(&access.phone_cookie()).and_then(|cookie| Phone::read(cookie.value()));
    let former = || jar.get(&access.former_phone_cookie()).and_then(|cookie| Phone::read(cookie.value()));
    let known = phone.clone().or_else(former).map(|phone| phone.customer);
    let staff = jar.get(&access.staff_cookie()).or_else(|| jar.get(&access.former_staff_cookie()));
    let signed_in = staff.and_then(|cookie| read_staff(cookie.value()));
    let customer = match known.clone().map_or_else(|| CustomerId::try_from(uuid(&*state.rng)), Ok) {
        Ok(customer) => customer,
        Err(error) => return (http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    };
    let session = Session { customer: customer.clone(), has_cookie: known.is_some(), signed_in };
    request.extensions_mut().insert(session.viewer(state.now()));
    request.extensions_mut().insert(session);
    let response = next.run(request).await;
    if phone.is_some_and(|phone| phone.is_fresh(state.now())) {
        return response;
    }
    let cookie = access.cookie(access.phone_cookie(), Phone::write(&customer, state.now()), PHONE_DAYS);
    // A new jar, so that only this cookie is set.
    let jar = PrivateCookieJar::new(access.key.clone()).add(cookie);
    (jar, response).into_response()
}

/// The value of a customer cookie: the customer, and when it was written (milliseconds since 1970).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phone {
    customer: CustomerId,
    /// `None` in a cookie of an earlier version.
    written: Option<Timestamp>,
}

impl Phone {
    fn read(value: &str) -> Option<Self> {
        let (customer, written) = match value.split_once(' ') {
            Some((written, customer)) => (customer, Some(Timestamp(written.parse().ok()?))),
            None => (value, None),
        };
        CustomerId::try_from(customer).ok().map(|customer| Self { customer, written })
    }

    fn write(customer: &CustomerId, now: Timestamp) -> String {
        format!("{} {}", now.0, customer.as_str())
    }

    /// False when the cookie has to be renewed.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.written.is_some_and(|written| (0..RENEWED_AFTER_MILLIS).contains(&now.millis_since(written)))
    }
}

/// The value of a staff cookie: when it ends (milliseconds since 1970), and the barista.
pub(super) fn write_staff(barista: &BaristaId, now: i64) -> String {
    let ends = now.saturating_add(STAFF_DAYS.saturating_mul(24 * 60 * 60 * 1000));
    format!("{ends} {}", barista.as_str())
}

fn read_staff(value: &str) -> Option<(Role, Timestamp)> {
    let (ends, barista) = value.split_once(' ')?;
    let ends = Timestamp(ends.parse().ok()?);
    BaristaId::try_from(barista.to_owned()).ok().map(|barista| (Role::Barista(barista), ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_cookie_is_renewed_every_day() {
        let customer = CustomerId::try_from("a-phone").unwrap();
        let written = Timestamp(1_000);
        let phone = Phone::read(&Phone::write(&customer, written)).unwrap();
        assert_eq!(phone, Phone { customer: customer.clone(), written: Some(written) });
        assert!(phone.is_fresh(Timestamp(1_000 + RENEWED_AFTER_MILLIS - 1)));
        assert!(!phone.is_fresh(Timestamp(1_000 + RENEWED_AFTER_MILLIS)));
        let former = Phone::read("a-phone").unwrap();
        assert_eq!((former.customer.clone(), former.is_fresh(written)), (customer, false));
    }

    #[test]
    fn a_staff_cookie_expires_even_if_the_browser_keeps_it() {
        let ana = BaristaId::new("Ana María", "t1").unwrap();
        let customer = CustomerId::try_from("a").unwrap();
        let staff =
            |value: &str| Session { customer: customer.clone(), has_cookie: true, signed_in: read_staff(value) };
        let session = staff(&write_staff(&ana, 1_000));
        let ends = 1_000 + 7 * 24 * 60 * 60 * 1000;
        assert_eq!(session.viewer(Timestamp(ends - 1)).role, Role::Barista(ana));
        assert_eq!(session.viewer(Timestamp(ends)).role, Role::Guest);
        assert_eq!(staff("Ana~t1").viewer(Timestamp(0)).role, Role::Guest);
    }
}
