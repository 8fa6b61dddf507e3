//! Logs: one JSON object a line, for CloudWatch.

use tracing_subscriber::EnvFilter;

/// Writes logs as JSON from now on: ours from `level` up (`info` unless said
/// otherwise), those of libraries from `warn` up, because their own lines can
/// carry what must not be logged.
pub fn init(level: Option<&str>) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter(level))
        .init();
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
    EnvFilter::new(format!("warn,{}", directives.join(",")))
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn our_level_is_lambdas_and_libraries_stay_quiet() {
        for (level, ours) in [
            (None, "info"),
            (Some("DEBUG"), "debug"),
            (Some("FATAL"), "error"),
            (Some("nonsense"), "info"),
        ] {
            let told = filter(level).to_string();
            assert!(told.contains(&format!("keycensus_aws={ours}")), "{told}");
            assert!(told.contains("warn"), "{told}");
        }
    }
}
