//! The cookies of phones and tablets: separate for each shop, renewed by use, and `Secure` over https.

use std::fs;

use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, header};

use crate::kit::TestServer;

const DAY: u64 = 24 * 60 * 60;

/// The cookies that a response sets.
fn set(headers: &HeaderMap) -> Vec<&str> {
    headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_host_have_separate_cookies() {
    let (here, there) = (TestServer::open().await, TestServer::open().await);
    // Browsers send the cookies of a host to each of its ports.
    let phone = here.phone().await;
    let order = phone.start("k").await;
    let tablet = here.tablet("Ana").await;
    for browser in [&phone, &tablet] {
        assert_eq!(browser.at(there.running.address).get("/").await.status, 200);
    }
    let other = tablet.at(there.running.address);
    assert_eq!(other.post(&there.staff_path(), &[("name", "Ben")]).await.status, 303);
    assert_eq!(other.get("/barista").await.status, 200);

    assert_eq!(phone.get(&format!("/orders/{order}")).await.status, 200, "the order is still that of this phone");
    assert!(tablet.get("/barista").await.text().contains("Ana"));
    here.running.shutdown().await;
    there.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_every_cookie_is_secure_and_only_this_host_is_bound_to_https() {
    let server = TestServer::open_with(&["--public-url", "https://coffee.example"]).await;
    let browser = server.browser();
    let origin = [("origin", "https://coffee.example"), ("host", "coffee.example")];
    let page = browser.get_with("/", &origin).await;
    let language = browser.post_raw("/language", b"language=de".to_vec(), &origin).await;
    let tablet = server.browser();
    let signed_in = tablet.post_raw(&server.staff_path(), b"name=Ana".to_vec(), &origin).await;
    let theme = tablet.post_raw("/api/set_look", b"theme=dark".to_vec(), &origin).await;
    for answer in [&page, &language, &signed_in, &theme] {
        let cookies = set(&answer.headers);
        assert!(!cookies.is_empty() && cookies.iter().all(|cookie| cookie.contains("; Secure")), "{cookies:?}");
    }
    assert_eq!(page.headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_in_use_keeps_its_customer() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    assert_eq!(set(&phone.get("/").await.headers), [""; 0], "not with every page");
    for _ in 0..3 {
        server.advance(DAY);
        let answer = phone.get("/").await;
        let cookies = set(&answer.headers);
        assert!(cookies.len() == 1 && cookies[0].contains("Max-Age=2592000"), "{cookies:?}");
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_with_the_cookie_of_an_earlier_version_keeps_its_order() {
    let server = TestServer::open().await;
    let key = fs::read_to_string(server.folder.path().join("cookie.key")).unwrap();
    let key = Key::from(&BASE64_STANDARD.decode(key).unwrap());
    let jar = PrivateCookieJar::from_headers(&HeaderMap::new(), key).add(Cookie::new("doppio", "an-old-phone"));
    let response = axum::response::IntoResponse::into_response(jar);
    let former = set(response.headers())[0].split(';').next().unwrap().to_owned();

    let start = |key: &'static str| {
        let browser = server.browser();
        let former = former.clone();
        async move {
            let body = format!("key={key}").into_bytes();
            browser.post_raw("/api/start_order", body, &[("cookie", &former)]).await.ok()["id"].clone()
        }
    };
    assert_eq!(start("a").await, start("b").await, "one phone chooses one drink at a time");
    server.running.shutdown().await;
}
