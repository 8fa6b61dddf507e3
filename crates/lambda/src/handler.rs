//! One invocation.

use std::sync::Arc;

use jiff::Timestamp;
use keycensus_aws::{
    census::{self, Census},
    connection::{Aws, SdkConfig},
    error::CensusError,
    progress::Progress,
};
use keycensus_core::settings::{Settings, Source, Written};
use lambda_runtime::Diagnostic;
use serde_json::Value;

use crate::event;

/// What every invocation has in common.
#[derive(Debug)]
pub struct Function {
    /// The ambient AWS configuration.
    pub config: SdkConfig,
    /// The environment, as it was when the function started.
    pub environment: Vec<(String, String)>,
    /// Tells the present moment.
    pub clock: fn() -> Timestamp,
}

/// Why an invocation failed, as Lambda reports it: `errorType` says what to fix.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct InvocationError(#[from] CensusError);

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self {
            error_type: error.0.error_type().to_owned(),
            error_message: error.to_string(),
        }
    }
}

impl Function {
    /// Makes the run that `event` asks for and returns its summary.
    ///
    /// # Errors
    /// There is nothing to report.
    pub async fn handle(&self, event: Value, request_id: String) -> Result<Value, InvocationError> {
        let outcome = match self.run(event, &request_id).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(
                    run.id = request_id,
                    error.kind = error.error_type(),
                    "census failed: {error}"
                );
                return Err(error.into());
            }
        };
        // Plain maps with text keys and finite numbers always serialize.
        Ok(serde_json::to_value(outcome.summary).unwrap_or_default())
    }

    async fn run(&self, event: Value, request_id: &str) -> Result<census::Outcome, CensusError> {
        let environment = Written::from_environment(self.environment.iter().cloned());
        let overrides = event::overrides(event)?;
        let settings = Settings::read(environment.chain(overrides))?;
        settings.required_bucket(Source::Environment)?;
        census::run(Census {
            aws: Arc::new(Aws::new(self.config.clone())?),
            settings,
            source: Source::Environment,
            run_id: request_id.to_owned(),
            now: (self.clock)(),
            folder: None,
            progress: Arc::new(Progress::default()),
        })
        .await
    }
}
