use super::{CredentialReport, LastUsed, RootGap, RootKey, RootKeyState, UserKeys};

mod any_report;
mod every_cut;
mod passwords;
mod root_user;

/// As IAM writes it: no line break at the end.
const REPORT: &str = "\
user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_2_last_rotated
<root_account>,arn:aws:iam::222222222222:root,2014-01-01T00:00:00+00:00,not_supported,true,2014-02-03T04:05:06+00:00,2026-11-01T10:15:00+00:00,us-east-1,s3,false,2016-02-03T04:05:06Z,N/A,N/A,N/A,N/A
anna,arn:aws:iam::222222222222:user/anna,2020-01-01T00:00:00+00:00,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A
deploy-bot,arn:aws:iam::222222222222:user/ci/deploy-bot,2020-01-01T00:00:00+00:00,false,true,2024-01-01T00:00:00+00:00,2026-11-20T08:00:00+00:00,eu-west-1,ec2,false,N/A,N/A,N/A,N/A,N/A
old-bot,arn:aws:iam::222222222222:user/ci/old-bot,2020-01-01T00:00:00+00:00,false,false,N/A,N/A,N/A,N/A,FALSE,2021-01-01T00:00:00+00:00,N/A,N/A,N/A,N/A";

fn parse(report: &str) -> CredentialReport {
    CredentialReport::parse(report.as_bytes())
}

/// The report with one text in place of another that it holds once.
fn with(text: &str, other: &str) -> CredentialReport {
    assert_eq!(REPORT.matches(text).count(), 1, "{text}");
    parse(&REPORT.replace(text, other))
}

#[test]
fn a_report_has_the_root_users_keys_and_shows_which_users_have_keys() {
    let report = parse(REPORT);
    assert_eq!(
        report.root,
        Ok(vec![
            RootKey {
                number: 1,
                state: RootKeyState::Active,
                created_at: Some("2014-02-03T04:05:06Z".parse().unwrap()),
                last_used: LastUsed::At {
                    at: "2026-11-01T10:15:00Z".parse().unwrap(),
                    service: Some("s3".to_owned()),
                    region: Some("us-east-1".to_owned()),
                },
            },
            RootKey {
                number: 2,
                state: RootKeyState::Inactive,
                created_at: Some("2016-02-03T04:05:06Z".parse().unwrap()),
                last_used: LastUsed::NoneRecorded,
            },
        ])
    );
    assert_eq!(report.keys_of("anna"), UserKeys::None);
    assert_eq!(report.keys_of("deploy-bot"), UserKeys::Some);
    assert_eq!(report.keys_of("old-bot"), UserKeys::Some);
    assert_eq!(report.keys_of("nobody"), UserKeys::Unknown);
    assert_eq!(
        report.arn_of("old-bot"),
        Some("arn:aws:iam::222222222222:user/ci/old-bot")
    );
    assert_eq!(report.arn_of("nobody"), None);
    assert_eq!(
        report.users().collect::<Vec<_>>(),
        ["anna", "deploy-bot", "old-bot"]
    );
    assert!(report.is_whole);
}

#[test]
fn line_ends_a_byte_order_mark_and_unknown_columns_change_nothing() {
    let expected = parse(REPORT);
    let with_more_columns: Vec<String> = REPORT.lines().map(|line| format!("?,{line},?")).collect();
    for report in [
        format!("{REPORT}\n"),
        format!("\u{FEFF}{}", REPORT.replace('\n', "\r\n")),
        format!("{}\r\n", REPORT.replace('\n', "\r\n")),
        REPORT.replace("true", "TRUE").replace("false", "False"),
        with_more_columns.join("\n"),
    ] {
        assert_eq!(parse(&report), expected, "{report}");
    }
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let reversed: Vec<String> = REPORT
        .lines()
        .map(|line| line.rsplit(',').collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(parse(&(reversed.join("\n") + "\n")), parse(REPORT));
}

#[test]
fn a_user_has_no_keys_only_where_every_column_shows_it() {
    let anna = "true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A\ndeploy";
    let cases: [(UserKeys, &[&str]); 3] = [
        (
            UserKeys::None,
            &["false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A"],
        ),
        (
            UserKeys::Some,
            &[
                "false,N/A,N/A,N/A,N/A,true,N/A,N/A,N/A,N/A,N/A",
                "false,2021-01-01T00:00:00Z,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A",
                "false,N/A,N/A,N/A,N/A,false,N/A,2021-01-01T00:00:00Z,N/A,N/A,N/A",
                "false,N/A,N/A,N/A,N/A,false,sometime,N/A,N/A,N/A,N/A",
            ],
        ),
        (
            UserKeys::Unknown,
            &[
                "false,N/A,N/A,N/A,N/A,,N/A,N/A,N/A,N/A,N/A",
                "false,,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A",
                "false,N/A,no_information,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A",
                "false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A",
                "false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,N/A,N/A",
            ],
        ),
    ];
    for (keys, all) in cases {
        for cells in all {
            let report = with(anna, &format!("true,{cells}\ndeploy"));
            assert_eq!(report.keys_of("anna"), keys, "{cells}");
        }
    }
    let without_a_column = with("access_key_2_active", "?");
    assert_eq!(without_a_column.keys_of("anna"), UserKeys::Unknown);
    assert_eq!(without_a_column.keys_of("deploy-bot"), UserKeys::Some);
}

#[test]
fn keys_beyond_the_second_count_too() {
    for (info, keys) in [
        ("N/A", UserKeys::None),
        ("", UserKeys::None),
        ("none", UserKeys::None),
        ("0", UserKeys::None),
        ("Additional access keys: 1", UserKeys::Some),
    ] {
        let report: Vec<String> = REPORT
            .lines()
            .map(|line| match line.split(',').next() {
                Some("user") => format!("{line},additional_credentials_info"),
                _ => format!("{line},{info}"),
            })
            .collect();
        let report = parse(&(report.join("\n") + "\n"));
        assert_eq!(report.keys_of("anna"), keys, "{info:?}");
    }
}

#[test]
fn of_two_records_with_one_name_the_one_with_keys_counts() {
    for (one, other) in [("anna", "deploy-bot"), ("deploy-bot", "anna")] {
        let report = parse(&REPORT.replace(&format!("\n{one},"), &format!("\n{other},")));
        assert_eq!(report.keys_of(other), UserKeys::Some);
    }
}

#[test]
fn a_record_that_is_no_text_is_not_intact() {
    let mut report = REPORT.as_bytes().to_vec();
    let at = REPORT.find("user/anna").unwrap();
    report[at] = 0xFF;
    let report = CredentialReport::parse(&report);
    assert_eq!(report.keys_of("anna"), UserKeys::Unknown);
    assert_eq!(report.keys_of("deploy-bot"), UserKeys::Some);
    assert!(!report.is_whole);

    let mut report = REPORT.as_bytes().to_vec();
    report[REPORT.find(":root").unwrap() + 30] = 0xFF;
    assert_eq!(CredentialReport::parse(&report).root, Err(RootGap::Broken));
}
