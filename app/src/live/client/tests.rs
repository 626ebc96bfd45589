use domain::{
    OrderNumber, ShopState, SoldOut, Timestamp,
    live::TopicState,
    view::{BoardEntry, Column, ShopView},
};

use super::*;

fn entry(number: u32) -> BoardEntry {
    BoardEntry { number: OrderNumber(number), column: Column::Preparing, since: Timestamp(0) }
}

fn board(numbers: &[u32]) -> TopicState {
    TopicState::Board(numbers.iter().map(|number| entry(*number)).collect())
}

fn at(epoch: u64, seq: u64, numbers: &[u32]) -> Snapshot {
    Snapshot { topic: Topic::Board, state: board(numbers), position: Resume { epoch, seq } }
}

fn start() -> Snapshot {
    at(7, 3, &[1])
}

fn shop() -> Snapshot {
    let shop = ShopView {
        name: "Bar".to_owned(),
        state: ShopState::Open,
        in_queue: 0,
        wait: None,
        sold_out: SoldOut::default(),
        menu: 0,
    };
    Snapshot { topic: Topic::Shop, state: TopicState::Shop(shop), position: Resume { epoch: 7, seq: 9 } }
}

fn delta(seq: u64, number: u32) -> ServerFrame {
    ServerFrame::Delta { topic: Topic::Board, seq, change: Change::BoardPut(entry(number)) }
}

fn resumed(snapshot: &Snapshot) -> ServerFrame {
    let Resume { epoch, seq } = snapshot.position;
    ServerFrame::Resumed { topic: snapshot.topic.clone(), epoch, seq, head: seq }
}

fn whole(snapshot: Snapshot) -> ServerFrame {
    let Resume { epoch, seq } = snapshot.position;
    ServerFrame::Snapshot { topic: snapshot.topic, epoch, seq, state: snapshot.state }
}

const HEARTBEAT: ServerFrame = ServerFrame::Heartbeat { now: Timestamp(0) };

fn hello(actions: &[Action]) -> Option<Option<Resume>> {
    actions.iter().find_map(|action| match action {
        Action::Send(ClientFrame::Hello { subscriptions }) => Some(subscriptions[0].resume),
        _ => None,
    })
}

fn shows(actions: &[Action]) -> bool {
    actions.iter().any(|action| matches!(action, Action::Show(..)))
}

/// A live page: subscribed to the board, and answered on socket 1 at time 0.
fn live() -> LiveClient {
    let mut client = LiveClient::new(0);
    assert_eq!(client.subscribe(1, Topic::Board, Some(start()), 0), [Action::Open { generation: 1 }]);
    client.opened(1, 0);
    assert_eq!(client.frame(1, resumed(&start()), 0, 0.0), [Action::SetStatus(ConnectionStatus::Live)]);
    client
}

/// The same with a second socket, which has not answered since time 600.
fn reopened() -> LiveClient {
    let mut client = live();
    client.closed(1, 100, 0.0);
    client.retry(1, 600);
    client.opened(2, 600);
    client
}

#[test]
fn the_first_connection_resumes_from_the_page() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    assert_eq!(hello(&client.opened(1, 0)), Some(Some(Resume { epoch: 7, seq: 3 })));
    assert_eq!(client.frame(1, resumed(&start()), 9, 0.0), [Action::SetStatus(ConnectionStatus::Live)]);
    assert_eq!(client.frame(1, delta(4, 2), 10, 0.0), [Action::Show(Topic::Board, board(&[1, 2]))]);
}

#[test]
fn a_page_is_live_only_when_every_topic_is_answered() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    client.subscribe(2, Topic::Shop, Some(shop()), 0);
    client.opened(1, 0);
    assert_eq!(client.frame(1, HEARTBEAT, 5, 0.0), []);
    assert_eq!(client.frame(1, resumed(&start()), 5, 0.0), []);
    assert_eq!(client.frame(1, resumed(&shop()), 6, 0.0), [Action::SetStatus(ConnectionStatus::Live)]);
}

#[test]
fn a_lost_socket_changes_the_status_at_once() {
    let mut client = live();
    let actions = client.closed(1, 100, 0.0);
    assert_eq!(
        actions,
        [Action::Close, Action::Retry { generation: 1, millis: 500 }, Action::SetStatus(ConnectionStatus::Connecting)]
    );
}

