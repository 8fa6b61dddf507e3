//! Secrets of Secrets Manager.

use tests::{
    Row, Run, Scenario,
    parts::{MEMBER, fault, refusal},
};

const LIST: &str = "secretsmanager:ListSecrets";

/// The world of `worlds/secrets.toml`, followed by TOML that goes on with its last account.
fn secrets(more: &str) -> Scenario {
    Scenario::named_with("secrets", more).with("KEYCENSUS_KINDS", "secrets")
}

/// `status`, `keys`, `error_code` and `detail` of one of the member's cells.
fn coverage(run: &Run, region: &str) -> [String; 4] {
    let row = run.cell(MEMBER, region);
    row.values(["status", "keys", "error_code", "detail"])
        .map(str::to_owned)
}

fn secret<'a>(rows: &'a [Row], region: &str, name: &str) -> &'a Row {
    let mut rows = rows.iter();
    rows.find(|row| row["region"] == region && row["name"] == name)
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_secret_has_a_row_with_its_verdict() {
    let run = secrets("").run().await;
    run.matches_expected("secrets");
    assert_eq!(coverage(&run, "us-east-1"), ["scanned", "10", "", ""]);
    assert_eq!(coverage(&run, "eu-west-1"), ["scanned", "2", "", ""]);
    let rows = run.rows("keys.csv");
    for (name, recommendation, owner, idle_days) in [
        ("prod/steady", "none", "orders", "0"),
        ("prod/edge", "none", "", "89"),
        ("prod/stale", "schedule_deletion", "payments", "90"),
        ("prod/never", "schedule_deletion", "", "687"),
        ("prod/today", "none", "", "0"),
        ("prod/rotated", "check_by_hand", "", "119"),
        ("prod/kept", "none", "", "119"),
        ("rds!cluster-1", "none", "orders", ""),
    ] {
        let row = secret(&rows, "us-east-1", name);
        let found = row.values(["recommendation", "owner", "idle_days", "monthly_cost_usd"]);
        assert_eq!(found, [recommendation, owner, idle_days, "0.40"], "{name}");
        assert_eq!(row["tracked_since"], "", "{name}");
    }
    assert!(rows.iter().all(|row| row["name"] != "prod/leaving"));
    // A day, as AWS has it.
    let used = &secret(&rows, "us-east-1", "prod/stale")["last_used_at"];
    assert_eq!(used, "2026-08-22T00:00:00Z");
}

