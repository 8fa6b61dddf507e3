//! Keys that will be deleted.

use tests::{
    Run, Scenario,
    parts::{IN_USE, MULTI_REGION, key_in, multi_region_set},
};

/// A run with a key that will be deleted, and a primary that waits for its replica.
async fn run() -> Run {
    let leaving = "
        aliases = ['alias/archive']
        state = 'PendingDeletion'
        deletion_date = '2026-11-28T08:00:00Z'
        tags = { owner = 'payments', 'keycensus:exempt' = 'legal' }
        [[account.key.grant]]
        grantee = 'rds.amazonaws.com'
    ";
    let volume = "[[account.volume]]\nregion = 'eu-west-1'\nkms_key = 'alias/archive'\n";
    let keys = key_in("eu-west-1", "leaving", leaving)
        + &multi_region_set("state = 'PendingReplicaDeletion'", IN_USE);
    let account = "name = 'payments'\nregions = ['eu-west-1', 'us-east-1']";
    let world = Scenario::member("", &format!("{account}\n{keys}{volume}"));
    world.with("KEYCENSUS_DIGEST", "always").run().await
}

#[tokio::test(start_paused = true)]
async fn the_day_is_that_of_describe_key_and_a_primary_with_replicas_has_none() {
    let run = run().await;
    let leaving = run.key("leaving");
    assert_eq!(
        leaving.values([
            "deletion_date",
            "verdict",
            "dependents",
            "dependents_checked"
        ]),
        [
            "2026-11-28T08:00:00Z",
            "pending_deletion",
            "ebs_volumes=1;grants=rds.amazonaws.com:1",
            "yes"
        ]
    );
    let mut set = run.rows("keys.csv");
    set.retain(|row| row["key_id"] == MULTI_REGION);
    let dates: Vec<_> = set
        .iter()
        .map(|row| row.values(["state", "deletion_date"]))
        .collect();
    assert_eq!(dates, [["PendingReplicaDeletion", ""], ["Enabled", ""]]);
    let asked = run.sent("kms:GetKeyLastUsage");
    assert_eq!(asked, 1, "no quota is spent on keys that will be deleted");
}

#[tokio::test(start_paused = true)]
async fn the_digest_and_the_page_count_the_days_and_say_what_cannot_be_seen() {
    let run = run().await;
    let digest = run.digest().text();
    let section = digest.split("PENDING DELETION: 2\n").nth(1).unwrap();
    let lines: Vec<&str> = section.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "- in 7 days, on 2026-11-28: alias/archive, eu-west-1; 222222222222 payments; owner payments; \
             still needed by 1 EBS volume, 1 grant (rds.amazonaws.com); no refused use found",
            "- no date yet: its replica keys are deleted first: no alias, eu-west-1; 222222222222 payments; \
             nothing found that depends on it; no refused use found",
        ]
    );
    assert!(lines[2].contains("that none was found proves nothing"));
    assert!(lines[2].contains("CancelKeyDeletion, then EnableKey"));
    let page = run.latest("report.html");
    for day in [
        "in 7 days, on 2026-11-28",
        "no date yet: its replica keys are deleted first",
    ] {
        let cell = format!("data-label=\"Deleted\">{day}</td>");
        assert!(page.contains(&cell), "{cell}");
    }
}
