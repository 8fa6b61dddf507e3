//! Bad input ends before the scan, in one line that names it, says what is wrong
//! and what would be right; nothing is read and nothing is written.

use serde_json::{Value, json};
use tests::{Run, Scenario};

/// A world in which there is something to read, and buckets that cannot take a
/// report.
fn world() -> Scenario {
    with("")
}

fn with(more: &str) -> Scenario {
    Scenario::small(
        "",
        &format!(
            r#"
            [[account.key]]
            region = "us-east-1"
            last_used = "120d"
            [[bucket]]
            name = "somebody-elses"
            account = "999999999999"
            [[bucket]]
            name = "keycensus-ireland"
            region = "eu-west-1"
            {more}
            "#
        ),
    )
}

/// Ends with this `errorType`, in one line with all of `told` in it, before any
/// key or account was asked for.
fn ends_early(run: &Run, kind: &str, told: &[&str]) {
    let (error_type, message) = run.error();
    assert_eq!(error_type, kind, "{message}");
    for part in told {
        assert!(message.contains(part), "{message:?} tells {part:?}");
    }
    assert!(!message.contains('\n'), "{message}");
    let calls = run.aws.calls();
    assert_eq!(calls.sent("kms:ListKeys"), 0, "{message}");
    assert_eq!(calls.sent("iam:ListUsers"), 0, "{message}");
    assert_eq!(calls.sent("s3:PutObject"), 0, "{message}");
    assert_eq!(run.aws.messages(), [], "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_malformed_setting_ends_before_any_call() {
    let cases = [
        (
            "KEYCENSUS_STALE_AFTER_DAYS",
            "0",
            "whole number of days from 1 to 3650",
        ),
        (
            "KEYCENSUS_STALE_AFTER_DAYS",
            "ninety",
            "whole number of days from 1 to 3650",
        ),
        (
            "KEYCENSUS_ACCOUNTS",
            "12345678901",
            "account IDs of 12 digits",
        ),
        (
            "KEYCENSUS_MEMBER_ROLE",
            "Reader!",
            "the name of an IAM role",
        ),
        (
            "KEYCENSUS_TOPIC_ARN",
            "keycensus",
            "the ARN of an SNS topic",
        ),
        (
            "KEYCENSUS_REPORT_BUCKET",
            "My Bucket",
            "the name of an S3 bucket",
        ),
        ("KEYCENSUS_REGIONS", "Ireland", "names of Regions"),
        ("KEYCENSUS_LAST_USAGE_RPS", "0", "above 0"),
        ("KEYCENSUS_ROTATE_AFTER_DAYS", "0", "whole number of days"),
        ("KEYCENSUS_KINDS", "s3", "kms"),
    ];
    for (variable, text, right) in cases {
        let run = world().with(variable, text).run().await;
        ends_early(&run, "SettingsError", &[variable, text, right]);
        assert_eq!(run.aws.calls().total().sent, 0, "{variable}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_setting_or_field_ends_before_any_call() {
    let unknown_setting = world().with("KEYCENSUS_TRESHOLD", "9").run().await;
    ends_early(
        &unknown_setting,
        "SettingsError",
        &["KEYCENSUS_TRESHOLD", "did you mean"],
    );
    let cases: [(Value, &[&str]); 3] = [
        (
            json!({"stale_days": 9}),
            &["stale_days", "did you mean stale_after_days"],
        ),
        (
            json!({"detail-type": "Scheduled Event", "digest": "never"}),
            &["\"digest\"", "detail"],
        ),
        (json!("go"), &["\"go\"", "give an object of settings"]),
    ];
    for (event, told) in cases {
        let run = world().invoke(event).await;
        ends_early(&run, "SettingsError", told);
        assert_eq!(run.aws.calls().total().sent, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_bucket_setting_ends_before_any_call() {
    let run = world().with("KEYCENSUS_REPORT_BUCKET", "").run().await;
    ends_early(
        &run,
        "SettingsError",
        &["KEYCENSUS_REPORT_BUCKET is not set"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_region_that_does_not_exist_ends_before_the_scan() {
    let run = world()
        .with("KEYCENSUS_REGIONS", "us-east-1,eu-wset-1")
        .run()
        .await;
    ends_early(
        &run,
        "SettingsError",
        &[
            "KEYCENSUS_REGIONS is \"eu-wset-1\"",
            "did you mean eu-west-1?",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_region_of_another_partition_ends_before_the_scan() {
    let run = world().with("KEYCENSUS_REGIONS", "cn-north-1").run().await;
    ends_early(&run, "SettingsError", &["cn-north-1", "partition aws-cn"]);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_cannot_take_the_report_ends_before_the_scan() {
    let cases = [
        (
            "keycensus-nowhere",
            "there is no such bucket: create it in account 111111111111",
        ),
        (
            "somebody-elses",
            "the bucket must belong to account 111111111111",
        ),
        ("keycensus-ireland", "name a bucket in us-east-1"),
    ];
    for (bucket, right) in cases {
        let run = world().with("KEYCENSUS_REPORT_BUCKET", bucket).run().await;
        ends_early(
            &run,
            "SettingsError",
            &["KEYCENSUS_REPORT_BUCKET", bucket, right],
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_cannot_take_the_digest_ends_before_the_scan() {
    let cases = [
        (
            "arn:aws:sns:eu-west-1:111111111111:keycensus",
            "the topic is in eu-west-1, but the census runs in us-east-1",
        ),
        (
            "arn:aws:sns:us-east-1:111111111111:nowhere",
            "there is no such topic",
        ),
        (
            "arn:aws:sns:us-east-1:111111111111:keycensus.fifo",
            "digests cannot be sent to a FIFO topic: name a standard topic",
        ),
    ];
    for (topic, right) in cases {
        let run = world().with("KEYCENSUS_TOPIC_ARN", topic).run().await;
        ends_early(
            &run,
            "SettingsError",
            &["KEYCENSUS_TOPIC_ARN", topic, right],
        );
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_of_no_organization_member_end_before_the_scan() {
    let run = with(
        "[scanner]\naccount = \"888888888888\"\n\
         [[bucket]]\nname = \"keycensus-outside\"\naccount = \"888888888888\"",
    )
    .with("KEYCENSUS_REPORT_BUCKET", "keycensus-outside")
    .with("KEYCENSUS_TOPIC_ARN", "")
    .run()
    .await;
    ends_early(
        &run,
        "OrganizationUnreadable",
        &["888888888888", "no member of an organization"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_member_account_that_may_not_list_the_organization_ends_before_the_scan() {
    let run = with(
        "[[account]]\nid = \"222222222222\"\n[organization]\nmanagement_account = \"222222222222\"\n[scanner]\naccount = \"111111111111\"",
    )
    .run()
    .await;
    ends_early(
        &run,
        "OrganizationUnreadable",
        &["111111111111", "delegated administrator"],
    );
}

#[tokio::test(start_paused = true)]
async fn credentials_that_nobody_knows_end_before_the_scan() {
    let run = with(
        "[[refuse]]\noperation = \"sts:GetCallerIdentity\"\ncode = \"InvalidClientTokenId\"\nstatus = 403",
    )
    .run()
    .await;
    ends_early(
        &run,
        "SettingsError",
        &["AWS does not know the access key", "InvalidClientTokenId"],
    );
}

#[tokio::test(start_paused = true)]
async fn an_organization_in_which_nobody_can_be_entered_is_nothing_to_report() {
    let run = with("[[account]]\nid = \"222222222222\"\nrole = \"\"")
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
