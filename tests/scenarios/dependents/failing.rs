//! What could not be asked is told as such, and costs nothing else.

use tests::Run;

use super::{OTHER, UNUSED, account, asked, key, snapshots, told, volumes, world};

const OPERATIONS: [&str; 3] = [
    "ec2:DescribeVolumes",
    "ec2:DescribeSnapshots",
    "kms:ListGrants",
];

/// A key with two of everything.
fn dependents() -> String {
    volumes(UNUSED, 2) + &snapshots(UNUSED, 2)
}

const GRANTS: &str = "[[account.key.grant]]\ngrantee = \"rds.amazonaws.com\"\n";

async fn with(head: &str) -> Run {
    let keys = key(UNUSED, &format!("last_used = \"120d\"\n{GRANTS}{GRANTS}"));
    account(head, &(keys + &dependents())).run().await
}

const ALL: &str = "ebs_volumes=2;ebs_snapshots=2;grants=rds.amazonaws.com:2";

#[tokio::test(start_paused = true)]
async fn a_call_that_is_refused_is_told_by_its_code_and_the_others_still_count() {
    for (operation, code, rest) in [
        (
            "ec2:DescribeVolumes",
            "UnauthorizedOperation",
            "ebs_snapshots=2;grants=rds.amazonaws.com:2",
        ),
        (
            "ec2:DescribeSnapshots",
            "UnauthorizedOperation",
            "ebs_volumes=2;grants=rds.amazonaws.com:2",
        ),
        (
            "kms:ListGrants",
            "AccessDeniedException",
            "ebs_volumes=2;ebs_snapshots=2",
        ),
    ] {
        let run = with(&format!("[[refuse]]\noperation = \"{operation}\"")).await;
        assert_eq!(told(&run, UNUSED), [rest, code, "check_dependents"]);
        assert_eq!(
            run.key(UNUSED)["detail"],
            format!("{operation} {code}: dependents not known in full")
        );
        let cell = run.cell("222222222222", "eu-west-1");
        assert_eq!(cell["status"], "scanned");
        assert_eq!(
            cell["detail"],
            "keys whose dependents are not known in full: 1"
        );
        assert_eq!(run.summary()["coverage"]["complete"], true);
        assert_eq!(asked(&run), [1, 1, 1], "{operation} is not asked again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_without_known_dependents_is_never_said_to_have_none_when_a_call_failed() {
    let run = world("[[refuse]]\noperation = \"ec2:*\"", "").run().await;
    assert_eq!(
        told(&run, OTHER),
        ["", "UnauthorizedOperation", "disable_and_watch"]
    );
    let digest = run.digest().text();
    assert!(digest.contains("\n  what depends on it is not known in full\n"));
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_leave_no_trace() {
    for effect in [
        "throttle",
        "internal_error",
        "unavailable",
        "reset_before",
        "reset_after",
        "hang",
        "garbled_body",
        "truncated_body",
        "wrong_content_type",
        "expired_credentials",
        "empty_page",
        "duplicate_item",
    ] {
        for operation in OPERATIONS {
            let run = with(&format!(
                "[[fault]]\noperation = \"{operation}\"\neffect = \"{effect}\"\nnth = 1"
            ))
            .await;
            let told = told(&run, UNUSED);
            assert_eq!(told[..2], [ALL, "yes"], "{operation} {effect}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn faults_that_do_not_pass_are_told_by_their_codes() {
    for (operation, effect, code) in [
        ("ec2:DescribeVolumes", "throttle", "RequestLimitExceeded"),
        ("ec2:DescribeVolumes", "internal_error", "InternalError"),
        ("ec2:DescribeVolumes", "hang", "Timeout"),
        ("ec2:DescribeVolumes", "reset_before", "ConnectionFailed"),
        ("ec2:DescribeVolumes", "garbled_body", "UnreadableAnswer"),
        ("ec2:DescribeVolumes", "truncated_body", "UnreadableAnswer"),
        ("ec2:DescribeVolumes", "repeat_token", "UnreadableAnswer"),
        ("ec2:DescribeSnapshots", "repeat_token", "UnreadableAnswer"),
        ("ec2:DescribeSnapshots", "region_not_enabled", "AuthFailure"),
        (
            "ec2:DescribeSnapshots",
            "expired_credentials",
            "RequestExpired",
        ),
        ("kms:ListGrants", "repeat_token", "UnreadableAnswer"),
        ("kms:ListGrants", "vanish", "NotFoundException"),
    ] {
        let run = with(&format!(
            "[[fault]]\noperation = \"{operation}\"\neffect = \"{effect}\""
        ))
        .await;
        let [_, checked, recommendation] = told(&run, UNUSED);
        assert_eq!(checked, code, "{operation} {effect}");
        assert_eq!(recommendation, "check_dependents");
        assert_eq!(run.summary()["coverage"]["complete"], true);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_counted_before_a_listing_failed_still_counts() {
    let keys = key(UNUSED, "last_used = \"120d\"");
    let head =
        "[[fault]]\noperation = \"ec2:DescribeVolumes\"\neffect = \"access_denied\"\nnth = 2";
    let run = account(head, &(keys + &volumes(UNUSED, 600))).run().await;
    assert_eq!(
        told(&run, UNUSED),
        [
            "ebs_volumes=500",
            "UnauthorizedOperation",
            "check_dependents"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_time_left_they_are_not_checked_and_the_report_is_written_in_time() {
    for (operation, effect) in [
        ("ec2:DescribeVolumes", "hang"),
        ("ec2:DescribeSnapshots", "hang"),
        ("kms:ListGrants", "throttle"),
    ] {
        let head = format!("[[fault]]\noperation = \"{operation}\"\neffect = \"{effect}\"");
        let run = world(&head, "").ending_after(40).run().await;
        assert_eq!(told(&run, OTHER), ["", "no", "disable_and_watch"]);
        assert_eq!(
            run.key(OTHER)["detail"],
            "no time left: dependents not known in full"
        );
        assert_eq!(run.summary()["coverage"]["complete"], true);
        assert!(run.aws.elapsed_ms() < 40_000, "{}", run.aws.elapsed_ms());
    }
}

/// The moment of the last call of an operation, in milliseconds.
fn last(run: &Run, operation: &str) -> u64 {
    let log = run.aws.log();
    let calls = log.iter().filter(|call| call.operation == operation);
    calls.map(|call| call.at_ms).max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn keys_are_read_at_their_pace_while_nobody_answers_about_dependents() {
    let keys: String = (0..200)
        .map(|n| key(&format!("key-{n:04}"), "last_used = \"120d\""))
        .collect();
    let mut took = Vec::new();
    for head in [
        "",
        "[[fault]]\noperation = \"kms:ListGrants\"\neffect = \"throttle\"",
        "[[fault]]\noperation = \"ec2:*\"\neffect = \"hang\"",
    ] {
        let run = account(head, &keys).ending_after(120).run().await;
        took.push(last(&run, "kms:GetKeyLastUsage"));
    }
    // 200 keys at 5 a second.
    assert!((40_000..43_000).contains(&took[0]), "{took:?}");
    assert!(took.iter().all(|ms| ms.abs_diff(took[0]) < 100), "{took:?}");
}
