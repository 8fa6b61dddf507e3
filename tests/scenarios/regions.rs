//! Which Regions are read.

use tests::{
    Run, Scenario,
    parts::{MEMBER, account, fault, key_in, refusal},
};

const LIST: &str = "account:ListRegions";

fn world(refusals: &str) -> Scenario {
    let member = "regions = ['us-east-1', 'eu-west-1', 'ap-south-2']\n".to_owned()
        + &key_in("ap-south-2", "one", "last_used = '120d'");
    let of_scanner = "regions = ['us-east-1', 'eu-west-1']\n".to_owned();
    Scenario::small(refusals, &(of_scanner + &account(MEMBER, &member)))
}

/// The member account does not let its Regions be listed.
fn refused(rest: &str) -> String {
    refusal(LIST, &format!("account = '{MEMBER}'\n{rest}"))
}

/// The Regions whose KMS keys were to be read.
fn regions_of(run: &Run, account: &str) -> Vec<String> {
    let mut rows = run.rows("coverage.csv");
    rows.retain(|row| row["account_id"] == account && row["kind"] == "kms_key");
    rows.iter().map(|row| row["region"].clone()).collect()
}

/// Status, error code and detail of the row of the account, whose Regions are not known.
fn regions_row(run: &Run) -> [String; 3] {
    let row = run.cell(MEMBER, "*");
    assert_eq!(row["kind"], "kms_key");
    row.values(["status", "error_code", "detail"])
        .map(str::to_owned)
}

