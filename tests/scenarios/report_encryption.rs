//! Buckets whose policies demand that writers name the encryption.

use serde_json::Value;
use tests::{BUCKET, NOW, Run, Scenario, TOPIC, parts};

/// A census of one key, into a bucket whose policy denies every write that does not have
/// this value of a condition key, as many organizations have it, or deny it by a resource control policy
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html>).
fn demanding(condition_key: &str, value: &str) -> Scenario {
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{
            "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::{BUCKET}/*",
            "Condition": {{"StringNotEquals": {{"{condition_key}": "{value}"}}}}
        }}]}}"#
    );
    let key = parts::key(&parts::key_id(1), "last_used = '200d'");
    let account = parts::account("111111111111", &format!("name = 'management'\n{key}"));
    Scenario::of(&format!(
        "now = '{NOW}'\n[[bucket]]\nname = '{BUCKET}'\npolicy = '''{policy}'''\n\
         [[topic]]\narn = '{TOPIC}'\n{account}"
    ))
}

const ENCRYPTION: &str = "s3:x-amz-server-side-encryption";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/22220000-0000-4000-8000-000000000001";
const SETTING: &str = "KEYCENSUS_REPORT_ENCRYPTION";

/// Calls that read something about keys.
fn kms_calls(run: &Run) -> usize {
    let log = run.aws.log().into_iter();
    log.filter(|call| call.operation.starts_with("kms:"))
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_demands_a_header_is_found_before_anything_is_read_and_the_setting_is_named()
{
    let run = demanding(ENCRYPTION, "AES256").run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "ReportNotWritten");
    let to_do = "; a resource-based policy denies it, which no permission overrides: if it demands that requests name \
        their encryption, set KEYCENSUS_REPORT_ENCRYPTION to AES256, aws:kms or the ARN of a KMS key";
    assert!(message.ends_with(to_do), "{message}");
    assert!(!message.contains("allow"), "{message}");
    assert_eq!(kms_calls(&run), 0);
}

#[tokio::test(start_paused = true)]
async fn every_object_names_the_encryption_that_is_set() {
    for (set, condition_key, value) in [
        ("AES256", ENCRYPTION, "AES256"),
        ("aws:kms", ENCRYPTION, "aws:kms"),
        (KEY, ENCRYPTION, "aws:kms"),
        (KEY, "s3:x-amz-server-side-encryption-aws-kms-key-id", KEY),
    ] {
        let scenario = demanding(condition_key, value).with(SETTING, set);
        let run = scenario.run().await;
        assert!(run.is_complete(), "{set}");
        assert_eq!(run.reports().len(), 14, "{set}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_under_a_kms_key_is_compared_with_the_next() {
    let scenario = demanding(ENCRYPTION, "aws:kms").with(SETTING, KEY);
    scenario.run().await;
    let second = scenario.again("run-2").run().await;
    assert_eq!(second.summary()["changes"]["first_census"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn another_encryption_than_the_policy_demands_is_reported_as_such() {
    let scenario = demanding(ENCRYPTION, "aws:kms").with(SETTING, "AES256");
    let run = scenario.run().await;
    let (_, message) = run.error();
    let why = "see whether it demands another encryption than KEYCENSUS_REPORT_ENCRYPTION names";
    assert!(message.ends_with(why), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_kms_key_that_the_scanner_may_not_use_is_found_before_anything_is_read() {
    let run = demanding(ENCRYPTION, "aws:kms")
        .with(SETTING, KEY)
        .with_parameter("ReportEncryption", "aws:kms")
        .run()
        .await;
    let (_, message) = run.error();
    for part in [
        "kms:GenerateDataKey",
        "; allow kms:GenerateDataKey and kms:Decrypt",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(kms_calls(&run), 0);
}
