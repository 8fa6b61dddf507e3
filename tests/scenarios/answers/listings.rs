//! Listings that stay empty, whose tokens go round, or that fail on the way.

use tests::{
    Run,
    parts::{MEMBER, fault, table},
};

use super::{IN_USE, UNUSED, night_with, world};

const LIST_ACCOUNTS: &str = "organizations:ListAccounts";

#[tokio::test(start_paused = true)]
async fn a_cell_whose_listing_is_not_believed_has_failed_and_has_what_was_listed() {
    for [effect, keys, listed_whole, unseen] in table(
        "
        empty_body    |   |       | 3
        no_content    |   |       | 3
        empty_answer  |   |       | 3
        cyclic_tokens | 3 | false | 0
        ",
    ) {
        let run = night_with(effect, "kms:ListKeys").await;
        let cell = run.cell(MEMBER, "us-east-1");
        let found = cell.values(["status", "error_code", "keys", "listed_whole"]);
        let expected = ["failed", "UnreadableAnswer", keys, listed_whole];
        assert_eq!(found, expected, "{effect}");
        assert!(!run.is_complete());
        let found = run.summary()["changes"]["unseen"].to_string();
        assert_eq!(found, unseen, "{effect}");
    }
    let run = night_with("cyclic_tokens", "kms:ListKeys").await;
    let verdicts = [UNUSED, IN_USE].map(|key| run.key(key)["verdict"].clone());
    assert_eq!(verdicts, ["stale", "in_use"]);
}

/// The second of two nights, on which the listing of accounts fails with its third page,
/// however often it is asked for: the third account is not listed.
async fn night_without_the_third_account(effect: &str) -> Run {
    let calls = match effect {
        "cyclic_tokens" => 2..=2,
        _ => 3..=6,
    };
    let faults = calls.map(|nth| fault(LIST_ACCOUNTS, effect, &format!("nth = {nth}")));
    let first = world("");
    assert!(first.run().await.outcome.is_ok());
    let scenario = first.a_night_later(&world(&faults.collect::<String>()));
    match effect {
        "hang" => scenario.ending_after(60).run().await,
        _ => scenario.run().await,
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_of_accounts_that_fails_on_the_way_is_a_gap_and_keeps_what_was_read() {
    for [effect, status, code] in table(
        "
        cyclic_tokens  | failed   | UnreadableAnswer
        empty_body     | failed   | UnreadableAnswer
        empty_answer   | failed   | UnreadableAnswer
        null_answer    | failed   | UnreadableAnswer
        contradiction  | failed   | UnreadableAnswer
        internal_error | failed   | ServiceException
        access_denied  | failed   | AccessDeniedException
        hang           | deferred |
        ",
    ) {
        let run = night_without_the_third_account(effect).await;
        let row = run.cell("", "*");
        let found = row.values(["kind", "status", "error_code"]);
        assert_eq!(found, ["*", status, code], "{effect}");
        assert_eq!(run.key(UNUSED)["verdict"], "stale", "{effect}");
        assert_eq!(run.key(IN_USE)["verdict"], "in_use", "{effect}");
        let coverage = &run.summary()["coverage"];
        assert_eq!(coverage["complete"], false, "{effect}");
        assert_eq!(coverage["organization_gaps"], 1, "{effect}");
        assert_eq!(coverage["accounts"]["scanned"], 2, "{effect}");
        // It has not left the organization, so that its keys are remembered.
        let changes = &run.summary()["changes"];
        assert_eq!([&changes["gone"], &changes["unseen"]], [0, 2], "{effect}");
        let of_accounts = run.column("unseen.csv", "account_id");
        assert_eq!(of_accounts, ["333333333333"; 2], "{effect}");
    }
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
    let run = world(&fault(LIST_ACCOUNTS, "cyclic_tokens", "nth = 2"))
        .with("KEYCENSUS_ACCOUNTS", "222222222222,333333333333")
        .run()
        .await;
    let row = run.cell("333333333333", "*");
    let found = row.values(["status", "error_code"]);
    assert_eq!(found, ["unreachable", "UnreadableAnswer"]);
    let why = "not among the accounts that could be listed";
    assert!(row["detail"].ends_with(why), "{}", row["detail"]);
}

#[tokio::test(start_paused = true)]
async fn where_the_only_account_that_was_listed_is_left_out_the_error_names_the_listing() {
    let run = world(&fault(LIST_ACCOUNTS, "access_denied", "nth = 2"))
        .with("KEYCENSUS_EXCLUDE_ACCOUNTS", "111111111111")
        .run()
        .await;
    let (kind, message) = run.error();
    assert_eq!(kind, "NothingReachable");
    for part in [
        "organizations:ListAccounts AccessDeniedException; not all accounts of the organization are known",
        "allow the call to the scanner",
    ] {
        assert!(message.contains(part), "{message}");
    }
}
