//! Settings that name what is not there, or select nothing.

use tests::{
    Run, Scenario,
    parts::{account, key, refusal, unit},
};

const DESCRIBE: &str = "organizations:DescribeOrganizationalUnit";

fn units() -> String {
    let units = [("prod", "Prod"), ("data", "Data"), ("none", "Empty")];
    let units = units.map(|(id, name)| unit(&format!("ou-exam-{id}0001"), name, ""));
    units.concat()
}

fn accounts() -> String {
    account("222222222222", "parent = 'ou-exam-prod0001'")
        + &account("333333333333", "parent = 'ou-exam-data0001'")
        + &key("one", "last_used = '200d'")
}

fn world(head: &str) -> Scenario {
    Scenario::small(&format!("{head}\n{}", units()), &accounts())
}

fn below(head: &str, units: &str) -> Scenario {
    world(head).with("KEYCENSUS_ORGANIZATIONAL_UNITS", units)
}

/// Status, error code and detail of the rows that are no account's.
fn of_organization(run: &Run) -> Vec<[String; 3]> {
    let mut rows = run.rows("coverage.csv");
    rows.retain(|row| row["account_id"].is_empty());
    let found = rows.iter().map(|row| {
        let place = row.values(["account_name", "region", "kind"]);
        assert_eq!(place, ["", "*", "*"]);
        row.values(["status", "error_code", "detail"])
            .map(str::to_owned)
    });
    found.collect()
}

const NOT_FOUND: [&str; 3] = [
    "unreachable",
    "OrganizationalUnitNotFound",
    "organizations:DescribeOrganizationalUnit OrganizationalUnitNotFound; ou-exam-nosuch01, named in \
     KEYCENSUS_ORGANIZATIONAL_UNITS, does not exist in the organization",
];

