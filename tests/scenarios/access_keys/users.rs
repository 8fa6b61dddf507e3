//! Users: strange names, many of them, those that vanish, and their keys.

use super::{ACCOUNT, DEPLOY_KEY, IDLE_KEY, USERS, coverage, key_ids, sent, world};

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
    let users: String = names
        .iter()
        .map(|name| {
            format!(
                "[[account.user]]\nname = \"{name}\"\n[[account.user.access_key]]\ncreated = \"300d 12h\"\nexpect = \"never_used\"\n\
                 [[account.user]]\nname = \"{name}, keyless\"\n"
            )
        })
        .collect();
    let run = world("beyond_aws = true", &users).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
    assert_eq!(key_ids(&run).len(), names.len());
    assert_eq!(sent(&run, "iam:ListAccessKeys"), names.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn every_key_of_five_thousand_users_over_the_pages_of_a_listing_has_its_row() {
    let user = |n: usize| {
        let key = match n % 25 {
            0 => "[[account.user.access_key]]\nlast_used = \"1d 12h\"\nexpect = \"in_use\"\n",
            _ => "",
        };
        format!("[[account.user]]\nname = \"user-{n}\"\n{key}")
    };
    let users: String = (0..5_000).map(user).collect();
    let run = world("log = false\nquotas = true", &users).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.cell(ACCOUNT, "global")["keys"], "200");
    assert_eq!(sent(&run, "iam:ListUsers"), 5);
    assert_eq!(sent(&run, "iam:GetAccessKeyLastUsed"), 200);
    assert_eq!(run.aws.calls().throttled("iam:GetAccessKeyLastUsed"), 0);
}

#[tokio::test(start_paused = true)]
async fn empty_pages_and_repeated_items_give_every_key_one_row() {
    for effect in ["empty_page", "duplicate_item"] {
        for operation in ["iam:ListUsers", "iam:ListAccessKeys", "iam:ListUserTags"] {
            let fault = format!("[[fault]]\noperation = \"{operation}\"\neffect = \"{effect}\"");
            let run = world(&fault, USERS).run().await;
            run.verdicts_match_the_world();
            assert_eq!(key_ids(&run).len(), 3, "{effect} {operation}");
            assert_eq!(coverage(&run), ["scanned", "", ""], "{effect} {operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_of_users_that_repeats_itself_leaves_the_rest_to_the_report() {
    let fault = "[[fault]]\noperation = \"iam:ListUsers\"\neffect = \"repeat_token\"";
    let run = world(fault, USERS).run().await;
    run.verdicts_match_the_world();
    let [status, _, detail] = coverage(&run);
    assert_eq!(status, "partial");
    assert_eq!(
        detail,
        "iam:ListUsers UnreadableAnswer: not all users are known"
    );
}

fn vanishing(operation: &str, of: &str) -> String {
    format!("[[fault]]\noperation = \"iam:{operation}\"\nkey = \"{of}\"\neffect = \"vanish\"")
}

#[tokio::test(start_paused = true)]
async fn a_user_deleted_between_listing_and_reading_is_told_and_no_gap() {
    let account = USERS.replacen("expect = \"stale\"\nexpect_flagged", "# ", 1);
    let run = world(&vanishing("ListAccessKeys", "idle-bot"), &account)
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run), [DEPLOY_KEY, "root_access_key_1"]);
    assert_eq!(
        coverage(&run),
        ["scanned", "", "users deleted during the census: 1"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_deleted_between_listing_and_reading_is_a_row_that_says_so() {
    let account = USERS.replacen("expect = \"stale\"\nexpect_flagged", "# ", 1);
    let run = world(&vanishing("GetAccessKeyLastUsed", IDLE_KEY), &account)
        .run()
        .await;
    let key = run.key(IDLE_KEY);
    assert_eq!(
        (&*key["verdict"], &*key["flagged"]),
        ("unreadable", "false")
    );
    assert_eq!(key["detail"], "iam:GetAccessKeyLastUsed NoSuchEntity");
    assert_eq!(coverage(&run)[0], "partial");
}

#[tokio::test(start_paused = true)]
async fn two_keys_of_the_same_second_have_a_row_each_with_its_own_last_use() {
    let account = "[[account.user]]\nname = \"twins\"\ncreated = \"200d 12h\"\n\
        [[account.user.access_key]]\nlast_used = \"2d 12h\"\nexpect = \"in_use\"\n\
        [[account.user.access_key]]\nstatus = \"Inactive\"\nlast_used = \"150d 12h\"\nexpect = \"stale\"\n";
    let run = world("", account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn every_key_of_a_user_with_more_than_two_has_its_row() {
    let key = "[[account.user.access_key]]\nlast_used = \"2d 12h\"\nexpect = \"in_use\"\n";
    let account = format!("[[account.user]]\nname = \"hoarder\"\n{}", key.repeat(5));
    let run = world("", &account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_last_use_in_the_future_is_in_use_and_idle_for_no_day() {
    let account = "[[account.user]]\nname = \"traveller\"\n\
        [[account.user.access_key]]\nid = \"AKIAFUTURE0000000001\"\nlast_used = \"-2d\"\nexpect = \"in_use\"\n";
    let run = world("", account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.key("AKIAFUTURE0000000001")["idle_days"], "0");
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_breaks_off_is_asked_for_again_and_no_user_is_missing() {
    for operation in ["iam:ListUsers", "iam:ListAccessKeys"] {
        let fault = format!(
            "[[fault]]\naccount = \"{ACCOUNT}\"\noperation = \"{operation}\"\neffect = \"truncated_body\"\nnth = 1"
        );
        let whole = world("", USERS).run().await;
        let cut = world(&fault, USERS).run().await;
        assert_eq!(key_ids(&cut), key_ids(&whole), "{operation}");
        assert_eq!(sent(&cut, operation), sent(&whole, operation) + 1);
    }
}
