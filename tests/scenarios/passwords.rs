//! Passwords of IAM users, and of root users.

use tests::{
    Row, Run, Scenario,
    parts::{MEMBER, refusal, user},
};

const GET: &str = "iam:GetCredentialReport";

/// The world of `worlds/passwords.toml`, followed by TOML that goes on with its last account.
fn passwords(more: &str) -> Scenario {
    Scenario::named_with("passwords", more).with("KEYCENSUS_KINDS", "passwords")
}

/// `status`, `error_code` and `detail` of the member's IAM cell.
fn coverage(run: &Run) -> [String; 3] {
    let row = run.cell(MEMBER, "global");
    row.values(["status", "error_code", "detail"])
        .map(str::to_owned)
}

fn password<'a>(rows: &'a [Row], user: &str) -> &'a Row {
    let mut rows = rows.iter();
    rows.find(|row| row["kind"] == "iam_password" && row["key_id"] == user)
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_password_has_a_row_with_its_verdict() {
    let run = passwords("")
        .with("KEYCENSUS_KINDS", "iam,passwords")
        .run()
        .await;
    run.matches_expected("passwords");
    assert_eq!(coverage(&run), ["scanned", "", ""]);
    let rows = run.rows("keys.csv");
    assert!(rows.iter().all(|row| row["key_id"] != "without"));
    for (user, recommendation, tracked_since) in [
        ("steady", "none", "2026-01-24T14:00:00Z"),
        ("gone", "remove_password", "2026-01-24T14:00:00Z"),
        ("waiting", "remove_password", "2026-08-23T02:00:00Z"),
        ("newcomer", "none", "2026-08-23T03:00:00Z"),
        ("ancient", "remove_password", "2018-05-23T21:08:00Z"),
        ("returned", "none", "2026-11-18T02:00:00Z"),
        ("reset", "remove_password", "2026-08-13T02:00:00Z"),
        ("break-glass", "none", "2026-01-24T14:00:00Z"),
    ] {
        let row = password(&rows, user);
        assert_eq!(row["recommendation"], recommendation, "{user}");
        assert_eq!(row["tracked_since"], tracked_since, "{user}");
        let same = row.values(["region", "state", "manager", "monthly_cost_usd"]);
        assert_eq!(same, ["global", "", "customer", "0.00"], "{user}");
    }
    // To five minutes.
    let used = &password(&rows, "steady")["last_used_at"];
    assert_eq!(used, "2026-11-20T09:40:00Z");
}

#[tokio::test(start_paused = true)]
async fn a_root_user_who_signed_in_is_in_the_digest_and_its_password_is_not_flagged() {
    let run = passwords("").run().await;
    let text = run.digest().text();
    let section = "ROOT USERS WHO SIGNED IN: 1\n\
        Less than 90 days ago: 1. Nobody should sign in as a root user.\n\
        - 222222222222 shop: last sign-in on 2026-11-19, 1 day ago\n";
    assert!(text.contains(section), "{text}");
    let rows = run.rows("keys.csv");
    let root = rows.iter().filter(|row| row["kind"] == "root_password");
    let root: Vec<_> = root
        .map(|row| row.values(["key_id", "flagged", "recommendation"]))
        .collect();
    assert_eq!(root, [["<root_account>", "false", "none"]; 2]);
}

