//! Logs: one JSON object a line, for CloudWatch.

use std::{
    io::{self, Write},
    panic,
};

use keycensus_core::model::plain_text::OneLineEach;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

/// Writes logs to standard output from now on, and what becomes of a fault of ours
/// there too, instead of as bare text beside them.
pub fn init(level: Option<&str>) {
    subscriber(level, io::stdout).init();
    panic::set_hook(Box::new(|fault| tracing::error!("{fault}")));
}

/// Logs as JSON, with a writer for each line: ours from `level` up (`info` unless
/// said otherwise), those of libraries from `warn` up, because their own lines can
/// carry what must not be logged.
pub fn subscriber<W: Write>(
    level: Option<&str>,
    writer: impl Fn() -> W + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(move || OneLineEach(writer()))
        .with_env_filter(filter(level))
        .finish()
}

fn filter(level: Option<&str>) -> EnvFilter {
    let level = match level.map(str::to_ascii_lowercase).as_deref() {
        // Lambda's word for the most severe level, which tracing does not have.
        Some("fatal") => "error".to_owned(),
        Some(level @ ("trace" | "debug" | "info" | "warn" | "error")) => level.to_owned(),
        _ => "info".to_owned(),
    };
    let ours = ["keycensus_core", "keycensus_aws", "keycensus_lambda"];
    let directives = ours.map(|target| format!("{target}={level}"));
    // The runtime's own line for an invocation that failed, a debug form of the error, or
    // panicked: both have been logged by us.
    let runtimes = "lambda_runtime::layers::panic=off";
    EnvFilter::new(format!("warn,{runtimes},{}", directives.join(",")))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Result, Write},
        sync::{Arc, Mutex, PoisonError},
    };

    use super::{filter, subscriber};

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, line: &[u8]) -> Result<usize> {
            let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            written.write(line)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    /// What is written of what `logs` logs when our level is `level`.
    fn written(level: &str, logs: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = subscriber(Some(level), move || writer.clone());
        tracing::subscriber::with_default(subscriber, logs);
        let bytes = written.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(bytes.clone()).unwrap()
    }

    #[test]
    fn our_level_is_lambdas_and_libraries_stay_quiet() {
        for (level, ours) in [
            (None, "info"),
            (Some("DEBUG"), "debug"),
            (Some("FATAL"), "error"),
            (Some("nonsense"), "info"),
        ] {
            let lines = filter(level).to_string();
            assert!(lines.contains(&format!("keycensus_aws={ours}")), "{lines}");
            assert!(lines.contains("warn"), "{lines}");
        }
    }

    #[test]
    fn what_libraries_say_of_requests_and_answers_is_not_written_even_when_all_of_ours_is() {
        let lines = written("TRACE", || {
            tracing::trace!(target: "keycensus_core::render::digest", "ours");
            tracing::trace!(target: "keycensus_aws::services::kms", "ours");
            tracing::trace!(target: "keycensus_lambda", "ours");
            tracing::info!(target: "aws_sdk_sts::operation", "theirs");
            tracing::debug!(target: "aws_smithy_runtime::client::orchestrator", "theirs");
            tracing::trace!(target: "hyper_util", "theirs");
            tracing::trace!(target: "lambda_runtime", "theirs");
            tracing::trace!(target: "rustls", "theirs");
        });
        assert_eq!(lines.matches("ours").count(), 3, "{lines}");
        assert!(!lines.contains("theirs"), "{lines}");
    }

    #[test]
    fn of_a_failed_run_the_runtime_says_nothing_and_of_its_own_failures_all() {
        let lines = written("INFO", || {
            tracing::error!(target: "lambda_runtime::layers::panic", "InvocationError(Settings(…))");
            tracing::error!(target: "lambda_runtime::layers::api_client", "failed to send request");
            tracing::error!(target: "keycensus_lambda::handler", "census failed: …");
        });
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(!lines.contains("InvocationError"), "{lines}");
    }

    #[test]
    fn a_strangers_text_stays_on_its_line_and_sends_nothing_to_a_terminal() {
        let message = "a\nb\u{9b}2J\u{2028}\u{202e}c";
        let lines = written("INFO", || {
            tracing::warn!(error.message = message, "refused");
        });
        assert_eq!(lines.lines().count(), 1, "{lines}");
        assert!(
            lines.contains("a\\nb\u{FFFD}2J\u{FFFD}\u{FFFD}c"),
            "{lines}"
        );
    }
}
