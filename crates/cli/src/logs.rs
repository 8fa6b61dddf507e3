//! Logs on standard error, where they are wanted.

use keycensus_core::model::plain_text::OneLineEach;
use tracing_subscriber::EnvFilter;

/// Logs every gap, if `is_verbose`, and nothing otherwise.
pub(crate) fn begin(is_verbose: bool) {
    let filter = match is_verbose {
        true => "warn,keycensus_core=info,keycensus_aws=info",
        false => "off",
    };
    tracing_subscriber::fmt()
        .with_writer(|| OneLineEach(std::io::stderr()))
        .with_env_filter(EnvFilter::new(filter))
        .init();
}
