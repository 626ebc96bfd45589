use domain::{
    OrderNumber, ShopState, SoldOut, Timestamp,
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

fn hello(acts: &[Act]) -> Option<Option<Resume>> {
    acts.iter().find_map(|act| match act {
        Act::Send(ClientFrame::Hello { subscriptions }) => Some(subscriptions[0].resume),
        _ => None,
    })
}

fn shows(acts: &[Act]) -> bool {
    acts.iter().any(|act| matches!(act, Act::Show(..)))
}

/// A page that is live: it has watched the board, and its socket, generation 1, has welcomed it at time 0.
fn live() -> Session {
    let mut session = Session::new(0);
    assert_eq!(session.watch(1, Topic::Board, Some(start()), 0), [Act::Open { generation: 1 }]);
    session.opened(1, 0);
    assert_eq!(session.frame(1, resumed(&start()), 0, 0.0), [Act::Tell(Line::Live)]);
    session
}

/// The same, with a second socket that has not welcomed it yet, since time 600.
fn reopened() -> Session {
    let mut session = live();
    session.closed(1, 100, 0.0);
    session.retry(1, 600);
    session.opened(2, 600);
    session
}

#[test]
fn the_first_connection_goes_on_where_the_page_ends() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    assert_eq!(hello(&session.opened(1, 0)), Some(Some(Resume { epoch: 7, seq: 3 })));
    assert_eq!(session.frame(1, resumed(&start()), 9, 0.0), [Act::Tell(Line::Live)]);
    assert_eq!(session.frame(1, delta(4, 2), 10, 0.0), [Act::Show(Topic::Board, board(&[1, 2]))]);
}

#[test]
fn a_page_is_live_only_when_every_topic_has_been_welcomed() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.watch(2, Topic::Shop, Some(shop()), 0);
    session.opened(1, 0);
    assert_eq!(session.frame(1, HEARTBEAT, 5, 0.0), []);
    assert_eq!(session.frame(1, resumed(&start()), 5, 0.0), []);
    assert_eq!(session.frame(1, resumed(&shop()), 6, 0.0), [Act::Tell(Line::Live)]);
}

#[test]
fn a_lost_socket_is_told_at_once() {
    let mut session = live();
    let acts = session.closed(1, 100, 0.0);
    assert_eq!(acts, [Act::Close, Act::Retry { generation: 1, millis: 500 }, Act::Tell(Line::Starting)]);
}

#[test]
fn a_gap_asks_once_for_a_snapshot_and_is_not_live_until_it_is_there() {
    let mut session = live();
    let acts = session.frame(1, delta(6, 9), 10, 0.0);
    assert_eq!(hello(&acts), Some(None), "the position is not trusted any more");
    assert!(!shows(&acts) && acts.contains(&Act::Tell(Line::Starting)), "{acts:?}");
    assert_eq!(session.frame(1, delta(7, 9), 11, 0.0), []);
    assert_eq!(session.frame(1, HEARTBEAT, 12, 0.0), []);
    let acts = session.frame(1, whole(at(7, 7, &[1, 2, 9])), 13, 0.0);
    assert_eq!(acts, [Act::Show(Topic::Board, board(&[1, 2, 9])), Act::Tell(Line::Live)]);
}

#[test]
fn a_snapshot_that_was_overtaken_by_a_change_is_asked_for_again() {
    let mut session = live();
    session.frame(1, delta(5, 9), 10, 0.0);
    // The snapshot that this leads to is of number 5, and the next change comes before it.
    assert_eq!(session.frame(1, delta(6, 8), 11, 0.0), []);
    let acts = session.frame(1, whole(at(7, 5, &[1, 2, 9])), 12, 0.0);
    assert_eq!(hello(&acts), Some(None), "number 6 was heard of, and is not in it");
    assert!(session.line() != Line::Live);
    let acts = session.frame(1, whole(at(7, 6, &[1, 2, 9, 8])), 13, 0.0);
    assert_eq!(acts, [Act::Show(Topic::Board, board(&[1, 2, 9, 8])), Act::Tell(Line::Live)]);
}

#[test]
fn a_snapshot_that_comes_late_makes_nothing_live() {
    let mut session = live();
    session.frame(1, delta(5, 9), 10, 0.0);
    let acts = session.frame(1, whole(start()), 11, 0.0);
    assert!(hello(&acts).is_some() && session.line() != Line::Live, "{acts:?}");

    let mut session = live();
    session.frame(1, ServerFrame::Denied { topic: Topic::Board }, 10, 0.0);
    session.frame(1, whole(start()), 11, 0.0);
    assert!(session.line() != Line::Live);

    let mut session = reopened();
    session.frame(2, ServerFrame::Resumed { topic: Topic::Board, epoch: 7, seq: 3, head: 5 }, 700, 0.0);
    assert_eq!(session.frame(2, whole(start()), 710, 0.0), []);
    assert!(session.line() != Line::Live, "two changes are still to come");
}

