//! Listings whose tokens go round, and answers that are larger than they can be.

use super::{ACCOUNT, IN_USE, OPERATIONS, UNUSED, is_honest, leaves_no_trace, night_with};

/// Listings of one account.
const LISTINGS: [&str; 10] = [
    "account:ListRegions",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
    "iam:ListAccessKeys",
    "iam:ListUserTags",
    "iam:ListUsers",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeys",
    "kms:ListResourceTags",
];

#[tokio::test(start_paused = true)]
async fn a_listing_whose_tokens_go_round_ends_as_failed_with_what_was_read() {
    for operation in LISTINGS {
        let run = night_with("cyclic_tokens", operation).await;
        is_honest(&run, operation);
    }
    let run = night_with("cyclic_tokens", "kms:ListKeys").await;
    let cell = run.cell(ACCOUNT, "us-east-1");
    let told = ["status", "error_code", "keys", "listed_whole"].map(|name| &*cell[name]);
    assert_eq!(told, ["failed", "UnreadableAnswer", "3", "false"]);
    assert_eq!(run.key(UNUSED)["verdict"], "stale");
    assert_eq!(run.key(IN_USE)["verdict"], "in_use");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_large_is_asked_for_again_and_then_a_gap() {
    leaves_no_trace("oversized_body", &OPERATIONS).await;
    for operation in ["kms:ListKeys", "kms:GetKeyLastUsage", "iam:ListUsers"] {
        let run = night_with("oversized_body", operation).await;
        is_honest(&run, operation);
    }
}
