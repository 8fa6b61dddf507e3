//! Service-specific credentials of IAM users.

use tests::{
    Row, Run, Scenario,
    parts::{MEMBER, fault, refusal},
};

const LIST: &str = "iam:ListServiceSpecificCredentials";

/// The world of `worlds/service_credentials.toml`, followed by TOML that goes on with its last account.
fn credentials(more: &str) -> Scenario {
    Scenario::named_with("service_credentials", more).with("KEYCENSUS_KINDS", "service_credentials")
}

/// The same, where IAM lists credentials of all users only for a service that is named.
fn by_service(more: &str) -> Scenario {
    let mut world = credentials(more).aws.world().clone();
    world.service_credentials_by_service = true;
    Scenario::in_world(world).with("KEYCENSUS_KINDS", "service_credentials")
}

/// `status`, `keys`, `error_code` and `detail` of the member's IAM cell.
fn coverage(run: &Run) -> [String; 4] {
    let row = run.cell(MEMBER, "global");
    row.values(["status", "keys", "error_code", "detail"])
        .map(str::to_owned)
}

fn credential<'a>(rows: &'a [Row], id: &str) -> &'a Row {
    let mut rows = rows.iter();
    rows.find(|row| row["key_id"] == id).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_credential_has_a_row_with_age_state_and_expiry_and_none_is_flagged() {
    let run = credentials("").run().await;
    run.matches_expected("service_credentials");
    assert_eq!(coverage(&run), ["scanned", "8", "", ""]);
    let rows = run.rows("keys.csv");
    for (id, recommendation, owner, expires_at) in [
        ("ACCA222222222222ANNA1", "set_expiry", "orders", ""),
        (
            "ACCA222222222222ANNA2",
            "rotate",
            "orders",
            "2026-12-01T02:00:00Z",
        ),
        ("ACCA222222222222BEN01", "none", "", "2026-11-22T02:00:00Z"),
        ("ACCA222222222222BEN02", "none", "", ""),
        ("ACCA222222222222ZOE01", "rotate", "", ""),
        ("ACCA222222222222ZOE02", "none", "", ""),
        ("ACCA222222222222ZOE03", "none", "", "2026-11-11T02:00:00Z"),
        ("ACCA222222222222EXE01", "none", "", ""),
    ] {
        let row = credential(&rows, id);
        let found = row.values(["recommendation", "owner", "expires_at"]);
        assert_eq!(found, [recommendation, owner, expires_at], "{id}");
        let same = row.values(["kind", "verdict", "flagged", "idle_days", "tracked_since"]);
        let expected = ["service_credential", "not_recorded", "false", "", ""];
        assert_eq!(same, expected, "{id}");
    }
    assert_eq!(run.summary()["keys"]["flagged"], 0);
}

#[tokio::test(start_paused = true)]
async fn one_listing_of_an_account_is_enough_and_where_iam_refuses_it_one_for_each_service() {
    let expected = credentials("").run().await;
    let run = by_service("").run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.rows("keys.csv"), expected.rows("keys.csv"));
    let sent = |run: &Run| run.aws.calls().count(LIST, Some(MEMBER), None).sent;
    assert_eq!(sent(&expected), 1);
    assert_eq!(sent(&run), 5);

    let many: String = (0..150)
        .map(|n| {
            format!(
                "[[account.user]]\nname = 'many{n}'\n[[account.user.service_credential]]\nservice = 'bedrock.amazonaws.com'\n"
            )
        })
        .collect();
    let run = credentials(&many).run().await;
    assert_eq!(coverage(&run)[..2], ["scanned", "158"]);
    assert_eq!(sent(&run), 1);
}

