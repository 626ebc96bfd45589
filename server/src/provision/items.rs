//! First settings and the first menu. What the bar has changed since stays.

use serde_json::{Map, Value};

use super::ProvisionError;
use crate::cloud::{Cloud, attributes};

/// Puts the item unless its key is taken.
pub(super) async fn put_if_missing(
    cloud: &Cloud,
    table: &str,
    item: &Map<String, Value>,
) -> Result<(), ProvisionError> {
    let put = cloud
        .tables
        .put_item()
        .table_name(table)
        .set_item(Some(attributes::item(item)))
        .condition_expression("attribute_not_exists(PK)")
        .send()
        .await;
    match put {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) => {
            Ok(())
        }
        Err(error) => {
            let name = item.get("PK").and_then(Value::as_str).unwrap_or_default();
            Err(ProvisionError::refused(format!("the item {name} of {table}"), error))
        }
    }
}