#[tokio::test(start_paused = true)]
async fn a_secret_without_a_retrieval_is_never_said_to_be_never_used() {
    let run = secrets("").run().await;
    let rows = run.rows("keys.csv");
    assert!(rows.iter().all(|row| row["verdict"] != "never_used"));
    let text = run.digest().text();
    let entry = "no retrieval recorded since it was created on 2025-01-02; an earlier one cannot be excluded";
    assert!(text.contains(entry), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_set_of_secrets_is_idle_only_as_a_whole() {
    let columns = ["flagged", "recommendation", "rest_of_set", "detail"];
    let run = secrets("").run().await;
    let rows = run.rows("keys.csv");
    let found = |region, name| secret(&rows, region, name).values(columns);
    for region in ["us-east-1", "eu-west-1"] {
        let idle = found(region, "global/idle");
        assert_eq!(idle, ["true", "check_by_hand", "idle", ""], "{region}");
    }
    let primary = found("us-east-1", "global/used");
    let detail = "primary idle; set in use in eu-west-1";
    assert_eq!(primary, ["true", "check_by_hand", "in_use", detail]);
    let replica = found("eu-west-1", "global/used");
    assert_eq!(replica, ["false", "none", "", ""]);

    // Where the primary secret is not read, nothing is known of it.
    let run = secrets("")
        .with("KEYCENSUS_REGIONS", "eu-west-1")
        .run()
        .await;
    let rows = run.rows("keys.csv");
    let detail = "replica idle; whether the set is in use in us-east-1 is not known";
    let replica = secret(&rows, "eu-west-1", "global/idle").values(columns);
    assert_eq!(replica, ["true", "check_by_hand", "not_known", detail]);
}

#[tokio::test(start_paused = true)]
async fn only_the_listing_is_called_and_once_for_each_page() {
    let run = secrets("").run().await;
    let calls = run.aws.calls();
    let sent = |account, region| calls.count(LIST, Some(account), Some(region)).sent;
    assert_eq!(sent(MEMBER, "us-east-1"), 1);
    assert_eq!(sent(MEMBER, "eu-west-1"), 1);
    assert_eq!(calls.count("kms:ListKeys", None, None).sent, 0);
    assert_eq!(calls.count("iam:ListUsers", None, None).sent, 0);

    let many: String = (0..250)
        .map(|n| format!("[[account.secret]]\nregion = 'us-east-1'\nname = 'many/{n}'\n"))
        .collect();
    let run = secrets(&many).run().await;
    assert_eq!(coverage(&run, "us-east-1"), ["scanned", "260", "", ""]);
    let calls = run.aws.calls();
    assert_eq!(calls.count(LIST, Some(MEMBER), Some("us-east-1")).sent, 3);
}

#[tokio::test(start_paused = true)]
async fn secrets_that_cannot_be_listed_are_a_gap_of_their_own_cell() {
    let refused = refusal(LIST, "region = 'us-east-1'");
    let run = secrets(&refused)
        .with("KEYCENSUS_KINDS", "kms,secrets")
        .run()
        .await;
    let rows = run.rows("coverage.csv");
    let found: Vec<_> = rows
        .iter()
        .filter(|row| row["account_id"] == MEMBER)
        .map(|row| row.values(["region", "kind", "status", "error_code"]))
        .collect();
    assert_eq!(
        found,
        [
            ["eu-west-1", "kms_key", "scanned", ""],
            ["eu-west-1", "secret", "scanned", ""],
            ["us-east-1", "kms_key", "scanned", ""],
            ["us-east-1", "secret", "denied", "AccessDeniedException"],
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn secrets_that_are_not_listed_the_next_night_are_unseen_and_only_listed_cells_lack_one() {
    let refused = refusal(LIST, "region = 'us-east-1'");
    for (more, kinds, unseen) in [
        (&*refused, "secrets", 10),
        ("", "kms", 12),
        ("", "secrets", 0),
    ] {
        let first = secrets("");
        first.run().await;
        let second = first.a_night_later(&secrets(more));
        let run = second.with("KEYCENSUS_KINDS", kinds).run().await;
        assert_eq!(run.rows("unseen.csv").len(), unseen, "{kinds} {more}");
        let changes = run.column("changes.csv", "change");
        assert!(changes.iter().all(|change| change != "gone"), "{changes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_regions_are_not_known_each_kind_that_is_in_regions_has_a_row_that_says_so() {
    let refused = refusal("account:ListRegions", "");
    let scenario = Scenario::named_with("secrets", &refused);
    let run = scenario.with("KEYCENSUS_KINDS", "kms,secrets").run().await;
    let rows = run.rows("coverage.csv");
    let of_every_region = rows.iter().filter(|row| row["region"] == "*");
    let gaps: Vec<_> = of_every_region
        .filter(|row| row["account_id"] == MEMBER)
        .map(|row| row.values(["kind", "status", "error_code"]))
        .collect();
    assert_eq!(
        gaps,
        [
            ["kms_key", "denied", "AccessDeniedException"],
            ["secret", "denied", "AccessDeniedException"]
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_deleted_is_gone_and_one_that_is_retrieved_again_is_in_use() {
    let first = secrets("");
    first.run().await;
    let mut world = first.aws.world().clone();
    let secrets = &mut world.accounts[1].secrets;
    secrets.retain(|secret| secret.name != "prod/never");
    for secret in secrets
        .iter_mut()
        .filter(|secret| secret.name == "prod/stale")
    {
        secret.last_accessed = "2026-11-21T12:00:00Z".parse().ok();
    }
    let later = Scenario::in_world(world).with("KEYCENSUS_KINDS", "secrets");
    let run = first.a_night_later(&later).run().await;
    let rows = run.rows("changes.csv");
    let found: Vec<_> = rows
        .iter()
        .map(|row| row.values(["kind", "name", "change"]))
        .collect();
    assert!(
        found.contains(&["secret", "prod/never", "gone"]),
        "{found:?}"
    );
    assert!(
        found.contains(&["secret", "prod/stale", "used_again"]),
        "{found:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn secrets_for_which_there_is_no_time_are_deferred_and_listed_by_the_next_run() {
    let hanging = fault(LIST, "hang", "region = 'us-east-1'");
    let first = secrets(&hanging).ending_after(60);
    let run = first.run().await;
    let [status, ..] = coverage(&run, "us-east-1");
    assert_eq!(status, "deferred");
    assert_eq!(coverage(&run, "eu-west-1")[..2], ["scanned", "2"]);
    let run = first.a_night_later(&secrets("")).run().await;
    assert_eq!(coverage(&run, "us-east-1")[..2], ["scanned", "10"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_lacks_what_aws_always_says_is_asked_for_again_and_then_a_gap() {
    for effect in ["contradiction", "about_another", "empty_answer"] {
        let once = fault(LIST, effect, "first = 1");
        let run = secrets(&once).run().await;
        run.verdicts_match_the_world();
        assert_eq!(coverage(&run, "us-east-1")[0], "scanned", "{effect}");
        let always = fault(LIST, effect, "");
        let run = secrets(&always).run().await;
        // There is no other account with secrets.
        let expected = match effect {
            "about_another" => ["scanned", "10", ""],
            _ => ["failed", "", "UnreadableAnswer"],
        };
        assert_eq!(coverage(&run, "us-east-1")[..3], expected, "{effect}");
    }
    for effect in ["duplicate_item", "empty_page"] {
        let run = secrets(&fault(LIST, effect, "first = 1")).run().await;
        run.verdicts_match_the_world();
        assert_eq!(
            coverage(&run, "us-east-1")[..2],
            ["scanned", "10"],
            "{effect}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn secrets_are_not_listed_where_the_stacks_parameter_does_not_grant_it() {
    let run = secrets("").with_parameter("Secrets", "off").run().await;
    let [status, keys, code, _] = coverage(&run, "us-east-1");
    assert_eq!(
        [&*status, &*keys, &*code],
        ["denied", "", "AccessDeniedException"]
    );
    assert!(run.rows("keys.csv").is_empty());
}
