//! The Lambda binary.

use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    run(service_fn(|_: LambdaEvent<serde_json::Value>| async {
        Err::<serde_json::Value, _>("Unauthorized")
    }))
    .await
}
