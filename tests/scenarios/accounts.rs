//! Accounts: listed, left out, entered or not.

use tests::Scenario;

const STALE_KEY: &str =
    "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\nexpect = \"stale\"\n";

fn account(id: &str, more: &str) -> String {
    format!("[[account]]\nid = \"{id}\"\nname = \"account {id}\"\n{more}\n{STALE_KEY}")
}

#[tokio::test(start_paused = true)]
async fn an_account_that_refuses_the_role_has_a_row_and_the_run_goes_on() {
    let more = account("222222222222", "")
        + &account("333333333333", "role = \"\"").replace("expect", "#");
    let run = Scenario::small("", &more).run().await;
    run.matches_expected("one_account_refuses");
    let row = run.cell("333333333333", "*");
    assert_eq!(row["status"], "unreachable");
    assert_eq!(row["error_code"], "AccessDenied");
    assert_eq!(run.summary()["coverage"]["complete"], false);
}

#[tokio::test(start_paused = true)]
async fn accounts_that_are_not_active_are_skipped() {
    let more = account("222222222222", "state = \"SUSPENDED\"").replace("expect", "#")
        + &account("333333333333", "state = \"PENDING_CLOSURE\"").replace("expect", "#");
    let run = Scenario::small("", &more).run().await;
    for (account, state) in [
        ("222222222222", "SUSPENDED"),
        ("333333333333", "PENDING_CLOSURE"),
    ] {
        let row = run.cell(account, "*");
        assert_eq!(row["status"], "skipped");
        assert_eq!(row["detail"], format!("account state {state}"));
    }
    assert_eq!(run.aws.calls().sent("sts:AssumeRole"), 0);
    assert_eq!(run.summary()["coverage"]["accounts"]["skipped"], 2);
    assert_eq!(run.summary()["coverage"]["complete"], true);
}

#[tokio::test(start_paused = true)]
async fn an_accounts_state_is_read_from_whichever_field_is_there() {
    for fields in ["both", "state", "status"] {
        let head = format!("[organization]\naccount_state = \"{fields}\"");
        let more = account("222222222222", "")
            + &account("333333333333", "state = \"SUSPENDED\"").replace("expect", "#");
        let run = Scenario::small(&head, &more).run().await;
        run.verdicts_match_the_world();
        assert_eq!(
            run.cell("333333333333", "*")["status"],
            "skipped",
            "{fields}"
        );
        assert_eq!(
            run.cell("222222222222", "us-east-1")["status"],
            "scanned",
            "{fields}"
        );
    }
}

const UNITS: &str = "[[organizational_unit]]\nid = \"ou-exam-prod0001\"\nname = \"Prod\"\n\
     [[organizational_unit]]\nid = \"ou-exam-paym0001\"\nname = \"Payments\"\nparent = \"ou-exam-prod0001\"\n";

