//! Clients of the embedded cloud. They call the engine in this process.

use aws_sdk_dynamodb as dynamodb;
use aws_sdk_eventbridge as eventbridge;
use aws_sdk_sfn as sfn;
use engine::Engine;

use super::Cloud;

/// Configures one service. A macro, because each SDK crate has its own types.
macro_rules! client {
    ($sdk:ident, $engine:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new($region))
                // The engine checks no signature, but the SDK requires credentials.
                .credentials_provider($sdk::config::Credentials::new("embedded", "embedded", None, None, "embedded"))
                .endpoint_url("http://embedded.invalid")
                .http_client($engine.connector())
                // A call within the process cannot get lost, so retries would only hide a defect.
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .timeout_config($sdk::config::timeout::TimeoutConfig::disabled())
                .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
                .identity_cache($sdk::config::IdentityCache::no_cache())
                .build(),
        )
    };
}

/// The clients of `engine`. `region` is part of its ARNs.
pub(crate) fn embedded(engine: &Engine, region: &'static str) -> Cloud {
    Cloud {
        tables: client!(dynamodb, engine, region),
        workflows: client!(sfn, engine, region),
        events: client!(eventbridge, engine, region),
    }
}
