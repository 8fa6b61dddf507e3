//! A digest goes out once at most. Where it may not have gone out, the summary, the log and
//! the digest of the next night say so.

use std::time::Duration;

use serde_json::Value;
use tests::{
    Run, Scenario,
    parts::{UNUSED, account, fault, key, key_id, refusal},
    scheduled_event,
};

const PUBLISH: &str = "sns:Publish";

/// A world with one unused key.
fn world(head: &str) -> Scenario {
    let scenario = Scenario::small(head, &key(&key_id(1), UNUSED));
    scenario.with("KEYCENSUS_DIGEST", "changes")
}

fn refused() -> Scenario {
    world(&refusal(PUBLISH, ""))
}

fn tonight() -> Value {
    scheduled_event("tonight")
}

/// The run of the night after `scenario`, on which nothing differs and nothing fails.
async fn next_night(scenario: &Scenario) -> (Scenario, Run) {
    let next = scenario.a_night_later(&world(""));
    let run = next.run().await;
    (next, run)
}

/// The first digest of a run has this in its text.
fn first_digest_has(run: &Run, part: &str) {
    let text = run.aws.messages()[0].text();
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

/// A run warns of something in its log.
fn warns(run: &Run, of: &str) {
    let mut lines = run.logs.lines();
    let has = lines.any(|line| line.contains("\"level\":\"WARN\"") && line.contains(of));
    assert!(has, "{of:?} is not in\n{}", run.logs);
}

#[tokio::test(start_paused = true)]
async fn a_digest_without_an_answer_or_without_an_id_may_be_lost_and_the_next_night_says_so() {
    for effect in [
        "reset_after",
        "reset_before",
        "hang",
        "no_message_id",
        "garbled_body",
    ] {
        let scenario = world(&fault(PUBLISH, effect, "nth = 1"));
        let run = scenario.invoke(tonight()).await;
        let digest = &run.summary()["digest"];
        assert_eq!(digest["may_be_lost"], true, "{effect}: {digest}");
        assert_eq!(digest["message_id"], Value::Null, "{effect}");
        assert!(run.aws.messages().len() <= 1, "{effect}");
        warns(&run, "the digest may not have been sent");
        let again = scenario.invoke(tonight()).await;
        assert_eq!(again.summary()["digest"]["may_be_lost"], true, "{effect}");
        assert_eq!(again.sent(PUBLISH), 1, "{effect}: it is not sent again");

        // It is sent although nothing else differs.
        let (next, run) = next_night(&scenario).await;
        let lost = "1 digest of 2026-11-21 was not sent, or may not have been (run run-1)";
        first_digest_has(&run, lost);
        let summary = run.summary();
        assert_eq!(summary["previous"]["lost_digests"]["digests"], 1);
        let reason = "digests that may not have been sent since 2026-11-21: 1";
        assert_eq!(summary["digest"]["reason"], reason, "{effect}");
        let (_, third) = next_night(&next).await;
        assert_eq!(third.aws.messages(), [], "{effect}: it is reported once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_was_sent_is_not_reported_as_lost() {
    let scenario = world("");
    let run = scenario.invoke(tonight()).await;
    assert_eq!(run.summary()["digest"]["may_be_lost"], false);
    let again = scenario.again("again").invoke(tonight()).await;
    assert_eq!(again.summary()["digest"], run.summary()["digest"]);
    let (_, run) = next_night(&scenario).await;
    assert_eq!(run.aws.messages(), []);
    assert_eq!(run.summary()["previous"]["lost_digests"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_killed_while_it_sends_leaves_a_digest_that_may_be_lost() {
    let scenario = world(&fault(PUBLISH, "hang", "nth = 1")).ending_after(900);
    let killed = tokio::time::timeout(Duration::from_secs(10), scenario.invoke(tonight())).await;
    assert!(killed.is_err(), "it waits for SNS");
    let meanwhile = scenario.again("request-2").invoke(tonight()).await;
    assert_eq!(meanwhile.sent(PUBLISH), 1);
    assert_eq!(meanwhile.summary()["duplicate"], true);
    let retried = scenario.invoke(tonight()).await;
    assert_eq!(retried.summary()["run_id"], "run-1");
    assert_eq!(retried.summary()["digest"]["may_be_lost"], true);
    warns(&retried, "the digest of this event may not have been sent");
    assert_eq!(retried.sent(PUBLISH), 1);
    let (_, run) = next_night(&scenario).await;
    first_digest_has(&run, "1 digest of 2026-11-21 was not sent");
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_sns_does_not_answer_in_time_does_not_fail_a_run_that_wrote_its_report() {
    // One file takes 12 seconds to be written, as long as SNS would be waited for.
    let keys = "resource = 'keycensus/latest/keys.csv'\nnth = 1";
    let faults = fault(PUBLISH, "hang", "nth = 1") + &fault("s3:PutObject", "hang", keys);
    let scenario = world(&faults).with("KEYCENSUS_KINDS", "kms");
    let run = scenario.ending_after(20).run().await;
    assert_eq!(run.summary()["digest"]["may_be_lost"], true);
    let took_ms = run.aws.elapsed_ms();
    assert!((17_000..20_000).contains(&took_ms), "{took_ms}");
}

#[tokio::test(start_paused = true)]
async fn digests_that_were_refused_are_reported_together_once_one_goes_out() {
    let first = refused();
    assert_eq!(first.run().await.error().0, "DigestNotSent");
    let second = first.a_night_later(&refused());
    assert_eq!(second.run().await.error().0, "DigestNotSent");
    let (_, run) = next_night(&second).await;
    let lost = "2 digests since 2026-11-21 were not sent, or may not have been (run run-1-of-the-next-night)";
    first_digest_has(&run, lost);
}

#[tokio::test(start_paused = true)]
async fn after_the_digest_failed_the_next_delivery_sends_it_without_scanning_again() {
    // A retry, and another request.
    for request_id in ["run-1", "run-2"] {
        let first = world(&refusal(PUBLISH, "times = 1")).ending_after(900);
        assert_eq!(first.invoke(tonight()).await.error().0, "DigestNotSent");
        let next = first.again(request_id).invoke(tonight()).await;
        let sent = next.digest().message_id;
        assert_eq!(next.summary()["digest"]["message_id"], sent);
        assert_eq!(next.sent("kms:GetKeyLastUsage"), 1, "{request_id}");
        let (_, run) = next_night(&first).await;
        assert_eq!(run.summary()["previous"]["lost_digests"], Value::Null);
    }
}

/// Two accounts with an unused key each, whose teams get a message.
fn two_accounts(head: &str) -> Scenario {
    let unused = key(&key_id(1), UNUSED);
    let accounts = ["222222222222", "333333333333"].map(|id| account(id, &unused));
    Scenario::small(head, &accounts.concat()).with("KEYCENSUS_DIGEST_PER", "account")
}

#[tokio::test(start_paused = true)]
async fn a_message_of_one_account_that_may_be_lost_is_counted_and_reported_by_the_next_night() {
    let scenario = two_accounts(&fault(PUBLISH, "reset_after", "nth = 2"));
    let run = scenario.run().await;
    let counted = &run.summary()["digest"]["per_account"];
    let counted = ["sent", "failed", "may_be_lost"].map(|name| &counted[name]);
    assert_eq!(counted, [1, 0, 1]);
    warns(&run, "an account's digest may not have been sent");
    let run = scenario.a_night_later(&two_accounts("")).run().await;
    let lost =
        "1 message of one account of 2026-11-21 was not sent, or may not have been (run run-1)";
    first_digest_has(&run, lost);
}

#[tokio::test(start_paused = true)]
async fn messages_of_one_account_that_a_retry_does_not_send_are_reported_by_the_next_night() {
    let scenario = two_accounts(&refusal(PUBLISH, "times = 1"));
    assert_eq!(scenario.invoke(tonight()).await.error().0, "DigestNotSent");
    let retried = scenario.invoke(tonight()).await;
    assert_eq!(retried.summary()["digest"]["per_account"]["failed"], 2);
    warns(&retried, "2 accounts' digests were not sent");
    let run = scenario.a_night_later(&two_accounts("")).run().await;
    let lost = "2 messages of one account each since 2026-11-21 were not sent";
    first_digest_has(&run, lost);
}
