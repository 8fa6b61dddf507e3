//! How key policies guard keys, where the census is told to look.

use tests::{Run, Scenario};

const GUARDED: &str = "22220000-0000-4000-8000-000000000001";
const DEFAULT: &str = "22220000-0000-4000-8000-000000000002";
const IN_PART: &str = "22220000-0000-4000-8000-000000000003";
const BROKEN: &str = "22220000-0000-4000-8000-000000000004";
const OF_AWS: &str = "22220000-0000-4000-8000-000000000005";
const LEAVING: &str = "22220000-0000-4000-8000-000000000006";

/// What a key policy has for IAM policies to count.
const DELEGATION: &str = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"}"#;

fn policy(principal: &str, days: u32) -> String {
    format!(
        r#"policy = '{{"Version":"2012-10-17","Statement":[{DELEGATION},{{"Effect":"Deny","Principal":{principal},"Action":["kms:ScheduleKeyDeletion","kms:DisableKey"],"Resource":"*","Condition":{{"NumericLessThanEquals":{{"kms:TrailingDaysWithoutKeyUsage":"{days}"}}}}}}]}}'"#
    )
}

fn world(head: &str) -> Scenario {
    let key = |id: &str, rest: &str| {
        format!(
            "[[account.key]]\nregion = \"eu-west-1\"\nid = \"{id}\"\nlast_used = \"1d\"\n{rest}\n"
        )
    };
    let role = r#"{"AWS":"arn:aws:iam::222222222222:role/admin"}"#;
    // IAM takes no element twice.
    let version = r#""Version":"2012-10-17""#;
    let broken = format!(r#"policy = '{{{version},{version},"Statement":[{DELEGATION}]}}'"#);
    let keys = [
        key(GUARDED, &policy("\"*\"", 365)),
        key(DEFAULT, ""),
        key(IN_PART, &policy(role, 90)),
        key(BROKEN, &broken),
        key(OF_AWS, "manager = \"AWS\""),
        key(
            LEAVING,
            "state = \"PendingDeletion\"\ndeletion_date = \"2026-11-28T02:00:00Z\"",
        ),
    ];
    let account = "[[account]]\nid = \"222222222222\"\nregions = [\"eu-west-1\"]\n";
    Scenario::small(head, &format!("{account}{}", keys.concat()))
        .with("KEYCENSUS_KINDS", "kms")
        .with("KEYCENSUS_DIGEST", "always")
}

fn audited(head: &str) -> Scenario {
    world(head).with("KEYCENSUS_AUDIT_GUARD", "on")
}

fn guard(run: &Run, key: &str) -> String {
    run.key(key)["guard_days"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_customers_key_is_told_with_the_days_for_which_its_policy_guards_it() {
    let run = audited("").run().await;
    assert_eq!(guard(&run, GUARDED), "365");
    assert_eq!(guard(&run, DEFAULT), "0");
    assert_eq!(guard(&run, IN_PART), "partial:90");
    assert_eq!(guard(&run, LEAVING), "0");
    assert_eq!(guard(&run, OF_AWS), "");
    assert_eq!(run.aws.calls().sent("kms:GetKeyPolicy"), 5);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_cannot_be_evaluated_guards_neither_nothing_nor_something() {
    let run = audited("").run().await;
    assert_eq!(guard(&run, BROKEN), "");
    let cell = run.cell("222222222222", "eu-west-1");
    assert_eq!(cell["status"], "scanned");
    assert_eq!(cell["detail"], "keys whose key policy is not known: 1");
}

#[tokio::test(start_paused = true)]
async fn digest_and_page_count_the_keys_that_are_not_guarded() {
    let run = audited("").run().await;
    let told = "Key policies let 1 of 4 customer managed KMS keys be disabled and deleted soon after \
                a use; 1 guarded in part; 1 not read.";
    assert!(run.digest().text().contains(told));
    let page = run.latest("report.html");
    assert!(page.contains("<td class=\"number\">33.33</td>"));
}

#[tokio::test(start_paused = true)]
async fn no_policy_is_read_unless_that_is_asked_for() {
    let run = world("").run().await;
    assert_eq!(run.aws.calls().sent("kms:GetKeyPolicy"), 0);
    assert!(
        run.rows("keys.csv")
            .iter()
            .all(|row| row["guard_days"].is_empty())
    );
    assert_eq!(run.cell("222222222222", "eu-west-1")["detail"], "");
    assert!(!run.digest().text().contains("Key policies"));
    assert!(
        run.latest("report.html")
            .contains("No key policy was read.")
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_may_not_be_read_costs_nothing_but_what_it_says() {
    for (effect, verdict) in [("access_denied", "in_use"), ("vanish", "in_use")] {
        let head = format!("[[fault]]\noperation = \"kms:GetKeyPolicy\"\neffect = \"{effect}\"");
        let run = audited(&head).run().await;
        assert_eq!(guard(&run, GUARDED), "", "{effect}");
        assert_eq!(run.key(GUARDED)["verdict"], verdict);
        assert_eq!(run.summary()["coverage"]["complete"], true);
        assert_eq!(
            run.cell("222222222222", "eu-west-1")["detail"],
            "keys whose key policy is not known: 5"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn policies_are_read_beside_the_pace_of_last_usage() {
    let keys: String = (0..100)
        .map(|n| {
            format!(
                "[[account.key]]\nregion = \"eu-west-1\"\nid = \"key-{n}\"\nlast_used = \"1d\"\n"
            )
        })
        .collect();
    let account = format!("[[account]]\nid = \"222222222222\"\nregions = [\"eu-west-1\"]\n{keys}");
    let mut took = Vec::new();
    for audit in ["off", "on"] {
        let run = Scenario::small("quotas = true", &account)
            .with("KEYCENSUS_KINDS", "kms")
            .with("KEYCENSUS_AUDIT_GUARD", audit)
            .run()
            .await;
        assert_eq!(run.rows("keys.csv").len(), 100);
        took.push(run.aws.elapsed_ms());
    }
    assert!(took[0].abs_diff(took[1]) < 500, "{took:?}");
}