#[tokio::test(start_paused = true)]
async fn each_account_is_read_in_the_regions_that_are_enabled_in_it() {
    let run = world("").run().await;
    assert_eq!(regions_of(&run, "111111111111"), ["eu-west-1", "us-east-1"]);
    let of_member = ["ap-south-2", "eu-west-1", "us-east-1"];
    assert_eq!(regions_of(&run, MEMBER), of_member);
    assert_eq!(run.rows("keys.csv").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_regions_are_refused_the_scanners_own_are_read_and_the_account_has_a_gap() {
    let run = world(&refused("")).run().await;
    assert_eq!(regions_of(&run, MEMBER), ["*", "eu-west-1", "us-east-1"]);
    let why = "account:ListRegions AccessDeniedException; which Regions are enabled is not known; \
               read instead: the Regions of the scanner's own account";
    assert_eq!(regions_row(&run), ["denied", "AccessDeniedException", why]);
    assert_eq!(run.cell(MEMBER, "eu-west-1")["status"], "scanned");
    assert!(!run.is_complete());
    assert_eq!(run.summary()["coverage"]["accounts"]["scanned"], 2);
    run.digest_of_gaps_has(&[
        "No key unused for 90 days or more; not all Regions of 1 account are known.",
        &format!("- 222222222222 account-222222222222: not all Regions known: {why}"),
        "- Regions not known: allow account:ListRegions to the role KeycensusReader, or name the Regions to read in \
         KEYCENSUS_REGIONS",
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_key_of_a_region_that_is_not_known_any_more_is_unseen_and_never_gone() {
    let first = world("");
    assert_eq!(first.run().await.rows("keys.csv").len(), 1);
    let second = first.a_night_later(&world(&refused(""))).run().await;
    assert_eq!(second.rows("changes.csv"), []);
    assert_eq!(second.column("unseen.csv", "region"), ["ap-south-2"]);
}

#[tokio::test(start_paused = true)]
async fn where_no_account_lets_its_regions_be_listed_all_that_are_known_are_tried() {
    let run = world(&refusal(LIST, "")).run().await;
    assert_eq!(run.rows("keys.csv").len(), 1);
    let not_enabled = run.cell(MEMBER, "ap-south-1");
    let found = not_enabled.values(["status", "error_code"]);
    assert_eq!(found, ["denied", "UnrecognizedClientException"]);
    let [status, _, detail] = regions_row(&run);
    assert_eq!(status, "denied");
    assert!(detail.ends_with("read instead: all Regions known to this version"));
}

#[tokio::test(start_paused = true)]
async fn regions_that_cannot_be_listed_for_another_reason_are_failed_or_deferred() {
    let failing = refused("code = 'InternalServerException'\nstatus = 500");
    let [status, code, _] = regions_row(&world(&failing).run().await);
    assert_eq!([&*status, &code], ["failed", "InternalServerException"]);
    let hanging = fault(LIST, "hang", "account = '222222222222'");
    let run = world(&hanging).ending_after(40).run().await;
    assert_eq!(regions_row(&run), ["deferred", "", "no time left"]);
    assert_eq!(regions_of(&run, MEMBER), ["*"]);
    assert_eq!(run.cell(MEMBER, "global")["status"], "scanned");
}

#[tokio::test(start_paused = true)]
async fn where_the_regions_are_named_an_account_is_not_asked_for_them() {
    let run = world(&refused(""))
        .with("KEYCENSUS_REGIONS", "us-east-1,eu-west-1")
        .run()
        .await;
    assert_eq!(run.sent(LIST), 0);
    assert!(run.is_complete());
    let unlike_the_scanners = world(&refused(""))
        .with("KEYCENSUS_REGIONS", "ap-south-2")
        .with("KEYCENSUS_ACCOUNTS", MEMBER);
    let run = unlike_the_scanners.run().await;
    assert_eq!(run.rows("keys.csv").len(), 1);
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_named_region_that_does_not_know_the_credentials_is_a_gap() {
    // As with a session token of STS's global endpoint.
    let unknown = fault("kms:*", "region_not_enabled", "region = 'ap-south-2'");
    let code = "kms:ListKeys UnrecognizedClientException";
    let enabled_or_not = "account:ListRegions AccessDeniedException: \
                          whether the Region is enabled is not known";
    for (failing, enabled, detail) in [
        (refused(""), "", format!("{code}; {enabled_or_not}")),
        (unknown, ", 'ap-south-2'", code.to_owned()),
    ] {
        let run = Scenario::member(&failing, &format!("regions = ['us-east-1'{enabled}]"));
        let run = run
            .with("KEYCENSUS_REGIONS", "ap-south-2,us-east-1")
            .run()
            .await;
        let cell = run.cell(MEMBER, "ap-south-2");
        assert_eq!(cell.values(["status", "detail"]), ["denied", &detail]);
        assert!(!run.is_complete());
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_regions_asked_for_are_read_where_they_are_enabled() {
    let scenario = world("").with("KEYCENSUS_REGIONS", "ap-south-2,eu-west-1");
    let run = scenario.run().await;
    assert_eq!(regions_of(&run, "111111111111"), ["eu-west-1"]);
    assert_eq!(regions_of(&run, MEMBER), ["ap-south-2", "eu-west-1"]);
    assert_eq!(
        run.cell("111111111111", "eu-west-1")["detail"],
        "Regions of KEYCENSUS_REGIONS that are not enabled in this account: ap-south-2"
    );
    assert_eq!(run.cell(MEMBER, "eu-west-1")["detail"], "");
    assert_eq!(run.sent(LIST), 1);
    assert!(run.is_complete());
    assert!(!run.logs.contains("a cell could not be listed"));
}

#[tokio::test(start_paused = true)]
async fn an_account_without_any_of_the_regions_asked_for_says_so() {
    let why = "no Region of KEYCENSUS_REGIONS is enabled in this account";
    for (kinds, region, status) in [("kms,iam", "global", "scanned"), ("kms", "*", "skipped")] {
        let asked = world("").with("KEYCENSUS_REGIONS", "ap-south-2");
        let run = asked.with("KEYCENSUS_KINDS", kinds).run().await;
        let row = run.cell("111111111111", region);
        assert_eq!(row.values(["status", "detail"]), [status, why]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_named_region_that_is_enabled_nowhere_is_reported() {
    let scenario = world("").with("KEYCENSUS_REGIONS", "eu-west-1,eu-south-1");
    let run = scenario.run().await;
    let row = run.cell("", "*");
    let why = "account:ListRegions SelectsNothing; \
               eu-south-1, named in KEYCENSUS_REGIONS, is enabled in no account that was read";
    let found = row.values(["status", "error_code", "detail"]);
    assert_eq!(found, ["skipped", "SelectsNothing", why]);
    assert!(run.is_complete());
    assert_eq!(run.summary()["coverage"]["accounts"]["skipped"], 0);
}

#[tokio::test(start_paused = true)]
async fn where_no_named_region_is_enabled_anywhere_the_error_names_them() {
    let run = world("")
        .with("KEYCENSUS_REGIONS", "eu-south-1")
        .with("KEYCENSUS_KINDS", "kms")
        .run()
        .await;
    let (kind, message) = run.error();
    assert_eq!(kind, "NothingReachable");
    let why = "eu-south-1, named in KEYCENSUS_REGIONS, is enabled in no account";
    assert!(message.contains(why), "{message}");
    assert!(!message.contains("member role"), "{message}");
}
