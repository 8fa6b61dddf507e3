//! Listings whose tokens go round, and answers that are larger than they can be.

use tests::Run;

use super::{ACCOUNT, IN_USE, OPERATIONS, UNUSED, is_honest, leaves_no_trace, night_with, world};

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

/// The second of two nights, on which the listing of accounts fails with its third page,
/// however often it is asked for: the third account is not listed.
async fn night_without_the_third_account(effect: &str) -> Run {
    let calls = match effect {
        "cyclic_tokens" => 2..=2,
        _ => 3..=6,
    };
    let faults: Vec<String> = calls
        .map(|nth| {
            format!(
                "operation = \"organizations:ListAccounts\"\neffect = \"{effect}\"\nnth = {nth}"
            )
        })
        .collect();
    let first = world("");
    assert!(first.run().await.outcome.is_ok());
    let tonight = world(&faults.join("\n[[fault]]\n"));
    let scenario = first.a_night_later(&tonight);
    match effect {
        "hang" => scenario.ending_after(60).run().await,
        _ => scenario.run().await,
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_of_accounts_that_fails_on_the_way_is_a_gap_and_keeps_what_was_read() {
    for (effect, status, code) in [
        ("cyclic_tokens", "failed", "UnreadableAnswer"),
        ("empty_body", "failed", "UnreadableAnswer"),
        ("empty_answer", "failed", "UnreadableAnswer"),
        ("null_answer", "failed", "UnreadableAnswer"),
        ("contradiction", "failed", "UnreadableAnswer"),
        ("internal_error", "failed", "ServiceException"),
        ("access_denied", "failed", "AccessDeniedException"),
        ("hang", "deferred", ""),
    ] {
        let run = night_without_the_third_account(effect).await;
        let row = run.cell("", "*");
        let told = ["kind", "status", "error_code"].map(|name| &*row[name]);
        assert_eq!(told, ["*", status, code], "{effect}");
        assert_eq!(run.key(UNUSED)["verdict"], "stale", "{effect}");
        assert_eq!(run.key(IN_USE)["verdict"], "in_use", "{effect}");
        let coverage = &run.summary()["coverage"];
        assert_eq!(coverage["complete"], false, "{effect}");
        assert_eq!(coverage["organization_gaps"], 1, "{effect}");
        assert_eq!(coverage["accounts"]["scanned"], 2, "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_was_not_listed_has_not_left_and_its_keys_are_remembered() {
    let run = night_without_the_third_account("cyclic_tokens").await;
    let changes = &run.summary()["changes"];
    assert_eq!(
        (&changes["gone"], &changes["unseen"]),
        (&0.into(), &2.into())
    );
    let unseen = run.rows("unseen.csv");
    assert!(unseen.iter().all(|row| row["account_id"] == "333333333333"));
}

#[tokio::test(start_paused = true)]
async fn the_digest_says_that_not_all_accounts_are_known() {
    let run = night_without_the_third_account("cyclic_tokens").await;
    let digest = run.aws.messages().last().cloned().unwrap();
    let subject = &digest.subject;
    assert!(subject.ends_with("; not all could be read"), "{subject}");
    let text = digest.text();
    for line in [
        "; not all accounts of the organization are known.",
        "- organization: failed: organizations:ListAccounts UnreadableAnswer; not all accounts of the organization are known",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_asked_for_and_was_not_listed_is_a_gap_and_not_missing() {
    let fault = "operation = \"organizations:ListAccounts\"\neffect = \"cyclic_tokens\"\nnth = 2";
    let run = world(fault)
        .with("KEYCENSUS_ACCOUNTS", "222222222222,333333333333")
        .run()
        .await;
    let row = run.cell("333333333333", "*");
    let told = ["status", "error_code"].map(|name| &*row[name]);
    assert_eq!(told, ["unreachable", "UnreadableAnswer"]);
    assert!(
        row["detail"].ends_with("not among the accounts that could be listed"),
        "{}",
        row["detail"]
    );
}

#[tokio::test(start_paused = true)]
async fn where_the_only_account_that_was_listed_is_left_out_the_error_names_the_listing() {
    let fault = "operation = \"organizations:ListAccounts\"\neffect = \"access_denied\"\nnth = 2";
    let scenario = world(fault).with("KEYCENSUS_EXCLUDE_ACCOUNTS", "111111111111");
    let run = scenario.run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "NothingReachable");
    for part in [
        "organizations:ListAccounts AccessDeniedException; not all accounts of the organization are known",
        "allow the call to the scanner",
    ] {
        assert!(message.contains(part), "{message}");
    }
}
