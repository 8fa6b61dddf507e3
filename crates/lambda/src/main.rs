//! The binary `bootstrap` that Lambda starts.

use keycensus_aws::transport::ambient::{Chosen, ambient_config};
use keycensus_lambda::{
    handler::{Function, Invocation},
    logs,
    metrics::Metrics,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

/// Every request of the SDK allocates hundreds of small things; the system's
/// allocator took a third of the processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge: the environment and the clock are read here and handed on"
)]
async fn main() -> Result<(), Error> {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok();
    logs::init(level.as_deref());
    let name = std::env::var("AWS_LAMBDA_FUNCTION_NAME")?;
    let function = Function {
        config: ambient_config(Chosen::default()).await?,
        environment: std::env::vars().collect(),
        clock: jiff::Timestamp::now,
        metrics: Some(Metrics::begin(&name, level.as_deref())?),
    };
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let invocation = Invocation {
            request_id: event.context.request_id,
            deadline_ms: event.context.deadline,
        };
        function.handle(event.payload, invocation)
    }))
    .await
}
