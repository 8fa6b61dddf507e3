//! One more message for each account with flagged keys, for the team that looks
//! after it.

use keycensus_sim::Message;
use tests::Scenario;

/// Three accounts: two with an unused key, of which one has an owner, and one
/// whose key is in use.
fn world(head: &str) -> Scenario {
    let account = |id: &str, key: &str| {
        format!(
            "[[account]]\nid = \"{id}\"\nname = \"of-{id}\"\n[[account.key]]\nregion = \"us-east-1\"\n{key}\n"
        )
    };
    let accounts = account(
        "222222222222",
        "last_used = \"120d\"\ntags = { owner = \"payments\" }",
    ) + &account("333333333333", "last_used = \"120d\"")
        + &account("444444444444", "last_used = \"1d\"");
    Scenario::small(head, &accounts).with("KEYCENSUS_DIGEST_PER", "account")
}

fn attribute(message: &Message, name: &str) -> Option<String> {
    let attribute = message.attributes.get(name);
    attribute.map(|(_, value)| value.clone())
}

#[tokio::test(start_paused = true)]
async fn each_account_with_flagged_keys_has_a_message_with_its_id_and_its_owner() {
    let run = world("").run().await;
    let messages = run.aws.messages();
    let told: Vec<_> = messages
        .iter()
        .map(|message| {
            (
                attribute(message, "account_id"),
                attribute(message, "owner"),
                attribute(message, "flagged"),
            )
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            (None, None, some("2")),
            (some("222222222222"), some("payments"), some("1")),
            (some("333333333333"), some("none"), some("1")),
        ]
    );
    let of_account = &messages[1];
    assert!(
        of_account.subject.contains("222222222222"),
        "{}",
        of_account.subject
    );
    assert!(
        !of_account.text().contains("333333333333"),
        "{}",
        of_account.text()
    );
    let per_account = &run.summary()["digest"]["per_account"];
    assert_eq!(
        (&per_account["sent"], &per_account["failed"]),
        (&2.into(), &0.into())
    );
}

#[tokio::test(start_paused = true)]
async fn an_organization_asks_for_one_message_unless_told_otherwise() {
    let run = world("")
        .with("KEYCENSUS_DIGEST_PER", "organization")
        .run()
        .await;
    assert_eq!(run.aws.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_sent_does_not_stop_the_others() {
    // The second that is published is the first of an account.
    let run = world("[[fault]]\noperation = \"sns:Publish\"\neffect = \"reset_before\"\nnth = 2")
        .run()
        .await;
    let accounts: Vec<_> = run
        .aws
        .messages()
        .iter()
        .map(|message| attribute(message, "account_id"))
        .collect();
    assert_eq!(accounts, [None, Some("333333333333".to_owned())]);
    let per_account = &run.summary()["digest"]["per_account"];
    assert_eq!(
        (&per_account["sent"], &per_account["may_be_lost"]),
        (&1.into(), &1.into())
    );
}

#[tokio::test(start_paused = true)]
async fn no_account_has_a_message_when_the_digest_is_not_sent() {
    let run = world("").with("KEYCENSUS_DIGEST", "never").run().await;
    assert_eq!(run.aws.messages(), []);
    assert_eq!(run.summary()["digest"]["per_account"]["sent"], 0);
}

#[tokio::test(start_paused = true)]
async fn messages_that_there_is_no_time_for_are_counted_and_do_not_fail_the_run() {
    // Every message of an account hangs; each gives up after some seconds. Of those that
    // were sent it is not known whether they are out.
    let hang = |nth: usize| {
        format!("[[fault]]\noperation = \"sns:Publish\"\neffect = \"hang\"\nnth = {nth}\n")
    };
    let faults: String = (2..10).map(hang).collect();
    let account = |n: usize| {
        format!(
            "[[account]]\nid = \"22222222222{n}\"\n[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\n"
        )
    };
    let accounts: String = (0..8).map(account).collect();
    let run = Scenario::small(&faults, &accounts)
        .with("KEYCENSUS_DIGEST_PER", "account")
        .ending_after(60)
        .run()
        .await;
    assert!(run.aws.elapsed_ms() < 60_000, "{}", run.aws.elapsed_ms());
    assert_eq!(
        run.aws.messages().len(),
        1,
        "the digest of the organization"
    );
    let per_account = &run.summary()["digest"]["per_account"];
    let [sent, failed, may_be_lost] =
        ["sent", "failed", "may_be_lost"].map(|name| per_account[name].as_u64().unwrap());
    assert_eq!((sent, failed + may_be_lost), (0, 8));
    let asked = run.aws.calls().sent("sns:Publish");
    assert_eq!(may_be_lost, asked - 1);
}
