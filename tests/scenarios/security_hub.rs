//! Findings in Security Hub: opened, updated and archived.

use keycensus_sim::Finding;
use serde_json::{Value, json};
use tests::{
    BUCKET, Run, Scenario,
    parts::{IN_USE, MEMBER, UNUSED, account, fault, key, key_id, keys, refusal},
    scheduled_event,
};

const IMPORT: &str = "securityhub:BatchImportFindings";
const PRODUCT: &str = "arn:aws:securityhub:us-east-1:111111111111:product/111111111111/default";
/// What is left to the next run.
const LEFT: &str = "keycensus/runs/findings_to_archive.json";
const HUB: &str = "[[security_hub]]\nregion = 'us-east-1'\n";

/// An organization with these keys, and a census that imports findings into Security Hub.
fn organization(head: &str, keys: &[String]) -> Scenario {
    let member = format!("name = 'data'\n{}", keys.concat());
    Scenario::member(&format!("{HUB}{head}"), &member).with("KEYCENSUS_SECURITY_HUB", "on")
}

/// An organization with so many unused keys.
fn unused(head: &str, count: usize) -> Scenario {
    organization(head, &[keys(1..=count, UNUSED)])
}

/// The findings by the last digit of their key, with their state and how often they were created or updated.
fn states(run: &Run) -> Vec<String> {
    let state = |finding: &Finding| {
        let state = finding.asff["RecordState"].as_str().unwrap();
        format!(
            "{} {state} {}",
            finding.id.chars().last().unwrap(),
            finding.versions
        )
    };
    run.aws.findings().iter().map(state).collect()
}

/// What the summary says of findings.
fn outcome(run: &Run) -> &Value {
    &run.summary()["security_hub"]
}

fn outcome_of(active: u64, archived: u64, imported: u64, errors: Value) -> Value {
    json!({
        "product_arn": PRODUCT,
        "active": active,
        "archived": archived,
        "imported": imported,
        "failed": active + archived - imported,
        "errors": errors,
    })
}

