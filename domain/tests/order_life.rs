//! Properties of the life of an order, for any history and any command.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic fails the test")]

use domain::{
    Actor, BaristaId, CustomerId, DrinkOrder, Ending, Order, OrderCommand, OrderEvent, OrderId, OrderNumber, Phase,
    Refusal, TaskToken, Timestamp,
    order::{BarMove, BarState, CHOOSE_MILLIS, Decision, Extension, MAX_EXTENSIONS, Party, TaskCallback, WorkflowStep},
    view::{BoardEntry, OrderView, QueuePosition, Ticket},
};
use proptest::prelude::*;

fn customer() -> CustomerId {
    CustomerId::try_from("phone-1").unwrap()
}

fn barista(name: &str) -> BaristaId {
    BaristaId::new(name, "tablet").unwrap()
}

fn drink(name: &str) -> DrinkOrder {
    DrinkOrder { drink: name.into(), modifiers: vec!["Regular".into()], special: vec![], icon: "cup".into() }
}

fn blank() -> Order {
    Order::new(OrderId::try_from("order-1").unwrap(), customer())
}

/// A prefix of a legal history.
fn legal_history() -> impl Strategy<Value = Vec<OrderEvent>> {
    let ends = prop_oneof![
        Just(None),
        Just(Some(Ending::Collected)),
        Just(Some(Ending::Uncollected)),
        Just(Some(Ending::CancelledByCustomer)),
        Just(Some(Ending::TimedOut { who: Party::Barista })),
    ];
    (ends, 0..5u32, 0..8usize, any::<bool>(), 0..3u32).prop_map(|(end, moves, cut, spent, recalls)| {
        let mut facts = vec![
            OrderEvent::Started { customer: customer(), at: Timestamp(1) },
            OrderEvent::WorkflowStarted {
                customer: customer(),
                token: TaskToken::new("one"),
                choose_by: Timestamp(300),
            },
            OrderEvent::Extended(Extension { times: 1, choose_by: Timestamp(310) }),
            OrderEvent::Extended(Extension { times: 2, choose_by: Timestamp(320) }),
            OrderEvent::Submitted { drink: drink("Latte"), at: Timestamp(20) },
        ];
        if spent {
            facts.push(OrderEvent::CustomerTokenSpent);
        }
        facts.push(OrderEvent::WaitingCompletion {
            customer: customer(),
            number: OrderNumber(47),
            token: TaskToken::new("two"),
            at: Timestamp(30),
            make_by: Timestamp(930),
        });
        for turn in 1..=moves {
            let who = barista(if turn % 2 == 0 { "ana" } else { "ben" });
            let state = match turn % 3 {
                0 => BarState::Unclaimed,
                1 => BarState::Making { barista: who },
                _ => BarState::Finishing { barista: who, ready_due: Timestamp(44) },
            };
            facts.push(OrderEvent::BarMoved(BarMove { turn, round: 0, state, at: Timestamp(40) }));
        }
        if matches!(end, Some(Ending::Collected | Ending::Uncollected)) {
            facts.push(OrderEvent::Finished { at: Timestamp(50) });
        }
        if let Some(ending) = end.clone() {
            facts.push(OrderEvent::Ended { round: 0, ending, at: Timestamp(60) });
        }
        if matches!(end, Some(Ending::Collected | Ending::Uncollected)) {
            for round in 1..=recalls {
                let moved = |turn, state| OrderEvent::BarMoved(BarMove { turn, round, state, at: Timestamp(70) });
                facts.push(moved(moves + 2 * round, BarState::Making { barista: barista("ana") }));
                facts.push(moved(moves + 2 * round + 1, BarState::Served { barista: barista("ana") }));
                facts.push(OrderEvent::Ended { round, ending: Ending::Collected, at: Timestamp(80) });
                facts.push(OrderEvent::Acknowledged { round });
            }
        }
        facts.truncate(facts.len().saturating_sub(cut).max(1));
        facts
    })
}

