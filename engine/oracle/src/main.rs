//! dynoxide-rs behind a pipe: one JSON call per line in, one JSON response per line out.
//!
//! In: `{"operation": "PutItem", "request": {…}}`, or `{"operation": "Reset"}` for an empty database.
//! Out: `{"ok": {…}}`, or `{"error": {"__type": …, "message": …, …}}`.

use std::io::{self, BufRead, Write};

use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut database = Database::memory()?;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let mut call: Value = serde_json::from_str(&line?)?;
        let operation = call["operation"].as_str().unwrap_or_default().to_owned();
        let response = if operation == "Reset" {
            database = Database::memory()?;
            json!({"ok": {}})
        } else {
            perform(&database, &operation, call["request"].take())
        };
        serde_json::to_writer(&mut out, &response)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn perform(database: &Database, operation: &str, request: Value) -> Value {
    match operation {
        "BatchGetItem" => call(request, |request| database.batch_get_item(request)),
        "BatchWriteItem" => call(request, |request| database.batch_write_item(request)),
        "CreateTable" => call(request, |request| database.create_table(request)),
        "DeleteItem" => call(request, |request| database.delete_item(request)),
        "DeleteTable" => call(request, |request| database.delete_table(request)),
        "DescribeTable" => call(request, |request| database.describe_table(request)),
        "DescribeTimeToLive" => call(request, |request| database.describe_time_to_live(request)),
        "GetItem" => call(request, |request| database.get_item(request)),
        "ListTables" => call(request, |request| database.list_tables(request)),
        "PutItem" => call(request, |request| database.put_item(request)),
        "Query" => call(request, |request| database.query(request)),
        "Scan" => call(request, |request| database.scan(request)),
        "TransactGetItems" => call(request, |request| database.transact_get_items(request)),
        "TransactWriteItems" => call(request, |request| database.transact_write_items(request)),
        "UpdateItem" => call(request, |request| database.update_item(request)),
        "UpdateTimeToLive" => call(request, |request| database.update_time_to_live(request)),
        _ => json!({"error": {"__type": "UnknownOperationException", "message": operation}}),
    }
}

fn call<Request: DeserializeOwned, Response: Serialize>(
    request: Value,
    run: impl FnOnce(Request) -> Result<Response, DynoxideError>,
) -> Value {
    match serde_json::from_value(request) {
        Err(error) => json!({"error": {"__type": "Unreadable", "message": error.to_string()}}),
        Ok(request) => match run(request) {
            Ok(response) => json!({"ok": response}),
            Err(error) => {
                let body: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
                json!({"error": body})
            }
        },
    }
}
