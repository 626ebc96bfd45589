//! DNS rebinding: a page of another site whose name resolves to this machine can neither read nor do anything.

use crate::kit::{Browser, STYLE_SHEET, TestServer, Transcript};

const WITH_AWS_API: [&str; 2] = ["--aws-api", "127.0.0.1:0"];

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_api_is_for_programs_of_this_machine_only() {
    let server = TestServer::open_with(&WITH_AWS_API).await;
    let address = server.running.aws_api.unwrap();
    let program = Browser::new(address, Transcript::default());
    let scan = async |headers: &[(&str, &str)]| {
        let target = [("x-amz-target", "DynamoDB_20120810.Scan")];
        let request = br#"{"TableName":"serverlesspresso-order-table"}"#.to_vec();
        program.post_raw("/", request, &[&target, headers].concat()).await
    };
    let own = format!("http://{address}");
    assert_eq!(scan(&[]).await.status, 200);
    assert_eq!(scan(&[("host", "localhost:4566")]).await.status, 200);
    assert_eq!(scan(&[("host", "sync-localhost:4566")]).await.status, 200);
    assert_eq!(scan(&[("origin", &own), ("sec-fetch-site", "same-origin")]).await.status, 200);
    for headers in [
        [("host", "evil.example")].as_slice(),
        &[("host", "evil.example"), ("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://localhost:3000")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let answer = scan(headers).await;
        assert_eq!(
            (answer.status, answer.json()["__type"].as_str()),
            (403, Some("AccessDeniedException")),
            "{headers:?}"
        );
        let functions = program.get_with("/2015-03-31/functions", headers).await;
        assert_eq!(functions.status, 403, "{headers:?}");
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_are_served_for_allowed_hosts_only() {
    let server = TestServer::open_with(&["--allow-host", "coffee.example"]).await;
    let phone = server.phone().await;
    for host in ["localhost", "bar.localhost:3000", "192.168.1.7:3000", "coffee.example"] {
        assert_eq!(phone.get_with("/", &[("host", host)]).await.status, 200, "{host}");
    }
    let rebound = [("host", "evil.example"), ("accept-language", "de")];
    for path in ["/", "/barista", "/display", STYLE_SHEET, &server.staff_path(), "/live"] {
        let answer = phone.get_with(path, &rebound).await;
        assert_eq!(answer.status, 421, "{path}");
        assert!(answer.text().contains("Adresse"), "in the reader's language: {}", answer.text());
    }
    let refused = phone.post_raw("/api/start_order", b"key=k".to_vec(), &rebound).await;
    assert_eq!((refused.status, refused.json()["error"].as_str()), (421, Some("invalid")));
    assert_eq!(phone.get_with("/healthz", &rebound).await.status, 200, "there is nothing to read");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_with_a_public_address_the_host_may_be_any() {
    let server = TestServer::open_with(&["--public-url", "https://coffee.example"]).await;
    assert_eq!(server.browser().get_with("/", &[("host", "upstream")]).await.status, 200);
    server.running.shutdown().await;
}