fn fold(facts: &[OrderEvent]) -> Order {
    let mut order = blank();
    for fact in facts {
        order.apply(fact.clone());
    }
    order
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_of_the_facts_gives_the_same_order(
        (facts, shuffled) in legal_history().prop_flat_map(|facts| {
            let twice: Vec<_> = facts.iter().chain(&facts).cloned().collect();
            (Just(facts), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(fold(&facts), fold(&shuffled));
    }

    #[test]
    fn the_rank_never_decreases_except_by_a_barista(facts in legal_history()) {
        let mut order = blank();
        for fact in facts {
            let before = order.phase();
            let moved = matches!(fact, OrderEvent::BarMoved(_));
            order.apply(fact);
            let after = order.phase();
            prop_assert!(after.rank() >= before.rank() || moved, "{:?} became {:?}", before, after);
        }
    }

    /// Whatever commands follow after a drink was made, its number and its age stay, no token is sent a second time,
    /// and the order always has a ticket or has ended with a reason.
    #[test]
    fn a_recall_keeps_the_number_and_the_age_and_needs_no_workflow(
        taps in prop::collection::vec((0..8usize, any::<bool>(), 1..6_000i64), 0..40)
    ) {
        let (me, ana, ben) = (Actor::Customer(customer()), Actor::Barista(barista("ana")), Actor::Barista(barista("ben")));
        let mut order = every_phase().swap_remove(5);
        let mut now = Timestamp(1_000);
        for (which, bens, later) in taps {
            now = now.plus_millis(later);
            let barista = if bens { &ben } else { &ana };
            let (actor, command) = match which {
                0 | 1 => (barista, OrderCommand::Recall),
                2 | 3 => (barista, OrderCommand::Complete),
                4 => (barista, OrderCommand::Release),
                5 => (barista, OrderCommand::Claim { take_over: true }),
                6 => (barista, OrderCommand::Collect),
                _ => (&me, OrderCommand::Collect),
            };
            let before = order.clone();
            let decided = order.decide(actor, &command, now).ok().into_iter().chain(order.due(now));
            for decision in decided.collect::<Vec<_>>() {
                match decision {
                    Decision::Record(facts) => facts.into_iter().for_each(|fact| order.apply(fact)),
                    Decision::AlreadyDone => {}
                    sent => prop_assert!(false, "{:?} after the workflow was over: {:?}", command, sent),
                }
            }
            prop_assert_eq!((order.number, order.waiting_at), (before.number, before.waiting_at));
            prop_assert_eq!(order.callback(), None);
            if order.round() > before.round() {
                let was = before.phase();
                prop_assert!(matches!(was, Phase::Ready | Phase::Ended(Ending::Collected)), "recalled from {:?}", was);
                let clock = Ticket::of(&order).map(|ticket| (ticket.waiting_since, ticket.recalled));
                prop_assert_eq!(clock, Some((before.waiting_at, true)));
            }
            prop_assert_eq!(Ticket::of(&order).is_some(), order.ended().is_none());
            prop_assert_eq!(Ticket::past(&order).is_some(), order.ended().is_some());
            prop_assert_eq!(order.give_up_at().is_some(), true);
        }
    }

    #[test]
    fn no_view_of_an_order_contains_a_token(facts in legal_history()) {
        let order = fold(&facts);
        let shown = format!(
            "{} {} {} {order:?}",
            serde_json::to_string(&OrderView::of(&order, Some(QueuePosition { ahead: 3, wait: None, delay: None }))).unwrap(),
            serde_json::to_string(&Ticket::of(&order)).unwrap(),
            serde_json::to_string(&BoardEntry::of(&order)).unwrap(),
        );
        prop_assert!(!shown.contains("\"one\"") && !shown.contains("\"two\""), "{}", shown);
    }
}

#[test]
fn a_late_first_token_never_comes_back() {
    let mut order = blank();
    order.apply(OrderEvent::WaitingCompletion {
        customer: customer(),
        number: OrderNumber(9),
        token: TaskToken::new("two"),
        at: Timestamp(5),
        make_by: Timestamp(905),
    });
    order.apply(OrderEvent::WorkflowStarted {
        customer: customer(),
        token: TaskToken::new("one"),
        choose_by: Timestamp(300),
    });
    assert_eq!(order.callback(), Some((WorkflowStep::Barista, &TaskToken::new("two"))));
    assert_eq!(order.phase(), Phase::Waiting);
}

/// One order in each phase.
fn every_phase() -> Vec<Order> {
    let facts = [
        OrderEvent::WorkflowStarted { customer: customer(), token: TaskToken::new("one"), choose_by: Timestamp(300) },
        OrderEvent::Submitted { drink: drink("Latte"), at: Timestamp(20) },
        OrderEvent::WaitingCompletion {
            customer: customer(),
            number: OrderNumber(47),
            token: TaskToken::new("two"),
            at: Timestamp(30),
            make_by: Timestamp(930),
        },
        OrderEvent::BarMoved(BarMove {
            turn: 1,
            round: 0,
            state: BarState::Making { barista: barista("ana") },
            at: Timestamp(40),
        }),
        OrderEvent::BarMoved(BarMove {
            turn: 2,
            round: 0,
            state: BarState::Finishing { barista: barista("ana"), ready_due: Timestamp(4_050) },
            at: Timestamp(50),
        }),
        OrderEvent::Finished { at: Timestamp(60) },
        OrderEvent::Ended { round: 0, ending: Ending::Collected, at: Timestamp(70) },
    ];
    (1..=facts.len()).map(|upto| fold(&facts[..upto])).collect()
}

/// The letter of each outcome: `R` record, `S` record then send, `T` send then record, `=` already done, `.` refused.
fn outcome(order: &Order, actor: &Actor, command: &OrderCommand) -> char {
    match order.decide(actor, command, Timestamp(1_000)) {
        Ok(Decision::Record(_)) => 'R',
        Ok(Decision::RecordThenSend(..)) => 'S',
        Ok(Decision::SendThenRecord(..)) => 'T',
        Ok(Decision::AlreadyDone) => '=',
        Err(_) => '.',
    }
}

#[test]
fn every_command_is_decided_in_every_phase() {
    let (me, ana, ben) = (Actor::Customer(customer()), Actor::Barista(barista("ana")), Actor::Barista(barista("ben")));
    let cancel = OrderCommand::Cancel { reason: "sold_out".into() };
    let claim = OrderCommand::Claim { take_over: false };
    let take_over = OrderCommand::Claim { take_over: true };
    // Columns: choosing, submitted, waiting, making (Ana), finishing (Ana), ready, collected.
    let table = [
        ("customer submits the same", &me, OrderCommand::Submit(drink("Latte")), "S=====."),
        ("customer submits another", &me, OrderCommand::Submit(drink("Mocha")), "S......"),
        ("customer extends", &me, OrderCommand::Extend, "T......"),
        ("Ana wants more time", &ana, OrderCommand::Extend, "......."),
        ("customer cancels", &me, cancel.clone(), "T.T...."),
        ("customer collects", &me, OrderCommand::Collect, ".....R="),
        ("customer claims", &me, claim.clone(), "......."),
        ("customer releases", &me, OrderCommand::Release, "......."),
        ("customer completes", &me, OrderCommand::Complete, "......."),
        ("customer undoes", &me, OrderCommand::UndoComplete, "......."),
        ("Ana submits", &ana, OrderCommand::Submit(drink("Latte")), "......."),
        ("Ana cancels", &ana, cancel.clone(), "..TT..."),
        ("Ana claims", &ana, claim.clone(), "..R=..."),
        ("Ben claims", &ben, claim, "..R...."),
        ("Ben takes over", &ben, take_over, "..RR..."),
        ("Ana releases", &ana, OrderCommand::Release, "...R..."),
        ("Ben releases", &ben, OrderCommand::Release, "......."),
        ("Ana completes", &ana, OrderCommand::Complete, "..RR==."),
        ("Ben completes", &ben, OrderCommand::Complete, "..R...."),
        ("Ana takes back", &ana, OrderCommand::UndoComplete, "....R.."),
        ("Ben takes back", &ben, OrderCommand::UndoComplete, "......."),
        ("Ana collects", &ana, OrderCommand::Collect, ".....R="),
        ("Ana recalls", &ana, OrderCommand::Recall, ".....RR"),
        ("customer recalls", &me, OrderCommand::Recall, "......."),
        ("Ana acknowledges", &ana, OrderCommand::Acknowledge, "......R"),
        ("customer acknowledges", &me, OrderCommand::Acknowledge, "......."),
    ];
    for (who_does_what, actor, command, expected) in table {
        let found: String = every_phase().iter().map(|order| outcome(order, actor, &command)).collect();
        assert_eq!(found, expected, "{who_does_what}");
    }
}

#[test]
fn another_customer_gets_not_found() {
    let stranger = Actor::Customer(CustomerId::try_from("phone-2").unwrap());
    let commands = [
        OrderCommand::Submit(drink("Latte")),
        OrderCommand::Cancel { reason: "".into() },
        OrderCommand::Collect,
        OrderCommand::Extend,
        OrderCommand::Claim { take_over: true },
    ];
    for order in every_phase() {
        for command in &commands {
            assert_eq!(order.decide(&stranger, command, Timestamp(1)), Err(Refusal::NotFound));
        }
    }
}

#[test]
fn facts_of_another_customer_change_nothing() {
    let other = CustomerId::try_from("somebody-else").unwrap();
    let (token, at) = (TaskToken::new("theirs"), Timestamp(1));
    let foreign = [
        OrderEvent::Started { customer: other.clone(), at },
        OrderEvent::WorkflowStarted { customer: other.clone(), token: token.clone(), choose_by: at },
        OrderEvent::WaitingCompletion { customer: other, number: OrderNumber(9), token, at, make_by: at },
    ];
    let mut order = Order::new(OrderId::try_from("order-1").unwrap(), customer());
    let before = order.clone();
    for fact in foreign {
        order.apply(fact);
        assert_eq!(order, before);
    }
}

#[test]
fn submit_uses_only_the_customers_token() {
    for order in every_phase() {
        let decision = order.decide(&Actor::Customer(customer()), &OrderCommand::Submit(drink("Latte")), Timestamp(1));
        if let Ok(Decision::RecordThenSend(_, step, _) | Decision::SendThenRecord(step, _, _)) = decision {
            assert_eq!(step, WorkflowStep::Customer);
            assert_eq!(order.callback().map(|(step, _)| step), Some(WorkflowStep::Customer));
        }
    }
}

#[test]
fn the_workflow_is_called_only_after_the_undo_window() {
    let finishing = every_phase().swap_remove(4);
    assert_eq!(finishing.due(Timestamp(4_049)), None);
    assert!(matches!(finishing.due(Timestamp(4_050)), Some(Decision::SendThenRecord(WorkflowStep::Barista, ..))));
    let ana = Actor::Barista(barista("ana"));
    assert!(finishing.decide(&ana, &OrderCommand::UndoComplete, Timestamp(4_049)).is_ok());
    assert_eq!(finishing.decide(&ana, &OrderCommand::UndoComplete, Timestamp(4_050)), Err(Refusal::NothingToUndo));
}

/// The facts of the next extension, requested at `now`.
fn extend(order: &Order, now: i64) -> Result<Decision, Refusal> {
    order.decide(&Actor::Customer(customer()), &OrderCommand::Extend, Timestamp(now))
}

#[test]
fn the_time_to_choose_can_be_extended_at_least_ten_times() {
    let mut order = every_phase().swap_remove(0);
    let mut now = 0;
    for times in 1..=MAX_EXTENSIONS {
        now += CHOOSE_MILLIS - 20_000;
        let extension = Extension { times, choose_by: Timestamp(now + CHOOSE_MILLIS) };
        let facts = vec![OrderEvent::Extended(extension)];
        assert_eq!(
            extend(&order, now),
            Ok(Decision::SendThenRecord(WorkflowStep::Customer, TaskCallback::Heartbeat, facts.clone())),
            "the workflow is called first"
        );
        assert!(OrderView::of(&order, None).extendable);
        facts.into_iter().for_each(|fact| order.apply(fact));
        assert_eq!(OrderView::of(&order, None).choose_by, Some(extension.choose_by));
        assert_eq!(extend(&order, now + 4_000), Ok(Decision::AlreadyDone), "a repeated request changes nothing");
    }
    const { assert!(MAX_EXTENSIONS >= 10, "WCAG 2.2.1") }
    assert_eq!(extend(&order, now + 200_000), Err(Refusal::NoMoreTime));
    assert!(!OrderView::of(&order, None).extendable);
}

#[test]
fn a_late_workflow_event_does_not_shorten_an_extension() {
    let mut order = blank();
    order.apply(OrderEvent::Extended(Extension { times: 2, choose_by: Timestamp(900) }));
    order.apply(OrderEvent::WorkflowStarted {
        customer: customer(),
        token: TaskToken::new("one"),
        choose_by: Timestamp(300),
    });
    order.apply(OrderEvent::Extended(Extension { times: 1, choose_by: Timestamp(600) }));
    assert_eq!(order.choose_until(), Some(Timestamp(900)));
}

#[test]
fn preparation_time_is_from_the_first_claim_to_completion() {
    let life = every_phase();
    let made: Vec<_> = life.iter().map(Order::made_in).collect();
    assert_eq!(made, [None, None, None, None, None, Some(10), Some(10)]);
    let mut undone = life[4].clone();
    let ana = || barista("ana");
    let moves = [
        (3, BarState::Making { barista: ana() }, 60),
        (4, BarState::Finishing { barista: ana(), ready_due: Timestamp(74) }, 70),
    ];
    for (turn, state, at) in moves {
        undone.apply(OrderEvent::BarMoved(BarMove { turn, round: 0, state, at: Timestamp(at) }));
    }
    undone.apply(OrderEvent::Finished { at: Timestamp(80) });
    assert_eq!(undone.made_in(), Some(30), "an undo does not restart the time");
}

/// The order after Ana has recalled it from the counter.
fn recalled() -> Order {
    let mut order = every_phase().swap_remove(5);
    let decided = order.decide(&Actor::Barista(barista("ana")), &OrderCommand::Recall, Timestamp(1_000));
    let Ok(Decision::Record(facts)) = decided else { panic!("{decided:?}") };
    facts.into_iter().for_each(|fact| order.apply(fact));
    order
}

#[test]
fn a_late_workflow_event_does_not_undo_a_recall() {
    let mut order = recalled();
    let making = Phase::Making { barista: barista("ana") };
    assert_eq!(order.phase(), making);
    order.apply(OrderEvent::Finished { at: Timestamp(60) });
    order.apply(OrderEvent::Ended { round: 0, ending: Ending::Collected, at: Timestamp(70) });
    assert_eq!(order.phase(), making);
    assert_eq!(Ticket::of(&order).unwrap().waiting_since, Some(Timestamp(30)));
}

#[test]
fn a_recalled_order_that_nobody_makes_still_ends_with_a_reason() {
    let mut order = recalled();
    assert_eq!(order.give_up_at(), Some(Timestamp(901_000)));
    order.apply(OrderEvent::Ended {
        round: order.round(),
        ending: Ending::TimedOut { who: Party::Barista },
        at: Timestamp(901_000),
    });
    assert_eq!(order.phase().order_state(), "TIMED_OUT");
    let again = order.decide(&Actor::Barista(barista("ana")), &OrderCommand::Recall, Timestamp(902_000));
    assert!(matches!(again, Err(Refusal::AlreadyEnded { .. })), "{again:?}");
}

#[test]
fn a_cancelled_order_cannot_be_recalled() {
    let mut order = every_phase().swap_remove(2);
    let ending = Ending::CancelledByBarista { barista: barista("ana"), reason: "sold_out".into() };
    order.apply(OrderEvent::Ended { round: 0, ending: ending.clone(), at: Timestamp(50) });
    let decided = order.decide(&Actor::Barista(barista("ana")), &OrderCommand::Recall, Timestamp(60));
    assert_eq!(decided, Err(Refusal::already_ended(&ending)));
    assert!(Ticket::of(&order).is_some());
    order.apply(OrderEvent::Acknowledged { round: 0 });
    assert_eq!(Ticket::of(&order), None, "its ticket goes when it is acknowledged");
}

#[test]
fn the_id_of_a_walk_in_differs_from_that_of_a_phone() {
    assert!(CustomerId::walk_in("0a1b-2c3d").unwrap().is_walk_in());
    assert!(!customer().is_walk_in());
    assert!(CustomerId::walk_in("../x").is_err());
}
