//! UpdateTimeToLive, DescribeTimeToLive and the sweep.

use super::*;
use crate::dynamodb::ttl::sweep_expired;

fn specify(enabled: bool) -> Value {
    json!({"TableName": "plain", "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": enabled}})
}

#[test]
fn expired_items_are_read_until_the_sweep_and_never_after() {
    let bar = Bar::open();
    let now = NOW.0 / 1000;
    bar.put("before", json!({"expires": {"N": (now - 1).to_string()}}));
    bar.ok("UpdateTimeToLive", specify(true));
    bar.put("now", json!({"expires": {"N": now.to_string()}}));
    bar.put("later", json!({"expires": {"N": (now + 1).to_string()}}));
    bar.put("never", json!({}));
    bar.put("text", json!({"expires": {"S": "1"}}));
    bar.put("mistake", json!({"expires": {"N": "12"}}));
    bar.put("prolonged", json!({"expires": {"N": now.to_string()}}));
    bar.put("prolonged", json!({"expires": {"N": (now + 60).to_string()}}));
    assert!(bar.get("before").is_some());
    assert_eq!(sweep_expired(&bar.conn, NOW, 1).unwrap(), 1);
    assert!(bar.get("before").is_none() && bar.get("now").is_some());
    assert_eq!(sweep_expired(&bar.conn, NOW, 100).unwrap(), 1);
    assert_eq!(sweep_expired(&bar.conn, NOW, 100).unwrap(), 0);
    for kept in ["later", "never", "text", "mistake", "prolonged"] {
        assert!(bar.get(kept).is_some(), "{kept}");
    }
    assert_eq!(sweep_expired(&bar.conn, Timestamp(NOW.0 + 1000), 100).unwrap(), 1);
}

#[test]
fn time_to_live_is_described_and_switched_off_again() {
    let bar = Bar::open();
    let status =
        |bar: &Bar| bar.ok("DescribeTimeToLive", json!({"TableName": "plain"}))["TimeToLiveDescription"].clone();
    assert_eq!(status(&bar), json!({"TimeToLiveStatus": "DISABLED"}));
    bar.ok("UpdateTimeToLive", specify(true));
    assert_eq!(status(&bar), json!({"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}));
    assert_eq!(bar.refusal("UpdateTimeToLive", specify(true)), "ValidationException: TimeToLive is already enabled");
    bar.put("1", json!({"expires": {"N": "1779999999"}}));
    bar.ok("UpdateTimeToLive", specify(false));
    assert_eq!(sweep_expired(&bar.conn, NOW, 100).unwrap(), 0);
}
