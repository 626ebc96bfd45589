//! Reads and writes orders. Every write is conditional on the version that it replaces.

use aws_sdk_dynamodb::{
    Client,
    error::DisplayErrorContext,
    operation::{put_item::builders::PutItemFluentBuilder, query::builders::QueryFluentBuilder},
    types::{AttributeValue, Put, TransactWriteItem},
};
use domain::{CustomerId, OrderId, Timestamp};

use super::record::{ORDERS, StoredOrder, Unreadable};
use crate::cloud::attributes::{Item, get_text, number, text};

/// The partition with the last order of each customer.
const PHONES: &str = "phones";

/// Why the table could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Another process has written the item meanwhile.
    #[error("the record has changed meanwhile")]
    Conflict,
    /// The order exists but cannot be read. Its item is left unchanged.
    #[error("order {0} cannot be read: {1}")]
    Unreadable(OrderId, Unreadable),
    /// The table refused the request or did not answer.
    #[error("the order table does not answer: {0}")]
    Unavailable(String),
}

impl StoreError {
    fn from_sdk(error: impl std::error::Error) -> Self {
        Self::Unavailable(DisplayErrorContext(error).to_string())
    }
}

/// The row with the order that a customer started last.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PhoneRow {
    /// The customer has not started any.
    Absent,
    /// The row exists. `None` when it has no attribute `orderId`.
    Present(Option<AttributeValue>),
}

impl PhoneRow {
    /// The id of the order; `None` when it is missing or malformed.
    pub(super) fn order(&self) -> Option<OrderId> {
        match self {
            Self::Absent | Self::Present(None) => None,
            Self::Present(Some(value)) => OrderId::try_from(value.as_s().ok()?.as_str()).ok(),
        }
    }
}

/// The order table.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    client: Client,
    table: String,
}

impl Repository {
    pub(super) const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The order as it is now.
    pub(crate) async fn load(&self, id: &OrderId) -> Result<Option<StoredOrder>, StoreError> {
        let Some(item) = self.get(ORDERS, id.as_str()).await? else { return Ok(None) };
        StoredOrder::read(item).map(Some).map_err(|why| StoreError::Unreadable(id.clone(), why))
    }

    /// The row with the last order of a customer.
    pub(super) async fn last_of(&self, customer: &CustomerId) -> Result<PhoneRow, StoreError> {
        let item = self.get(PHONES, customer.as_str()).await?;
        Ok(item.map_or(PhoneRow::Absent, |mut item| PhoneRow::Present(item.remove("orderId"))))
    }

