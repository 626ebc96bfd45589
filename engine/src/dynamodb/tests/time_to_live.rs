//! UpdateTimeToLive, DescribeTimeToLive and the sweep.

use super::*;
use crate::dynamodb::ttl::sweep_expired;

fn update_ttl(enabled: bool) -> Value {
    json!({"TableName": "plain", "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": enabled}})
}

#[test]
fn expired_items_are_returned_until_the_sweep() {
    let db = TestDb::open();
    let now = NOW.0 / 1000;
    db.put("before", json!({"expires": {"N": (now - 1).to_string()}}));
    db.ok("UpdateTimeToLive", update_ttl(true));
    db.put("now", json!({"expires": {"N": now.to_string()}}));
    db.put("later", json!({"expires": {"N": (now + 1).to_string()}}));
    db.put("never", json!({}));
    db.put("text", json!({"expires": {"S": "1"}}));
    db.put("mistake", json!({"expires": {"N": "12"}}));
    db.put("prolonged", json!({"expires": {"N": now.to_string()}}));
    db.put("prolonged", json!({"expires": {"N": (now + 60).to_string()}}));
    assert!(db.get("before").is_some());
    assert_eq!(sweep_expired(&db.conn, NOW, 1).unwrap(), 1);
    assert!(db.get("before").is_none() && db.get("now").is_some());
    assert_eq!(sweep_expired(&db.conn, NOW, 100).unwrap(), 1);
    assert_eq!(sweep_expired(&db.conn, NOW, 100).unwrap(), 0);
    for kept in ["later", "never", "text", "mistake", "prolonged"] {
        assert!(db.get(kept).is_some(), "{kept}");
    }
    assert_eq!(sweep_expired(&db.conn, Timestamp(NOW.0 + 1000), 100).unwrap(), 1);
}

#[test]
fn time_to_live_is_described_and_disabled_again() {
    let db = TestDb::open();
    let status =
        |db: &TestDb| db.ok("DescribeTimeToLive", json!({"TableName": "plain"}))["TimeToLiveDescription"].clone();
    assert_eq!(status(&db), json!({"TimeToLiveStatus": "DISABLED"}));
    db.ok("UpdateTimeToLive", update_ttl(true));
    assert_eq!(status(&db), json!({"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}));
    assert_eq!(
        db.error_text("UpdateTimeToLive", update_ttl(true)),
        "ValidationException: TimeToLive is already enabled"
    );
    db.put("1", json!({"expires": {"N": "1779999999"}}));
    db.ok("UpdateTimeToLive", update_ttl(false));
    assert_eq!(sweep_expired(&db.conn, NOW, 100).unwrap(), 0);
}
