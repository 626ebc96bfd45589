//! x
use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::cloud::Cloud;

pub(crate) async fn run(_cloud: Arc<Cloud>, _tasks: TaskTracker, stop: CancellationToken) {
    stop.cancelled().await;
}
