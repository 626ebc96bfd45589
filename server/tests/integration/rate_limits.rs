//! Limits of started orders per network, with refusals in the guest's language. Orders placed at the bar are not
//! limited.

use domain::view::Stage;

use crate::kit::{Browser, TestServer};

fn is_over(stage: &Stage) -> bool {
    matches!(stage, Stage::Ended { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_starts_of_a_network_are_limited_and_other_networks_are_not_affected() {
    let server = TestServer::open_with(&["--starts-per-minute", "3", "--metrics", "127.0.0.1:0"]).await;
    let start = async |browser: &Browser, key: &str| browser.post("/api/start_order", &[("key", key)]).await;
    // A browser without cookies is another guest each time.
    for _ in 0..3 {
        assert_eq!(start(&server.phone().await, "k").await.status, 200);
    }
    let refused = start(&server.phone().await, "k").await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"20".parse().unwrap()));
    assert_eq!(refused.json(), serde_json::json!({ "error": "tooMany", "detail": 20 }));
    let whole = [("key", "k"), ("drink", "Latte")];
    assert_eq!(server.phone().await.post("/api/submit_order", &whole).await.status, 429, "this also counts as a start");
    server.wait_for_metric(r#"doppio_commands_refused_total{reason="too_many"} 2"#).await;

    let there = Browser::from("127.0.0.3", server.running.address);
    there.get("/").await;
    assert_eq!(start(&there, "k").await.status, 200);
    server.advance(20);
    assert_eq!(start(&server.phone().await, "k").await.status, 200);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_a_trusted_proxy_does_not_name_are_limited_too() {
    let server = TestServer::open_with(&["--starts-per-minute", "2", "--trusted-proxy", "127.0.0.1"]).await;
    let start = async |headers: &[(&str, &str)]| {
        server.phone().await.post_raw("/api/start_order", b"key=k".to_vec(), headers).await.status
    };
    let from = async |address: &str| start(&[("x-forwarded-for", address)]).await;
    assert_eq!([from("203.0.113.7:1000").await, from("203.0.113.7:1001").await], [200, 200]);
    assert_eq!(from("203.0.113.7").await, 429, "another port is the same client");
    assert_eq!(from("\"[2001:db8::1]:4711\"").await, 200);
    assert_eq!([from("unknown").await, start(&[]).await], [200, 200]);
    assert_eq!(from("_hidden").await, 429, "all of them together have one limit");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_the_refusal_is_in_the_reader_s_language() {
    let server = TestServer::open_with(&["--starts-per-minute", "1"]).await;
    let page = [("accept", "text/html"), ("accept-language", "de"), ("referer", "http://localhost/?drink=Latte")];
    let phone = server.phone().await;
    let order = async |phone: &Browser| phone.post_raw("/api/submit_order", b"key=k&drink=Latte".to_vec(), &page).await;
    let placed = order(&server.phone().await).await;
    assert!(placed.headers["location"].to_str().unwrap().starts_with("/orders/"), "{:?}", placed.headers);
    let refused = order(&phone).await;
    let back = refused.headers["location"].to_str().unwrap().to_owned();
    let shown = phone.get_with(&back, &page).await.text();
    assert!(shown.contains("Versuche es in 60 s noch einmal"), "{back} {shown}");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_placed_at_the_bar_are_not_limited() {
    let server = TestServer::open_with(&["--starts-per-minute", "1000"]).await;
    let tablet = server.tablet("Ana").await;
    let mut full = false;
    for number in 0..200 {
        let guest = server.browser();
        let order = guest.start(&format!("k{number}")).await;
        let mut live = guest.live(&[&format!("order/{order}")]).await;
        let view = live.order(&order, |view| view.choose_by.is_some() || is_over(&view.stage)).await;
        full = is_over(&view.stage);
        if full {
            break;
        }
    }
    assert!(full, "the bar has a limit");
    for key in ["w1", "w2"] {
        let placed = tablet.post("/api/walk_in_order", &[("key", key), ("drink", "Latte")]).await.ok();
        assert!(placed["number"].is_number(), "{placed}");
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_starts_does_not_apply_to_walk_ins() {
    let server = TestServer::open_with(&["--starts-per-minute", "1"]).await;
    let tablet = server.tablet("Ana").await;
    for key in ["w1", "w2", "w3"] {
        tablet.post("/api/walk_in_order", &[("key", key), ("drink", "Latte")]).await.ok();
    }
    server.running.shutdown().await;
}
