//! Faults on the wire cost what they hit, and nothing else.

use tests::{
    BUCKET, Run, Scenario,
    parts::{PASSING_FAULTS, fault, key_id, refusal},
};

/// Calls into the member account in us-east-1, as faults and refusals name them.
const US: &str = "account = '222222222222'\nregion = 'us-east-1'";

async fn with(faults: &str) -> Run {
    Scenario::named_with("two_regions", faults).run().await
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_leave_no_trace() {
    let operations = [
        "sts:AssumeRole",
        "account:ListRegions",
        "organizations:ListAccounts",
        "kms:ListKeys",
        "kms:ListAliases",
        "kms:DescribeKey",
        "kms:ListResourceTags",
        "kms:GetKeyLastUsage",
        "s3:PutObject",
    ];
    for effect in PASSING_FAULTS
        .into_iter()
        .chain(["not_yet_valid_credentials"])
    {
        for operation in operations {
            let run = with(&fault(operation, effect, "nth = 1")).await;
            run.verdicts_match_the_world();
            let coverage = run.latest("coverage.csv");
            assert!(run.is_complete(), "{effect} {operation}\n{coverage}");
            assert!(!coverage.contains(effect), "{effect}");
            let verdict = &run.key(&key_id(1))["verdict"];
            assert_eq!(verdict, "stale", "{effect} {operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_expire_early_are_renewed() {
    let once = "account = '222222222222'\nnth = 1";
    let run = with(&fault("kms:DescribeKey", "expired_credentials", once)).await;
    run.verdicts_match_the_world();
    assert!(run.is_complete());
    assert_eq!(run.sent("sts:AssumeRole"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_does_not_pass_fails_its_cell_only() {
    let internal_error = format!("{US}\ncode = 'KMSInternalException'\nstatus = 500");
    let (us, eu) = ("us-east-1", "eu-central-1");
    for (failing, [failed, other], code) in [
        (
            fault("kms:ListKeys", "expired_credentials", US),
            [us, eu],
            "ExpiredTokenException",
        ),
        (
            fault("kms:*", "hang", "region = 'eu-central-1'"),
            [eu, us],
            "Timeout",
        ),
        (
            refusal("kms:ListKeys", &internal_error),
            [us, eu],
            "KMSInternalException",
        ),
    ] {
        let run = with(&failing).await;
        let cell = run.cell("222222222222", failed);
        assert_eq!(cell.values(["status", "error_code"]), ["failed", code]);
        for (account, region) in [("222222222222", other), ("111111111111", us)] {
            assert_eq!(run.cell(account, region)["status"], "scanned", "{code}");
        }
        assert!(run.sent("sts:AssumeRole") <= 3, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_repeats_itself_ends_as_failed_with_what_was_read() {
    let run = with(&fault("kms:ListKeys", "repeat_token", US)).await;
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!(cell.values(["status", "keys"]), ["failed", "2"]);
    assert_eq!(run.key(&key_id(1))["verdict"], "stale");
}

#[tokio::test(start_paused = true)]
async fn empty_pages_and_repeated_items_change_nothing() {
    for effect in ["empty_page", "duplicate_item"] {
        for operation in [
            "kms:ListKeys",
            "kms:ListAliases",
            "kms:ListResourceTags",
            "organizations:ListAccounts",
            "account:ListRegions",
        ] {
            let run = with(&fault(operation, effect, "")).await;
            run.verdicts_match_the_world();
            assert!(run.is_complete(), "{effect} {operation}");
            let rows = ["keys.csv", "coverage.csv"].map(|file| run.rows(file).len());
            assert_eq!(rows, [3, 5], "{effect} {operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_deleted_while_it_is_read_is_unreadable_and_names_the_call() {
    for operation in ["kms:DescribeKey", "kms:GetKeyLastUsage"] {
        let run = with(&fault(operation, "vanish", "key = 'alias/one'")).await;
        let detail = format!("{operation} NotFoundException");
        let key = run.key(&key_id(1));
        assert_eq!(key.values(["verdict", "detail"]), ["unreadable", &detail]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_cannot_be_written_leaves_the_latest_as_it_was() {
    let file = "resource = 'keycensus/coverage/date=2026-11-21/coverage.csv'";
    let run = with(&refusal("s3:PutObject", file)).await;
    assert_eq!(run.error().0, "ReportNotWritten");
    let objects = run.aws.objects(BUCKET);
    assert!(
        objects.iter().all(|key| !key.contains("latest")),
        "{objects:?}"
    );
    assert_eq!(run.aws.messages(), []);
}
