//! Standard error: logs, where they are wanted, and errors.

use std::error::Error;

use tracing_subscriber::EnvFilter;

/// Logs every gap, if `is_verbose`, and nothing otherwise.
pub(crate) fn begin(is_verbose: bool) {
    let filter = match is_verbose {
        true => "warn,keycensus_core=info,keycensus_aws=info",
        false => "off",
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(EnvFilter::new(filter))
        .init();
}

/// Tells an error on one line.
#[expect(clippy::print_stderr, reason = "an error is told on standard error")]
pub(crate) fn tell(error: &dyn Error) {
    eprintln!(
        "error: {}",
        keycensus_core::plain_text::one_line(&error.to_string())
    );
}
