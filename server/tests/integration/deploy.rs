//! A new version is deployed: the old process gets SIGTERM, and the new one starts with the same data at the same
//! address while guests order. Every client reconnects and misses nothing.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{
    live::ServerFrame,
    view::{Lane, Stage},
};
use tokio_util::task::TaskTracker;

use crate::kit::{Browser, Live, Process, Transcript, write_site};

/// Guests who order until `stop` is set, and retry what was not answered. Returns every order whose choice was
/// acknowledged.
async fn guests(address: SocketAddr, stop: Arc<AtomicBool>, name: usize) -> Vec<(Browser, String)> {
    let mut acknowledged = Vec::new();
    while !stop.load(Ordering::Acquire) {
        let phone = Browser::new(address, Transcript::default());
        let key = format!("key-{name}-{}", acknowledged.len());
        // The phone needs its cookie first, or each retry would be another customer.
        while phone.try_get("/healthz").await.is_none() || !phone.is_known() {
            _ = phone.try_get("/").await;
        }
        let form = [("key", key.as_str()), ("drink", "Latte")];
        loop {
            match phone.try_post("/api/submit_order", &form).await {
                Some(answer) if answer.status == 200 => {
                    acknowledged.push((phone, answer.json()["id"].as_str().unwrap().to_owned()));
                    break;
                }
                Some(answer) => assert!(matches!(answer.status, 500..), "{} {}", answer.status, answer.text()),
                None => tokio::task::yield_now().await,
            }
        }
    }
    acknowledged
}

/// A browser with a live connection.
struct Screen {
    browser: Browser,
    topics: Vec<String>,
    live: Live,
}

impl Screen {
    async fn open(browser: Browser, topics: &[&str]) -> Self {
        let live = browser.live(topics).await;
        Self { browser, topics: topics.iter().map(|&topic| topic.to_owned()).collect(), live }
    }

    /// Receives `bye`, and resumes at the new server.
    async fn come_back(self, server: &Process) -> Self {
        let Self { browser, topics, live: mut old } = self;
        let mut last = None;
        while let Some(frame) = old.next().await {
            last = Some(frame);
        }
        assert!(matches!(last, Some(ServerFrame::Bye { retry_in_ms: 0..5_000 })), "{last:?}");
        assert_eq!(old.closed, Some((1001, "The server goes away for a moment.".to_owned())));
        let browser = browser.at(server.address);
        let mut live = browser.connect_with(&[]).await.unwrap();
        let first = live.resume_from(&old).await;
        // Snapshots only: old changes would make the page play a sound.
        let snapshots = first.iter().filter(|frame| matches!(frame, ServerFrame::Snapshot { .. })).count();
        assert_eq!(snapshots, topics.len(), "{first:?}");
        Self { browser, topics, live }
    }

    /// Reads until the state is the one that polling returns.
    async fn equals_the_server(&mut self) {
        for topic in self.topics.clone() {
            let polled = self.browser.post("/api/read_topics", &[("topics[0]", &topic)]).await.ok();
            let position: domain::live::Resume = serde_json::from_value(polled[1][0]["position"].clone()).unwrap();
            let state: domain::live::TopicState = serde_json::from_value(polled[1][0]["state"].clone()).unwrap();
            while self.live.replica(&topic).position().seq < position.seq {
                self.live.next().await.expect("the connection has ended");
            }
            assert_eq!(self.live.replica(&topic).position(), position, "{topic}: nothing happens any more");
            assert_eq!(*self.live.replica(&topic).state(), state, "{topic}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_takes_over_while_guests_order_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    write_site(folder.path());
    let server = Process::start(folder.path());
    let address = server.address;
    let (tablet, display) = (server.browser(), server.browser());
    tablet.post(&server.staff_path, &[("name", "Ana")]).await;
    let mut screens =
        vec![Screen::open(tablet.clone(), &["queue", "shop"]).await, Screen::open(display, &["board", "shop"]).await];
    // Orders in every phase.
    let mut orders = Vec::new();
    for at in 0..4 {
        let phone = server.browser();
        let order = phone.start("k").await;
        let mut screen = Screen::open(phone.clone(), &[&format!("order/{order}"), "shop"]).await;
        screen.live.order(&order, |view| view.choose_by.is_some()).await;
        if at > 0 {
            phone.submit(&order, "Mocha").await.ok();
            screen.live.order(&order, |view| view.number.is_some()).await;
        }
        orders.push((phone, order));
        screens.push(screen);
    }
    tablet.command("claim_order", &orders[2].1).await.ok();
    let (stop, tasks) = (Arc::new(AtomicBool::new(false)), TaskTracker::new());
    let ordering: Vec<_> = (0..3).map(|name| tasks.spawn(guests(address, Arc::clone(&stop), name))).collect();
    screens[0].live.queue(|tickets| tickets.len() > 8).await;
    // Its undo time ends while no server runs, or soon after.
    tablet.command("complete_order", &orders[3].1).await.ok();

    assert!(server.terminate().success(), "SIGTERM ends the process with success");
    let server = Process::start_at(folder.path(), address);
    let mut back = Vec::new();
    for screen in screens {
        back.push(screen.come_back(&server).await);
    }
    // Orders go on: those from before the restart, and those during it.
    let queued = back[0].live.queue(|_| true).await.len();
    back[0].live.queue(|tickets| tickets.len() > queued + 5).await;
    stop.store(true, Ordering::Release);
    let mut acknowledged = Vec::new();
    for guest in ordering {
        acknowledged.extend(guest.await.unwrap());
    }
    let (choosing, order) = &orders[0];
    choosing.submit(order, "Latte").await.ok();
    back[2].live.order(order, |view| view.number.is_some()).await;
    back[5].live.order(&orders[3].1, |view| view.stage == Stage::Ready).await;
    let making = |lane: &Lane| matches!(lane, Lane::Making { barista } if barista.name() == "Ana");
    let tickets = back[0].live.queue(|tickets| tickets.len() == acknowledged.len() + 4).await;
    assert!(tickets.iter().any(|ticket| ticket.id.as_str() == orders[2].1 && making(&ticket.lane)));

    // Nothing that was acknowledged is lost, and nothing exists twice.
    let mut expected: Vec<&str> = acknowledged.iter().chain(&orders).map(|(_, order)| order.as_str()).collect();
    let mut there: Vec<&str> = tickets.iter().map(|ticket| ticket.id.as_str()).collect();
    expected.sort_unstable();
    there.sort_unstable();
    assert_eq!(there, expected);
    let mut numbers: Vec<u32> = tickets.iter().filter_map(|ticket| Some(ticket.number?.0)).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=u32::try_from(expected.len()).unwrap()).collect::<Vec<_>>(), "each number once");
    for screen in &mut back {
        screen.equals_the_server().await;
    }
    for (phone, order) in &acknowledged {
        let mut screen = Screen::open(phone.clone(), &[&format!("order/{order}")]).await;
        screen.live.order(order, |view| view.number.is_some()).await;
        screen.equals_the_server().await;
    }
    assert!(server.terminate().success());
}