#[test]
fn after_a_gap_the_page_is_not_live_until_the_snapshot_comes() {
    let mut client = live();
    let actions = client.frame(1, delta(6, 9), 10, 0.0);
    assert_eq!(hello(&actions), Some(None), "it asks for a snapshot");
    assert!(!shows(&actions) && actions.contains(&Action::SetStatus(ConnectionStatus::Connecting)), "{actions:?}");
    assert_eq!(client.frame(1, delta(7, 9), 11, 0.0), []);
    assert_eq!(client.frame(1, HEARTBEAT, 12, 0.0), []);
    let actions = client.frame(1, whole(at(7, 7, &[1, 2, 9])), 13, 0.0);
    assert_eq!(actions, [Action::Show(Topic::Board, board(&[1, 2, 9])), Action::SetStatus(ConnectionStatus::Live)]);
}

#[test]
fn an_overtaken_snapshot_is_requested_again() {
    let mut client = live();
    client.frame(1, delta(5, 9), 10, 0.0);
    // The server's next snapshot has number 5, and the next change overtakes it.
    assert_eq!(client.frame(1, delta(6, 8), 11, 0.0), []);
    let actions = client.frame(1, whole(at(7, 5, &[1, 2, 9])), 12, 0.0);
    assert_eq!(hello(&actions), Some(None), "the snapshot lacks number 6");
    assert!(client.status() != ConnectionStatus::Live);
    let actions = client.frame(1, whole(at(7, 6, &[1, 2, 9, 8])), 13, 0.0);
    assert_eq!(actions, [Action::Show(Topic::Board, board(&[1, 2, 9, 8])), Action::SetStatus(ConnectionStatus::Live)]);
}

#[test]
fn a_late_snapshot_does_not_make_the_page_live() {
    let mut client = live();
    client.frame(1, delta(5, 9), 10, 0.0);
    let actions = client.frame(1, whole(start()), 11, 0.0);
    assert!(hello(&actions).is_some() && client.status() != ConnectionStatus::Live, "{actions:?}");

    let mut client = live();
    client.frame(1, ServerFrame::Denied { topic: Topic::Board }, 10, 0.0);
    client.frame(1, whole(start()), 11, 0.0);
    assert!(client.status() != ConnectionStatus::Live);

    let mut client = reopened();
    client.frame(2, ServerFrame::Resumed { topic: Topic::Board, epoch: 7, seq: 3, head: 5 }, 700, 0.0);
    assert_eq!(client.frame(2, whole(start()), 710, 0.0), []);
    assert!(client.status() != ConnectionStatus::Live, "two changes are still to come");
}

#[test]
fn repeated_frames_change_nothing() {
    let mut client = live();
    client.frame(1, delta(4, 2), 10, 0.0);
    assert_eq!(client.frame(1, delta(4, 2), 11, 0.0), []);
    assert_eq!(client.frame(1, whole(start()), 12, 0.0), [], "an old snapshot");
    assert_eq!(client.frame(1, resumed(&start()), 13, 0.0), []);
    assert_eq!(client.replica(&Topic::Board).unwrap().position().seq, 4);
}

#[test]
fn a_change_before_the_answer_is_not_applied() {
    let mut client = reopened();
    // From a restarted server: its number 4 does not follow number 3 of the server before.
    let actions = client.frame(2, delta(4, 8), 700, 0.0);
    assert!(hello(&actions) == Some(None) && !shows(&actions), "{actions:?}");
    let actions = client.frame(2, whole(at(8, 4, &[8])), 800, 0.0);
    assert_eq!(
        actions,
        [Action::Show(Topic::Board, board(&[8])), Action::CheckVersion, Action::SetStatus(ConnectionStatus::Live)]
    );
}

#[test]
fn a_restarted_server_is_detected_once() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    client.subscribe(2, Topic::Shop, Some(shop()), 0);
    client.opened(1, 0);
    let renewed = |actions: &[Action]| actions.contains(&Action::CheckVersion);
    assert!(renewed(&client.frame(1, whole(at(8, 0, &[1])), 5, 0.0)));
    let mut other = shop();
    other.position.epoch = 8;
    assert!(!renewed(&client.frame(1, whole(other), 6, 0.0)));
    assert_eq!(client.status(), ConnectionStatus::Live);
}

#[test]
fn resuming_from_another_position_asks_for_a_snapshot() {
    let mut client = reopened();
    assert_eq!(hello(&client.frame(2, resumed(&at(7, 5, &[])), 700, 0.0)), Some(None));
}

