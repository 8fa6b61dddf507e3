//! Buckets whose policies demand that writers name the encryption.

use tests::{BUCKET, NOW, Run, Scenario, TOPIC};

/// What many organizations put on their buckets, or on all by a resource control policy
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html>).
fn demanding(key: &str, value: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{
            "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::{BUCKET}/*",
            "Condition": {{"StringNotEquals": {{"{key}": "{value}"}}}}
        }}]}}"#
    )
}

const ENCRYPTION: &str = "s3:x-amz-server-side-encryption";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/22220000-0000-4000-8000-000000000001";

/// A census of one key, into a bucket with this policy.
fn into(policy: &str) -> Scenario {
    Scenario::of(&format!(
        r#"
        now = "{NOW}"
        [[bucket]]
        name = "{BUCKET}"
        policy = '''{policy}'''
        [[topic]]
        arn = "{TOPIC}"
        [[account]]
        id = "111111111111"
        name = "management"
        [[account.key]]
        region = "us-east-1"
        id = "22220000-0000-4000-8000-000000000001"
        last_used = "200d"
        "#
    ))
}

/// Calls that read something about keys.
fn kms_calls(run: &Run) -> usize {
    let log = run.aws.log();
    log.iter()
        .filter(|call| call.operation.starts_with("kms:"))
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_demands_a_header_is_found_before_anything_is_read_and_the_setting_is_named()
{
    let run = into(&demanding(ENCRYPTION, "AES256")).run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "ReportNotWritten");
    assert!(
        message.ends_with(
            "; a resource-based policy denies it, which no permission overrides: if it demands that requests name \
             their encryption, set KEYCENSUS_REPORT_ENCRYPTION to AES256, aws:kms or the ARN of a KMS key"
        ),
        "{message}"
    );
    assert!(!message.contains("allow"), "{message}");
    assert_eq!(kms_calls(&run), 0);
}

#[tokio::test(start_paused = true)]
async fn every_object_names_the_encryption_that_is_set() {
    for (set, key, value) in [
        ("AES256", ENCRYPTION, "AES256"),
        ("aws:kms", ENCRYPTION, "aws:kms"),
        (KEY, ENCRYPTION, "aws:kms"),
        (KEY, "s3:x-amz-server-side-encryption-aws-kms-key-id", KEY),
    ] {
        let scenario = into(&demanding(key, value)).with("KEYCENSUS_REPORT_ENCRYPTION", set);
        let run = scenario.run().await;
        assert_eq!(run.summary()["coverage"]["complete"], true, "{set}");
        assert_eq!(run.reports().len(), 12, "{set}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_under_a_kms_key_is_compared_with_the_next() {
    let scenario = into(&demanding(ENCRYPTION, "aws:kms")).with("KEYCENSUS_REPORT_ENCRYPTION", KEY);
    scenario.run().await;
    let second = scenario.sharing().as_request("run-2").run().await;
    assert_eq!(
        second.summary()["changes"]["first_census"],
        serde_json::Value::Null
    );
}

#[tokio::test(start_paused = true)]
async fn another_encryption_than_the_policy_demands_is_said_to_be_so() {
    let policy = demanding(ENCRYPTION, "aws:kms");
    let run = into(&policy)
        .with("KEYCENSUS_REPORT_ENCRYPTION", "AES256")
        .run()
        .await;
    let (_, message) = run.error();
    assert!(
        message.ends_with(
            "see whether it demands another encryption than KEYCENSUS_REPORT_ENCRYPTION names"
        ),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_kms_key_that_the_scanner_may_not_use_is_found_before_anything_is_read() {
    let scenario = into(&demanding(ENCRYPTION, "aws:kms"))
        .with("KEYCENSUS_REPORT_ENCRYPTION", KEY)
        .with_parameter("ReportEncryption", "aws:kms");
    let run = scenario.run().await;
    let (_, message) = run.error();
    assert!(
        message.contains("kms:GenerateDataKey")
            && message.contains("; allow kms:GenerateDataKey and kms:Decrypt"),
        "{message}"
    );
    assert_eq!(kms_calls(&run), 0);
}
