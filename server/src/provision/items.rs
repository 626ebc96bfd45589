//! The initial settings and menu, and the id of the shop. Existing items are not changed.

use serde_json::{Map, Value};

use aws_sdk_dynamodb::types::AttributeValue;
use engine::clock::Rng;

use super::{ProvisionError, ResourceNames};
use crate::cloud::{Cloud, attributes};

/// Puts an item unless its key exists.
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

/// The key of the item with the id of the shop.
const BAR: &str = "bar";

/// The id of the shop: 16 hexadecimal digits, generated when a server first starts with these tables.
///
/// # Errors
/// [`ProvisionError::Refused`].
pub(crate) async fn bar_id(cloud: &Cloud, names: &ResourceNames, rng: &dyn Rng) -> Result<String, ProvisionError> {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let item = serde_json::json!({ "PK": BAR, "id": id });
    put_if_missing(cloud, &names.config, &item.as_object().cloned().unwrap_or_default()).await?;
    // Another node may have generated an id at the same moment.
    let get = cloud.tables.get_item().table_name(&names.config).consistent_read(true);
    let refused = |error| ProvisionError::refused(format!("the item {BAR} of {}", names.config), error);
    let got = get.key("PK", AttributeValue::S(BAR.to_owned())).send().await.map_err(refused)?;
    let id = got.item().and_then(|item| attributes::get_text(item, "id")).filter(|id| is_id(id));
    id.map(str::to_owned).ok_or_else(|| ProvisionError::Refused {
        what: format!("the item {BAR} of {}", names.config),
        message: "its id is not 16 hexadecimal digits. Delete the item and start again".to_owned(),
    })
}

/// Whether it may be part of a cookie's name.
fn is_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
