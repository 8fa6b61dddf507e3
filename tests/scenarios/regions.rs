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

#[tokio::test(start_paused = true)]
async fn where_regions_are_refused_the_scanners_own_are_read_and_the_coverage_says_so() {
    let run = world("[[refuse]]\naccount = \"222222222222\"\noperation = \"account:ListRegions\"")
        .run()
        .await;
    assert_eq!(regions_of(&run, "222222222222"), ["eu-west-1", "us-east-1"]);
    assert_eq!(
        run.cell("222222222222", "eu-west-1")["detail"],
        "account:ListRegions AccessDeniedException: the Regions of the scanner's own account were read"
    );
    assert_eq!(run.cell("111111111111", "eu-west-1")["detail"], "");
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
    assert!(
        run.cell("222222222222", "ap-south-2")["detail"]
            .ends_with("which Regions are enabled is not known")
    );
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
