//! One idle connection, for longer than a simulated world runs: until its access is checked again.

use std::sync::Arc;

use axum::extract::ws::Message;
use domain::live::{Change, ClientFrame, ServerFrame, SubscriptionRequest, Topic};

use super::{
    backend::SimulatedBackend,
    clock::{MORNING, SimulatedClock},
    executor::Executor,
    random::Random,
    wire::{Ends, ServerEnd, Stirred},
};
use crate::live::serve;

/// Five minutes, and the heartbeat after them.
const LONG_MILLIS: i64 = 310_000;

#[test]
fn a_heartbeat_confirms_no_change_that_was_not_sent() {
    let (clock, stirred, mut executor) = (SimulatedClock::new(), Stirred::default(), Executor::default());
    let mut backend = SimulatedBackend::new(7, &clock);
    let order = backend.place(&Random::new(1));
    let wire = Ends::of(0, &stirred);
    let life = backend.life.as_ref().unwrap();
    executor.spawn(serve(ServerEnd(Arc::clone(&wire)), (), Arc::clone(&life.source), life.stop.clone()));
    let topics = [Topic::Shop, Topic::Order(order)];
    let subscriptions = topics.map(|topic| SubscriptionRequest { topic, resume: None }).to_vec();
    let hello = serde_json::to_string(&ClientFrame::Hello { subscriptions }).unwrap();
    wire.lock().unwrap().receive(Some(Message::Text(hello.into())));
    let (mut turned, mut told, mut heartbeats) = (0, 0, 0);
    // The check reads the table. Meanwhile the shop opens or closes every millisecond.
    let quiet = MORNING + LONG_MILLIS - 12_000;
    while clock.millis() < MORNING + LONG_MILLIS {
        executor.run();
        let said = wire.lock().unwrap().listen().said;
        for message in said {
            wire.lock().unwrap().make_room();
            match message {
                Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                    ServerFrame::Delta { change: Change::Shop(_), .. } => told += 1,
                    ServerFrame::Heartbeat { .. } => {
                        heartbeats += 1;
                        assert_eq!(told, turned, "at {} ms", clock.millis() - MORNING);
                    }
                    _ => {}
                },
                Message::Ping(payload) => wire.lock().unwrap().receive(Some(Message::Pong(payload))),
                other => panic!("{other:?}"),
            }
        }
        let next = clock.next().unwrap();
        if clock.millis() < quiet {
            clock.turn(next);
        } else {
            backend.turn_sign();
            turned += 1;
            clock.turn(clock.millis() + 1);
        }
    }
    assert!(heartbeats > 60, "{heartbeats}");
}
