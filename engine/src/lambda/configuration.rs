//! The configuration of a function: read from a request, stored as Lambda shows it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    api::{context::Transaction, request},
    clock::uuid,
    error::ApiError,
    lambda::{address::Address, api_error::invalid},
};

/// The environment variable of a function that contains its address, such as `http://127.0.0.1:3001`.
pub const ADDRESS_VARIABLE: &str = "FUNCTION_ADDRESS";

/// Lambda's limit on all environment variables together, in bytes.
const MAX_ENVIRONMENT_BYTES: usize = 4_096;

/// Members of a request that are stored and shown, and have no other effect.
const STORED_MEMBERS: [&str; 8] =
    ["Runtime", "Role", "Handler", "Description", "MemorySize", "Architectures", "EphemeralStorage", "TracingConfig"];
/// Members of a request that are handled separately.
const HANDLED_MEMBERS: [&str; 10] = [
    "FunctionName",
    "Qualifier",
    "Code",
    "Timeout",
    "Environment",
    "Tags",
    "PackageType",
    "Publish",
    "RevisionId",
    "LoggingConfig",
];

/// The configuration of a function.
#[derive(Debug)]
pub(super) struct Configuration {
    pub(super) address: Address,
    pub(super) timeout_seconds: i64,
    /// The response of GetFunctionConfiguration.
    pub(super) described: Map<String, Value>,
}

/// The configuration of a new function.
pub(super) fn create(tx: &Transaction<'_>, name: &str, request: &Value) -> Result<Configuration, ApiError> {
    refuse_unknown_members(request)?;
    let package = request::optional_text(request, "PackageType")?.unwrap_or("Zip");
    let code = request.get("Code").filter(|code| code.is_object());
    let code = code.ok_or_else(|| request::constraint_violation("code", "null", "Member must not be null"))?;
    check_role(request::text(request, "Role")?)?;
    match package {
        "Zip" if request.get("Runtime").is_none() || request.get("Handler").is_none() => {
            let message =
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
            return Err(invalid(message));
        }
        "Zip" => {}
        "Image" if code.get("ImageUri").is_none() => {
            return Err(invalid("Code.ImageUri is missing, which names the image of a function of PackageType Image."));
        }
        "Image" => {}
        other => {
            let rule = "Member must satisfy enum value set: [Zip, Image]";
            return Err(request::constraint_violation("packageType", other, rule));
        }
    }
    if request::optional_bool(request, "Publish")? == Some(true) {
        return Err(invalid("This engine has no versions of functions. Leave Publish out."));
    }
    let zip = match code.get("ZipFile").and_then(Value::as_str) {
        None => Vec::new(),
        Some(text) => BASE64_STANDARD.decode(text).map_err(|_| invalid("Code.ZipFile is not base64."))?,
    };
    let mut described = json!({
        "FunctionName": name,
        "FunctionArn": tx.context.arn("lambda", format_args!("function:{name}")),
        "Description": "",
        "MemorySize": 128,
        "Architectures": ["x86_64"],
        "EphemeralStorage": { "Size": 512 },
        "TracingConfig": { "Mode": "PassThrough" },
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": format!("/aws/lambda/{name}") },
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "PackageType": package,
        // An uploaded package is neither run nor stored.
        "CodeSize": zip.len(),
        "CodeSha256": BASE64_STANDARD.encode(Sha256::digest(&zip)),
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
    });
    let described = described.as_object_mut().map(std::mem::take).unwrap_or_default();
    apply_members(tx, described, request)
}

