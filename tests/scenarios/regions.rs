//! Which Regions are read.

use tests::Scenario;

fn world(refusals: &str) -> Scenario {
    Scenario::small(
        refusals,
        "regions = [\"us-east-1\", \"eu-west-1\"]\n\
         [[account]]\nid = \"222222222222\"\nregions = [\"us-east-1\", \"eu-west-1\", \"ap-south-2\"]\n\
         [[account.key]]\nregion = \"ap-south-2\"\nlast_used = \"120d\"\n",
    )
}

/// The Regions whose KMS keys were to be read.
fn regions_of(run: &tests::Run, account: &str) -> Vec<String> {
    let mut rows = run.rows("coverage.csv");
    rows.retain(|row| row["account_id"] == account && row["kind"] == "kms_key");
    rows.into_iter()
        .map(|mut row| row.remove("region").unwrap_or_default())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn each_account_is_read_in_the_regions_that_are_enabled_in_it() {
    let run = world("").run().await;
    assert_eq!(regions_of(&run, "111111111111"), ["eu-west-1", "us-east-1"]);
    assert_eq!(
        regions_of(&run, "222222222222"),
        ["ap-south-2", "eu-west-1", "us-east-1"]
    );
    assert_eq!(run.rows("keys.csv").len(), 1);
}

const REFUSED: &str = "[[refuse]]\naccount = \"222222222222\"\noperation = \"account:ListRegions\"";

/// Status, error code and detail of the row of an account whose Regions are not known.
fn regions_row(run: &tests::Run, account: &str) -> [String; 3] {
    let row = run.cell(account, "*");
    assert_eq!(row["kind"], "kms_key");
    ["status", "error_code", "detail"].map(|column| row[column].clone())
}

#[tokio::test(start_paused = true)]
async fn where_regions_are_refused_the_scanners_own_are_read_and_the_account_has_a_gap() {
    let run = world(REFUSED).run().await;
    assert_eq!(
        regions_of(&run, "222222222222"),
        ["*", "eu-west-1", "us-east-1"]
    );
    assert_eq!(
        regions_row(&run, "222222222222"),
        [
            "denied",
            "AccessDeniedException",
            "account:ListRegions AccessDeniedException; which Regions are enabled is not known; \
             read instead: the Regions of the scanner's own account"
        ]
    );
    assert_eq!(run.cell("222222222222", "eu-west-1")["status"], "scanned");
    assert_eq!(run.summary()["coverage"]["complete"], false);
    assert_eq!(run.summary()["coverage"]["accounts"]["scanned"], 2);
}

#[tokio::test(start_paused = true)]
async fn the_digest_tells_of_regions_that_are_not_known_and_how_they_can_be() {
    let digest = world(REFUSED).run().await.digest();
    let subject = digest.subject.clone();
    assert!(subject.ends_with("; not all could be read"), "{subject}");
    let text = digest.text();
    for line in [
        "No key unused for 90 days or more; not all Regions of 1 account are known.",
        "- 222222222222 account-222222222222: not all Regions known: account:ListRegions AccessDeniedException; which Regions are \
         enabled is not known; read instead: the Regions of the scanner's own account",
        "- Regions not known: allow account:ListRegions to the role KeycensusReader, or name the Regions to read in \
         KEYCENSUS_REGIONS",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_a_region_that_is_not_known_any_more_is_unseen_and_never_gone() {
    let first = world("");
    assert_eq!(first.run().await.rows("keys.csv").len(), 1);
    let second = first.a_night_later(&world(REFUSED)).run().await;
    assert_eq!(second.rows("changes.csv").len(), 0);
    let unseen = second.rows("unseen.csv");
    assert_eq!(unseen.len(), 1);
    assert_eq!(unseen[0]["region"], "ap-south-2");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_may_list_regions_all_that_are_known_are_tried() {
    let run = world("[[refuse]]\noperation = \"account:ListRegions\"")
        .run()
        .await;
    assert_eq!(run.rows("keys.csv").len(), 1);
    let not_enabled = run.cell("222222222222", "ap-south-1");
    assert_eq!(
        (&*not_enabled["status"], &*not_enabled["error_code"]),
        ("denied", "UnrecognizedClientException")
    );
    let [status, _, detail] = regions_row(&run, "222222222222");
    assert_eq!(status, "denied");
    assert!(detail.ends_with("read instead: all Regions known to this version"));
}

#[tokio::test(start_paused = true)]
async fn regions_that_cannot_be_listed_for_another_reason_are_failed_or_deferred() {
    let failing = format!("{REFUSED}\ncode = \"InternalServerException\"\nstatus = 500");
    let [status, code, _] = regions_row(&world(&failing).run().await, "222222222222");
    assert_eq!((&*status, &*code), ("failed", "InternalServerException"));
    let hanging = "[[fault]]\naccount = \"222222222222\"\noperation = \"account:ListRegions\"\neffect = \"hang\"";
    let run = world(hanging).ending_after(40).run().await;
    assert_eq!(
        regions_row(&run, "222222222222"),
        ["deferred", "", "no time left"]
    );
    assert_eq!(regions_of(&run, "222222222222"), ["*"]);
    assert_eq!(run.cell("222222222222", "global")["status"], "scanned");
}

#[tokio::test(start_paused = true)]
async fn where_the_regions_are_named_an_account_is_not_asked_for_them() {
    let run = world(REFUSED)
        .with("KEYCENSUS_REGIONS", "us-east-1,eu-west-1")
        .run()
        .await;
    assert_eq!(run.aws.calls().sent("account:ListRegions"), 0);
    assert_eq!(run.summary()["coverage"]["complete"], true);
    let unlike_the_scanners = world(REFUSED)
        .with("KEYCENSUS_REGIONS", "ap-south-2")
        .with("KEYCENSUS_ACCOUNTS", "222222222222");
    let run = unlike_the_scanners.run().await;
    assert_eq!(run.rows("keys.csv").len(), 1);
    assert_eq!(run.summary()["coverage"]["complete"], true);
}

#[tokio::test(start_paused = true)]
async fn a_named_region_that_knows_no_credentials_is_a_gap_unless_it_is_not_enabled() {
    for (refusals, status, detail) in [
        (
            REFUSED.to_owned(),
            "denied",
            "kms:ListKeys UnrecognizedClientException; account:ListRegions AccessDeniedException: \
             whether the Region is enabled is not known",
        ),
        (
            // As with a session token of STS's global endpoint.
            "[[fault]]\nregion = \"ap-south-2\"\noperation = \"kms:*\"\neffect = \"region_not_enabled\"".to_owned(),
            "denied",
            "kms:ListKeys UnrecognizedClientException",
        ),
    ] {
        let enabled = match refusals == REFUSED {
            true => "[\"us-east-1\"]",
            false => "[\"us-east-1\", \"ap-south-2\"]",
        };
        let more = format!("[[account]]\nid = \"222222222222\"\nregions = {enabled}");
        let run = Scenario::small(&refusals, &more)
            .with("KEYCENSUS_REGIONS", "ap-south-2,us-east-1")
            .run()
            .await;
        let cell = run.cell("222222222222", "ap-south-2");
        assert_eq!((&*cell["status"], &*cell["detail"]), (status, detail));
        assert_eq!(run.summary()["coverage"]["complete"], false);
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_regions_asked_for_are_read_where_they_are_enabled() {
    let run = world("")
        .with("KEYCENSUS_REGIONS", "ap-south-2,eu-west-1")
        .run()
        .await;
    assert_eq!(regions_of(&run, "111111111111"), ["eu-west-1"]);
    assert_eq!(
        regions_of(&run, "222222222222"),
        ["ap-south-2", "eu-west-1"]
    );
    assert_eq!(
        run.cell("111111111111", "eu-west-1")["detail"],
        "Regions of KEYCENSUS_REGIONS that are not enabled in this account: ap-south-2"
    );
    assert_eq!(run.cell("222222222222", "eu-west-1")["detail"], "");
    assert_eq!(run.aws.calls().sent("account:ListRegions"), 1);
    assert_eq!(run.summary()["coverage"]["complete"], true);
    assert!(!run.logs.contains("a cell could not be listed"));
}

#[tokio::test(start_paused = true)]
async fn an_account_without_any_of_the_regions_asked_for_says_so() {
    let asked = world("").with("KEYCENSUS_REGIONS", "ap-south-2");
    let why = "no Region of KEYCENSUS_REGIONS is enabled in this account";
    let access_keys_too = asked.run().await.cell("111111111111", "global");
    assert_eq!(
        (&*access_keys_too["status"], &*access_keys_too["detail"]),
        ("scanned", why)
    );
    let kms_only = asked.as_request("run-2").with("KEYCENSUS_KINDS", "kms");
    let row = kms_only.run().await.cell("111111111111", "*");
    assert_eq!((&*row["status"], &*row["detail"]), ("skipped", why));
}

#[tokio::test(start_paused = true)]
async fn a_named_region_that_is_enabled_nowhere_is_told() {
    let run = world("")
        .with("KEYCENSUS_REGIONS", "eu-west-1,eu-south-1")
        .run()
        .await;
    let row = run.cell("", "*");
    assert_eq!(
        (&*row["status"], &*row["error_code"]),
        ("skipped", "SelectsNothing")
    );
    assert_eq!(
        row["detail"],
        "account:ListRegions SelectsNothing; \
         eu-south-1, named in KEYCENSUS_REGIONS, is enabled in no account that was read"
    );
    assert_eq!(run.summary()["coverage"]["complete"], true);
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
    assert!(
        message.contains("eu-south-1, named in KEYCENSUS_REGIONS, is enabled in no account"),
        "{message}"
    );
    assert!(!message.contains("member role"), "{message}");
}
