//! Clients of an AWS account. Region and credentials come from the same places as for AWS's own tools.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb as dynamodb;
use aws_sdk_eventbridge as eventbridge;
use aws_sdk_sfn as sfn;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use super::Cloud;

/// The clients of AWS, in `region` or in the region of the environment or the profile.
pub(crate) async fn remote(region: Option<String>) -> Cloud {
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https);
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    let config = loader.load().await;
    Cloud {
        tables: dynamodb::Client::new(&config),
        workflows: sfn::Client::new(&config),
        events: eventbridge::Client::new(&config),
    }
}
