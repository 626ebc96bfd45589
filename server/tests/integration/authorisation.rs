//! Access to topics is checked when they are subscribed, and again every five minutes.

use domain::live::{ServerFrame, Topic};

use crate::kit::TestServer;

/// Reads up to the heartbeat that follows when the clock is advanced.
async fn beat(server: &TestServer, live: &mut crate::kit::Live, seconds: u64) -> Vec<ServerFrame> {
    server.advance(seconds);
    let mut frames = Vec::new();
    loop {
        match live.next().await.expect("the connection has ended") {
            ServerFrame::Heartbeat { .. } => return frames,
            frame => frames.push(frame),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_whose_sign_in_has_expired_gets_no_more_changes_of_the_queue() {
    let server = TestServer::open_with(&["--metrics", "127.0.0.1:0"]).await;
    let tablet = server.tablet("Ana").await;
    let mut live = tablet.live(&["queue", "shop"]).await;
    // Almost seven days later the barista is still signed in.
    beat(&server, &mut live, 6 * 24 * 60 * 60).await;
    beat(&server, &mut live, 300).await;
    assert_eq!(live.denied, []);
    beat(&server, &mut live, 24 * 60 * 60 - 301).await;
    beat(&server, &mut live, 300).await;
    live.wait_for_denial("queue").await;
    server.wait_for_metric(r#"doppio_live_subscriptions{topic="queue"} 0"#).await;
    server.wait_for_metric(r#"doppio_live_subscriptions{topic="shop"} 1"#).await;

    // From now on only the topics for everybody have changes.
    let phone = server.phone().await;
    phone.post("/api/submit_order", &[("key", "k"), ("drink", "Latte")]).await.ok();
    let mut frames = Vec::new();
    while !frames.iter().any(|frame| matches!(frame, ServerFrame::Delta { topic: Topic::Shop, .. })) {
        frames.push(live.next().await.unwrap());
    }
    frames.extend(beat(&server, &mut live, 5).await);
    assert!(frames.iter().all(|frame| !matches!(frame, ServerFrame::Delta { topic: Topic::Queue, .. })), "{frames:?}");
    // After a new sign-in the queue can be read again.
    tablet.post(&server.staff_path(), &[("name", "Ana")]).await;
    assert_eq!(tablet.live(&["queue"]).await.queue(|tickets| tickets.len() == 1).await.len(), 1);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_topic_of_a_deleted_order_is_denied_to_its_subscriber() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let topic = format!("order/{order}");
    let mut live = phone.live(&[&topic, "shop"]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    phone.command("cancel_order", &order).await.ok();
    beat(&server, &mut live, 300).await;
    beat(&server, &mut live, 300).await;
    assert_eq!(live.denied, [], "it exists and belongs to this phone");
    server.records().delete_order(&order).await;
    beat(&server, &mut live, 295).await;
    assert_eq!(live.denied, [], "access is not checked again yet");
    beat(&server, &mut live, 5).await;
    live.wait_for_denial(&topic).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_may_show_any_number_of_orders_one_after_the_other() {
    let server = TestServer::open_with(&["--metrics", "127.0.0.1:0"]).await;
    let phone = server.phone().await;
    let mut live = phone.connect_with(&[]).await.unwrap();
    for turn in 0..6 {
        let order = phone.start(&format!("k{turn}")).await;
        live.replace(&["shop", &format!("order/{order}")]).await;
        live.order(&order, |view| view.choose_by.is_some()).await;
        phone.command("cancel_order", &order).await.ok();
    }
    assert_eq!(live.denied, []);
    server.wait_for_metric(r#"doppio_live_subscriptions{topic="order"} 1"#).await;
    live.replace(&["shop", "board", "order/nobody", "board", "queue", "shop"]).await;
    assert_eq!(live.denied.iter().map(ToString::to_string).collect::<Vec<_>>(), ["order/nobody", "queue", "shop"]);
    server.running.shutdown().await;
}