#[test]
fn a_retired_socket_changes_nothing() {
    let mut client = live();
    client.closed(1, 100, 0.5);
    assert_eq!(client.frame(1, delta(4, 2), 150, 0.0), []);
    assert_eq!(client.opened(1, 150), [], "otherwise it would never reconnect");
    assert_eq!(client.retry(1, 0), [Action::Open { generation: 2 }]);
    assert_eq!(client.frame(1, delta(4, 2), 200, 0.0), []);
    assert_eq!(client.closed(1, 200, 0.0), []);
    assert_eq!(client.opened(1, 200), []);
}

#[test]
fn after_fifteen_seconds_of_silence_the_page_is_stale_until_the_next_answer() {
    let mut client = live();
    client.frame(1, HEARTBEAT, 1_000, 0.0);
    assert_eq!(client.tick(16_000, 0.0), []);
    let actions = client.tick(16_001, 0.0);
    assert_eq!(actions.first(), Some(&Action::SetStatus(ConnectionStatus::Stale { since: 1_000 })));
    assert!(actions.contains(&Action::Retry { generation: 1, millis: 500 }), "it also reconnects: {actions:?}");
    client.retry(1, 16_501);
    client.opened(2, 16_502);
    assert_eq!(client.frame(2, HEARTBEAT, 16_600, 0.0), [], "a heartbeat does not make the topics current");
    assert_eq!(client.frame(2, resumed(&start()), 17_000, 0.0), [Action::SetStatus(ConnectionStatus::Live)]);
}

#[test]
fn a_socket_without_an_answer_is_replaced() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    client.opened(1, 100);
    client.frame(1, HEARTBEAT, 5_000, 0.0);
    assert_eq!(client.tick(5_000, 0.0), [Action::Poll], "meanwhile the page polls");
    client.frame(1, HEARTBEAT, 10_000, 0.0);
    let actions = client.tick(10_101, 0.0);
    assert_eq!(actions[..2], [Action::Close, Action::Retry { generation: 1, millis: 500 }]);
}

#[test]
fn reconnects_are_delayed_by_half_a_second_to_fifteen() {
    assert_eq!(retry_after(1, 0.0), 500);
    assert_eq!(retry_after(1, 1.0), 1_000);
    assert_eq!(retry_after(9, 0.0), 500);
    assert_eq!(retry_after(9, 1.0), 15_000);
}

#[test]
fn a_network_that_is_back_is_used_at_once() {
    let mut client = live();
    client.closed(1, 100, 1.0);
    assert_eq!(client.wake(150), [Action::Open { generation: 2 }]);
    assert_eq!(client.retry(1, 0), [], "the earlier timer opens no second socket");
    client.opened(2, 160);
    client.frame(2, resumed(&start()), 200, 0.0);
    assert_eq!(client.wake(300), [], "a socket with a recent frame is kept");
    let actions = client.wake(60_000);
    assert_eq!(
        actions,
        [Action::Open { generation: 3 }, Action::SetStatus(ConnectionStatus::Connecting)],
        "after a sleep the socket is replaced"
    );
    client.opened(3, 60_010);
    client.frame(3, resumed(&start()), 60_020, 0.0);
    let actions = client.restored(60_030);
    assert_eq!(actions[0], Action::Open { generation: 4 }, "a page out of the back/forward cache has no socket");
}

#[test]
fn without_sockets_the_page_polls_every_two_seconds() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    client.closed(1, 10, 0.0);
    assert_eq!(client.tick(1_000, 0.0), []);
    assert_eq!(client.tick(2_000, 0.0), [Action::Poll]);
    assert_eq!(client.tick(3_000, 0.0), []);
    assert_eq!(client.tick(3_990, 0.0), [Action::Poll], "an early tick polls too");
    let newer = at(7, 4, &[1, 2]);
    let actions = client.polled(vec![newer.clone()], 3_990, 4_100, 0.0);
    assert_eq!(actions, [Action::Show(Topic::Board, newer.state.clone())]);
    assert_eq!(client.polled(vec![newer], 8_000, 8_100, 0.0), [Action::SetStatus(ConnectionStatus::Polling)]);
}