#[tokio::test(start_paused = true)]
async fn the_tags_of_a_user_name_the_owner_of_its_password_and_are_read_once() {
    for kinds in ["passwords", "iam,passwords"] {
        let run = passwords("").with("KEYCENSUS_KINDS", kinds).run().await;
        run.verdicts_match_the_world_without(match kinds {
            "passwords" => &["AKIAGONE000000000001"],
            _ => &[],
        });
        let rows = run.rows("keys.csv");
        for (user, expected) in [
            ("steady", ["orders", "false", ""]),
            ("gone", ["payments", "false", ""]),
            ("break-glass", ["security", "true", "exempt: break glass"]),
        ] {
            let found = password(&rows, user).values(["owner", "exempt", "detail"]);
            assert_eq!(found, expected, "{user}");
        }
        let tags = run
            .aws
            .calls()
            .count("iam:ListUserTags", Some(MEMBER), None);
        assert_eq!(tags.sent, 8, "{kinds}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_report_is_told_and_a_password_set_since_is_not_in_it() {
    let more = "[account.credential_report]\nage = '2h'\n".to_owned()
        + &user("today", "created = '1h'\npassword = { changed = '1h' }");
    let run = passwords(&more).run().await;
    let rows = run.rows("keys.csv");
    let detail = &password(&rows, "gone")["detail"];
    assert_eq!(detail, "credential report of 2026-11-21T00:00:00Z");
    assert!(rows.iter().all(|row| row["key_id"] != "today"));
    let detail = "users created after the credential report, whose passwords are not in it: 1";
    assert_eq!(coverage(&run), ["scanned", "", detail]);
}

#[tokio::test(start_paused = true)]
async fn without_a_report_no_password_is_known_and_the_coverage_says_so() {
    for (kinds, what) in [
        ("passwords", "passwords"),
        ("iam,passwords", "root access keys and passwords"),
    ] {
        let account = format!("account = '{MEMBER}'");
        let run = passwords(&refusal(GET, &account))
            .with("KEYCENSUS_KINDS", kinds)
            .run()
            .await;
        let detail = format!("{GET} AccessDenied: {what} not known");
        assert_eq!(
            coverage(&run),
            ["partial".to_owned(), "AccessDenied".to_owned(), detail]
        );
        let rows = run.rows("keys.csv");
        let of_member = rows.iter().filter(|row| row["account_id"] == MEMBER);
        assert_eq!(
            of_member
                .filter(|row| row["kind"] == "iam_password")
                .count(),
            0
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_report_does_not_say_of_passwords_is_a_gap_and_never_a_verdict() {
    const HEADER: &str =
        "user,arn,password_enabled,password_last_used,password_last_changed,mfa_active";
    let row = |name: &str, cells: &str| {
        format!("{name},arn:aws:iam::222222222222:user/{name},{cells},false\n")
    };
    let root = "<root_account>,arn:aws:iam::222222222222:root,false,N/A,not_supported,false\n";
    let reported = async |header: &str, rows: &str| {
        let content = format!("{header}\n{root}{rows}");
        let account =
            format!("name = 'shop'\ncredential_report = {{ content = '''{content}''' }}\n")
                + &user("anna", "");
        let scenario = Scenario::member("", &account);
        scenario.with("KEYCENSUS_KINDS", "passwords").run().await
    };
    let changed = "2020-01-01T00:00:00+00:00";
    for cells in [
        format!("true,N/A,{changed}"),
        format!("true,not_supported,{changed}"),
        format!("true,something,{changed}"),
        "true,no_information,N/A".to_owned(),
        "true,2024-01-01T00:00:00+00:00,not_supported".to_owned(),
    ] {
        let run = reported(HEADER, &row("anna", &cells)).await;
        let rows = run.rows("keys.csv");
        let verdict = &password(&rows, "anna")["verdict"];
        assert_eq!(verdict, "unreadable", "{cells}");
        assert_eq!(coverage(&run)[0], "partial", "{cells}");
    }
    let without_column = HEADER.replace("password_enabled", "something_else");
    let cells = format!("true,no_information,{changed}");
    for (header, rows) in [
        (HEADER, row("anna", "not_supported,N/A,N/A")),
        (HEADER, row("ben", "false,N/A,N/A")),
        (&without_column, row("anna", &cells)),
    ] {
        let run = reported(header, &rows).await;
        assert!(run.rows("keys.csv").is_empty(), "{header} {rows}");
        let [status, _, detail] = coverage(&run);
        assert_eq!(status, "partial");
        let unknown = "users of whom it is not known whether they have a password: 1 (anna)";
        assert!(detail.contains(unknown), "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_of_a_kind_that_is_not_read_any_more_are_unseen_and_not_gone() {
    for (before, after, kind) in [
        ("iam,passwords", "iam", "iam_password"),
        ("iam,passwords", "passwords", "iam_access_key"),
    ] {
        let first = passwords("").with("KEYCENSUS_KINDS", before);
        first.run().await;
        let second = first
            .a_night_later(&passwords(""))
            .with("KEYCENSUS_KINDS", after);
        let run = second.run().await;
        let of_kind = |file| {
            let rows = run.rows(file).into_iter();
            rows.filter(|row| row["kind"] == kind).count()
        };
        assert!(of_kind("unseen.csv") > 0, "{kind}");
        assert_eq!(of_kind("changes.csv"), 0, "{kind}");
    }
}
