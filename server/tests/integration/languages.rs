//! Pages have the language that the browser prefers, or the one that was chosen.

use crate::kit::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_the_preferred_language_and_a_choice_is_stored() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let wish = [("accept-language", "de-CH,de;q=0.9")];
    let german = phone.get_with("/", &wish).await;
    assert!(german.text().contains(r#"<html lang="de" dir="ltr""#), "{}", german.text());
    assert!(german.text().contains("Warteschlange"), "the messages come with the page");
    assert!(german.headers.get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains("accept-language")));

    let page = "http://bar.example/?drink=Latte";
    let answer = phone.post_raw("/language", b"language=ar".to_vec(), &[("referer", page)]).await;
    assert_eq!((answer.status, answer.headers["location"].to_str().unwrap()), (303, "/?drink=Latte"));
    let arabic = phone.get_with("/", &wish).await;
    assert!(arabic.text().contains(r#"<html lang="ar" dir="rtl""#));

    let answer = phone.post_raw("/language", b"language=klingon".to_vec(), &[("referer", page)]).await;
    assert_eq!(answer.status, 303);
    assert!(
        phone.get_with("/", &wish).await.text().contains(r#"<html lang="ar""#),
        "an unknown language changes nothing"
    );
}