#[tokio::test(start_paused = true)]
async fn findings_are_opened_updated_each_night_and_archived() {
    let root_key = "[[account.root_access_key]]\ncreated = '400d'\nlast_used = '1d'\n".to_owned();
    let first = organization(
        "",
        &[keys([1], IN_USE), keys([2, 3, 4], UNUSED), root_key.clone()],
    );
    let run = first.run().await;
    assert_eq!(
        states(&run),
        ["1 ACTIVE 1", "2 ACTIVE 1", "3 ACTIVE 1", "4 ACTIVE 1"]
    );
    assert_eq!(*outcome(&run), outcome_of(4, 0, 4, json!({})));
    let finding = &run.aws.findings()[1];
    let arn = format!("arn:aws:kms:us-east-1:{MEMBER}:key/{}", key_id(2));
    assert_eq!(finding.asff["Resources"][0]["Id"], arn);
    assert_eq!(finding.asff["AwsAccountId"], "111111111111");
    assert_eq!(
        finding.asff["ProductFields"]["keycensus/account_id"],
        MEMBER
    );

    // One is used again, one exempt, one gone; and the root user's access key, too.
    let exempt = key(
        &key_id(3),
        &format!("{UNUSED}\ntags = {{ 'keycensus:exempt' = 'legal' }}"),
    );
    let tonight = [keys([1, 2], IN_USE), exempt, keys([5], UNUSED)];
    let second = first.a_night_later(&organization("", &tonight));
    let run = second.run().await;
    assert_eq!(
        states(&run),
        [
            "1 ARCHIVED 2",
            "2 ARCHIVED 2",
            "3 ARCHIVED 2",
            "4 ARCHIVED 2",
            "5 ACTIVE 1"
        ]
    );
    assert_eq!(*outcome(&run), outcome_of(1, 4, 5, json!({})));

    // What is archived is not imported again, unless it is flagged again.
    let tonight = [keys([1], IN_USE), keys([2, 5], UNUSED)];
    let run = second
        .a_night_later(&organization("", &tonight))
        .run()
        .await;
    assert_eq!(
        states(&run),
        [
            "1 ARCHIVED 2",
            "2 ACTIVE 3",
            "3 ARCHIVED 2",
            "4 ARCHIVED 2",
            "5 ACTIVE 2"
        ]
    );
    let reopened = &run.aws.findings()[1].asff;
    assert_eq!(reopened["UpdatedAt"], "2026-11-23T02:00:00Z");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_read_tonight_keeps_its_finding() {
    let first = unused("", 2);
    first.run().await;
    let unread = refusal("kms:GetKeyLastUsage", &format!("key = '{}'", key_id(1)));
    let second = first.a_night_later(&unused(&unread, 2));
    assert_eq!(states(&second.run().await), ["1 ACTIVE 1", "2 ACTIVE 2"]);
    let unreachable = refusal("sts:AssumeRole", "");
    let other = account("333333333333", "");
    let third = second.a_night_later(&organization(&unreachable, &[other]));
    let run = third.run().await;
    assert_eq!(states(&run), ["1 ACTIVE 1", "2 ACTIVE 2"]);
    // The first of them is used again, which nobody saw before.
    let used = [keys([1], IN_USE), keys([2], UNUSED)];
    let run = third.a_night_later(&organization("", &used)).run().await;
    assert_eq!(states(&run), ["1 ARCHIVED 2", "2 ACTIVE 3"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_imported_unless_it_is_asked_for() {
    let run = unused("", 2)
        .with("KEYCENSUS_SECURITY_HUB", "off")
        .run()
        .await;
    assert_eq!(run.sent(IMPORT), 0);
    let none = json!({
        "product_arn": null, "active": 0, "archived": 0, "imported": 0, "failed": 0, "errors": {},
    });
    assert_eq!(*outcome(&run), none);
}

#[tokio::test(start_paused = true)]
async fn findings_are_imported_by_the_hundred_after_the_report_and_before_the_digest() {
    let run = unused("", 250).run().await;
    assert_eq!(run.sent(IMPORT), 3);
    assert_eq!(run.aws.findings().len(), 250);
    let log = run.aws.log();
    let last = |operation: &str, resource: &str| {
        log.iter()
            .rposition(|call| call.operation == operation && call.resource.contains(resource))
            .unwrap()
    };
    let report = last("s3:PutObject", "latest/summary.json");
    assert!(report < last(IMPORT, ""));
    assert!(last(IMPORT, "") < last("sns:Publish", ""));
}

#[tokio::test(start_paused = true)]
async fn a_finding_that_fails_is_imported_again_alone() {
    let run = unused(&fault(IMPORT, "fail_entry", "first = 2"), 3)
        .run()
        .await;
    assert_eq!(run.sent(IMPORT), 3);
    assert_eq!(states(&run), ["1 ACTIVE 1", "2 ACTIVE 1", "3 ACTIVE 1"]);
    assert_eq!(*outcome(&run), outcome_of(3, 0, 3, json!({})));
    assert!(!run.digest().text().contains("Security Hub"));
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_made_again_and_more_slowly() {
    let run = unused(&fault(IMPORT, "throttle", "first = 4"), 250)
        .run()
        .await;
    assert_eq!(run.aws.findings().len(), 250);
    assert_eq!(
        run.summary()["calls"][IMPORT],
        json!({"sent": 7, "throttled": 4})
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_imported_twice_changes_nothing() {
    let run = unused(&fault(IMPORT, "reset_after", "nth = 1"), 2)
        .run()
        .await;
    assert_eq!(run.sent(IMPORT), 2);
    assert_eq!(states(&run), ["1 ACTIVE 1", "2 ACTIVE 1"]);
    assert_eq!(outcome(&run)["imported"], 2);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_archived_is_archived_by_the_next_run_that_can() {
    let first = unused("", 3);
    first.run().await;
    let refused = refusal(IMPORT, "");
    let used = [keys([1, 2], IN_USE), keys([3], UNUSED)];
    let second = first.a_night_later(&organization(&refused, &used));
    let run = second.run().await;
    assert_eq!(states(&run), ["1 ACTIVE 1", "2 ACTIVE 1", "3 ACTIVE 1"]);
    let denied = json!({"AccessDeniedException": 3});
    assert_eq!(*outcome(&run), outcome_of(1, 2, 0, denied.clone()));
    let left = run.aws.object(BUCKET, LEFT).unwrap();
    let left: Value = serde_json::from_slice(&left).unwrap();
    assert_eq!(left["findings"].as_object().unwrap().len(), 2);

    // A second night in vain; one of the keys is unused again.
    let tonight = [keys([1], IN_USE), keys([2, 3], UNUSED)];
    let third = second.a_night_later(&organization(&refused, &tonight));
    assert_eq!(*outcome(&third.run().await), outcome_of(2, 1, 0, denied));
    let run = third.a_night_later(&organization("", &tonight)).run().await;
    assert_eq!(states(&run), ["1 ARCHIVED 2", "2 ACTIVE 2", "3 ACTIVE 2"]);
    assert_eq!(*outcome(&run), outcome_of(2, 1, 3, json!({})));
    assert_eq!(
        run.aws.findings()[0].asff["UpdatedAt"],
        "2026-11-24T02:00:00Z"
    );
    let left = run.aws.object(BUCKET, LEFT).unwrap();
    let left: Value = serde_json::from_slice(&left).unwrap();
    assert_eq!(left["findings"], json!({}));
}

#[tokio::test(start_paused = true)]
async fn where_security_hub_is_not_enabled_the_digest_says_what_to_do() {
    let member = format!("name = 'data'\n{}", keys(1..=25, UNUSED));
    let run = Scenario::member("", &member)
        .with("KEYCENSUS_SECURITY_HUB", "on")
        .run()
        .await;
    let errors = json!({"InvalidAccessException": 25});
    assert_eq!(*outcome(&run), outcome_of(25, 0, 0, errors));
    assert_eq!(run.sent(IMPORT), 1);
    assert_eq!(run.rows("keys.csv").len(), 25);
    let line = "25 findings were not imported into Security Hub, of 25: 25 InvalidAccessException. \
                Enable Security Hub in the scanner's account and Region, or set KEYCENSUS_SECURITY_HUB=off.";
    let digest = run.digest();
    assert!(digest.text().contains(line), "{}", digest.text());
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_never_answers_does_not_delay_the_digest_past_the_deadline() {
    let scenario = unused(&fault(IMPORT, "hang", ""), 30).ending_after(60);
    let run = scenario.run().await;
    assert!(run.aws.elapsed_ms() < 60_000, "{}", run.aws.elapsed_ms());
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(
        [&outcome(&run)["active"], &outcome(&run)["failed"]],
        [30, 30]
    );
    let line = "30 findings were not imported into Security Hub, of 30: 30 ";
    assert!(run.digest().text().contains(line));
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_other_findings_is_not_believed() {
    for effect in ["empty_body", "null_answer", "garbled_body"] {
        let run = unused(&fault(IMPORT, effect, "nth = 1"), 2).run().await;
        assert_eq!(states(&run), ["1 ACTIVE 1", "2 ACTIVE 1"], "{effect}");
        assert_eq!(*outcome(&run), outcome_of(2, 0, 2, json!({})), "{effect}");
        assert_eq!(run.sent(IMPORT), 2, "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_only_sends_the_digest_imports_nothing_again() {
    let first = unused(&refusal("sns:Publish", "times = 1"), 2);
    assert_eq!(first.run().await.error().0, "DigestNotSent");
    let run = first.run().await;
    assert_eq!(run.sent(IMPORT), 1);
    assert_eq!(outcome(&run)["imported"], 2);
    assert!(!run.digest().text().contains("Security Hub"));
    assert_eq!(states(&run), ["1 ACTIVE 1", "2 ACTIVE 1"]);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_an_event_that_is_delivered_again_says_what_became_of_the_findings() {
    let event = scheduled_event("event-1");
    for digest in ["always", "never"] {
        let first = unused("", 2).with("KEYCENSUS_DIGEST", digest);
        first.invoke(event.clone()).await;
        let again = first.again("run-2").invoke(event.clone()).await;
        assert_eq!(outcome(&again)["imported"], 2);
        assert_eq!(again.sent(IMPORT), 1);
    }
}