#[test]
fn what_comes_again_changes_nothing() {
    let mut session = live();
    session.frame(1, delta(4, 2), 10, 0.0);
    assert_eq!(session.frame(1, delta(4, 2), 11, 0.0), []);
    assert_eq!(session.frame(1, whole(start()), 12, 0.0), [], "an old snapshot");
    assert_eq!(session.frame(1, resumed(&start()), 13, 0.0), []);
    assert_eq!(session.replica(&Topic::Board).unwrap().position().seq, 4);
}

#[test]
fn a_change_that_overtakes_the_welcome_is_not_guessed_at() {
    let mut session = reopened();
    // Of a server that has begun anew: number 4 there is not the one after number 3 here.
    let acts = session.frame(2, delta(4, 8), 700, 0.0);
    assert!(hello(&acts) == Some(None) && !shows(&acts), "{acts:?}");
    let acts = session.frame(2, whole(at(8, 4, &[8])), 800, 0.0);
    assert_eq!(acts, [Act::Show(Topic::Board, board(&[8])), Act::Renew, Act::Tell(Line::Live)]);
}

#[test]
fn a_server_that_has_begun_anew_is_noticed_once() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.watch(2, Topic::Shop, Some(shop()), 0);
    session.opened(1, 0);
    let renewed = |acts: &[Act]| acts.contains(&Act::Renew);
    assert!(renewed(&session.frame(1, whole(at(8, 0, &[1])), 5, 0.0)));
    let mut other = shop();
    other.position.epoch = 8;
    assert!(!renewed(&session.frame(1, whole(other), 6, 0.0)));
    assert_eq!(session.line(), Line::Live);
}

#[test]
fn a_welcome_to_another_place_is_none() {
    let mut session = reopened();
    assert_eq!(hello(&session.frame(2, resumed(&at(7, 5, &[])), 700, 0.0)), Some(None));
}

#[test]
fn a_retired_socket_changes_nothing() {
    let mut session = live();
    session.closed(1, 100, 0.5);
    assert_eq!(session.frame(1, delta(4, 2), 150, 0.0), []);
    assert_eq!(session.opened(1, 150), [], "it would never be opened again");
    assert_eq!(session.retry(1, 0), [Act::Open { generation: 2 }]);
    assert_eq!(session.frame(1, delta(4, 2), 200, 0.0), []);
    assert_eq!(session.closed(1, 200, 0.0), []);
    assert_eq!(session.opened(1, 200), []);
}

#[test]
fn silence_is_told_after_fifteen_seconds_and_taken_back_by_the_next_welcome() {
    let mut session = live();
    session.frame(1, HEARTBEAT, 1_000, 0.0);
    assert_eq!(session.tick(16_000, 0.0), []);
    let acts = session.tick(16_001, 0.0);
    assert_eq!(acts.first(), Some(&Act::Tell(Line::Silent { since: 1_000 })));
    assert!(acts.contains(&Act::Retry { generation: 1, millis: 500 }), "it also connects anew: {acts:?}");
    session.retry(1, 16_501);
    session.opened(2, 16_502);
    assert_eq!(session.frame(2, HEARTBEAT, 16_600, 0.0), [], "that alone says nothing of the topics");
    assert_eq!(session.frame(2, resumed(&start()), 17_000, 0.0), [Act::Tell(Line::Live)]);
}

#[test]
fn a_socket_that_answers_nothing_is_given_up() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.opened(1, 100);
    session.frame(1, HEARTBEAT, 5_000, 0.0);
    assert_eq!(session.tick(5_000, 0.0), [Act::Poll], "meanwhile the page asks");
    session.frame(1, HEARTBEAT, 10_000, 0.0);
    let acts = session.tick(10_101, 0.0);
    assert_eq!(acts[..2], [Act::Close, Act::Retry { generation: 1, millis: 500 }]);
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
    let mut session = live();
    session.closed(1, 100, 1.0);
    assert_eq!(session.wake(150), [Act::Open { generation: 2 }]);
    assert_eq!(session.retry(1, 0), [], "the timer of before does not open a second one");
    session.opened(2, 160);
    session.frame(2, resumed(&start()), 200, 0.0);
    assert_eq!(session.wake(300), [], "a socket that has just spoken is left alone");
    let acts = session.wake(60_000);
    assert_eq!(acts, [Act::Open { generation: 3 }, Act::Tell(Line::Starting)], "after a sleep it is not trusted");
    session.opened(3, 60_010);
    session.frame(3, resumed(&start()), 60_020, 0.0);
    let acts = session.restored(60_030);
    assert_eq!(acts[0], Act::Open { generation: 4 }, "a page out of the browser's memory has no socket");
}

#[test]
fn where_sockets_are_blocked_the_page_asks_every_two_seconds_and_says_so() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.closed(1, 10, 0.0);
    assert_eq!(session.tick(1_000, 0.0), []);
    assert_eq!(session.tick(2_000, 0.0), [Act::Poll]);
    assert_eq!(session.tick(3_000, 0.0), []);
    assert_eq!(session.tick(3_990, 0.0), [Act::Poll], "a tick that comes early does not wait for the next");
    let newer = at(7, 4, &[1, 2]);
    let acts = session.polled(vec![newer.clone()], 3_990, 4_100, 0.0);
    assert_eq!(acts, [Act::Show(Topic::Board, newer.state.clone())]);
    assert_eq!(session.polled(vec![newer], 8_000, 8_100, 0.0), [Act::Tell(Line::Slow)]);
}

