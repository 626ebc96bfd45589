use serde_json::json;

use super::*;

fn parse_sample(text: &str) -> OrderEvent {
    let parsed = parse(&serde_json::from_str(text).unwrap(), Timestamp(0)).unwrap();
    assert_eq!((parsed.order.as_str(), parsed.customer.as_str()), ("1", "1"));
    parsed.event
}

#[test]
fn every_sample_event_is_parsed() {
    let customer = CustomerId::try_from("1").unwrap();
    // The time of the sample `WorkflowStarted`.
    let started = 1_795_171_327_120;
    assert_eq!(
        parse_sample(include_str!("../../../../../workflow/events/OrderProcessor.WorkflowStarted.json")),
        OrderEvent::WorkflowStarted {
            customer: customer.clone(),
            token: TaskToken::new("AAAAKgAAAAIAAAAAexample-token-1"),
            choose_by: Timestamp(started + 300_000),
        }
    );
    assert_eq!(
        parse_sample(include_str!("../../../../../workflow/events/OrderProcessor.WaitingCompletion.json")),
        OrderEvent::WaitingCompletion {
            customer,
            number: OrderNumber(10),
            token: TaskToken::new("AAAAKgAAAAIAAAAAexample-token-2"),
            at: Timestamp(started + 32_883),
            make_by: Timestamp(started + 932_883),
        }
    );
    assert_eq!(
        parse_sample(include_str!("../../../../../workflow/events/OrderProcessor.OrderTimeOut.json")),
        OrderEvent::Ended {
            round: 0,
            ending: Ending::TimedOut { who: Party::Customer },
            at: Timestamp(started + 300_010)
        }
    );
    assert_eq!(
        parse_sample(include_str!("../../../../../workflow/events/OrderProcessor.OrderCancelled.json")),
        OrderEvent::Ended {
            round: 0,
            ending: Ending::CancelledByBarista {
                barista: BaristaId::new("Ana", "tablet").unwrap(),
                reason: "The milk is gone".into()
            },
            at: Timestamp(1_795_171_400_000)
        }
    );
    assert_eq!(
        parse_sample(include_str!("../../../../../workflow/events/OrderProcessor.ShopUnavailable.json")),
        OrderEvent::Ended { round: 0, ending: Ending::Refused { reason: "closed".into() }, at: Timestamp(started + 5) }
    );
    assert_eq!(
        parse_sample(include_str!("../../../../../workflow/events/OrderProcessor.orderFinished.json")),
        OrderEvent::Finished { at: Timestamp(started + 175_380) }
    );
}

#[test]
fn an_event_of_the_original_workflow_takes_its_time_from_the_envelope() {
    let event = json!({
        "detail-type": "OrderProcessor.WorkflowStarted", "time": "2024-02-29T12:34:56Z",
        "detail": {"orderId": "1", "userId": "1", "TaskToken": "t", "Message": "x"},
    });
    let choose_by = Timestamp(1_709_210_096_000 + 300_000);
    assert!(
        matches!(parse(&event, Timestamp(0)).unwrap().event, OrderEvent::WorkflowStarted { choose_by: by, .. } if by == choose_by)
    );
}

#[test]
fn a_task_failed_by_another_program_ends_the_order_with_its_reason() {
    let failed = |failure: serde_json::Value| {
        let event = json!({
            "detail-type": "OrderProcessor.OrderCancelled",
            "detail": {"orderId": "1", "userId": "1", "failure": failure},
        });
        parse(&event, Timestamp(5)).unwrap().event
    };
    let refused = |reason: &str| OrderEvent::Ended {
        round: 0,
        ending: Ending::Refused { reason: reason.into() },
        at: Timestamp(5),
    };
    assert_eq!(failed(json!({"Error": "PipeBurst", "Cause": "no water"})), refused("no water"));
    assert_eq!(failed(json!({"Error": "PipeBurst", "Cause": ""})), refused("PipeBurst"));
    assert_eq!(failed(json!({})), refused("no reason given"));
}

#[test]
fn a_malformed_event_is_an_error_with_the_reason() {
    let bad = [
        json!({"detail-type": "OrderProcessor.WorkflowStarted", "detail": {"orderId": "1", "userId": "1"}}),
        json!({"detail-type": "OrderProcessor.WaitingCompletion", "detail": {"orderId": "1", "userId": "1", "TaskToken": "t", "orderNumber": "ten"}}),
        json!({"detail-type": "OrderProcessor.orderFinished", "detail": {"orderId": "../1", "userId": "1"}}),
        json!({"detail-type": "Something.Else", "detail": {"orderId": "1", "userId": "1"}}),
        json!("text"),
    ];
    for event in bad {
        assert!(parse(&event, Timestamp(0)).is_err(), "{event}");
    }
}
