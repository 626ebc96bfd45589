//! Who may read what is asked when a topic is named, and again every five minutes.

use crate::kit::TestServer;
use domain::live::{ServerFrame, Topic};

/// Reads on to the heartbeat that the next turn of the clock brings.
async fn beat(bar: &TestServer, live: &mut crate::kit::Live, seconds: u64) -> Vec<ServerFrame> {
    bar.pass(seconds);
    let mut frames = Vec::new();
    loop {
        match live.next().await.expect("the connection has ended") {
            ServerFrame::Heartbeat { .. } => return frames,
            frame => frames.push(frame),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_whose_sign_in_has_ended_is_told_no_more_of_the_queue() {
    let bar = TestServer::open_with(&["--metrics", "127.0.0.1:0"]).await;
    let tablet = bar.tablet("Ana").await;
    let mut live = tablet.live(&["queue", "shop"]).await;
    // Six days and almost five minutes of the seventh: still signed in, and asked every five minutes.
    beat(&bar, &mut live, 6 * 24 * 60 * 60).await;
    beat(&bar, &mut live, 300).await;
    assert_eq!(live.denied, []);
    beat(&bar, &mut live, 24 * 60 * 60 - 301).await;
    beat(&bar, &mut live, 300).await;
    live.until_denied("queue").await;
    bar.until_measured(r#"doppio_live_subscriptions{topic="queue"} 0"#).await;
    bar.until_measured(r#"doppio_live_subscriptions{topic="shop"} 1"#).await;

    // What happens now is on the topics that everybody may read, and on no other.
    let phone = bar.phone().await;
    phone.post("/api/submit_order", &[("key", "k"), ("drink", "Latte")]).await.ok();
    let mut told = Vec::new();
    while !told.iter().any(|frame| matches!(frame, ServerFrame::Delta { topic: Topic::Shop, .. })) {
        told.push(live.next().await.unwrap());
    }
    told.extend(beat(&bar, &mut live, 5).await);
    assert!(told.iter().all(|frame| !matches!(frame, ServerFrame::Delta { topic: Topic::Queue, .. })), "{told:?}");
    // A new sign-in reads again.
    tablet.post(&bar.staff_path(), &[("name", "Ana")]).await;
    assert_eq!(tablet.live(&["queue"]).await.queue(|tickets| tickets.len() == 1).await.len(), 1);
    bar.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_erased_is_denied_to_whoever_still_reads_it() {
    let bar = TestServer::open().await;
    let phone = bar.phone().await;
    let order = phone.start("k").await;
    let topic = format!("order/{order}");
    let mut live = phone.live(&[&topic, "shop"]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    phone.command("cancel_order", &order).await.ok();
    beat(&bar, &mut live, 300).await;
    beat(&bar, &mut live, 300).await;
    assert_eq!(live.denied, [], "it is there and it is this phone's");
    bar.records().delete_order(&order).await;
    beat(&bar, &mut live, 295).await;
    assert_eq!(live.denied, [], "it is not asked again yet");
    beat(&bar, &mut live, 5).await;
    live.until_denied(&topic).await;
    bar.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_may_show_any_number_of_orders_one_after_the_other() {
    let bar = TestServer::open_with(&["--metrics", "127.0.0.1:0"]).await;
    let phone = bar.phone().await;
    let mut live = phone.connect_with(&[]).await.unwrap();
    for turn in 0..6 {
        let order = phone.start(&format!("k{turn}")).await;
        live.replace(&["shop", &format!("order/{order}")]).await;
        live.order(&order, |view| view.choose_by.is_some()).await;
        phone.command("cancel_order", &order).await.ok();
    }
    assert_eq!(live.denied, []);
    bar.until_measured(r#"doppio_live_subscriptions{topic="order"} 1"#).await;
    live.replace(&["shop", "board", "order/nobody", "board", "queue", "shop"]).await;
    assert_eq!(live.denied.iter().map(ToString::to_string).collect::<Vec<_>>(), ["order/nobody", "queue", "shop"]);
    bar.running.shutdown().await;
}
