//! A digest goes out once at most. Where it may not have gone out, that is said: in the
//! summary, in the log, and by the digest of the next night.

use std::time::Duration;

use serde_json::Value;
use tests::{Run, Scenario, scheduled_event};

/// A world with one unused key.
fn world(head: &str) -> Scenario {
    Scenario::small(
        head,
        "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\n",
    )
    .with("KEYCENSUS_DIGEST", "changes")
}

fn publish(effect: &str) -> String {
    format!("[[fault]]\noperation = \"sns:Publish\"\neffect = \"{effect}\"\nnth = 1\n")
}

const REFUSED: &str = "[[refuse]]\noperation = \"sns:Publish\"\n";

fn tonight() -> Value {
    scheduled_event("tonight")
}

/// The run of the night after `scenario`, on which nothing differs and nothing fails.
async fn next_night(scenario: &Scenario) -> (Scenario, Run) {
    let next = scenario.a_night_later(&world(""));
    let run = next.run().await;
    (next, run)
}

fn warns(run: &Run, of: &str) -> bool {
    let mut lines = run.logs.lines();
    lines.any(|line| line.contains("\"level\":\"WARN\"") && line.contains(of))
}

#[tokio::test(start_paused = true)]
async fn a_digest_without_an_answer_or_without_an_id_may_be_lost_and_is_told_of_by_the_next_night()
{
    for effect in [
        "reset_after",
        "reset_before",
        "hang",
        "no_message_id",
        "garbled_body",
    ] {
        let scenario = world(&publish(effect));
        let run = scenario.invoke(tonight()).await;
        let digest = &run.summary()["digest"];
        assert_eq!(digest["may_be_lost"], true, "{effect}: {digest}");
        assert_eq!(digest["message_id"], Value::Null, "{effect}");
        assert!(run.aws.messages().len() <= 1, "{effect}");
        assert!(
            warns(&run, "the digest may not have been sent"),
            "{effect}: {}",
            run.logs
        );
        let again = scenario.sharing().invoke(tonight()).await;
        assert_eq!(again.summary()["digest"]["may_be_lost"], true, "{effect}");
        assert_eq!(
            again.aws.calls().sent("sns:Publish"),
            1,
            "{effect}: it is not sent again"
        );

        let (next, run) = next_night(&scenario).await;
        let told = "1 digest of 2026-11-21 was not sent, or may not have been (run run-1)";
        let text = run.digest().text();
        assert!(text.contains(told), "{effect}: {text}");
        assert_eq!(
            run.summary()["previous"]["lost_digests"]["digests"],
            1,
            "{effect}"
        );
        assert_eq!(
            run.summary()["digest"]["reason"],
            "digests that may not have been sent since 2026-11-21: 1",
            "{effect}: it is sent although nothing differs"
        );
        let (_, third) = next_night(&next).await;
        assert_eq!(third.aws.messages(), [], "{effect}: it is told once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_is_out_is_not_told_to_be_missing() {
    let scenario = world("");
    let run = scenario.invoke(tonight()).await;
    assert_eq!(run.summary()["digest"]["may_be_lost"], false);
    let again = scenario
        .sharing()
        .as_request("again")
        .invoke(tonight())
        .await;
    assert_eq!(again.summary()["digest"], run.summary()["digest"]);
    let (_, run) = next_night(&scenario).await;
    assert_eq!(run.aws.messages(), []);
    assert_eq!(run.summary()["previous"]["lost_digests"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_killed_while_it_sends_leaves_a_digest_that_may_be_lost() {
    let scenario = world(&publish("hang")).ending_after(900);
    let killed = tokio::time::timeout(Duration::from_secs(10), scenario.invoke(tonight())).await;
    assert!(killed.is_err(), "it waits for SNS");
    assert_eq!(scenario.aws.calls().sent("sns:Publish"), 1);
    let other = scenario.sharing().as_request("request-2");
    let meanwhile = other.invoke(tonight()).await;
    assert_eq!(meanwhile.summary()["duplicate"], true);
    let retried = scenario.sharing().invoke(tonight()).await;
    assert_eq!(retried.summary()["run_id"], "run-1");
    assert_eq!(retried.summary()["digest"]["may_be_lost"], true);
    assert!(
        warns(&retried, "the digest of this event may not have been sent"),
        "{}",
        retried.logs
    );
    assert_eq!(retried.aws.calls().sent("sns:Publish"), 1);
    let (_, run) = next_night(&scenario).await;
    let text = run.digest().text();
    assert!(
        text.contains("1 digest of 2026-11-21 was not sent"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_sns_does_not_answer_in_time_does_not_fail_a_run_that_wrote_its_report() {
    // One file takes 12 seconds to be written, as long as SNS would be waited for.
    let slow = "[[fault]]\noperation = \"s3:PutObject\"\nresource = \"keycensus/latest/keys.csv\"\neffect = \"hang\"\nnth = 1\n";
    let scenario = world(&(publish("hang") + slow)).with("KEYCENSUS_KINDS", "kms");
    let run = scenario.ending_after(20).run().await;
    assert_eq!(run.summary()["digest"]["may_be_lost"], true);
    let took_ms = run.aws.elapsed_ms();
    assert!((17_000..20_000).contains(&took_ms), "{took_ms}");
}

#[tokio::test(start_paused = true)]
async fn digests_that_were_refused_are_told_of_together_once_one_goes_out() {
    let first = world(REFUSED);
    assert_eq!(first.run().await.error().0, "DigestNotSent");
    let second = first.a_night_later(&world(REFUSED));
    assert_eq!(second.run().await.error().0, "DigestNotSent");
    let (_, run) = next_night(&second).await;
    let told = "2 digests since 2026-11-21 were not sent, or may not have been (run run-1-of-the-next-night)";
    let text = run.digest().text();
    assert!(text.contains(told), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_sends_the_digest_leaves_nothing_to_tell() {
    let scenario = world(&format!("{REFUSED}times = 1"));
    assert_eq!(scenario.invoke(tonight()).await.error().0, "DigestNotSent");
    let retried = scenario.sharing().invoke(tonight()).await;
    assert_eq!(
        retried.summary()["digest"]["message_id"],
        retried.digest().message_id
    );
    let (_, run) = next_night(&scenario).await;
    assert_eq!(run.summary()["previous"]["lost_digests"], Value::Null);
}

/// Two accounts with an unused key each, whose teams get a message.
fn two_accounts(head: &str) -> Scenario {
    let account = |id: &str| {
        format!(
            "[[account]]\nid = \"{id}\"\n[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\n"
        )
    };
    let accounts = account("222222222222") + &account("333333333333");
    Scenario::small(head, &accounts).with("KEYCENSUS_DIGEST_PER", "account")
}

#[tokio::test(start_paused = true)]
async fn a_message_of_one_account_that_may_be_lost_is_counted_and_told_of() {
    let fault = "[[fault]]\noperation = \"sns:Publish\"\neffect = \"reset_after\"\nnth = 2";
    let scenario = two_accounts(fault);
    let run = scenario.run().await;
    let per_account = &run.summary()["digest"]["per_account"];
    assert_eq!(
        (
            &per_account["sent"],
            &per_account["failed"],
            &per_account["may_be_lost"]
        ),
        (&1.into(), &0.into(), &1.into())
    );
    assert!(
        warns(&run, "an account's digest may not have been sent"),
        "{}",
        run.logs
    );
    let run = scenario.a_night_later(&two_accounts("")).run().await;
    let messages = run.aws.messages();
    let told =
        "1 message of one account of 2026-11-21 was not sent, or may not have been (run run-1)";
    assert!(messages[0].text().contains(told), "{}", messages[0].text());
}

#[tokio::test(start_paused = true)]
async fn messages_of_one_account_that_a_retry_does_not_send_are_told_of() {
    let scenario = two_accounts(&format!("{REFUSED}times = 1"));
    assert_eq!(scenario.invoke(tonight()).await.error().0, "DigestNotSent");
    let retried = scenario.sharing().invoke(tonight()).await;
    assert_eq!(retried.summary()["digest"]["per_account"]["failed"], 2);
    assert!(
        warns(&retried, "2 accounts' digests were not sent"),
        "{}",
        retried.logs
    );
    let run = scenario.a_night_later(&two_accounts("")).run().await;
    let text = run.aws.messages()[0].text();
    assert!(
        text.contains("2 messages of one account each since 2026-11-21 were not sent"),
        "{text}"
    );
}
