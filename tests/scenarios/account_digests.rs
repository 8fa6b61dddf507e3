//! One more message for each account with flagged keys, for the team that looks
//! after it.

use keycensus_sim::Message;
use tests::{
    Run, Scenario,
    parts::{IN_USE, UNUSED, account, fault, key, key_id},
};

const PUBLISH: &str = "sns:Publish";

/// Three accounts: two with an unused key, of which one has an owner, and one
/// whose key is in use.
fn world(head: &str) -> Scenario {
    let of_payments = format!("{UNUSED}\ntags = {{ owner = 'payments' }}");
    let accounts = [
        ("222222222222", of_payments.as_str()),
        ("333333333333", UNUSED),
        ("444444444444", IN_USE),
    ];
    let accounts = accounts.map(|(id, rest)| account(id, &key(&key_id(1), rest)));
    Scenario::small(head, &accounts.concat()).with("KEYCENSUS_DIGEST_PER", "account")
}

/// The attributes of each message.
fn attributes<const N: usize>(messages: &[Message], names: [&str; N]) -> Vec<[String; N]> {
    let value = |message: &Message, name: &str| {
        let attribute = message.attributes.get(name);
        attribute.map_or_else(String::new, |(_, value)| value.clone())
    };
    let rows = messages
        .iter()
        .map(|message| names.map(|name| value(message, name)));
    rows.collect()
}

/// How many messages of accounts were sent, failed and may be lost.
fn counted(run: &Run) -> [u64; 3] {
    let per_account = &run.summary()["digest"]["per_account"];
    ["sent", "failed", "may_be_lost"].map(|name| per_account[name].as_u64().unwrap())
}

#[tokio::test(start_paused = true)]
async fn each_account_with_flagged_keys_has_a_message_with_its_id_and_its_owner() {
    let run = world("").run().await;
    let messages = run.aws.messages();
    assert_eq!(
        attributes(&messages, ["account_id", "owner", "flagged"]),
        [
            ["", "", "2"],
            ["222222222222", "payments", "1"],
            ["333333333333", "none", "1"],
        ]
    );
    let (subject, text) = (&messages[1].subject, messages[1].text());
    assert!(subject.contains("222222222222"), "{subject}");
    assert!(!text.contains("333333333333"), "{text}");
    assert_eq!(counted(&run), [2, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn accounts_have_no_messages_unless_that_is_set_and_none_where_no_digest_is_sent() {
    for (setting, value, sent) in [
        ("KEYCENSUS_DIGEST_PER", "organization", 1),
        ("KEYCENSUS_DIGEST", "never", 0),
    ] {
        let run = world("").with(setting, value).run().await;
        assert_eq!(run.aws.messages().len(), sent, "{setting}");
        if sent == 0 {
            assert_eq!(counted(&run)[0], 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_sent_does_not_stop_the_others() {
    // The second that is published is the first of an account.
    let run = world(&fault(PUBLISH, "reset_before", "nth = 2"))
        .run()
        .await;
    let accounts = attributes(&run.aws.messages(), ["account_id"]);
    assert_eq!(accounts, [[""], ["333333333333"]]);
    assert_eq!(counted(&run), [1, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn messages_that_there_is_no_time_for_are_counted_and_do_not_fail_the_run() {
    // Every message of an account hangs; each gives up after some seconds. Of those that
    // were sent it is not known whether they are out.
    let faults = (2..10).map(|nth| fault(PUBLISH, "hang", &format!("nth = {nth}")));
    let accounts = (0..8).map(|n| account(&format!("22222222222{n}"), &key(&key_id(1), UNUSED)));
    let run = Scenario::small(&faults.collect::<String>(), &accounts.collect::<String>())
        .with("KEYCENSUS_DIGEST_PER", "account")
        .ending_after(60)
        .run()
        .await;
    assert!(run.aws.elapsed_ms() < 60_000, "{}", run.aws.elapsed_ms());
    assert_eq!(attributes(&run.aws.messages(), ["account_id"]), [[""]]);
    let [sent, failed, may_be_lost] = counted(&run);
    assert_eq!([sent, failed + may_be_lost], [0, 8]);
    assert_eq!(may_be_lost, run.sent(PUBLISH) - 1);
}
