//! Accounts: listed, left out, entered or not.

use tests::{Run, Scenario, parts};

/// A key that is unused, and is read.
const STALE_KEY: &str =
    "[[account.key]]\nregion = 'us-east-1'\nlast_used = '120d'\nexpect = 'stale'\n";

/// An account with a key that is read.
fn read(id: &str, rest: &str) -> String {
    parts::account(id, &format!("name = 'account {id}'\n{rest}\n{STALE_KEY}"))
}

/// An account with a key that is not read.
fn unread(id: &str, rest: &str) -> String {
    read(id, rest).replace("expect", "#")
}

/// How an account is covered.
fn status(run: &Run, account: &str, region: &str) -> [String; 2] {
    let row = run.cell(account, region);
    row.values(["status", "detail"]).map(str::to_owned)
}

#[tokio::test(start_paused = true)]
async fn an_account_that_refuses_the_role_has_a_row_and_the_run_goes_on() {
    let more = read("222222222222", "") + &unread("333333333333", "role = ''");
    let run = Scenario::small("", &more).run().await;
    run.matches_expected("one_account_refuses");
}

#[tokio::test(start_paused = true)]
async fn accounts_that_are_not_active_are_skipped_whichever_field_says_so() {
    for fields in ["both", "state", "status"] {
        let head = format!("[organization]\naccount_state = '{fields}'");
        let more = read("222222222222", "")
            + &unread("333333333333", "state = 'SUSPENDED'")
            + &unread("444444444444", "state = 'PENDING_CLOSURE'");
        let run = Scenario::small(&head, &more).run().await;
        run.verdicts_match_the_world();
        assert_eq!(run.cell("222222222222", "us-east-1")["status"], "scanned");
        for (account, detail) in [
            ("333333333333", "account state SUSPENDED"),
            ("444444444444", "account state PENDING_CLOSURE"),
        ] {
            assert_eq!(status(&run, account, "*"), ["skipped", detail], "{fields}");
        }
        assert_eq!(run.sent("sts:AssumeRole"), 1, "{fields}");
        assert_eq!(run.summary()["coverage"]["accounts"]["skipped"], 2);
        assert!(run.is_complete());
    }
}

fn units() -> String {
    let payments = parts::unit("ou-exam-paym0001", "Payments", IN_PROD);
    parts::unit("ou-exam-prod0001", "Prod", "") + &payments
}

const IN_PROD: &str = "parent = 'ou-exam-prod0001'";
const IN_PAYMENTS: &str = "parent = 'ou-exam-paym0001'";

