use serde::Deserialize;

use super::{DigestMode, SETTINGS, Settings, SettingsError, Source, Written};

fn event(name: &str, text: &str) -> Written {
    Written {
        source: Source::Event,
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn read(name: &str, text: &str) -> Result<Settings, SettingsError> {
    Settings::read([event(name, text)])
}

#[test]
fn nothing_written_means_the_defaults() {
    assert_eq!(Settings::read([]).unwrap(), Settings::default());
}

/// Texts that a setting accepts and refuses.
#[derive(Deserialize)]
struct Texts<'a> {
    #[serde(borrow)]
    name: &'a str,
    accepted: Vec<&'a str>,
    refused: Vec<&'a str>,
}

#[test]
fn every_setting_accepts_what_holds_and_refuses_what_does_not() {
    let cases: Vec<Texts<'_>> = serde_json::from_str(include_str!("tests/texts.json")).unwrap();
    assert_eq!(cases.len(), SETTINGS.len(), "every setting has a case");
    for Texts {
        name,
        accepted,
        refused,
    } in cases
    {
        for text in accepted {
            assert!(read(name, text).is_ok(), "{name} accepts {text:?}");
        }
        for text in refused {
            let error = read(name, text).expect_err(name).to_string();
            let expected = format!("{name} is {text:?}: give ");
            assert!(error.starts_with(&expected), "{error}");
        }
    }
}

#[test]
fn an_error_spells_the_setting_as_its_source_does_and_has_what_would_be_right() {
    let cases = [
        (
            Source::Environment,
            "KEYCENSUS_STALE_AFTER_DAYS is \"ninety\": give a whole number of days from 1 to 3650",
        ),
        (
            Source::Event,
            "stale_after_days is \"ninety\": give a whole number of days from 1 to 3650",
        ),
        (
            Source::CommandLine,
            "--stale-after-days is \"ninety\": give a whole number of days from 1 to 3650",
        ),
    ];
    for (source, expected) in cases {
        let written = Written {
            source,
            ..event("stale_after_days", "ninety")
        };
        assert_eq!(Settings::read([written]).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_setting_that_does_not_exist_is_an_error_with_the_closest_that_does() {
    assert_eq!(
        read("stale_days", "90").unwrap_err().to_string(),
        "there is no setting stale_days: did you mean stale_after_days?"
    );
    let environment = [("KEYCENSUS_EXTERNALID".to_owned(), "x".to_owned())];
    assert_eq!(
        Settings::read(Written::from_environment(environment))
            .unwrap_err()
            .to_string(),
        "there is no setting KEYCENSUS_EXTERNALID: did you mean KEYCENSUS_EXTERNAL_ID?"
    );
}

#[test]
fn later_settings_override_earlier_ones_and_empty_text_goes_back_to_the_default() {
    let written = [
        event("digest", "never"),
        event("stale_after_days", "30"),
        event("digest", "always"),
        event("stale_after_days", ""),
    ];
    let settings = Settings::read(written).unwrap();
    assert_eq!(settings.digest, DigestMode::Always);
    assert_eq!(settings.stale_after_days, 90);
}

#[test]
fn the_environment_is_read_by_its_prefix_only() {
    let environment = [
        ("PATH".to_owned(), "/bin".to_owned()),
        ("KEYCENSUS_DIGEST".to_owned(), "never".to_owned()),
    ];
    let settings = Settings::read(Written::from_environment(environment)).unwrap();
    assert_eq!(settings.digest, DigestMode::Never);
}

#[test]
fn a_missing_bucket_is_spelled_for_the_place_where_it_would_be_written() {
    let error = Settings::default()
        .required_bucket(Source::Environment)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("KEYCENSUS_REPORT_BUCKET is not set: give the name")
    );
}
