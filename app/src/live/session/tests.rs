use domain::{
    OrderNumber, Timestamp,
    live::{Change, Resume},
    view::{BoardEntry, Column},
};

use super::*;

fn entry(number: u32) -> BoardEntry {
    BoardEntry { number: OrderNumber(number), column: Column::Preparing, since: Timestamp(0) }
}

fn start() -> Snapshot {
    let position = Resume { epoch: 7, seq: 3 };
    Snapshot { topic: Topic::Board, state: TopicState::Board(vec![entry(1)]), position }
}

fn delta(seq: u64, number: u32) -> ServerFrame {
    ServerFrame::Delta { topic: Topic::Board, seq, change: Change::BoardPut(entry(number)) }
}

fn hello(acts: &[Act]) -> Option<Option<Resume>> {
    acts.iter().find_map(|act| match act {
        Act::Send(ClientFrame::Hello { subscriptions }) => Some(subscriptions[0].resume),
        _ => None,
    })
}

/// A page that has watched the board and whose socket, generation 1, is open.
fn open() -> Session {
    let mut session = Session::new(0);
    assert_eq!(session.watch(1, Topic::Board, Some(start()), 0), [Act::Open { generation: 1 }]);
    session.opened(1);
    session
}

#[test]
fn the_first_connection_goes_on_where_the_page_ends() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    assert_eq!(hello(&session.opened(1)), Some(Some(Resume { epoch: 7, seq: 3 })));
    let acts = session.frame(1, delta(4, 2), 10, 0.0);
    let both = TopicState::Board(vec![entry(1), entry(2)]);
    assert_eq!(acts, [Act::Show(Topic::Board, both), Act::Tell(Line::Live)]);
}

#[test]
fn a_gap_asks_for_a_snapshot_and_shows_nothing_of_it() {
    let mut session = open();
    let acts = session.frame(1, delta(6, 9), 10, 0.0);
    assert_eq!(hello(&acts), Some(None), "the position is not trusted any more");
    assert!(!acts.iter().any(|act| matches!(act, Act::Show(..))), "{acts:?}");
}

#[test]
fn a_retired_socket_changes_nothing() {
    let mut session = open();
    session.closed(1, 100, 0.5);
    assert_eq!(session.retry(1, 0), [Act::Open { generation: 2 }]);
    assert_eq!(session.frame(1, delta(4, 2), 200, 0.0), []);
    assert_eq!(session.closed(1, 200, 0.0), []);
    assert_eq!(session.opened(1), []);
}

#[test]
fn silence_is_told_after_fifteen_seconds_and_taken_back_by_the_next_word() {
    let mut session = open();
    session.frame(1, ServerFrame::Heartbeat { now: Timestamp(0) }, 1_000, 0.0);
    assert_eq!(session.tick(16_000, 0.0), []);
    let acts = session.tick(16_001, 0.0);
    assert_eq!(acts.first(), Some(&Act::Tell(Line::Silent { since: 1_000 })));
    assert!(acts.contains(&Act::Retry { generation: 1, millis: 500 }), "it also connects anew: {acts:?}");
    session.retry(1, 16_501);
    session.opened(2);
    let acts = session.frame(2, delta(4, 2), 17_000, 0.0);
    assert!(acts.contains(&Act::Tell(Line::Live)), "{acts:?}");
}

#[test]
fn reconnecting_is_spread_over_half_a_second_to_fifteen() {
    assert_eq!(retry_after(1, 0.0), 500);
    assert_eq!(retry_after(1, 1.0), 1_000);
    assert_eq!(retry_after(9, 0.0), 500);
    assert_eq!(retry_after(9, 1.0), 15_000);
}

#[test]
fn a_network_that_is_back_is_used_at_once() {
    let mut session = open();
    session.closed(1, 100, 1.0);
    assert_eq!(session.wake(150), [Act::Open { generation: 2 }]);
    assert_eq!(session.retry(1, 0), [], "the timer of before does not open a second one");
    session.opened(2);
    session.frame(2, delta(4, 2), 200, 0.0);
    assert_eq!(session.wake(300), [], "a socket that has just spoken is left alone");
    assert_eq!(session.wake(60_000), [Act::Open { generation: 3 }], "after a sleep it is not trusted");
}

#[test]
fn where_sockets_are_blocked_the_page_asks_every_three_seconds_and_says_so() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.closed(1, 10, 0.0);
    assert_eq!(session.tick(7_000, 0.0), []);
    assert_eq!(session.tick(9_000, 0.0), [Act::Poll]);
    assert_eq!(session.tick(10_000, 0.0), []);
    assert_eq!(session.tick(12_000, 0.0), [Act::Poll]);
    let mut newer = start();
    newer.state = TopicState::Board(vec![entry(1), entry(2)]);
    newer.position.seq = 4;
    let acts = session.polled(vec![newer.clone()], 12_100);
    assert_eq!(acts, [Act::Show(Topic::Board, newer.state), Act::Tell(Line::Slow)]);
}

#[test]
fn a_server_that_says_goodbye_is_called_again_when_it_asked_for_it() {
    let mut session = open();
    let acts = session.frame(1, ServerFrame::Bye { retry_in_ms: 2_000 }, 100, 0.0);
    assert_eq!(acts, [Act::Close, Act::Retry { generation: 2, millis: 2_000 }]);
    assert_eq!(session.retry(2, 0), [Act::Open { generation: 3 }]);
}

#[test]
fn the_next_page_goes_on_watching_what_the_last_one_lets_go_of() {
    let mut session = open();
    let acts = session.watch(2, Topic::Board, Some(start()), 10);
    assert_eq!(hello(&acts), Some(Some(Resume { epoch: 7, seq: 3 })));
    assert_eq!(session.unwatch(1), [], "the socket is still wanted");
    assert!(session.frame(1, delta(4, 2), 20, 0.0).iter().any(|act| matches!(act, Act::Show(..))));
    assert_eq!(session.unwatch(2), [Act::Close]);
}