    async fn get(&self, partition: &str, sort: &str) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let got = get.key("PK", text(partition)).key("SK", text(sort)).send().await;
        got.map(|output| output.item).map_err(StoreError::from_sdk)
    }

    /// Writes the order, on the condition that its version is unchanged.
    pub(super) async fn save(&self, stored: StoredOrder, now: Timestamp) -> Result<StoredOrder, StoreError> {
        let item = stored.write(now);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item.clone()));
        match unchanged(put, stored.version).send().await {
            Ok(_) => Ok(StoredOrder { order: stored.order, version: stored.version.saturating_add(1), item }),
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Err(StoreError::Conflict)
            }
            Err(error) => Err(StoreError::from_sdk(error)),
        }
    }

    /// Writes a new order and makes it the last order of its customer, in one transaction, on the condition that the
    /// customer's row is still `previous`.
    pub(super) async fn create(
        &self,
        stored: StoredOrder,
        previous: PhoneRow,
        now: Timestamp,
    ) -> Result<StoredOrder, StoreError> {
        let item = stored.write(now);
        let order = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item.clone()))
            .condition_expression("attribute_not_exists(PK)");
        let phone = Put::builder()
            .table_name(&self.table)
            .item("PK", text(PHONES))
            .item("SK", text(stored.order.customer.as_str()))
            .item("orderId", text(stored.order.id.as_str()));
        let phone = match previous {
            PhoneRow::Absent => phone.condition_expression("attribute_not_exists(PK)"),
            PhoneRow::Present(None) => {
                phone.condition_expression("attribute_exists(PK) AND attribute_not_exists(orderId)")
            }
            PhoneRow::Present(Some(previous)) => {
                phone.condition_expression("orderId = :previous").expression_attribute_values(":previous", previous)
            }
        };
        let mut transaction = self.client.transact_write_items();
        for put in [order, phone] {
            let put = put.build().map_err(StoreError::from_sdk)?;
            transaction = transaction.transact_items(TransactWriteItem::builder().put(put).build());
        }
        match transaction.send().await {
            Ok(_) => Ok(StoredOrder { order: stored.order, version: stored.version.saturating_add(1), item }),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_transaction_canceled_exception()) => {
                Err(StoreError::Conflict)
            }
            Err(error) => Err(StoreError::from_sdk(error)),
        }
    }

    /// All orders that have not ended.
    pub(crate) async fn open(&self) -> Result<Vec<StoredOrder>, StoreError> {
        let mut orders = self.query("GSI-status", "ORDERSTATE", text("CREATED"), None).await?;
        orders.extend(self.query("GSI-status", "ORDERSTATE", text("COMPLETED"), None).await?);
        Ok(orders)
    }

    /// The orders that any process has changed since a time.
    pub(crate) async fn changed_since(&self, since: Timestamp) -> Result<Vec<StoredOrder>, StoreError> {
        self.query("GSI-changes", "feed", text(ORDERS), Some(("changedAt", number(since.0)))).await
    }

    /// The orders that changed last, newest first, at most `limit`.
    pub(crate) async fn latest(&self, limit: i32) -> Result<Vec<StoredOrder>, StoreError> {
        let query = self.by("GSI-changes", "feed", text(ORDERS)).scan_index_forward(false).limit(limit);
        let output = query.send().await.map_err(StoreError::from_sdk)?;
        Ok(readable(output.items.unwrap_or_default()))
    }

    /// The orders of a customer, in no particular order, at most `limit`.
    pub(super) async fn of(&self, customer: &CustomerId, limit: i32) -> Result<Vec<StoredOrder>, StoreError> {
        let query = self.by("GSI-userId", "USERID", text(customer.as_str())).limit(limit);
        let output = query.send().await.map_err(StoreError::from_sdk)?;
        Ok(readable(output.items.unwrap_or_default()))
    }

    /// A query of an index by its partition key.
    fn by(&self, index: &str, name: &str, value: AttributeValue) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.table).index_name(index);
        query
            .key_condition_expression("#name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value)
    }

    async fn query(
        &self,
        index: &str,
        name: &str,
        value: AttributeValue,
        from: Option<(&str, AttributeValue)>,
    ) -> Result<Vec<StoredOrder>, StoreError> {
        let mut query = self.by(index, name, value);
        if let Some((name, value)) = from {
            query = query
                .key_condition_expression("#name = :value AND #from >= :from")
                .expression_attribute_names("#from", name)
                .expression_attribute_values(":from", value);
        }
        let mut items = query.into_paginator().items().send();
        let mut orders = Vec::new();
        while let Some(item) = items.next().await {
            orders.push(item.map_err(StoreError::from_sdk)?);
        }
        Ok(readable(orders))
    }
}

/// The readable orders among the items. Others are left out of lists; reading one by its id says why.
fn readable(items: Vec<Item>) -> Vec<StoredOrder> {
    let read = |item: Item| {
        let id = get_text(&item, "SK").unwrap_or_default().to_owned();
        StoredOrder::read(item)
            .inspect_err(|why| tracing::debug!(order = id, %why, "an unreadable order is left out of a list"))
            .ok()
    };
    items.into_iter().filter_map(read).collect()
}

fn unchanged(put: PutItemFluentBuilder, version: u64) -> PutItemFluentBuilder {
    if version == 0 {
        return put.condition_expression("attribute_not_exists(version)");
    }
    put.condition_expression("version = :version").expression_attribute_values(":version", number(version))
}