#[test]
fn an_overtaken_poll_is_dropped() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    client.closed(1, 10, 0.0);
    client.polled(vec![at(8, 1, &[5])], 4_000, 4_100, 0.0);
    assert_eq!(client.polled(vec![at(7, 4, &[1, 2])], 2_000, 4_200, 0.0), [], "asked before the restart");
    assert_eq!(client.polled(vec![at(8, 0, &[])], 6_000, 6_100, 0.0), [], "older than what is shown");
    assert_eq!(client.replica(&Topic::Board).unwrap().position(), Resume { epoch: 8, seq: 1 });
    let mut client = live();
    assert_eq!(client.polled(vec![at(8, 4, &[1, 2])], 10, 20, 0.0), [], "the socket is ahead");
}

#[test]
fn a_socket_to_a_restarted_server_is_ignored() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    client.subscribe(2, Topic::Shop, Some(shop()), 0);
    client.opened(1, 0);
    client.frame(1, resumed(&start()), 100, 0.0);
    // The rest of the answer is delayed in the network, and the server restarts.
    let actions = client.polled(vec![at(8, 2, &[1, 2])], 4_000, 4_100, 0.0);
    let retry = Action::Retry { generation: 2, millis: 500 };
    assert_eq!(actions, [Action::Show(Topic::Board, board(&[1, 2])), Action::CheckVersion, Action::Close, retry]);
    assert_eq!(client.frame(1, delta(3, 9), 4_200, 0.0), [], "it would have been the next one");
    assert_eq!(client.frame(1, whole(at(7, 9, &[1])), 4_300, 0.0), []);
    client.retry(2, 4_600);
    assert_eq!(hello(&client.opened(3, 4_700)), Some(Some(Resume { epoch: 8, seq: 2 })));
}

#[test]
fn the_first_answered_poll_after_failures_reconnects_soon() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    for failure in 0..6 {
        client.closed(client.generation, failure * 20_000, 1.0);
        client.retry(client.generation, failure * 20_000 + 15_000);
    }
    // The last attempt hangs in a network that loses packets.
    client.poll_failed();
    let actions = client.polled(vec![start()], 130_000, 130_100, 1.0);
    assert!(actions.contains(&Action::Retry { generation: 8, millis: 1_000 }), "{actions:?}");
    assert_eq!(client.retry(8, 131_100), [Action::Open { generation: 9 }]);
    client.poll_failed();
    let actions = client.polled(vec![start()], 131_200, 131_300, 1.0);
    assert_eq!(actions, [], "a recently opened socket is kept");
}

#[test]
fn a_denied_topic_makes_the_page_stale() {
    let mut client = live();
    let actions = client.frame(1, ServerFrame::Denied { topic: Topic::Board }, 500, 0.0);
    assert_eq!(actions, [Action::Reload, Action::SetStatus(ConnectionStatus::Stale { since: 0 })]);
    assert_eq!(client.frame(1, HEARTBEAT, 5_000, 0.0), []);
}

#[test]
fn after_a_bye_the_page_reconnects_at_the_requested_time() {
    let mut client = live();
    let actions = client.frame(1, ServerFrame::Bye { retry_in_ms: 2_000 }, 100, 0.0);
    assert_eq!(
        actions,
        [
            Action::Close,
            Action::Retry { generation: 2, millis: 2_000 },
            Action::SetStatus(ConnectionStatus::Connecting)
        ]
    );
    assert_eq!(client.retry(2, 0), [Action::Open { generation: 3 }]);
}

#[test]
fn a_second_subscription_to_a_topic_outlives_the_first() {
    let mut client = live();
    let actions = client.subscribe(2, Topic::Board, Some(start()), 10);
    assert_eq!(hello(&actions), Some(Some(Resume { epoch: 7, seq: 3 })));
    assert_eq!(client.unsubscribe(1), [], "the socket is still needed");
    client.frame(1, resumed(&start()), 15, 0.0);
    assert!(shows(&client.frame(1, delta(4, 2), 20, 0.0)));
    assert_eq!(client.unsubscribe(2), [Action::Close]);
}

#[test]
fn a_page_is_live_only_with_all_missed_changes() {
    let mut client = LiveClient::new(0);
    client.subscribe(1, Topic::Board, Some(start()), 0);
    client.opened(1, 0);
    let behind = ServerFrame::Resumed { topic: Topic::Board, epoch: 7, seq: 3, head: 5 };
    assert_eq!(client.frame(1, behind, 5, 0.0), []);
    assert_eq!(client.frame(1, delta(4, 2), 6, 0.0), [Action::Show(Topic::Board, board(&[1, 2]))]);
    assert!(client.frame(1, delta(5, 3), 7, 0.0).contains(&Action::SetStatus(ConnectionStatus::Live)));
}
