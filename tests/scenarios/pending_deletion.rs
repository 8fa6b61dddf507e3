//! Keys that will be deleted.

use tests::Scenario;

const LEAVING: &str = "22220000-0000-4000-8000-000000000001";
const SET: &str = "mrk-22220000000040008000000000000001";

fn world() -> Scenario {
    Scenario::small(
        "",
        &format!(
            r#"
[[account]]
id = "222222222222"
name = "payments"
regions = ["eu-west-1", "us-east-1"]
[[account.key]]
region = "eu-west-1"
id = "{LEAVING}"
aliases = ["alias/archive"]
state = "PendingDeletion"
deletion_date = "2026-11-28T08:00:00Z"
[account.key.tags]
owner = "payments"
"keycensus:exempt" = "legal"
[[account.key.grant]]
grantee = "rds.amazonaws.com"
[[account.key]]
region = "eu-west-1"
id = "{SET}"
state = "PendingReplicaDeletion"
multi_region = "PRIMARY"
multi_region_replicas = ["us-east-1"]
[[account.key]]
region = "us-east-1"
id = "{SET}"
last_used = "1d"
multi_region = "REPLICA"
multi_region_primary = "eu-west-1"
[[account.volume]]
region = "eu-west-1"
kms_key = "alias/archive"
"#
        ),
    )
    .with("KEYCENSUS_DIGEST", "always")
}

#[tokio::test(start_paused = true)]
async fn the_day_is_that_of_describe_key_and_a_primary_with_replicas_has_none() {
    let run = world().run().await;
    let leaving = run.key(LEAVING);
    assert_eq!(leaving["deletion_date"], "2026-11-28T08:00:00Z");
    assert_eq!(leaving["verdict"], "pending_deletion");
    assert_eq!(
        leaving["dependents"],
        "ebs_volumes=1;grants=rds.amazonaws.com:1"
    );
    assert_eq!(leaving["dependents_checked"], "yes");
    let rows = run.rows("keys.csv");
    let dates: Vec<_> = rows
        .iter()
        .filter(|row| row["key_id"] == SET)
        .map(|row| (&*row["state"], &*row["deletion_date"]))
        .collect();
    assert_eq!(dates, [("PendingReplicaDeletion", ""), ("Enabled", "")]);
}

#[tokio::test(start_paused = true)]
async fn no_quota_of_last_usage_is_spent_on_it() {
    let run = world().run().await;
    assert_eq!(run.aws.calls().sent("kms:GetKeyLastUsage"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_digest_counts_the_days_and_says_what_cannot_be_seen() {
    let digest = world().run().await.digest().text();
    let section = digest.split("PENDING DELETION: 2\n").nth(1).unwrap();
    let section = section.split("\n\n").next().unwrap();
    let lines: Vec<&str> = section.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "- in 7 days, on 2026-11-28: alias/archive, eu-west-1; 222222222222 payments; owner payments; \
             still needed by 1 EBS volume, 1 grant (rds.amazonaws.com)",
            "- no date yet: its replica keys are deleted first: no alias, eu-west-1; 222222222222 payments; \
             nothing found that depends on it",
        ]
    );
    assert!(lines[2].contains("A census does not see attempts to use them"));
    assert!(lines[2].contains("CancelKeyDeletion, then EnableKey"));
}

#[tokio::test(start_paused = true)]
async fn the_page_shows_it_with_its_day() {
    let page = world().run().await.latest("report.html");
    assert!(page.contains("<td class=\"why\">in 7 days, on 2026-11-28</td>"));
    assert!(
        page.contains("<td class=\"why\">no date yet: its replica keys are deleted first</td>")
    );
}
