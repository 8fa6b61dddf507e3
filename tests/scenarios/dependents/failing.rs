//! What could not be asked is reported as such, and costs nothing else.

use tests::{
    Run,
    parts::{PASSING_FAULTS, UNUSED, fault, refusal, table},
};

use super::{
    IDLE, OPERATIONS, OTHER, account, asked, dependents, grants, key, snapshots, volumes, world,
};

/// A run with a key that has two of everything.
async fn with(head: &str) -> Run {
    let key = key(IDLE, UNUSED) + &grants(2);
    let more = volumes(IDLE, 2) + &snapshots(IDLE, 2);
    account(head, &(key + &more)).run().await
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_refused_is_named_with_its_code_and_the_others_still_count() {
    for [operation, code, rest] in table(
        "
        ec2:DescribeVolumes   | UnauthorizedOperation | ebs_snapshots=2;grants=rds.amazonaws.com:2
        ec2:DescribeSnapshots | UnauthorizedOperation | ebs_volumes=2;grants=rds.amazonaws.com:2
        kms:ListGrants        | AccessDeniedException | ebs_volumes=2;ebs_snapshots=2
        ",
    ) {
        let run = with(&refusal(operation, "")).await;
        let expected = [rest, code, "check_dependents"];
        assert_eq!(dependents(&run, IDLE), expected);
        let detail = format!("{operation} {code}: dependents not known in full");
        assert_eq!(run.key(IDLE)["detail"], detail);
        let cell = run.cell("222222222222", "eu-west-1");
        let detail = "keys whose dependents are not known in full: 1";
        assert_eq!(cell.values(["status", "detail"]), ["scanned", detail]);
        assert!(run.is_complete());
        assert_eq!(asked(&run), [1, 1, 1], "{operation} is not asked again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_without_known_dependents_is_never_said_to_have_none_when_a_call_failed() {
    let run = world(&refusal("ec2:*", ""), "").run().await;
    let expected = ["", "UnauthorizedOperation", "disable_and_watch"];
    assert_eq!(dependents(&run, OTHER), expected);
    let digest = run.digest().text();
    assert!(digest.contains("\n  what depends on it is not known in full\n"));
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_leave_no_trace() {
    let all = "ebs_volumes=2;ebs_snapshots=2;grants=rds.amazonaws.com:2";
    let more = ["expired_credentials", "empty_page", "duplicate_item"];
    for effect in PASSING_FAULTS.into_iter().chain(more) {
        for operation in OPERATIONS {
            let run = with(&fault(operation, effect, "nth = 1")).await;
            let found = dependents(&run, IDLE);
            assert_eq!(found[..2], [all, "yes"], "{operation} {effect}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn faults_that_do_not_pass_are_named_by_their_codes() {
    for [operation, effect, code] in table(
        "
        ec2:DescribeVolumes   | throttle            | RequestLimitExceeded
        ec2:DescribeVolumes   | internal_error      | InternalError
        ec2:DescribeVolumes   | hang                | Timeout
        ec2:DescribeVolumes   | reset_before        | ConnectionFailed
        ec2:DescribeVolumes   | garbled_body        | UnreadableAnswer
        ec2:DescribeVolumes   | truncated_body      | UnreadableAnswer
        ec2:DescribeVolumes   | repeat_token        | UnreadableAnswer
        ec2:DescribeSnapshots | repeat_token        | UnreadableAnswer
        ec2:DescribeSnapshots | region_not_enabled  | AuthFailure
        ec2:DescribeSnapshots | expired_credentials | RequestExpired
        kms:ListGrants        | repeat_token        | UnreadableAnswer
        kms:ListGrants        | vanish              | NotFoundException
        ",
    ) {
        let run = with(&fault(operation, effect, "")).await;
        let [_, checked, recommendation] = dependents(&run, IDLE);
        assert_eq!(checked, code, "{operation} {effect}");
        assert_eq!(recommendation, "check_dependents");
        assert!(run.is_complete());
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_counted_before_a_listing_failed_still_counts() {
    let denied = fault("ec2:DescribeVolumes", "access_denied", "nth = 2");
    let world = account(&denied, &(key(IDLE, UNUSED) + &volumes(IDLE, 600)));
    let found = dependents(&world.run().await, IDLE);
    let code = "UnauthorizedOperation";
    assert_eq!(found, ["ebs_volumes=500", code, "check_dependents"]);
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_time_left_they_are_not_checked_and_the_report_is_written_in_time() {
    for (operation, effect) in [
        ("ec2:DescribeVolumes", "hang"),
        ("ec2:DescribeSnapshots", "hang"),
        ("kms:ListGrants", "throttle"),
    ] {
        let world = world(&fault(operation, effect, ""), "").ending_after(40);
        let run = world.run().await;
        assert_eq!(dependents(&run, OTHER), ["", "no", "disable_and_watch"]);
        let detail = "no time left: dependents not known in full";
        assert_eq!(run.key(OTHER)["detail"], detail);
        assert!(run.is_complete());
        assert!(run.aws.elapsed_ms() < 40_000, "{}", run.aws.elapsed_ms());
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_read_at_their_pace_while_no_question_about_dependents_is_answered() {
    let keys = (0..200).map(|n| key(&format!("key-{n:04}"), UNUSED));
    let keys: String = keys.collect();
    let mut took = Vec::new();
    for head in [
        String::new(),
        fault("kms:ListGrants", "throttle", ""),
        fault("ec2:*", "hang", ""),
    ] {
        let run = account(&head, &keys).ending_after(120).run().await;
        let last = run.sent_at_ms("kms:GetKeyLastUsage").pop();
        took.push(last.unwrap_or_default());
    }
    // 200 keys at 5 a second.
    assert!((40_000..43_000).contains(&took[0]), "{took:?}");
    assert!(took.iter().all(|ms| ms.abs_diff(took[0]) < 100), "{took:?}");
}
