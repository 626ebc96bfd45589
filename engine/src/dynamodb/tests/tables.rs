//! CreateTable, DescribeTable, ListTables, DeleteTable.

use super::*;

#[test]
fn a_described_table_is_the_one_that_was_created() {
    let db = TestDb::open();
    let table = db.ok("DescribeTable", json!({"TableName": "orders"}))["Table"].clone();
    assert_eq!(table["TableStatus"], "ACTIVE");
    assert_eq!(table["CreationDateTime"], json!(1_780_000_000.0));
    assert_eq!(table["KeySchema"], orders()["KeySchema"]);
    assert_eq!(table["AttributeDefinitions"], orders()["AttributeDefinitions"]);
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["GlobalSecondaryIndexes"][1]["Projection"]["NonKeyAttributes"], json!(["ORDERSTATE"]));
    assert_eq!(table["LocalSecondaryIndexes"][0]["IndexName"], "LSI-state");
}

#[test]
fn a_table_has_an_arn_of_its_account_and_a_unique_id() {
    let db = TestDb::open();
    let described = || db.ok("DescribeTable", json!({"TableName": "orders"}))["Table"].clone();
    let table = described();
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders";
    assert_eq!(table["TableArn"], arn);
    assert_eq!(table["GlobalSecondaryIndexes"][0]["IndexArn"], format!("{arn}/index/GSI-status"));
    let id = table["TableId"].as_str().unwrap();
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert_eq!(described()["TableId"], id);
    db.ok("DeleteTable", json!({"TableName": "orders"}));
    db.ok("CreateTable", orders());
    assert_ne!(described()["TableId"], id);
}

#[test]
fn the_description_of_a_deleted_table_has_zero_counts() {
    let db = TestDb::open();
    db.order("1", "anna", None);
    let deleted = db.ok("DeleteTable", json!({"TableName": "orders"}))["TableDescription"].clone();
    assert_eq!((&deleted["TableStatus"], &deleted["ItemCount"]), (&json!("DELETING"), &json!(0)));
}

#[test]
fn counts_and_sizes_follow_every_write() {
    let db = TestDb::open();
    db.order("1", "anna", Some("CREATED"));
    db.order("2", "anna", None);
    db.order("2", "anna", None);
    let count = |db: &TestDb| {
        let table = db.ok("DescribeTable", json!({"TableName": "orders"}))["Table"].clone();
        let indexes = &table["GlobalSecondaryIndexes"];
        [&table["ItemCount"], &indexes[0]["ItemCount"], &indexes[1]["ItemCount"]].map(|count| count.as_i64().unwrap())
    };
    assert_eq!(count(&db), [2, 1, 2]);
    db.ok("DeleteItem", json!({"TableName": "orders", "Key": {"PK": {"S": "orders"}, "SK": {"S": "1"}}}));
    db.ok("DeleteItem", json!({"TableName": "orders", "Key": {"PK": {"S": "orders"}, "SK": {"S": "2"}}}));
    assert_eq!(count(&db), [0, 0, 0]);
    let table = db.ok("DescribeTable", json!({"TableName": "orders"}))["Table"].clone();
    assert_eq!(table["TableSizeBytes"], 0);
    assert_eq!(table["GlobalSecondaryIndexes"][0]["IndexSizeBytes"], 0);
}

#[test]
fn a_table_is_created_once() {
    let db = TestDb::open();
    assert_eq!(db.error_text("CreateTable", orders()), "ResourceInUseException: Table already exists: orders");
}

#[test]
fn names_are_listed_in_order_and_in_pages() {
    let db = TestDb::open();
    let first = db.ok("ListTables", json!({"Limit": 1}));
    assert_eq!(first, json!({"TableNames": ["orders"], "LastEvaluatedTableName": "orders"}));
    let second = db.ok("ListTables", json!({"Limit": 1, "ExclusiveStartTableName": "orders"}));
    assert_eq!(second, json!({"TableNames": ["plain"]}));
}

#[test]
fn a_deleted_table_leaves_nothing_to_a_new_table_of_the_same_name() {
    let db = TestDb::open();
    db.order("1", "anna", Some("CREATED"));
    db.ok("DeleteTable", json!({"TableName": "orders"}));
    assert_eq!(
        db.error_text("DescribeTable", json!({"TableName": "orders"})),
        "ResourceNotFoundException: Requested resource not found: Table: orders not found"
    );
    assert_eq!(
        db.error_text("Scan", json!({"TableName": "orders"})),
        "ResourceNotFoundException: Requested resource not found"
    );
    db.ok("CreateTable", orders());
    assert_eq!(db.ok("Scan", json!({"TableName": "orders"}))["Count"], 0);
    assert_eq!(db.ok("Scan", json!({"TableName": "orders", "IndexName": "GSI-status"}))["Count"], 0);
}

#[test]
fn invalid_table_definitions_are_refused() {
    let db = TestDb::open();
    let with = |member: &str, value: Value| {
        let mut request = orders();
        request["TableName"] = json!("other");
        request[member] = value;
        db.error_text("CreateTable", request)
    };
    assert!(with("TableName", json!("ab")).ends_with("at least 3 characters long and at most 255 characters long"));
    assert!(with("TableName", json!("a b c")).contains("regular expression pattern: [a-zA-Z0-9_.-]+"));
    assert!(with("KeySchema", json!([{"AttributeName": "PK", "KeyType": "RANGE"}])).contains("Invalid KeySchema"));
    assert!(
        with("BillingMode", json!("PROVISIONED")).contains("must both be specified when BillingMode is PROVISIONED")
    );
    assert!(
        with("StreamSpecification", json!({"StreamEnabled": true})).contains("StreamSpecification is not supported")
    );
    assert!(with("Tags", json!([])).contains("The parameter Tags is not supported"));
    assert!(
        with("AttributeDefinitions", json!([{"AttributeName": "PK", "AttributeType": "S"}]))
            .contains("Some index key attribute have no definition")
    );
}

#[test]
fn a_protected_table_is_not_deleted() {
    let db = TestDb::open();
    let mut request = orders();
    request["TableName"] = json!("kept");
    request["DeletionProtectionEnabled"] = json!(true);
    db.ok("CreateTable", request);
    assert!(db.error_text("DeleteTable", json!({"TableName": "kept"})).contains("protected against deletion"));
}
