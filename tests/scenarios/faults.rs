//! Faults on the wire cost what they hit, and nothing else.

use tests::{Run, Scenario};

const KEYS: &str = r#"
[[account.key]]
region = "us-east-1"
last_used = "1d"
expect = "in_use"

[[account]]
id = "222222222222"
regions = ["us-east-1", "eu-west-1"]

[[account.key]]
region = "us-east-1"
id = "22220000-0000-4000-8000-000000000001"
aliases = ["alias/one"]
last_used = "120d"

[[account.key]]
region = "eu-west-1"
id = "22220000-0000-4000-8000-000000000002"
last_used = "1d"
"#;

async fn with_fault(fault: &str) -> Run {
    let run = Scenario::small(&format!("[[fault]]\n{fault}"), KEYS)
        .run()
        .await;
    run.verdicts_match_the_world();
    run
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_leave_no_trace() {
    let effects = [
        "throttle",
        "internal_error",
        "unavailable",
        "reset_before",
        "reset_after",
        "hang",
        "garbled_body",
        "truncated_body",
        "wrong_content_type",
        "not_yet_valid_credentials",
    ];
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
    for effect in effects {
        for operation in operations {
            let run = with_fault(&format!(
                "operation = \"{operation}\"\neffect = \"{effect}\"\nnth = 1"
            ))
            .await;
            let complete = &run.summary()["coverage"]["complete"];
            assert_eq!(
                complete,
                true,
                "{effect} {operation}\n{}",
                run.latest("coverage.csv")
            );
            assert_eq!(
                run.key("22220000-0000-4000-8000-000000000001")["verdict"],
                "stale",
                "{effect} {operation}"
            );
            assert!(!run.latest("coverage.csv").contains(effect), "{effect}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_expire_early_are_renewed() {
    let run = with_fault("operation = \"kms:DescribeKey\"\naccount = \"222222222222\"\neffect = \"expired_credentials\"\nnth = 1").await;
    assert_eq!(run.summary()["coverage"]["complete"], true);
    assert_eq!(run.aws.calls().sent("sts:AssumeRole"), 2);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_stay_expired_are_a_gap() {
    let run = with_fault("operation = \"kms:ListKeys\"\naccount = \"222222222222\"\nregion = \"us-east-1\"\neffect = \"expired_credentials\"").await;
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!(
        (&*cell["status"], &*cell["error_code"]),
        ("failed", "ExpiredTokenException")
    );
    assert_eq!(run.cell("222222222222", "eu-west-1")["status"], "scanned");
    assert!(run.aws.calls().sent("sts:AssumeRole") <= 3);
}

#[tokio::test(start_paused = true)]
async fn a_region_that_hangs_costs_its_cells_only() {
    let run = with_fault("operation = \"kms:*\"\nregion = \"eu-west-1\"\neffect = \"hang\"").await;
    let cell = run.cell("222222222222", "eu-west-1");
    assert_eq!(
        (&*cell["status"], &*cell["error_code"]),
        ("failed", "Timeout")
    );
    assert_eq!(run.cell("222222222222", "us-east-1")["status"], "scanned");
    assert_eq!(run.cell("111111111111", "us-east-1")["status"], "scanned");
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_repeats_itself_ends_as_failed_with_what_was_read() {
    let run = with_fault("operation = \"kms:ListKeys\"\naccount = \"222222222222\"\nregion = \"us-east-1\"\neffect = \"repeat_token\"").await;
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!((&*cell["status"], &*cell["keys"]), ("failed", "1"));
    assert_eq!(
        run.key("22220000-0000-4000-8000-000000000001")["verdict"],
        "stale"
    );
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
            let run = with_fault(&format!(
                "operation = \"{operation}\"\neffect = \"{effect}\""
            ))
            .await;
            assert_eq!(
                run.summary()["coverage"]["complete"],
                true,
                "{effect} {operation}"
            );
            assert_eq!(run.rows("keys.csv").len(), 3, "{effect} {operation}");
            assert_eq!(run.rows("coverage.csv").len(), 5, "{effect} {operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_vanishes_is_a_row_that_says_so() {
    for operation in ["kms:DescribeKey", "kms:GetKeyLastUsage"] {
        let run = with_fault(&format!(
            "operation = \"{operation}\"\nkey = \"alias/one\"\neffect = \"vanish\""
        ))
        .await;
        let key = run.key("22220000-0000-4000-8000-000000000001");
        assert_eq!(key["verdict"], "unreadable");
        assert_eq!(key["detail"], format!("{operation} NotFoundException"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_cannot_be_written_leaves_the_latest_as_it_was() {
    let refusal = "[[refuse]]\noperation = \"s3:PutObject\"\nresource = \"keycensus/coverage/date=2026-11-21/coverage.csv\"";
    let run = Scenario::small(refusal, KEYS).run().await;
    assert_eq!(run.error().0, "ReportNotWritten");
    let latest: Vec<String> = run
        .aws
        .objects(tests::BUCKET)
        .into_iter()
        .filter(|key| key.contains("latest"))
        .collect();
    assert_eq!(latest, Vec::<String>::new());
    assert_eq!(run.aws.messages(), []);
}
