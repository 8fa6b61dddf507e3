//! Settings that name what is not there, or select nothing.

use tests::{Run, Scenario};

const UNITS: &str = "[[organizational_unit]]\nid = \"ou-exam-prod0001\"\nname = \"Prod\"\n\
     [[organizational_unit]]\nid = \"ou-exam-data0001\"\nname = \"Data\"\n\
     [[organizational_unit]]\nid = \"ou-exam-none0001\"\nname = \"Empty\"\n";
const ACCOUNTS: &str = "[[account]]\nid = \"222222222222\"\nparent = \"ou-exam-prod0001\"\n\
     [[account]]\nid = \"333333333333\"\nparent = \"ou-exam-data0001\"\n\
     [[account.key]]\nregion = \"us-east-1\"\nlast_used = \"200d\"\n";

fn world(head: &str) -> Scenario {
    Scenario::small(&format!("{head}\n{UNITS}"), ACCOUNTS)
}

fn below(head: &str, units: &str) -> Scenario {
    world(head).with("KEYCENSUS_ORGANIZATIONAL_UNITS", units)
}

/// Status, error code and detail of the rows that are no account's.
fn of_organization(run: &Run) -> Vec<[String; 3]> {
    let mut rows = run.rows("coverage.csv");
    rows.retain(|row| row["account_id"].is_empty());
    let columns = ["status", "error_code", "detail"];
    let told = |row: std::collections::BTreeMap<String, String>| {
        assert_eq!(
            (&*row["account_name"], &*row["region"], &*row["kind"]),
            ("", "*", "*")
        );
        columns.map(|column| row[column].clone())
    };
    rows.into_iter().map(told).collect()
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
        let run = below(&head, "ou-exam-data0001,ou-exam-nosuch01")
            .run()
            .await;
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
    let digest = below("", "ou-exam-prod0001,ou-exam-nosuch01")
        .run()
        .await
        .digest();
    let subject = digest.subject.clone();
    assert!(subject.ends_with("; not all could be read"), "{subject}");
    let text = digest.text();
    for line in [
        "No key unused for 90 days or more; 1 organizational unit not found.",
        "- organization: not found: organizations:DescribeOrganizationalUnit OrganizationalUnitNotFound; ou-exam-nosuch01, \
         named in KEYCENSUS_ORGANIZATIONAL_UNITS, does not exist in the organization",
        "- not in the organization: correct the setting that names it",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_below_a_unit_that_was_deleted_overnight_is_unseen_and_the_night_is_not_complete() {
    let first = below("", "ou-exam-prod0001,ou-exam-data0001");
    assert_eq!(first.run().await.summary()["keys"]["flagged"], 1);
    let tonight = Scenario::small(
        &UNITS.replace("data0001", "data0002"),
        &ACCOUNTS.replace("data0001", "data0002"),
    );
    let second = first.a_night_later(&tonight).run().await;
    assert_eq!(of_organization(&second)[0][1], "OrganizationalUnitNotFound");
    assert_eq!(second.rows("unseen.csv").len(), 1);
    assert_eq!(second.rows("changes.csv").len(), 0);
    assert_eq!(second.aws.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_no_unit_is_there_the_error_names_the_units_and_not_the_member_role() {
    let run = below("", "ou-exam-nosuch01,ou-exam-nosuch02").run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "NothingReachable");
    assert_eq!(
        message,
        "no account could be entered: 0 could not be entered and 3 were skipped; \
         organizations:DescribeOrganizationalUnit OrganizationalUnitNotFound; ou-exam-nosuch01, named in \
         KEYCENSUS_ORGANIZATIONAL_UNITS, does not exist in the organization; \
         organizations:DescribeOrganizationalUnit OrganizationalUnitNotFound; ou-exam-nosuch02, named in \
         KEYCENSUS_ORGANIZATIONAL_UNITS, does not exist in the organization; \
         correct the setting: the ID is wrong, of another organization, or of something that was deleted"
    );
}

#[tokio::test(start_paused = true)]
async fn whether_a_unit_exists_is_not_guessed_where_that_cannot_be_asked() {
    let refusal = "[[refuse]]\noperation = \"organizations:DescribeOrganizationalUnit\"";
    let run = below(refusal, "ou-exam-prod0001,ou-exam-nosuch01")
        .run()
        .await;
    assert_eq!(
        of_organization(&run),
        [[
            "unreachable",
            "AccessDeniedException",
            "organizations:DescribeOrganizationalUnit AccessDeniedException; \
             whether ou-exam-nosuch01, named in KEYCENSUS_ORGANIZATIONAL_UNITS, exists is not known"
        ]]
    );
    assert_eq!(run.summary()["coverage"]["complete"], false);
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_has_accounts_is_not_asked_about_and_an_empty_one_is_no_gap() {
    let scenario = below("", "ou-exam-prod0001,ou-exam-none0001");
    let run = scenario.run().await;
    assert_eq!(
        of_organization(&run),
        [[
            "skipped",
            "SelectsNothing",
            "organizations:ListAccounts SelectsNothing; \
             ou-exam-none0001, named in KEYCENSUS_ORGANIZATIONAL_UNITS, has no account below it"
        ]]
    );
    assert_eq!(run.summary()["coverage"]["complete"], true);
    let asked = run.aws.log();
    let asked: Vec<&str> = asked
        .iter()
        .filter(|call| call.operation == "organizations:DescribeOrganizationalUnit")
        .map(|call| &*call.resource)
        .collect();
    let about_prod = asked.iter().filter(|unit| **unit == "ou-exam-prod0001");
    assert_eq!(about_prod.count(), 1, "for its name only: {asked:?}");
}

#[tokio::test(start_paused = true)]
async fn the_root_is_known_by_the_accounts_and_another_one_is_not_there() {
    let run = below("", "r-exam").run().await;
    assert_eq!(run.summary()["coverage"]["complete"], true);
    let run = below("", "ou-exam-prod0001,r-abcd").run().await;
    let [[status, code, detail]] = &*of_organization(&run) else {
        panic!("there is one row");
    };
    assert_eq!(
        (&**status, &**code),
        ("unreachable", "OrganizationalUnitNotFound")
    );
    assert!(detail.contains("; r-abcd, named in"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn whether_a_root_is_there_is_not_guessed_where_no_account_says_what_is_above_it() {
    let head =
        "[[refuse]]\noperation = \"organizations:ListParents\"\n[organization]\npaths = false";
    let run = below(head, "r-abcd").run().await;
    let (_, message) = run.error();
    assert!(
        message.contains("whether r-abcd, named in KEYCENSUS_ORGANIZATIONAL_UNITS, exists is not known")
            && message.ends_with("allow the call to the scanner, and run it in the management account or a delegated administrator"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_to_leave_out_that_is_not_there_is_told_and_no_gap() {
    let run = world("")
        .with("KEYCENSUS_EXCLUDE_ACCOUNTS", "222222222222,999999999999")
        .run()
        .await;
    let row = run.cell("999999999999", "*");
    assert_eq!(
        (&*row["status"], &*row["error_code"]),
        ("skipped", "AccountNotFound")
    );
    assert_eq!(run.cell("222222222222", "*")["error_code"], "");
    assert_eq!(run.summary()["coverage"]["complete"], true);
    assert!(run.logs.contains("a setting names what is not there"));
    let text = run.digest().text();
    assert!(
        text.contains(
            "\nSETTINGS THAT SELECT NOTHING\n\
             - 999999999999 : organizations:ListAccounts AccountNotFound; named in KEYCENSUS_EXCLUDE_ACCOUNTS, but no \
             account of the organization\n"
        ),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_named_and_left_out_all_the_same_is_told() {
    let suspended = "[[account]]\nid = \"444444444444\"\nstate = \"SUSPENDED\"\n";
    let scenario = Scenario::small(UNITS, &format!("{ACCOUNTS}{suspended}"))
        .with(
            "KEYCENSUS_ACCOUNTS",
            "111111111111,222222222222,333333333333,444444444444",
        )
        .with("KEYCENSUS_EXCLUDE_ACCOUNTS", "222222222222");
    let run = scenario
        .sharing()
        .with("KEYCENSUS_ORGANIZATIONAL_UNITS", "ou-exam-prod0001,r-exam")
        .run()
        .await;
    for (account, why) in [
        (
            "222222222222",
            "named in KEYCENSUS_EXCLUDE_ACCOUNTS; named in KEYCENSUS_ACCOUNTS",
        ),
        (
            "444444444444",
            "account state SUSPENDED; named in KEYCENSUS_ACCOUNTS",
        ),
    ] {
        let row = run.cell(account, "*");
        assert_eq!(
            (&*row["status"], &*row["error_code"]),
            ("skipped", "SelectsNothing")
        );
        assert_eq!(
            row["detail"],
            format!("organizations:ListAccounts SelectsNothing; {why}")
        );
    }
    assert_eq!(run.summary()["coverage"]["complete"], true);
}

#[tokio::test(start_paused = true)]
async fn accounts_and_units_that_have_none_in_common_are_named_by_the_error() {
    let run = below("", "ou-exam-prod0001")
        .with("KEYCENSUS_ACCOUNTS", "333333333333")
        .run()
        .await;
    let (_, message) = run.error();
    assert!(
        message.contains(
            "account 333333333333: organizations:ListAccounts SelectsNothing; not below KEYCENSUS_ORGANIZATIONAL_UNITS; \
             named in KEYCENSUS_ACCOUNTS; correct the settings that select what is read"
        ),
        "{message}"
    );
}
