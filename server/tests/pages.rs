//! Where the pages are, and which other sites may show them.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use support::Bar;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_there_with_and_without_a_slash_at_the_end() {
    let bar = Bar::open().await;
    let tablet = bar.tablet("Ana").await;
    let order = tablet.start("k").await;
    let (order, staff) = (format!("/orders/{order}"), bar.staff_path());
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
    let signed_in = bar.phone().await.post(&format!("{staff}/"), &[("name", "Ben")]).await;
    assert_eq!(signed_in.status, 303);
    bar.running.shutdown().await;
}
