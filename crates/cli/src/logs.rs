//! Logs on standard error, where they are wanted.

use keycensus_aws::NOTICE;
use keycensus_core::model::plain_text::OneLineEach;
use tracing_subscriber::EnvFilter;

/// Logs every gap, if `is_verbose`, and otherwise only what a person has to know at once.
pub(crate) fn begin(is_verbose: bool) {
    let filter = match is_verbose {
        true => "warn,keycensus_core=info,keycensus_aws=info".to_owned(),
        false => format!("off,{NOTICE}=warn"),
    };
    tracing_subscriber::fmt()
        .with_writer(|| OneLineEach(std::io::stderr()))
        .with_env_filter(EnvFilter::new(filter))
        .init();
}
