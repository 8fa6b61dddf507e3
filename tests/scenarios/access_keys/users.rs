//! Users: strange names, many of them, those that are deleted meanwhile, and their keys.

use tests::parts::{MEMBER, access_key, fault, user};

use super::{IDLE_KEY, coverage, is_read_whole, lacks, sent, users as three_users, world};

#[tokio::test(start_paused = true)]
async fn names_with_commas_quotes_and_line_breaks_are_read_from_the_report() {
    let names = [
        r#"o'brien, \"the\" bot"#,
        r"line\nbreak",
        r"tab\tand return\r",
        "\u{FC}ml\u{E4}ut",
        "=1+1",
        "<root_account>",
    ];
    let key = access_key("created = '300d 12h'\nexpect = 'never_used'");
    let users = names.map(|name| {
        format!(
            "[[account.user]]\nname = \"{name}\"\n{key}[[account.user]]\nname = \"{name}, keyless\"\n"
        )
    });
    let run = world("beyond_aws = true", &users.concat()).run().await;
    is_read_whole(&run, "");
    assert_eq!(run.rows("keys.csv").len(), names.len());
    assert_eq!(sent(&run, "iam:ListAccessKeys"), names.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn every_key_of_five_thousand_users_over_the_pages_of_a_listing_has_its_row() {
    let key = access_key("last_used = '1d 12h'\nexpect = 'in_use'");
    let users = (0..5_000).map(|n| {
        let keys = if n % 25 == 0 { &*key } else { "" };
        user(&format!("user-{n}"), keys)
    });
    let scenario = world("log = false\nquotas = true", &users.collect::<String>());
    let run = scenario.run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.cell(MEMBER, "global")["keys"], "200");
    assert_eq!(sent(&run, "iam:ListUsers"), 5);
    assert_eq!(sent(&run, "iam:GetAccessKeyLastUsed"), 200);
    assert_eq!(run.aws.calls().throttled("iam:GetAccessKeyLastUsed"), 0);
}

#[tokio::test(start_paused = true)]
async fn empty_pages_and_repeated_items_give_every_key_one_row() {
    for effect in ["empty_page", "duplicate_item"] {
        for operation in ["iam:ListUsers", "iam:ListAccessKeys", "iam:ListUserTags"] {
            let run = three_users(&fault(operation, effect, "")).run().await;
            is_read_whole(&run, &format!("{effect} {operation}"));
            assert_eq!(run.rows("keys.csv").len(), 3, "{effect} {operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_of_users_that_repeats_itself_leaves_the_rest_to_the_report() {
    let run = three_users(&fault("iam:ListUsers", "repeat_token", ""))
        .run()
        .await;
    let why = "iam:ListUsers UnreadableAnswer: not all users are known";
    lacks(&run, &[], ["partial", "UnreadableAnswer", why]);
}

#[tokio::test(start_paused = true)]
async fn a_user_deleted_between_listing_and_reading_is_counted_and_no_gap() {
    let vanishing = fault("iam:ListAccessKeys", "vanish", "key = 'idle-bot'");
    let run = three_users(&vanishing).run().await;
    let deleted = "users deleted during the census: 1";
    lacks(&run, &[IDLE_KEY], ["scanned", "", deleted]);
}

#[tokio::test(start_paused = true)]
async fn a_key_deleted_between_listing_and_reading_is_unreadable_and_names_the_call() {
    let of_key = format!("key = '{IDLE_KEY}'");
    let run = three_users(&fault("iam:GetAccessKeyLastUsed", "vanish", &of_key))
        .run()
        .await;
    let key = run.key(IDLE_KEY);
    let found = key.values(["verdict", "flagged", "detail"]);
    let why = "iam:GetAccessKeyLastUsed NoSuchEntity";
    assert_eq!(found, ["unreadable", "false", why]);
    assert_eq!(coverage(&run)[0], "partial");
}

#[tokio::test(start_paused = true)]
async fn each_key_of_a_user_has_a_row_with_its_own_last_use() {
    // Two of the same second, more than two, and one that was used in the future.
    let used = access_key("last_used = '2d 12h'\nexpect = 'in_use'");
    let unused = access_key("status = 'Inactive'\nlast_used = '150d 12h'\nexpect = 'stale'");
    let account = user("twins", &format!("created = '200d 12h'\n{used}{unused}"))
        + &user("hoarder", &used.repeat(5))
        + &user("traveller", "")
        + &access_key("id = 'AKIAFUTURE0000000001'\nlast_used = '-2d'\nexpect = 'in_use'");
    let run = world("", &account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.rows("keys.csv").len(), 8);
    assert_eq!(run.key("AKIAFUTURE0000000001")["idle_days"], "0");
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_breaks_off_is_asked_for_again_and_no_user_is_missing() {
    let whole = three_users("").run().await;
    for operation in ["iam:ListUsers", "iam:ListAccessKeys"] {
        let once = format!("account = '{MEMBER}'\nnth = 1");
        let cut = three_users(&fault(operation, "truncated_body", &once));
        let cut = cut.run().await;
        let ids = |run: &tests::Run| run.column("keys.csv", "key_id");
        assert_eq!(ids(&cut), ids(&whole), "{operation}");
        assert_eq!(sent(&cut, operation), sent(&whole, operation) + 1);
    }
}