#[tokio::test(start_paused = true)]
async fn the_path_of_an_account_is_told_by_name_with_or_without_paths_in_the_answer() {
    for paths in [true, false] {
        let head = format!("[organization]\npaths = {paths}\n{UNITS}");
        let more = account("222222222222", "parent = \"ou-exam-paym0001\"")
            + &account("333333333333", "parent = \"ou-exam-paym0001\"")
            + &account("444444444444", "parent = \"ou-exam-prod0001\"");
        let run = Scenario::small(&head, &more).run().await;
        let rows = run.rows("keys.csv");
        let paths: Vec<&str> = rows.iter().map(|row| row["ou_path"].as_str()).collect();
        assert_eq!(
            paths,
            ["Root/Prod/Payments", "Root/Prod/Payments", "Root/Prod"]
        );
        let asked = run
            .aws
            .calls()
            .sent("organizations:DescribeOrganizationalUnit");
        assert_eq!(asked, 2, "each unit is asked once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_whose_name_is_refused_is_shown_by_its_id() {
    let head = format!(
        "{UNITS}[[refuse]]\noperation = \"organizations:DescribeOrganizationalUnit\"\nresource = \"ou-exam-prod0001\""
    );
    let run = Scenario::small(
        &head,
        &account("222222222222", "parent = \"ou-exam-paym0001\""),
    )
    .run()
    .await;
    assert_eq!(
        run.rows("keys.csv")[0]["ou_path"],
        "Root/ou-exam-prod0001/Payments"
    );
}

#[tokio::test(start_paused = true)]
async fn only_accounts_below_the_units_asked_for_are_read() {
    for paths in [true, false] {
        let head = format!("[organization]\npaths = {paths}\n{UNITS}");
        let more = account("222222222222", "parent = \"ou-exam-paym0001\"")
            + &account("333333333333", "").replace("expect", "#");
        let run = Scenario::small(&head, &more)
            .with("KEYCENSUS_ORGANIZATIONAL_UNITS", "ou-exam-prod0001")
            .run()
            .await;
        run.verdicts_match_the_world();
        assert_eq!(run.cell("222222222222", "us-east-1")["status"], "scanned");
        let row = run.cell("333333333333", "*");
        assert_eq!(row["detail"], "not below KEYCENSUS_ORGANIZATIONAL_UNITS");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_accounts_asked_for_are_read_and_excluded_ones_are_not() {
    let more = account("222222222222", "") + &account("333333333333", "").replace("expect", "#");
    let asked = Scenario::small("", &more)
        .with("KEYCENSUS_ACCOUNTS", "222222222222")
        .run()
        .await;
    let excluded = Scenario::small("", &more)
        .with("KEYCENSUS_EXCLUDE_ACCOUNTS", "333333333333,111111111111")
        .run()
        .await;
    for run in [asked, excluded] {
        run.verdicts_match_the_world();
        assert_eq!(run.cell("333333333333", "*")["status"], "skipped");
        assert_eq!(run.cell("111111111111", "*")["status"], "skipped");
    }
}

#[tokio::test(start_paused = true)]
async fn every_account_of_forty_five_over_the_pages_of_a_listing_is_read() {
    let more: String = (0..44)
        .map(|n| account(&format!("2222222222{n:02}"), ""))
        .collect();
    let head = "[organization]\npage_size = 20\nempty_first_page = true";
    let run = Scenario::small(head, &more).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.summary()["coverage"]["accounts"]["scanned"], 45);
    assert_eq!(run.summary()["keys"]["total"], 44);
}

#[tokio::test(start_paused = true)]
async fn an_organization_without_keys_gives_a_report_that_says_so() {
    let run = Scenario::small("", "")
        .with("KEYCENSUS_DIGEST", "always")
        .run()
        .await;
    run.matches_expected("empty_organization");
    assert_eq!(run.rows("keys.csv").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_reads_the_organization_too() {
    let head = "[organization]\nmanagement_account = \"222222222222\"\ndelegated_administrators = [\"111111111111\"]\n[scanner]\naccount = \"111111111111\"";
    let run = Scenario::small(head, &account("222222222222", ""))
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(run.summary()["coverage"]["complete"], true);
}

#[tokio::test(start_paused = true)]
async fn the_account_the_census_runs_in_is_read_with_its_own_credentials() {
    let run = Scenario::small("", STALE_KEY).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.cell("111111111111", "us-east-1")["keys"], "1");
    assert_eq!(run.aws.calls().sent("sts:AssumeRole"), 0);
}

const NO_ADMINISTRATOR: &str =
    "[organization]\nmanagement_account = \"222222222222\"\n[scanner]\naccount = \"111111111111\"";

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_list_the_organization_can_read_itself_where_only_it_is_asked_for()
{
    let more = STALE_KEY.to_owned() + &account("222222222222", "").replace("expect", "#");
    let run = Scenario::small(NO_ADMINISTRATOR, &more)
        .with("KEYCENSUS_ACCOUNTS", "111111111111")
        .run()
        .await;
    assert_eq!(run.cell("111111111111", "us-east-1")["status"], "scanned");
    assert_eq!(run.summary()["keys"]["flagged"], 1);
    assert_eq!(run.summary()["coverage"]["complete"], true);
    assert_eq!(run.aws.calls().sent("sts:AssumeRole"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_list_the_organization_reads_no_other_account() {
    for accounts in ["111111111111,222222222222", "222222222222"] {
        let run = Scenario::small(
            NO_ADMINISTRATOR,
            &account("222222222222", "").replace("expect", "#"),
        )
        .with("KEYCENSUS_ACCOUNTS", accounts)
        .run()
        .await;
        assert_eq!(run.error().0, "OrganizationUnreadable", "{accounts}");
    }
}