#[tokio::test(start_paused = true)]
async fn alone_they_take_no_credential_report_and_with_access_keys_no_tags_are_read_twice() {
    let run = credentials("").run().await;
    let calls = run.aws.calls();
    for operation in [
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
        "iam:ListAccessKeys",
        "kms:ListKeys",
    ] {
        assert_eq!(calls.count(operation, None, None).sent, 0, "{operation}");
    }
    let tags = |run: &Run| run.aws.calls().count("iam:ListUserTags", None, None).sent;
    assert_eq!(tags(&run), 4);
    for kinds in [
        "iam,service_credentials",
        "iam,passwords,service_credentials",
    ] {
        let run = credentials("").with("KEYCENSUS_KINDS", kinds).run().await;
        run.verdicts_match_the_world();
        assert_eq!(coverage(&run)[..2], ["scanned", "9"], "{kinds}");
        assert_eq!(tags(&run), 4, "{kinds}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_kind_nothing_is_asked_and_nothing_is_said_of_them() {
    let run = credentials("").with("KEYCENSUS_KINDS", "iam").run().await;
    assert_eq!(run.aws.calls().count(LIST, None, None).sent, 0);
    let kinds = run.column("keys.csv", "kind");
    assert_eq!(kinds, ["iam_access_key"]);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_cannot_be_listed_are_a_gap_of_the_iam_cell() {
    let refused = refusal(LIST, "");
    let run = credentials(&refused).run().await;
    assert_eq!(coverage(&run)[..3], ["denied", "", "AccessDenied"]);
    let run = credentials(&refused)
        .with("KEYCENSUS_KINDS", "iam,service_credentials")
        .run()
        .await;
    let [status, keys, code, detail] = coverage(&run);
    assert_eq!([&*status, &*keys, &*code], ["partial", "1", "AccessDenied"]);
    assert!(
        detail.ends_with("service-specific credentials not known"),
        "{detail}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_is_refused_for_one_service_keeps_what_the_others_have() {
    // The first listing names no service; that of Keyspaces is the third.
    let third = fault(LIST, "access_denied", "nth = 3\naccount = '222222222222'");
    let run = by_service(&third).run().await;
    assert_eq!(coverage(&run)[..3], ["failed", "4", "AccessDenied"]);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_not_listed_the_next_night_are_unseen_and_those_deleted_are_gone() {
    let first = credentials("");
    first.run().await;
    let run = first.a_night_later(&credentials(&refusal(LIST, "")));
    assert_eq!(run.run().await.rows("unseen.csv").len(), 8);

    let first = credentials("");
    first.run().await;
    let mut world = first.aws.world().clone();
    world.accounts[1].users[0].service_credentials.remove(0);
    let later = Scenario::in_world(world).with("KEYCENSUS_KINDS", "service_credentials");
    let run = first.a_night_later(&later).run().await;
    let rows = run.rows("changes.csv");
    let found: Vec<_> = rows
        .iter()
        .map(|row| row.values(["kind", "key_id", "change"]))
        .collect();
    let gone = ["service_credential", "ACCA222222222222ANNA1", "gone"];
    assert!(found.contains(&gone), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn credentials_for_which_there_is_no_time_are_deferred_and_listed_by_the_next_run() {
    let hanging = fault(LIST, "hang", "account = '222222222222'");
    let first = credentials(&hanging).ending_after(60);
    let run = first.run().await;
    assert_eq!(coverage(&run)[..2], ["deferred", ""]);
    let run = first.a_night_later(&credentials("")).run().await;
    assert_eq!(coverage(&run)[..2], ["scanned", "8"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_lacks_what_aws_always_says_is_asked_for_again_and_then_a_gap() {
    for effect in ["contradiction", "empty_answer"] {
        let run = credentials(&fault(LIST, effect, "first = 1")).run().await;
        run.verdicts_match_the_world();
        assert_eq!(coverage(&run)[0], "scanned", "{effect}");
        let run = credentials(&fault(LIST, effect, "")).run().await;
        assert_eq!(
            coverage(&run)[..3],
            ["failed", "", "UnreadableAnswer"],
            "{effect}"
        );
    }
    for effect in ["duplicate_item", "empty_page"] {
        let run = credentials(&fault(LIST, effect, "first = 1")).run().await;
        run.verdicts_match_the_world();
        assert_eq!(coverage(&run)[..2], ["scanned", "8"], "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_not_listed_where_the_stacks_parameter_does_not_grant_it() {
    let run = credentials("")
        .with_parameter("ServiceCredentials", "off")
        .run()
        .await;
    assert_eq!(coverage(&run)[..3], ["denied", "", "AccessDenied"]);
    assert!(run.rows("keys.csv").is_empty());
}
