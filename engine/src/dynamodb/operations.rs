//! The operations of DynamoDB by name.

use crate::{
    api::context::Operation,
    dynamodb::{batch, catalog, items, query, transact, ttl},
};

/// The operation `name`, such as `PutItem`.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    use Operation::{CheckedWrite, LookUp, Read, Write};
    Some(match name {
        "BatchGetItem" => Read(|_, db, request| batch::get(db, request)),
        "BatchWriteItem" => Write(|tx, request| batch::write(tx.db(), request)),
        "CreateTable" => Write(|tx, request| catalog::create(tx.db(), &tx.context.account, tx.now(), request)),
        "DeleteItem" => CheckedWrite(|tx, request| items::delete(tx.db(), request)),
        "DeleteTable" => Write(|tx, request| catalog::delete(tx.db(), &tx.context.account, request)),
        "DescribeTable" => LookUp(|context, db, request| catalog::describe(db, &context.account, request)),
        "DescribeTimeToLive" => LookUp(|_, db, request| ttl::describe(db, request)),
        "GetItem" => LookUp(|_, db, request| items::get(db, request)),
        "ListTables" => Read(|_, db, request| catalog::list(db, request)),
        "PutItem" => CheckedWrite(|tx, request| items::put(tx.db(), request)),
        "Query" => Read(|_, db, request| query::query(db, request)),
        "Scan" => Read(|_, db, request| query::scan(db, request)),
        "TransactGetItems" => Read(|_, db, request| transact::get(db, request)),
        "TransactWriteItems" => Write(|tx, request| transact::write(tx.db(), tx.now(), request)),
        "UpdateItem" => CheckedWrite(|tx, request| items::update(tx.db(), request)),
        "UpdateTimeToLive" => Write(|tx, request| ttl::update(tx.db(), request)),
        _ => return None,
    })
}
