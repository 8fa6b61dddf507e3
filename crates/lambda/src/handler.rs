//! One invocation.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use keycensus_aws::{
    census,
    deadline::interrupt::Interrupt,
    error::CensusError,
    progress::Progress,
    run::{Census, Ended, Resume},
    services::aws::{Aws, SdkConfig},
};
use keycensus_core::{
    judge::summary::{DigestOutcome, Summary},
    settings::{
        Settings, Source, Written,
        invocation::{self, Event},
        stage::{Stage, StageOfRun},
    },
};
use lambda_runtime::Diagnostic;
use serde_json::Value;
use tokio::time::Instant;

use crate::metrics::Metrics;

/// What every invocation has in common.
#[derive(Debug)]
pub struct Function {
    /// The ambient AWS configuration.
    pub config: SdkConfig,
    /// The environment, as it was when the function started.
    pub environment: Vec<(String, String)>,
    /// Tells the present moment.
    pub clock: fn() -> Timestamp,
    /// Where a run's metrics go; `None`: nowhere.
    pub metrics: Option<Metrics>,
}

/// What Lambda says of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The ID of the request; the same when Lambda tries it again.
    pub request_id: String,
    /// When the invocation will be ended, in milliseconds since 1970. A moment
    /// that has passed already is none: development servers send such.
    pub deadline_ms: u64,
}

impl Invocation {
    /// How much time there is from `now` on.
    fn time_left(&self, now: Timestamp) -> Option<Duration> {
        let now = u64::try_from(now.as_millisecond()).ok()?;
        let left = self.deadline_ms.checked_sub(now).filter(|left| *left > 0)?;
        Some(Duration::from_millis(left))
    }
}

/// Why an invocation failed, as Lambda reports it, on one line: `errorType` says what to
/// fix.
#[derive(Debug, thiserror::Error)]
#[error("{}", in_one_line(.0))]
pub struct InvocationError(#[from] CensusError);

/// The lines of an error, one after the other: log lines and messages have one.
fn in_one_line(error: &CensusError) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("; ")
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self {
            error_type: error.0.error_type().to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// How many digests are missing, by an earlier run's summary.
fn missing(summary: &Value) -> u64 {
    let digest = serde_json::from_value(summary["digest"].clone());
    digest.map_or(0, |digest: DigestOutcome| digest.missing())
}

impl Function {
    /// Makes the run that `event` asks for and returns its summary.
    ///
    /// # Errors
    /// There is nothing to report.
    pub async fn handle(
        &self,
        event: Value,
        invocation: Invocation,
    ) -> Result<Value, InvocationError> {
        let outcome = match self.run(event, &invocation).await {
            Ok(outcome) => outcome,
            Err(error) => {
                let error = InvocationError::from(error);
                tracing::error!(
                    run.id = invocation.request_id,
                    error.kind = error.0.error_type(),
                    "census failed: {error}"
                );
                return Err(error);
            }
        };
        Ok(match outcome {
            Ended::Reported(outcome) => {
                self.write_metrics(&outcome.summary);
                outcome.summary.to_value()
            }
            Ended::Elsewhere(summary) => {
                self.write_missing(&summary);
                summary
            }
            Ended::Stage(ended) => ended,
        })
    }

    /// Writes metrics to the log; a run is no worse for having none.
    fn write_metrics(&self, summary: &Summary) {
        let Some(metrics) = self.metrics else { return };
        let now = (self.clock)();
        if let Err(error) = metrics.write(summary, now, &mut std::io::stdout().lock()) {
            tracing::warn!("the metrics could not be written: {error}");
        }
    }

    /// Writes how many digests of an earlier run are missing, if there are any.
    fn write_missing(&self, summary: &Value) {
        let digests = missing(summary);
        let Some(metrics) = self.metrics.filter(|_| digests > 0) else {
            return;
        };
        let run_id = summary["run_id"].as_str().unwrap_or_default();
        let now = (self.clock)();
        let written = metrics.write_missing(run_id, digests, now, &mut std::io::stdout().lock());
        if let Err(error) = written {
            tracing::warn!("the metrics could not be written: {error}");
        }
    }

    async fn run(&self, event: Value, invocation: &Invocation) -> Result<Ended, CensusError> {
        let now = (self.clock)();
        let environment = Written::from_environment(self.environment.iter().cloned());
        let Event {
            event_id,
            overrides,
            stage,
        } = invocation::read(event)?;
        let settings = Settings::read(environment.chain(overrides))?;
        settings.required_bucket(Source::Environment)?;
        let (stage, run_id) = match stage {
            Some(StageOfRun { stage, run_id }) => (stage, run_id),
            None => (Stage::All, invocation.request_id.clone()),
        };
        // Boxed, so that the compiler lays out a type of that depth by itself.
        Box::pin(census::run(Census {
            aws: Arc::new(Aws::new(self.config.clone())?),
            settings,
            source: Source::Environment,
            event_id: Some(event_id.unwrap_or_else(|| run_id.clone())),
            run_id,
            resume: Resume::Never,
            stage,
            now,
            folder: None,
            deadline: invocation.time_left(now).map(|left| Instant::now() + left),
            progress: Arc::new(Progress::default()),
            interrupt: Interrupt::default(),
        }))
        .await
    }
}
