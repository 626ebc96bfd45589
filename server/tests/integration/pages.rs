//! The paths of the pages, and which other sites may show them in frames.

use crate::kit::{STYLE_SHEET, TestServer};

#[tokio::test(flavor = "multi_thread")]
async fn every_page_exists_with_and_without_a_trailing_slash() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let order = tablet.start("k").await;
    let (order, staff) = (format!("/orders/{order}"), server.staff_path());
    let pages = ["/barista", "/display", "/display/setup", "/display/mine", &order, &staff];
    let title = |html: &str| {
        let (_, rest) = html.split_once("<title>").expect("a title");
        rest.split_once("</title>").unwrap().0.to_owned()
    };
    for page in pages {
        let (plain, slash) = (tablet.get(page).await, tablet.get(&format!("{page}/")).await);
        assert_eq!((plain.status, slash.status), (200, 200), "{page}");
        assert_eq!(title(&plain.text()), title(&slash.text()), "{page}");
    }
    let signed_in = server.phone().await.post(&format!("{staff}/"), &[("name", "Ben")]).await;
    assert_eq!(signed_in.status, 303);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_board_may_be_framed_and_only_by_named_sites() {
    let flags = ["--allow-frame", "https://signage.example", "--allow-frame", "http://10.0.0.7:8080"];
    let (server, closed) = (TestServer::open_with(&flags).await, TestServer::open().await);
    let policy = async |server: &TestServer, path: &str| {
        let headers = server.browser().get(path).await.headers;
        let policy = headers["content-security-policy"].to_str().unwrap().to_owned();
        let frames = policy.split(';').find_map(|each| each.trim().strip_prefix("frame-ancestors ")).map(str::to_owned);
        (
            frames.expect("a policy about frames"),
            headers.get("x-frame-options").map(|value| value.to_str().unwrap().to_owned()),
        )
    };
    assert_eq!(
        policy(&server, "/display?l=de").await,
        ("https://signage.example http://10.0.0.7:8080".to_owned(), None)
    );
    let denied = ("'none'".to_owned(), Some("DENY".to_owned()));
    for path in ["/", "/barista", "/display/setup", "/display/mine", "/orders/a", &server.staff_path(), STYLE_SHEET] {
        assert_eq!(policy(&server, path).await, denied, "{path}");
    }
    assert_eq!(policy(&closed, "/display").await, denied);
    server.running.shutdown().await;
    closed.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_display_shows_no_qr_code_that_a_phone_cannot_open() {
    let (server, public) =
        (TestServer::open().await, TestServer::open_with(&["--public-url", "https://coffee.example"]).await);
    let page = async |server: &TestServer, path: &str, host: &str| {
        server.browser().get_with(path, &[("host", host), ("accept-language", "de")]).await.text()
    };
    for path in ["/display", "/display/setup?in=40&room=8"] {
        for host in ["127.0.0.1:3000", "localhost:3000", "[::1]:3000", "0.0.0.0:3000", "127.0.0.1"] {
            assert!(!page(&server, path, host).await.contains("class=\"code\""), "{path} {host}");
        }
    }
    let own = page(&server, "/display", "127.0.0.1:3000").await;
    assert!(own.contains("/display/setup steht, warum"), "staff read what to do: {own}");
    let lan = page(&server, "/display", "192.168.1.7:3000").await;
    assert!(lan.contains("class=\"code\"") && !lan.contains("steht, warum"));
    // Behind a proxy that sends another host name, the configured URL counts.
    let behind = page(&public, "/display", "127.0.0.1:3000").await;
    assert!(behind.contains("class=\"code\"") && behind.contains("coffee.example"));
    server.running.shutdown().await;
    public.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_input_is_escaped_and_only_scripts_of_the_server_may_run() {
    let server = TestServer::open().await;
    let tablet = server.tablet("<script>a()</script>").await;
    let reason = "</script><script>b()</script>\"'<img src=x onerror=b()>";
    let pause = [("state", "paused"), ("reason", reason), ("minutes", "5")];
    assert_eq!(tablet.post("/api/set_shop_state", &pause).await.status, 200);
    let phone = server.phone().await;
    for (browser, path) in [(&phone, "/"), (&tablet, "/barista"), (&phone, "/display"), (&phone, "/display/mine")] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        let html = answer.text();
        assert!(html.contains("onerror=b()"), "{path}: the reason is shown");
        assert!(!html.contains("<script>") && !html.contains("<img src=x"), "{path}: {html}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        let sources = policy.split(';').find_map(|each| each.trim().strip_prefix("script-src ")).unwrap();
        let mut sources = sources.split(' ');
        let nonce = sources.next().unwrap().trim_matches('\'').strip_prefix("nonce-").unwrap().to_owned();
        assert!(sources.all(|source| ["'strict-dynamic'", "'wasm-unsafe-eval'"].contains(&source)), "{path}: {policy}");
        for tag in html.split("<script").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            assert!(tag.contains(&nonce) || tag.contains("application/json"), "{path}: <script{tag}>");
        }
    }
    server.running.shutdown().await;
}
