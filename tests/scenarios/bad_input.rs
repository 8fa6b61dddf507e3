//! Bad input ends before the scan, in one line that names it, says what is wrong
//! and what would be right; nothing is read and nothing is written.

use serde_json::json;
use tests::{
    Run, Scenario,
    parts::{UNUSED, account, key, key_id, refusal, table},
};

/// A world in which there is something to read, and buckets that cannot take a
/// report.
fn world(more: &str) -> Scenario {
    let buckets = "
        [[bucket]]
        name = 'of-another-account'
        account = '999999999999'
        [[bucket]]
        name = 'keycensus-ireland'
        region = 'eu-west-1'
    ";
    let key = key(&key_id(1), UNUSED);
    Scenario::small("", &format!("{key}{buckets}{more}"))
}

/// Ends with this `errorType`, in one line with all of `parts` in it, before any
/// key or account was asked for.
fn ends_early(run: &Run, kind: &str, parts: &[&str]) {
    let (error_type, message) = run.error();
    assert_eq!(error_type, kind, "{message}");
    for part in parts {
        assert!(message.contains(part), "{message:?} has {part:?}");
    }
    assert!(!message.contains('\n'), "{message}");
    for operation in ["kms:ListKeys", "iam:ListUsers", "s3:PutObject"] {
        assert_eq!(run.sent(operation), 0, "{message}");
    }
    assert_eq!(run.aws.messages(), [], "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_malformed_setting_ends_before_any_call() {
    for [variable, text, right] in table(
        "
        KEYCENSUS_STALE_AFTER_DAYS  | 0           | whole number of days from 1 to 3650
        KEYCENSUS_STALE_AFTER_DAYS  | ninety      | whole number of days from 1 to 3650
        KEYCENSUS_ACCOUNTS          | 12345678901 | account IDs of 12 digits
        KEYCENSUS_MEMBER_ROLE       | Reader!     | the name of an IAM role
        KEYCENSUS_TOPIC_ARN         | keycensus   | the ARN of an SNS topic
        KEYCENSUS_REPORT_BUCKET     | My Bucket   | the name of an S3 bucket
        KEYCENSUS_REPORT_BUCKET     |             | is not set
        KEYCENSUS_REGIONS           | Ireland     | names of Regions
        KEYCENSUS_LAST_USAGE_RPS    | 0           | above 0
        KEYCENSUS_ROTATE_AFTER_DAYS | 0           | whole number of days
        KEYCENSUS_KINDS             | s3          | kms
        ",
    ) {
        let run = world("").with(variable, text).run().await;
        ends_early(&run, "SettingsError", &[variable, text, right]);
        assert_eq!(run.aws.calls().total().sent, 0, "{variable}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_setting_or_an_event_that_is_not_understood_ends_before_any_call() {
    let run = world("").with("KEYCENSUS_TRESHOLD", "9").run().await;
    let parts = ["KEYCENSUS_TRESHOLD", "did you mean"];
    ends_early(&run, "SettingsError", &parts);
    let scheduled = json!({"detail-type": "Scheduled Event", "digest": "never"});
    for (event, parts) in [
        (
            json!({"stale_days": 9}),
            ["stale_days", "did you mean stale_after_days"],
        ),
        (scheduled, ["\"digest\"", "detail"]),
        (json!("go"), ["\"go\"", "give an object of settings"]),
    ] {
        let run = world("").invoke(event).await;
        ends_early(&run, "SettingsError", &parts);
        assert_eq!(run.aws.calls().total().sent, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_names_what_does_not_exist_or_cannot_be_used_ends_before_the_scan() {
    for [variable, text, right] in table(
        "
        KEYCENSUS_REGIONS       | us-east-1,eu-wset-1 | is \"eu-wset-1\"
        KEYCENSUS_REGIONS       | us-east-1,eu-wset-1 | did you mean eu-west-1?
        KEYCENSUS_REGIONS       | cn-north-1          | partition aws-cn
        KEYCENSUS_REPORT_BUCKET | keycensus-nowhere   | there is no such bucket: create it in account 111111111111
        KEYCENSUS_REPORT_BUCKET | of-another-account  | the bucket must belong to account 111111111111
        KEYCENSUS_REPORT_BUCKET | keycensus-ireland   | name a bucket in us-east-1
        KEYCENSUS_TOPIC_ARN     | arn:aws:sns:eu-west-1:111111111111:keycensus      | the topic is in eu-west-1, but the census runs in us-east-1
        KEYCENSUS_TOPIC_ARN     | arn:aws:sns:us-east-1:111111111111:nowhere        | there is no such topic
        KEYCENSUS_TOPIC_ARN     | arn:aws:sns:us-east-1:111111111111:keycensus.fifo | digests cannot be sent to a FIFO topic: name a standard topic
        ",
    ) {
        let run = world("").with(variable, text).run().await;
        let named = text.rsplit(',').next().unwrap_or(text);
        ends_early(&run, "SettingsError", &[variable, named, right]);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_of_no_organization_member_end_before_the_scan_of_a_part_of_one() {
    let outside = "
        [scanner]
        account = '888888888888'
        [[bucket]]
        name = 'keycensus-outside'
        account = '888888888888'
    ";
    let run = world(outside)
        .with("KEYCENSUS_REPORT_BUCKET", "keycensus-outside")
        .with("KEYCENSUS_TOPIC_ARN", "")
        .with("KEYCENSUS_ORGANIZATIONAL_UNITS", "ou-exam-00000001")
        .run()
        .await;
    let parts = ["888888888888", "no member of an organization"];
    ends_early(&run, "OrganizationUnreadable", &parts);
}

#[tokio::test(start_paused = true)]
async fn a_member_account_that_may_not_list_the_organization_ends_before_the_scan() {
    let member = account("222222222222", "")
        + "[organization]\nmanagement_account = '222222222222'\n[scanner]\naccount = '111111111111'";
    let run = world(&member).run().await;
    let parts = ["111111111111", "delegated administrator"];
    ends_early(&run, "OrganizationUnreadable", &parts);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_aws_does_not_know_end_before_the_scan() {
    let unknown = "code = 'InvalidClientTokenId'\nstatus = 403";
    let run = world(&refusal("sts:GetCallerIdentity", unknown))
        .run()
        .await;
    let parts = ["AWS does not know the access key", "InvalidClientTokenId"];
    ends_early(&run, "SettingsError", &parts);
}

#[tokio::test(start_paused = true)]
async fn an_organization_of_which_no_account_can_be_entered_is_an_error() {
    let run = world(&account("222222222222", "role = ''"))
        .with("KEYCENSUS_ACCOUNTS", "222222222222")
        .run()
        .await;
    let (kind, message) = run.error();
    assert_eq!(kind, "NothingReachable");
    for part in ["222222222222", "sts:AssumeRole AccessDenied", "external ID"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(run.reports(), Vec::<String>::new());
    assert_eq!(run.aws.messages(), []);
}
