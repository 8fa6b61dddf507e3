//! An answer that contradicts itself, lacks what AWS always says, or is about something
//! else is asked for again, and then a gap.

use super::{ACCOUNT, UNUSED, is_honest, leaves_no_trace, night_with};

/// Operations whose answers can contradict themselves.
const CONTRADICTORY: [&str; 13] = [
    "account:ListRegions",
    "iam:GetAccessKeyLastUsed",
    "iam:GetCredentialReport",
    "iam:ListAccessKeys",
    "iam:ListUserTags",
    "iam:ListUsers",
    "kms:DescribeKey",
    "kms:GetKeyLastUsage",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeys",
    "kms:ListResourceTags",
    "sts:AssumeRole",
];

/// Operations whose answers say what they are about.
const ABOUT_SOMETHING: [&str; 9] = [
    "iam:GetAccessKeyLastUsed",
    "iam:GetCredentialReport",
    "iam:ListAccessKeys",
    "iam:ListUsers",
    "kms:DescribeKey",
    "kms:GetKeyLastUsage",
    "kms:ListGrants",
    "kms:ListKeys",
    "sts:AssumeRole",
];

#[tokio::test(start_paused = true)]
async fn an_answer_that_contradicts_itself_is_asked_for_again() {
    leaves_no_trace("contradiction", &CONTRADICTORY).await;
    let of_the_scanner = ["organizations:ListAccounts", "sts:GetCallerIdentity"];
    leaves_no_trace("contradiction", &of_the_scanner).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_goes_on_contradicting_itself_is_a_gap() {
    for operation in CONTRADICTORY {
        let run = night_with("contradiction", operation).await;
        is_honest(&run, &format!("contradiction {operation}"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_something_else_is_asked_for_again() {
    leaves_no_trace("about_another", &ABOUT_SOMETHING).await;
    leaves_no_trace(
        "about_another",
        &["organizations:DescribeOrganizationalUnit"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_goes_on_being_about_something_else_is_a_gap() {
    for operation in ABOUT_SOMETHING {
        let run = night_with("about_another", operation).await;
        is_honest(&run, &format!("about_another {operation}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_another_is_described_for_is_unreadable_with_the_call_that_was_not_believed() {
    for (operation, effect) in [
        ("kms:DescribeKey", "about_another"),
        ("kms:GetKeyLastUsage", "about_another"),
        ("kms:DescribeKey", "contradiction"),
        ("kms:GetKeyLastUsage", "contradiction"),
    ] {
        let key = night_with(effect, operation).await.key(UNUSED);
        let told = ["verdict", "flagged", "detail"].map(|name| key[name].clone());
        let detail = format!("{operation} UnreadableAnswer");
        assert_eq!(told, ["unreadable", "false", &detail], "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_the_session_of_another_is_given_for_is_not_entered() {
    let run = night_with("about_another", "sts:AssumeRole").await;
    let row = run.cell(ACCOUNT, "*");
    assert_eq!(
        (&*row["status"], &*row["error_code"]),
        ("unreachable", "UnreadableAnswer")
    );
}