#[test]
fn an_answer_that_was_overtaken_is_dropped() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.closed(1, 10, 0.0);
    session.polled(vec![at(8, 1, &[5])], 4_000, 4_100, 0.0);
    assert_eq!(session.polled(vec![at(7, 4, &[1, 2])], 2_000, 4_200, 0.0), [], "asked before the server began anew");
    assert_eq!(session.polled(vec![at(8, 0, &[])], 6_000, 6_100, 0.0), [], "older than what is shown");
    assert_eq!(session.replica(&Topic::Board).unwrap().position(), Resume { epoch: 8, seq: 1 });
    let mut session = live();
    assert_eq!(session.polled(vec![at(8, 4, &[1, 2])], 10, 20, 0.0), [], "the socket knows better");
}

#[test]
fn a_socket_that_has_outlived_its_server_is_not_heard_any_more() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.watch(2, Topic::Shop, Some(shop()), 0);
    session.opened(1, 0);
    session.frame(1, resumed(&start()), 100, 0.0);
    // The rest of the answer hangs in the network, and the server begins anew.
    let acts = session.polled(vec![at(8, 2, &[1, 2])], 4_000, 4_100, 0.0);
    let retry = Act::Retry { generation: 2, millis: 500 };
    assert_eq!(acts, [Act::Show(Topic::Board, board(&[1, 2])), Act::Renew, Act::Close, retry]);
    assert_eq!(session.frame(1, delta(3, 9), 4_200, 0.0), [], "it would have been the next one");
    assert_eq!(session.frame(1, whole(at(7, 9, &[1])), 4_300, 0.0), []);
    session.retry(2, 4_600);
    assert_eq!(hello(&session.opened(3, 4_700)), Some(Some(Resume { epoch: 8, seq: 2 })));
}

#[test]
fn the_first_answer_after_failures_opens_a_socket_soon() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    for failure in 0..6 {
        session.closed(session.generation, failure * 20_000, 1.0);
        session.retry(session.generation, failure * 20_000 + 15_000);
    }
    // The last attempt hangs in a network that swallows what is sent.
    session.unreached();
    let acts = session.polled(vec![start()], 130_000, 130_100, 1.0);
    assert!(acts.contains(&Act::Retry { generation: 8, millis: 1_000 }), "{acts:?}");
    assert_eq!(session.retry(8, 131_100), [Act::Open { generation: 9 }]);
    session.unreached();
    let acts = session.polled(vec![start()], 131_200, 131_300, 1.0);
    assert_eq!(acts, [], "one that has only just been opened is waited for");
}

#[test]
fn whoever_may_not_read_any_more_is_not_shown_old_things_as_live() {
    let mut session = live();
    let acts = session.frame(1, ServerFrame::Denied { topic: Topic::Board }, 500, 0.0);
    assert_eq!(acts, [Act::Reload, Act::Tell(Line::Silent { since: 0 })]);
    assert_eq!(session.frame(1, HEARTBEAT, 5_000, 0.0), []);
}

#[test]
fn a_server_that_says_goodbye_is_called_again_when_it_asked_for_it() {
    let mut session = live();
    let acts = session.frame(1, ServerFrame::Bye { retry_in_ms: 2_000 }, 100, 0.0);
    assert_eq!(acts, [Act::Close, Act::Retry { generation: 2, millis: 2_000 }, Act::Tell(Line::Starting)]);
    assert_eq!(session.retry(2, 0), [Act::Open { generation: 3 }]);
}

#[test]
fn the_next_page_goes_on_watching_what_the_last_one_lets_go_of() {
    let mut session = live();
    let acts = session.watch(2, Topic::Board, Some(start()), 10);
    assert_eq!(hello(&acts), Some(Some(Resume { epoch: 7, seq: 3 })));
    assert_eq!(session.unwatch(1), [], "the socket is still wanted");
    session.frame(1, resumed(&start()), 15, 0.0);
    assert!(shows(&session.frame(1, delta(4, 2), 20, 0.0)));
    assert_eq!(session.unwatch(2), [Act::Close]);
}

#[test]
fn a_page_is_live_only_when_it_has_all_that_it_had_missed() {
    let mut session = Session::new(0);
    session.watch(1, Topic::Board, Some(start()), 0);
    session.opened(1, 0);
    let behind = ServerFrame::Resumed { topic: Topic::Board, epoch: 7, seq: 3, head: 5 };
    assert_eq!(session.frame(1, behind, 5, 0.0), []);
    assert_eq!(session.frame(1, delta(4, 2), 6, 0.0), [Act::Show(Topic::Board, board(&[1, 2]))]);
    assert!(session.frame(1, delta(5, 3), 7, 0.0).contains(&Act::Tell(Line::Live)));
}
