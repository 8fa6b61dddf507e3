//! The root user's keys, and the errors where they are not known.

use super::{REPORT, parse, with};
use crate::model::credential_report::{CredentialReport, LastUsed, RootKeyState, UserKeys};

/// The report with these cells of the root user's first key.
fn root_with(active: &str, last_rotated: &str, last_used_date: &str) -> CredentialReport {
    with(
        "true,2014-02-03T04:05:06+00:00,2026-11-01T10:15:00+00:00",
        &format!("{active},{last_rotated},{last_used_date}"),
    )
}

#[test]
fn a_root_user_without_keys_has_none() {
    let report = parse(
        &REPORT
            .replace(
                "true,2014-02-03T04:05:06+00:00,2026-11-01T10:15:00+00:00,us-east-1,s3",
                "false,N/A,N/A,N/A,N/A",
            )
            .replace("2016-02-03T04:05:06Z", "N/A"),
    );
    assert_eq!(report.root, Ok(Vec::new()));
}

#[test]
fn a_last_use_that_iam_does_not_report_does_not_count_as_no_use() {
    for not_said in [
        "no_information",
        "not_supported",
        "",
        "yesterday",
        "2026-11-01",
    ] {
        let root = root_with("true", "2014-02-03T04:05:06Z", not_said)
            .root
            .unwrap();
        let LastUsed::Unknown(what) = &root[0].last_used else {
            panic!("{not_said:?}: {root:?}");
        };
        assert_eq!(
            *what,
            format!("access_key_1_last_used_date is {not_said:?}")
        );
    }
    let never = root_with("true", "2014-02-03T04:05:06Z", "N/A").root;
    assert_eq!(never.unwrap()[0].last_used, LastUsed::NoneRecorded);
}

#[test]
fn a_root_key_exists_where_any_column_shows_it_even_if_its_creation_cannot_be_read() {
    for (active, last_rotated, last_used_date, state) in [
        ("true", "N/A", "N/A", RootKeyState::Active),
        (
            "True",
            "no_information",
            "no_information",
            RootKeyState::Active,
        ),
        ("false", "last summer", "N/A", RootKeyState::Inactive),
        (
            "false",
            "N/A",
            "2026-11-01T10:15:00Z",
            RootKeyState::Inactive,
        ),
    ] {
        let root = root_with(active, last_rotated, last_used_date)
            .root
            .unwrap();
        assert_eq!(root[0].number, 1, "{active} {last_rotated}");
        assert_eq!(root[0].state, state, "{active} {last_rotated}");
        assert_eq!(root[0].created_at, None, "{active} {last_rotated}");
    }
}

#[test]
fn words_for_no_value_are_no_service_and_no_region() {
    for nothing in ["N/A", "not_supported", "no_information", ""] {
        let root = with("us-east-1,s3", &format!("{nothing},{nothing}")).root;
        let at = "2026-11-01T10:15:00Z".parse().unwrap();
        let (service, region) = (None, None);
        let last_used = LastUsed::At {
            at,
            service,
            region,
        };
        assert_eq!(root.unwrap()[0].last_used, last_used, "{nothing:?}");
    }
}

#[test]
fn the_error_explains_why_root_keys_are_not_known() {
    let root_line = REPORT.lines().nth(1).unwrap();
    let cases = [
        (
            with(&format!("{root_line}\n"), ""),
            "the credential report has no row for <root_account>",
        ),
        (
            with(root_line, &format!("{root_line}\n{root_line}")),
            "the credential report has more than one row for <root_account>",
        ),
        (
            with(root_line, &root_line[..90]),
            "the credential report's row for <root_account> is cut off or damaged",
        ),
        (
            with(",access_key_1_active", ",access_key_1"),
            "the credential report lacks the column access_key_1_active",
        ),
        (
            with("access_key_2_last_used_date", "?"),
            "the credential report lacks the column access_key_2_last_used_date",
        ),
        (
            root_with("", "2014-02-03T04:05:06Z", "N/A"),
            "the credential report does not show in access_key_1_active whether <root_account> has a key",
        ),
        (
            root_with("false", "not_supported", "N/A"),
            "the credential report does not show in access_key_1_last_rotated whether <root_account> has a key",
        ),
        (
            root_with("false", "N/A", "no_information"),
            "the credential report does not show in access_key_1_last_used_date whether <root_account> has a key",
        ),
        (parse(""), "the credential report lacks the column user"),
    ];
    for (report, reason) in cases {
        assert_eq!(report.root.unwrap_err().to_string(), reason);
    }
}

#[test]
fn a_user_who_takes_the_root_users_name_does_not_take_its_place() {
    let impostor = "<root_account>,arn:aws:iam::222222222222:user/<root_account>,,,\
                    false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A";
    let root_line = REPORT.lines().nth(1).unwrap();
    let report = with(root_line, &format!("{impostor}\n{root_line}"));
    assert_eq!(report.root, parse(REPORT).root);
    assert_eq!(report.keys_of("<root_account>"), UserKeys::None);
}
