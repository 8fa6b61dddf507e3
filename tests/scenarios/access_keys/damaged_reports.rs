//! Credential reports that are cut, changed or strange: what they do not say for
//! certain is not known, and users are asked one by one.

use tests::Run;

use super::{ROOT_KEY, coverage, is_read_whole, sent, users};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,additional_credentials_info";
const ROOT: &str = "<root_account>,arn:aws:iam::222222222222:root,2015-01-01T00:00:00+00:00,not_supported,true,2025-07-08T14:00:00+00:00,2026-10-31T14:00:00+00:00,us-east-1,iam,false,N/A,N/A,N/A,N/A,N/A";

/// The row of a user who has no key in either place, and of `more` beyond.
fn keyless(name: &str, more: &str) -> String {
    format!(
        "{name},arn:aws:iam::222222222222:user/{name},2025-10-17T02:00:00+00:00,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,{more}"
    )
}

/// A run in which the account's report is `lines`.
async fn reporting(lines: &[&str]) -> Run {
    let content = lines.join("\n");
    let report = format!("[account.credential_report]\ncontent = '''{content}'''\n");
    users(&report).run().await
}

#[tokio::test(start_paused = true)]
async fn a_report_is_read_by_the_names_of_its_columns() {
    let turned = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",");
    let run = reporting(&[&turned(HEADER), &turned(ROOT), ""]).await;
    is_read_whole(&run, "");
}

#[tokio::test(start_paused = true)]
async fn users_behind_the_cut_of_a_report_or_whose_keys_have_no_place_in_it_are_asked() {
    let of_keyless = keyless("keyless", "N/A");
    let row = keyless("idle-bot", "N/A");
    let cut = &row[..row.len() / 2];
    let run = reporting(&[HEADER, ROOT, &of_keyless, cut]).await;
    run.verdicts_match_the_world();
    let damaged = "the credential report is damaged: users were asked about one by one";
    assert_eq!(coverage(&run), ["scanned", "", damaged]);
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 2, "all but keyless");

    let without_place = keyless("idle-bot", "Additional access keys: 1");
    let run = reporting(&[HEADER, ROOT, &without_place, &of_keyless]).await;
    run.verdicts_match_the_world();
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 2, "all but keyless");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_does_not_say_all_of_root_keys_leaves_them_unknown() {
    let without_column = HEADER.replace("access_key_1_last_used_date", "something_else");
    for (lines, why) in [
        (
            &[&*without_column, ROOT][..],
            "the credential report lacks the column access_key_1_last_used_date",
        ),
        (
            &[HEADER],
            "the credential report has no row for <root_account>",
        ),
        (
            &[HEADER, ROOT, ROOT],
            "the credential report has more than one row for <root_account>",
        ),
        (
            &[HEADER, &ROOT[..120]],
            "the credential report's row for <root_account> is cut off or damaged",
        ),
    ] {
        let run = reporting(lines).await;
        run.verdicts_match_the_world_without(&[ROOT_KEY]);
        let [status, code, detail] = coverage(&run);
        assert_eq!([&*status, &code], ["partial", "UnreadableAnswer"]);
        let expected = format!("{why}: root access keys not known");
        assert!(detail.starts_with(&expected), "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_use_that_is_no_moment_makes_a_root_key_unreadable() {
    let strange = ROOT.replace("2026-10-31T14:00:00+00:00", "last Tuesday");
    let run = reporting(&[HEADER, &strange]).await;
    let unreadable = "iam:GetCredentialReport UnreadableAnswer";
    assert_eq!(
        run.key(ROOT_KEY)
            .values(["verdict", "flagged", "recommendation", "detail"]),
        ["unreadable", "false", "remove_root_key", unreadable]
    );
    let detail = format!("{unreadable} (1 key)");
    assert_eq!(coverage(&run), ["partial", "UnreadableAnswer", &detail]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_report_says_nothing() {
    let run = reporting(&[""]).await;
    run.verdicts_match_the_world_without(&[ROOT_KEY]);
    assert_eq!(coverage(&run)[0], "partial");
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 3);
}
