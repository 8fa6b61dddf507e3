//! What an invocation says, and the settings that it and the environment write.

use keycensus_core::{
    model::plain_text::one_line,
    settings::{ENVIRONMENT_PREFIX, Settings, SettingsError, Written, invocation},
};

/// Reads `content` as the event of an invocation, and as the lines of an
/// environment.
pub fn check(content: &[u8]) {
    if let Ok(event) = serde_json::from_slice(content) {
        match invocation::read(event) {
            Ok(event) => {
                assert_ne!(event.event_id.as_deref(), Some(""));
                check_settings(Settings::read(event.overrides));
            }
            Err(error) => check_error(&error),
        }
    }
    let text = String::from_utf8_lossy(content);
    let variables = text.lines().filter_map(|line| {
        let (name, text) = line.split_once('=')?;
        Some((format!("{ENVIRONMENT_PREFIX}{name}"), text.to_owned()))
    });
    check_settings(Settings::read(Written::from_environment(variables)));
}

fn check_settings(settings: Result<Settings, SettingsError>) {
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return check_error(&error),
    };
    assert!((1..=3650).contains(&settings.stale_after_days));
    let prefix = &settings.report_prefix;
    assert!(prefix.is_ascii() && !prefix.starts_with('/') && !prefix.ends_with('/'));
    assert!(prefix.split('/').all(|part| !matches!(part, "." | "..")));
    assert_eq!(one_line(&settings.member_role), settings.member_role);
    let rps = settings.last_usage_rps;
    assert!(rps > 0.0 && rps.is_finite());
}

/// Whoever wrote the setting learns what is wrong.
fn check_error(error: &SettingsError) {
    assert!(!error.to_string().is_empty());
}
