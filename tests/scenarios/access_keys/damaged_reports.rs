//! Credential reports that are cut, changed or strange: what they do not say for
//! certain is not known, and users are asked one by one.

use super::{DEPLOY_KEY, IDLE_KEY, USERS, coverage, key_ids, sent, world};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,additional_credentials_info";
const ROOT: &str = "<root_account>,arn:aws:iam::222222222222:root,2015-01-01T00:00:00+00:00,not_supported,true,2025-07-08T14:00:00+00:00,2026-10-31T14:00:00+00:00,us-east-1,iam,false,N/A,N/A,N/A,N/A,N/A";

/// The row of a user who has no key in either place, and of `more` beyond.
fn keyless(name: &str, more: &str) -> String {
    format!(
        "{name},arn:aws:iam::222222222222:user/{name},2025-10-17T02:00:00+00:00,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,{more}"
    )
}

/// An account of [`USERS`] whose report is `lines`.
fn reporting(lines: &[&str]) -> String {
    let content = lines.join("\n");
    format!("[account.credential_report]\ncontent = '''{content}'''\n{USERS}")
}

/// The same, of which no root key is expected to be known.
fn without_root(lines: &[&str]) -> String {
    let account = reporting(lines);
    account.replacen("expect", "# expect", 2)
}

#[tokio::test(start_paused = true)]
async fn a_report_is_read_by_the_names_of_its_columns() {
    let turned = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",");
    let run = world("", &reporting(&[&turned(HEADER), &turned(ROOT), ""]))
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_cut_excuses_nobody_behind_the_cut() {
    let cut = keyless("idle-bot", "N/A");
    let cut = &cut[..cut.len() / 2];
    let lines = [HEADER, ROOT, &keyless("nobody", "N/A"), cut];
    let run = world("", &reporting(&lines)).run().await;
    run.verdicts_match_the_world();
    assert_eq!(
        coverage(&run),
        [
            "scanned",
            "",
            "the credential report is damaged: users were asked about one by one"
        ]
    );
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 2, "all but nobody");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_cut_within_the_root_users_row_leaves_its_keys_unknown() {
    let run = world("", &without_root(&[HEADER, &ROOT[..120]]))
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run), [DEPLOY_KEY, IDLE_KEY]);
    let [status, code, detail] = coverage(&run);
    assert_eq!((&*status, &*code), ("partial", "UnreadableAnswer"));
    assert!(
        detail.starts_with(
            "the credential report's row for <root_account> is cut off or damaged: root access keys not known"
        ),
        "{detail}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_report_without_what_tells_of_root_keys_leaves_them_unknown() {
    let without_column = HEADER.replace("access_key_1_last_used_date", "something_else");
    let cases = [
        (
            vec![without_column.as_str(), ROOT],
            "the credential report lacks the column access_key_1_last_used_date",
        ),
        (
            vec![HEADER],
            "the credential report has no row for <root_account>",
        ),
        (
            vec![HEADER, ROOT, ROOT],
            "the credential report has more than one row for <root_account>",
        ),
    ];
    for (lines, why) in cases {
        let run = world("", &without_root(&lines)).run().await;
        run.verdicts_match_the_world();
        assert_eq!(key_ids(&run), [DEPLOY_KEY, IDLE_KEY], "{why}");
        assert_eq!(
            coverage(&run),
            [
                "partial",
                "UnreadableAnswer",
                &format!("{why}: root access keys not known")
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_use_that_is_no_moment_makes_a_root_key_unreadable() {
    let strange = ROOT.replace("2026-10-31T14:00:00+00:00", "last Tuesday");
    let account = without_root(&[HEADER, &strange]);
    let run = world("", &account).run().await;
    let key = run.key("root_access_key_1");
    assert_eq!(
        (&*key["verdict"], &*key["flagged"]),
        ("unreadable", "false")
    );
    assert_eq!(key["recommendation"], "remove_root_key");
    assert_eq!(key["detail"], "iam:GetCredentialReport UnreadableAnswer");
    assert_eq!(
        coverage(&run),
        [
            "partial",
            "UnreadableAnswer",
            "iam:GetCredentialReport UnreadableAnswer (1 key)"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_whose_keys_have_no_place_in_the_report_is_asked() {
    let idle = keyless("idle-bot", "Additional access keys: 1");
    let run = world(
        "",
        &reporting(&[HEADER, ROOT, &idle, &keyless("nobody", "N/A")]),
    )
    .run()
    .await;
    run.verdicts_match_the_world();
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 2, "all but nobody");
}

#[tokio::test(start_paused = true)]
async fn an_empty_report_tells_nothing() {
    let run = world("", &without_root(&[""])).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run)[0], "partial");
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 3);
}