#[tokio::test(start_paused = true)]
async fn a_unit_that_is_not_there_is_a_gap_and_the_others_are_read() {
    for paths in [true, false] {
        let head = format!("[organization]\npaths = {paths}");
        let scenario = below(&head, "ou-exam-data0001,ou-exam-nosuch01");
        let run = scenario.run().await;
        assert_eq!(of_organization(&run), [NOT_FOUND]);
        assert_eq!(run.cell("333333333333", "us-east-1")["status"], "scanned");
        let coverage = &run.summary()["coverage"];
        assert_eq!(coverage["complete"], false);
        assert_eq!(coverage["organization_gaps"], 1);
        assert_eq!(coverage["accounts"]["unreachable"], 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_digest_names_a_unit_that_is_not_there_and_what_to_do() {
    let run = below("", "ou-exam-prod0001,ou-exam-nosuch01").run().await;
    run.digest_of_gaps_has(&[
        "No key unused for 90 days or more; 1 organizational unit not found.",
        "- organization: not found: organizations:DescribeOrganizationalUnit OrganizationalUnitNotFound; ou-exam-nosuch01, \
         named in KEYCENSUS_ORGANIZATIONAL_UNITS, does not exist in the organization",
        "- not in the organization: correct the setting that names it",
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_key_below_a_unit_that_was_deleted_overnight_is_unseen_and_the_night_is_not_complete() {
    let first = below("", "ou-exam-prod0001,ou-exam-data0001");
    assert_eq!(first.run().await.summary()["keys"]["flagged"], 1);
    let renamed = [units(), accounts()].map(|part| part.replace("data0001", "data0002"));
    let tonight = Scenario::small(&renamed[0], &renamed[1]);
    let second = first.a_night_later(&tonight).run().await;
    assert_eq!(of_organization(&second)[0][1], "OrganizationalUnitNotFound");
    let rows = ["unseen.csv", "changes.csv"].map(|file| second.rows(file).len());
    assert_eq!(rows, [1, 0]);
    assert_eq!(second.aws.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_no_unit_is_there_the_error_names_the_units_and_not_the_member_role() {
    let run = below("", "ou-exam-nosuch01,ou-exam-nosuch02").run().await;
    let not_found = NOT_FOUND[2];
    let neither = not_found.replace("nosuch01", "nosuch02");
    let message = format!(
        "no account could be entered: 0 could not be entered and 3 were skipped; {not_found}; {neither}; \
         correct the setting: the ID is wrong, of another organization, or of something that was deleted"
    );
    assert_eq!(run.error(), ("NothingReachable", &*message));
}

#[tokio::test(start_paused = true)]
async fn whether_a_unit_exists_is_not_guessed_where_that_cannot_be_asked() {
    let scenario = below(&refusal(DESCRIBE, ""), "ou-exam-prod0001,ou-exam-nosuch01");
    let run = scenario.run().await;
    assert_eq!(
        of_organization(&run),
        [[
            "unreachable",
            "AccessDeniedException",
            "organizations:DescribeOrganizationalUnit AccessDeniedException; \
             whether ou-exam-nosuch01, named in KEYCENSUS_ORGANIZATIONAL_UNITS, exists is not known"
        ]]
    );
    assert!(!run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_has_accounts_is_not_asked_about_and_an_empty_one_is_no_gap() {
    let run = below("", "ou-exam-prod0001,ou-exam-none0001").run().await;
    assert_eq!(
        of_organization(&run),
        [[
            "skipped",
            "SelectsNothing",
            "organizations:ListAccounts SelectsNothing; \
             ou-exam-none0001, named in KEYCENSUS_ORGANIZATIONAL_UNITS, has no account below it"
        ]]
    );
    assert!(run.is_complete());
    let mut asked = run.aws.log();
    asked.retain(|call| (&*call.operation, &*call.resource) == (DESCRIBE, "ou-exam-prod0001"));
    assert_eq!(asked.len(), 1, "for its name only: {asked:?}");
}

#[tokio::test(start_paused = true)]
async fn the_root_is_known_by_the_accounts_and_another_one_is_not_there() {
    assert!(below("", "r-exam").run().await.is_complete());
    let run = below("", "ou-exam-prod0001,r-abcd").run().await;
    let not_found = NOT_FOUND.map(|text| text.replace("ou-exam-nosuch01", "r-abcd"));
    let [found] = &*of_organization(&run) else {
        panic!("there is one row");
    };
    assert_eq!(found[..2], not_found[..2]);
    assert!(found[2].contains("; r-abcd, named in"), "{}", found[2]);
}

#[tokio::test(start_paused = true)]
async fn whether_a_root_is_there_is_not_guessed_where_no_account_says_what_is_above_it() {
    let head = refusal("organizations:ListParents", "") + "[organization]\npaths = false";
    let run = below(&head, "r-abcd").run().await;
    let (_, message) = run.error();
    let unknown = "whether r-abcd, named in KEYCENSUS_ORGANIZATIONAL_UNITS, exists is not known";
    assert!(message.contains(unknown), "{message}");
    let to_do = "allow the call to the scanner, and run it in the management account or a delegated administrator";
    assert!(message.ends_with(to_do), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_account_to_leave_out_that_is_not_there_is_named_and_no_gap() {
    let excluded = "222222222222,999999999999";
    let scenario = world("").with("KEYCENSUS_EXCLUDE_ACCOUNTS", excluded);
    let run = scenario.run().await;
    let row = run.cell("999999999999", "*");
    let found = row.values(["status", "error_code"]);
    assert_eq!(found, ["skipped", "AccountNotFound"]);
    assert_eq!(run.cell("222222222222", "*")["error_code"], "");
    assert!(run.is_complete());
    assert!(run.logs.contains("a setting names what is not there"));
    let text = run.digest().text();
    let section = "\nSETTINGS THAT SELECT NOTHING\n\
        - 999999999999 : organizations:ListAccounts AccountNotFound; named in KEYCENSUS_EXCLUDE_ACCOUNTS, but no \
        account of the organization\n";
    assert!(text.contains(section), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_named_and_left_out_all_the_same_says_why() {
    let suspended = account("444444444444", "state = 'SUSPENDED'");
    let named = "111111111111,222222222222,333333333333,444444444444";
    let run = Scenario::small(&units(), &(accounts() + &suspended))
        .with("KEYCENSUS_ACCOUNTS", named)
        .with("KEYCENSUS_EXCLUDE_ACCOUNTS", "222222222222")
        .with("KEYCENSUS_ORGANIZATIONAL_UNITS", "ou-exam-prod0001,r-exam")
        .run()
        .await;
    for (account, why) in [
        ("222222222222", "named in KEYCENSUS_EXCLUDE_ACCOUNTS"),
        ("444444444444", "account state SUSPENDED"),
    ] {
        let detail = format!(
            "organizations:ListAccounts SelectsNothing; {why}; named in KEYCENSUS_ACCOUNTS"
        );
        let row = run.cell(account, "*");
        let found = row.values(["status", "error_code", "detail"]);
        assert_eq!(found, ["skipped", "SelectsNothing", &detail]);
    }
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn accounts_and_units_that_have_none_in_common_are_named_by_the_error() {
    let scenario = below("", "ou-exam-prod0001").with("KEYCENSUS_ACCOUNTS", "333333333333");
    let run = scenario.run().await;
    let (_, message) = run.error();
    let why = "account 333333333333: organizations:ListAccounts SelectsNothing; not below KEYCENSUS_ORGANIZATIONAL_UNITS; \
        named in KEYCENSUS_ACCOUNTS; correct the settings that select what is read";
    assert!(message.contains(why), "{message}");
}
