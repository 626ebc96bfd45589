//! Creates tables.

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::create_table::builders::CreateTableFluentBuilder,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex, Projection,
        ProjectionType,
    },
};

use super::{
    ProvisionError,
    files::{Index, Key, Table},
};
use crate::cloud::Cloud;

/// Creates the table unless it exists.
pub(super) async fn create_if_missing(cloud: &Cloud, table: &Table) -> Result<(), ProvisionError> {
    let refused = |message: String| ProvisionError::Refused { what: format!("table {}", table.table_name), message };
    let request = request(cloud, table).map_err(|error| refused(error.to_string()))?;
    match request.send().await {
        Ok(_) => {
            tracing::info!(table = table.table_name, "table made");
            Ok(())
        }
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception()) => Ok(()),
        Err(error) => Err(ProvisionError::refused(format!("table {}", table.table_name), error)),
    }
}

fn request(cloud: &Cloud, table: &Table) -> Result<CreateTableFluentBuilder, BuildError> {
    let mut request =
        cloud.tables.create_table().table_name(&table.table_name).billing_mode(BillingMode::PayPerRequest);
    for attribute in &table.attribute_definitions {
        request = request.attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name(&attribute.attribute_name)
                .attribute_type(attribute.attribute_type.as_str().into())
                .build()?,
        );
    }
    request = request.set_key_schema(Some(keys(&table.key_schema)?));
    for index in &table.local_secondary_indexes {
        request = request.local_secondary_indexes(local(index)?);
    }
    for index in &table.global_secondary_indexes {
        request = request.global_secondary_indexes(global(index)?);
    }
    Ok(request)
}

fn keys(keys: &[Key]) -> Result<Vec<KeySchemaElement>, BuildError> {
    keys.iter()
        .map(|key| {
            KeySchemaElement::builder()
                .attribute_name(&key.attribute_name)
                .key_type(key.key_type.as_str().into())
                .build()
        })
        .collect()
}

fn everything() -> Projection {
    Projection::builder().projection_type(ProjectionType::All).build()
}

fn local(index: &Index) -> Result<LocalSecondaryIndex, BuildError> {
    let keys = keys(&index.key_schema)?;
    LocalSecondaryIndex::builder()
        .index_name(&index.index_name)
        .set_key_schema(Some(keys))
        .projection(everything())
        .build()
}

fn global(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let keys = keys(&index.key_schema)?;
    GlobalSecondaryIndex::builder()
        .index_name(&index.index_name)
        .set_key_schema(Some(keys))
        .projection(everything())
        .build()
}
