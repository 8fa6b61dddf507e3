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

#[test]
fn every_setting_accepts_what_holds_and_refuses_what_does_not() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "report_bucket",
            &["my-bucket", "a.b.c"],
            &["My-Bucket", "ab", "-ab", "a..b", "b/c", "s3://b"],
        ),
        (
            "report_prefix",
            &["keycensus", "a/b", "x"],
            &["/a", "a/", "a//b", "a/../b", "a b", "ä"],
        ),
        (
            "report_encryption",
            &[
                "bucket",
                "AES256",
                "aws:kms",
                "arn:aws:kms:eu-west-1:111111111111:key/1234abcd",
            ],
            &["aes256", "alias/reports", "none"],
        ),
        (
            "topic_arn",
            &["arn:aws:sns:eu-west-1:111111111111:keycensus"],
            &["keycensus", "arn:aws:sns:eu-west-1:1:k"],
        ),
        (
            "member_role",
            &["KeycensusReader", "security/audit/R", "/security/R"],
            &["arn:aws:iam::111111111111:role/R", "R!", "a//R", "a/", "Rö"],
        ),
        ("external_id", &["ab", "org:42/x"], &["a", "a b", "a\u{e9}"]),
        (
            "stale_after_days",
            &["1", "90", "3650"],
            &["0", "3651", "ninety", "-1", "90.5", "1e2", "+90"],
        ),
        ("rotate_after_days", &["1", "3650"], &["0", "3651", "soon"]),
        ("dependents", &["on", "off"], &["On", "true", "yes"]),
        (
            "watch_days",
            &["1", "30", "3650"],
            &["0", "3651", "a month"],
        ),
        ("audit_guard", &["on", "off"], &["always", "1"]),
        (
            "kinds",
            &["kms", "iam", "kms,iam", "iam, kms"],
            &["ssm", "kms,", ","],
        ),
        (
            "regions",
            &["all", "eu-west-1", "eu-west-1, us-east-1"],
            &["everywhere", "eu-west-1,", "EU-WEST-1"],
        ),
        (
            "accounts",
            &["111111111111", "111111111111,222222222222", "all"],
            &["11111111111", "1111-1111-1111", ","],
        ),
        ("exclude_accounts", &["111111111111"], &["11111111111"]),
        (
            "organizational_units",
            &["r-a1b2", "ou-a1b2-c3d4e5f6,r-a1b2"],
            &["Prod", "ou-a1b2", "r-"],
        ),
        (
            "last_usage_rps",
            &["5", "2.5", "0.1", "1000"],
            &["0", "-1", "fast", "1001", "inf", "NaN", "1.2.3"],
        ),
        (
            "digest",
            &["always", "findings", "changes", "never"],
            &["sometimes", "Always"],
        ),
        (
            "digest_per",
            &["organization", "account"],
            &["Account", "region", "organization,account"],
        ),
        (
            "event_bus",
            &[
                "default",
                "arn:aws:events:eu-west-1:111111111111:event-bus/keycensus",
            ],
            &["key census", "arn:aws:events:eu-west-1:1:event-bus/k"],
        ),
        ("exempt_tag", &["keycensus:exempt"], &[]),
        ("owner_tags", &["owner", "owner,team"], &["owner,,team"]),
    ];
    assert_eq!(cases.len(), SETTINGS.len(), "every setting has a case");
    for (name, accepted, refused) in cases {
        for text in *accepted {
            assert!(read(name, text).is_ok(), "{name} accepts {text:?}");
        }
        for text in *refused {
            let error = read(name, text).expect_err(name).to_string();
            assert!(
                error.starts_with(&format!("{name} is {text:?}: give ")),
                "{error}"
            );
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