#[tokio::test(start_paused = true)]
async fn the_path_of_an_account_has_names_with_or_without_paths_in_the_answer() {
    for paths in [true, false] {
        let head = format!("[organization]\npaths = {paths}\n{}", units());
        let more = read("222222222222", IN_PAYMENTS)
            + &read("333333333333", IN_PAYMENTS)
            + &read("444444444444", IN_PROD);
        let run = Scenario::small(&head, &more).run().await;
        assert_eq!(
            run.column("keys.csv", "ou_path"),
            ["Root/Prod/Payments", "Root/Prod/Payments", "Root/Prod"]
        );
        let asked = run.sent("organizations:DescribeOrganizationalUnit");
        assert_eq!(asked, 2, "each unit is asked once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_whose_name_is_refused_is_shown_by_its_id() {
    let of_unit = "resource = 'ou-exam-prod0001'";
    let refusal = parts::refusal("organizations:DescribeOrganizationalUnit", of_unit);
    let member = read("222222222222", IN_PAYMENTS);
    let run = Scenario::small(&(units() + &refusal), &member).run().await;
    let path = "Root/ou-exam-prod0001/Payments";
    assert_eq!(run.column("keys.csv", "ou_path"), [path]);
}

#[tokio::test(start_paused = true)]
async fn only_the_accounts_that_the_settings_select_are_read() {
    let below = "not below KEYCENSUS_ORGANIZATIONAL_UNITS";
    for (paths, variable, value, why) in [
        (true, "ORGANIZATIONAL_UNITS", "ou-exam-prod0001", below),
        (false, "ORGANIZATIONAL_UNITS", "ou-exam-prod0001", below),
        (true, "ACCOUNTS", "222222222222", ""),
        (true, "EXCLUDE_ACCOUNTS", "333333333333,111111111111", ""),
    ] {
        let head = format!("[organization]\npaths = {paths}\n{}", units());
        let more = read("222222222222", IN_PAYMENTS) + &unread("333333333333", "");
        let run = Scenario::small(&head, &more)
            .with(&format!("KEYCENSUS_{variable}"), value)
            .run()
            .await;
        run.verdicts_match_the_world();
        assert_eq!(run.cell("222222222222", "us-east-1")["status"], "scanned");
        for account in ["111111111111", "333333333333"] {
            let [status, detail] = status(&run, account, "*");
            assert_eq!(status, "skipped", "{variable}");
            assert!(detail.contains(why), "{variable}: {detail}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_account_of_forty_five_over_the_pages_of_a_listing_is_read() {
    let members = (0..44).map(|n| read(&format!("2222222222{n:02}"), ""));
    let head = "[organization]\npage_size = 20\nempty_first_page = true";
    let run = Scenario::small(head, &members.collect::<String>())
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(run.summary()["coverage"]["accounts"]["scanned"], 45);
    assert_eq!(run.summary()["keys"]["total"], 44);
}

#[tokio::test(start_paused = true)]
async fn an_organization_without_keys_gives_a_report_that_says_so() {
    let scenario = Scenario::small("", "").with("KEYCENSUS_DIGEST", "always");
    scenario.run().await.matches_expected("empty_organization");
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_reads_the_organization_too() {
    let delegated = "delegated_administrators = ['111111111111']\n[scanner]";
    let head = NO_ADMINISTRATOR.replace("[scanner]", delegated);
    let member = read("222222222222", "");
    let run = Scenario::small(&head, &member).run().await;
    run.verdicts_match_the_world();
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn the_account_the_census_runs_in_is_read_with_its_own_credentials() {
    let more = "
        [[account.volume]]
        region = 'us-east-1'
        kms_key = 'one'
        [[account.root_access_key]]
        last_used = '1d 12h'
        expect = 'in_use'
        [[account.key]]
        region = 'us-east-1'
        id = 'one'
        last_used = '120d'
        expect = 'stale'
    ";
    let run = Scenario::small("", more).run().await;
    run.verdicts_match_the_world();
    let found = run.key("one");
    let found = found.values(["dependents", "dependents_checked"]);
    assert_eq!(found, ["ebs_volumes=1", "yes"]);
    assert_eq!(run.cell("111111111111", "us-east-1")["keys"], "1");
    assert_eq!(run.sent("sts:AssumeRole"), 0);
}

/// The scanner is in an account that may not list the organization.
const NO_ADMINISTRATOR: &str =
    "[organization]\nmanagement_account = '222222222222'\n[scanner]\naccount = '111111111111'";

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_list_the_organization_can_read_itself_where_only_it_is_asked_for()
{
    let more = STALE_KEY.to_owned() + &unread("222222222222", "");
    let run = Scenario::small(NO_ADMINISTRATOR, &more)
        .with("KEYCENSUS_ACCOUNTS", "111111111111")
        .run()
        .await;
    assert_eq!(run.cell("111111111111", "us-east-1")["status"], "scanned");
    assert_eq!(run.summary()["keys"]["flagged"], 1);
    assert!(run.is_complete());
    assert_eq!(run.sent("sts:AssumeRole"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_account_in_no_organization_is_read_alone_and_the_log_says_so() {
    let head = parts::refusal(
        "organizations:ListAccounts",
        "code = 'AWSOrganizationsNotInUseException'",
    );
    let alone = Scenario::small(&head, STALE_KEY);
    let run = alone.run().await;
    assert_eq!(run.column("keys.csv", "account_id"), ["111111111111"]);
    assert!(run.is_complete());
    assert_eq!(run.sent("sts:AssumeRole"), 0);
    let log = "only the scanner's own account is read: it is in no organization";
    assert!(run.logs.contains(log), "{}", run.logs);
    // Another account cannot be there, and what selects a part of an organization selects nothing.
    let other = alone.as_request("run-2");
    let other = other.with("KEYCENSUS_ACCOUNTS", "111111111111,222222222222");
    let run = other.run().await;
    assert_eq!(run.summary()["keys"]["total"], 1);
    assert_eq!(
        run.column("coverage.csv", "error_code"),
        ["", "", "AccountNotFound"]
    );
    let unit = other.as_request("run-3");
    let unit = unit.with("KEYCENSUS_ORGANIZATIONAL_UNITS", "ou-exam-00000001");
    assert_eq!(unit.run().await.error().0, "OrganizationUnreadable");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_list_the_organization_reads_no_other_account() {
    for accounts in ["111111111111,222222222222", "222222222222"] {
        let run = Scenario::small(NO_ADMINISTRATOR, &unread("222222222222", ""))
            .with("KEYCENSUS_ACCOUNTS", accounts)
            .run()
            .await;
        assert_eq!(run.error().0, "OrganizationUnreadable", "{accounts}");
    }
}