/// The configuration after UpdateFunctionConfiguration; members that the request does not have stay unchanged.
pub(super) fn update(
    tx: &Transaction<'_>,
    described: Map<String, Value>,
    request: &Value,
) -> Result<Configuration, ApiError> {
    refuse_unknown_members(request)?;
    if let Some(given) = request::optional_text(request, "RevisionId")?
        && described.get("RevisionId").and_then(Value::as_str) != Some(given)
    {
        let message = "The Revision Id provided does not match the latest Revision Id. Call the \
                       GetFunction/GetAlias API to retrieve the latest Revision Id";
        let mut error = ApiError::client("PreconditionFailedException", message);
        error.status = 412;
        return Err(error);
    }
    if let Some(arn) = request::optional_text(request, "Role")? {
        check_role(arn)?;
    }
    apply_members(tx, described, request)
}

/// Applies the members of a request to a configuration.
fn apply_members(
    tx: &Transaction<'_>,
    mut described: Map<String, Value>,
    request: &Value,
) -> Result<Configuration, ApiError> {
    for name in STORED_MEMBERS {
        if let Some(value) = request.get(name).filter(|value| !value.is_null()) {
            described.insert(name.to_owned(), value.clone());
        }
    }
    let timeout = request::optional_integer(request, "Timeout", 1, 900)?
        .or_else(|| described.get("Timeout").and_then(Value::as_i64))
        .unwrap_or(3);
    described.insert("Timeout".to_owned(), timeout.into());
    if let Some(environment) = request.get("Environment").filter(|environment| !environment.is_null()) {
        let variables = environment.get("Variables").cloned().unwrap_or_else(|| json!({}));
        described.insert("Environment".to_owned(), json!({ "Variables": variables }));
    }
    if let Some(logging) = request.get("LoggingConfig").and_then(Value::as_object)
        && let Some(stored) = described.get_mut("LoggingConfig").and_then(Value::as_object_mut)
    {
        stored.extend(logging.clone());
    }
    let modified = tx.now().rfc3339_millis();
    described.insert("LastModified".to_owned(), modified.replace('Z', "+0000").into());
    described.insert("RevisionId".to_owned(), uuid(&*tx.context.rng).into());
    let address = read_address(&described)?;
    Ok(Configuration { address, timeout_seconds: timeout, described })
}

/// The address in the environment variables.
fn read_address(described: &Map<String, Value>) -> Result<Address, ApiError> {
    let empty = Map::new();
    let variables = described.get("Environment").and_then(|environment| environment.get("Variables")?.as_object());
    let variables = variables.unwrap_or(&empty);
    let mut bytes = 0;
    for (name, value) in variables {
        let Some(value) = value.as_str() else {
            return Err(invalid(format!("The environment variable {name} must be a text.")));
        };
        bytes += name.len() + value.len();
    }
    if bytes > MAX_ENVIRONMENT_BYTES {
        return Err(invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit.",
        ));
    }
    let given = variables.get(ADDRESS_VARIABLE).and_then(Value::as_str).ok_or_else(|| {
        invalid(format!(
            "This engine runs no uploaded code: a function is a program that is reached over HTTP and speaks Lambda's \
             invocation API. Say where it listens in the environment variable {ADDRESS_VARIABLE}, for example \
             {ADDRESS_VARIABLE}=http://127.0.0.1:3001."
        ))
    })?;
    Address::parse(given).map_err(|why| {
        invalid(format!("The environment variable {ADDRESS_VARIABLE} is no address of a function: {why}."))
    })
}

/// Refuses members that this engine does not support, by name.
fn refuse_unknown_members(request: &Value) -> Result<(), ApiError> {
    let mut given = request.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let unknown =
        given.find(|(name, _)| !STORED_MEMBERS.contains(&name.as_str()) && !HANDLED_MEMBERS.contains(&name.as_str()));
    match unknown {
        None => Ok(()),
        Some((name, _)) => Err(invalid(format!("This engine has no {name} for functions. Leave it out."))),
    }
}

fn check_role(arn: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, role] if account.len() == 12 && role.starts_with("role/") => Ok(()),
        _ => {
            let rule = "Member must satisfy regular expression pattern: \
                        arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
            Err(request::constraint_violation("role", arn, rule))
        }
    }
}
