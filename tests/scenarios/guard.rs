//! How key policies guard keys, where the census is to look.

use tests::{
    Run, Scenario,
    parts::{IN_USE, MEMBER, fault, key_in},
};

/// What a key policy has for IAM policies to count.
const DELEGATION: &str = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"}"#;

/// A key policy that denies `principal` to disable or delete the key soon after a use.
fn guarding(principal: &str, days: u32) -> String {
    format!(
        r#"policy = '{{"Version":"2012-10-17","Statement":[{DELEGATION},{{"Effect":"Deny","Principal":{principal},"Action":["kms:ScheduleKeyDeletion","kms:DisableKey"],"Resource":"*","Condition":{{"NumericLessThanEquals":{{"kms:TrailingDaysWithoutKeyUsage":"{days}"}}}}}}]}}'"#
    )
}

/// An account with keys in one Region.
fn account(head: &str, keys: &str) -> Scenario {
    Scenario::member(head, &format!("regions = ['eu-west-1']\n{keys}"))
        .with("KEYCENSUS_KINDS", "kms")
        .with("KEYCENSUS_DIGEST", "always")
}

fn world(head: &str) -> Scenario {
    let role = r#"{"AWS":"arn:aws:iam::222222222222:role/admin"}"#;
    // IAM takes no element twice.
    let version = r#""Version":"2012-10-17""#;
    let broken = format!(r#"policy = '{{{version},{version},"Statement":[{DELEGATION}]}}'"#);
    let leaving = "state = 'PendingDeletion'\ndeletion_date = '2026-11-28T02:00:00Z'";
    let keys = [
        ("guarded", &*guarding("\"*\"", 365)),
        ("default", ""),
        ("in-part", &guarding(role, 90)),
        ("broken", &broken),
        ("of-aws", "manager = 'AWS'"),
        ("leaving", leaving),
    ];
    let keys = keys.map(|(id, rest)| key_in("eu-west-1", id, &format!("{IN_USE}\n{rest}")));
    account(head, &keys.concat())
}

fn audited(head: &str) -> Scenario {
    world(head).with("KEYCENSUS_AUDIT_GUARD", "on")
}

fn detail_of_cell(run: &Run) -> String {
    run.cell(MEMBER, "eu-west-1")["detail"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_customers_key_has_the_days_for_which_its_policy_guards_it() {
    let run = audited("").run().await;
    for (key, days) in [
        ("guarded", "365"),
        ("default", "0"),
        ("in-part", "partial:90"),
        ("leaving", "0"),
        ("of-aws", ""),
        // A policy that cannot be evaluated guards neither nothing nor something.
        ("broken", ""),
    ] {
        assert_eq!(run.key(key)["guard_days"], days, "{key}");
    }
    assert_eq!(run.sent("kms:GetKeyPolicy"), 5);
    let unknown = "keys whose key policy is not known: 1";
    assert_eq!(detail_of_cell(&run), unknown);
    assert_eq!(run.cell(MEMBER, "eu-west-1")["status"], "scanned");
    let counted = "Key policies let 1 of 4 customer managed KMS keys be disabled and deleted soon after \
                   a use; 1 guarded in part; 1 not read.";
    assert!(run.digest().text().contains(counted));
    let page = run.latest("report.html");
    assert!(page.contains("<td>1 of 4 guarded, 1 in part, 1 not read</td>"));
}

#[tokio::test(start_paused = true)]
async fn no_policy_is_read_unless_that_is_asked_for() {
    let run = world("").run().await;
    assert_eq!(run.sent("kms:GetKeyPolicy"), 0);
    assert_eq!(run.column("keys.csv", "guard_days"), [""; 6]);
    assert_eq!(detail_of_cell(&run), "");
    assert!(!run.digest().text().contains("Key policies"));
    let page = run.latest("report.html");
    assert!(page.contains("No key policy was read."));
}

#[tokio::test(start_paused = true)]
async fn where_key_policies_may_not_be_read_only_the_days_of_guarding_are_missing() {
    for effect in ["access_denied", "vanish"] {
        let run = audited(&fault("kms:GetKeyPolicy", effect, "")).run().await;
        let key = run.key("guarded");
        let found = key.values(["guard_days", "verdict"]);
        assert_eq!(found, ["", "in_use"], "{effect}");
        assert!(run.is_complete());
        let unknown = "keys whose key policy is not known: 5";
        assert_eq!(detail_of_cell(&run), unknown, "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn policies_are_read_beside_the_pace_of_last_usage() {
    let keys = (0..100).map(|n| key_in("eu-west-1", &format!("key-{n}"), IN_USE));
    let keys: String = keys.collect();
    let mut took = Vec::new();
    for audit in ["off", "on"] {
        let scenario = account("quotas = true", &keys).with("KEYCENSUS_AUDIT_GUARD", audit);
        let run = scenario.run().await;
        assert_eq!(run.rows("keys.csv").len(), 100);
        took.push(run.aws.elapsed_ms());
    }
    assert!(took[0].abs_diff(took[1]) < 500, "{took:?}");
}
