//! One idle connection for more than five minutes, which is longer than a simulation: its permission is checked again.

use std::sync::Arc;

use axum::extract::ws::Message;
use domain::live::{Change, ClientFrame, ServerFrame, SubscriptionRequest, Topic};

use super::{
    backend::SimulatedBackend,
    clock::{MORNING, SimulatedClock},
    executor::Executor,
    random::Random,
    wire::{ChangedConnections, ServerEnd, WireState},
};
use crate::live::serve;

/// Five minutes, and the heartbeat after them.
const LONG_MILLIS: i64 = 310_000;

#[test]
fn a_heartbeat_confirms_no_change_that_was_not_sent() {
    let (clock, changed_connections, mut executor) =
        (SimulatedClock::new(), ChangedConnections::default(), Executor::default());
    let mut backend = SimulatedBackend::new(7, &clock);
    let order = backend.create_order(&Random::new(1));
    let wire = WireState::of(0, &changed_connections);
    let instance = backend.instance.as_ref().unwrap();
    executor.spawn(serve(ServerEnd(Arc::clone(&wire)), (), Arc::clone(&instance.source), instance.stop.clone()));
    let topics = [Topic::Shop, Topic::Order(order)];
    let subscriptions = topics.map(|topic| SubscriptionRequest { topic, resume: None }).to_vec();
    let hello = serde_json::to_string(&ClientFrame::Hello { subscriptions }).unwrap();
    wire.lock().unwrap().receive(Some(Message::Text(hello.into())));
    let (mut toggled, mut received, mut heartbeats) = (0, 0, 0);
    // The check of the permission reads the table. Around that time the shop opens or closes every millisecond.
    let toggling_from = MORNING + LONG_MILLIS - 12_000;
    while clock.millis() < MORNING + LONG_MILLIS {
        executor.run();
        let outgoing = wire.lock().unwrap().take_output().outgoing;
        for message in outgoing {
            wire.lock().unwrap().message_read();
            match message {
                Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                    ServerFrame::Delta { change: Change::Shop(_), .. } => received += 1,
                    ServerFrame::Heartbeat { .. } => {
                        heartbeats += 1;
                        assert_eq!(received, toggled, "at {} ms", clock.millis() - MORNING);
                    }
                    _ => {}
                },
                Message::Ping(payload) => wire.lock().unwrap().receive(Some(Message::Pong(payload))),
                other => panic!("{other:?}"),
            }
        }
        let next = clock.next().unwrap();
        if clock.millis() < toggling_from {
            clock.advance_to(next);
        } else {
            backend.toggle_shop();
            toggled += 1;
            clock.advance_to(clock.millis() + 1);
        }
    }
    assert!(heartbeats > 60, "{heartbeats}");
}
