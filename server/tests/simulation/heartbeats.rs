//! A connection whose reader asks for little, for longer than a world lives: until it is asked again who may read what.

use std::sync::Arc;

use axum::extract::ws::Message;
use domain::live::{Change, ClientFrame, ServerFrame, Subscription, Topic};

use super::{
    backend::Bar,
    clock::{Hours, MORNING},
    executor::Tasks,
    random::Dice,
    wire::{Ends, ServerEnd, Stirred},
};
use crate::live::serve;

/// Five minutes, and the heartbeat after them.
const LONG_MILLIS: i64 = 310_000;

#[test]
fn a_heartbeat_vouches_for_no_change_that_was_not_sent() {
    let (hours, stirred, mut tasks) = (Hours::new(), Stirred::default(), Tasks::default());
    let mut bar = Bar::new(7, &hours);
    let order = bar.place(&Dice::new(1));
    let wire = Ends::of(0, &stirred);
    let life = bar.life.as_ref().unwrap();
    tasks.spawn(serve(ServerEnd(Arc::clone(&wire)), (), Arc::clone(&life.source), life.stop.clone()));
    let topics = [Topic::Shop, Topic::Order(order)];
    let subscriptions = topics.map(|topic| Subscription { topic, resume: None }).to_vec();
    let hello = serde_json::to_string(&ClientFrame::Hello { subscriptions }).unwrap();
    wire.lock().unwrap().hear(Some(Message::Text(hello.into())));
    let (mut turned, mut told, mut heartbeats) = (0, 0, 0);
    // The table is asked again at a heartbeat, and for that time the sign is turned every millisecond.
    let quiet = MORNING + LONG_MILLIS - 12_000;
    while hours.millis() < MORNING + LONG_MILLIS {
        tasks.run();
        let said = wire.lock().unwrap().listen().said;
        for message in said {
            wire.lock().unwrap().make_room();
            match message {
                Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                    ServerFrame::Delta { change: Change::Shop(_), .. } => told += 1,
                    ServerFrame::Heartbeat { .. } => {
                        heartbeats += 1;
                        assert_eq!(told, turned, "at {} ms", hours.millis() - MORNING);
                    }
                    _ => {}
                },
                Message::Ping(payload) => wire.lock().unwrap().hear(Some(Message::Pong(payload))),
                other => panic!("{other:?}"),
            }
        }
        let next = hours.next().unwrap();
        if hours.millis() < quiet {
            hours.turn(next);
        } else {
            bar.turn_sign();
            turned += 1;
            hours.turn(hours.millis() + 1);
        }
    }
    assert!(heartbeats > 60, "{heartbeats}");
}
