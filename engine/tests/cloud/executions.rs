//! Step Functions as its clients see it.

use crate::common::Cloud;

#[tokio::test]
async fn a_token_that_was_never_given_out_is_garbage() {
    let cloud = Cloud::in_memory();
    let send = |token: &str| cloud.sfn.send_task_success().task_token(token).output("{}").send();
    for garbage in ["garbage", "AAAAKgAAAAIAAAAA", "="] {
        assert!(send(garbage).await.unwrap_err().into_service_error().is_invalid_token(), "{garbage}");
    }
}
