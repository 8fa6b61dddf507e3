//! What the census promises whatever happens: it only reads, and what a file
//! or the digest links to exists.

use keycensus_sim::{Generator, world::QuotaModel};
use tests::{BUCKET, Scenario};

#[tokio::test(start_paused = true)]
async fn the_days_files_are_written_before_the_latest_and_the_digest_goes_out_last() {
    let run = Scenario::named("every_verdict").run().await;
    let log = run.aws.log();
    let written: Vec<&str> = log
        .iter()
        .filter(|call| ["s3:PutObject", "sns:Publish"].contains(&call.operation.as_str()))
        .filter(|call| !call.resource.contains("/runs/"))
        .map(|call| call.resource.as_str())
        .collect();
    assert_eq!(
        written,
        [
            "keycensus/coverage/date=2026-11-21/coverage.csv",
            "keycensus/changes/date=2026-11-21/changes.csv",
            "keycensus/unseen/date=2026-11-21/unseen.csv",
            "keycensus/report/date=2026-11-21/report.html",
            "keycensus/trend/date=2026-11-21/trend.csv",
            "keycensus/keys/date=2026-11-21/keys.csv",
            "keycensus/summary/date=2026-11-21/summary.json",
            "keycensus/latest/coverage.csv",
            "keycensus/latest/changes.csv",
            "keycensus/latest/unseen.csv",
            "keycensus/latest/report.html",
            "keycensus/latest/trend.csv",
            "keycensus/latest/keys.csv",
            "keycensus/latest/summary.json",
            "arn:aws:sns:eu-west-1:111111111111:keycensus",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn running_again_the_same_day_replaces_that_days_files() {
    let scenario = Scenario::named("every_verdict");
    // It makes the credential report, whose age the other two name.
    scenario.run().await;
    let first = scenario.again("run-2").run().await.latest("keys.csv");
    let second = scenario.again("run-3").run().await;
    assert_eq!(second.summary()["run_id"], "run-3");
    assert_eq!(second.latest("keys.csv"), first);
    assert_eq!(second.reports().len(), 14);
    let dated = "keycensus/keys/date=2026-11-21/keys.csv";
    let dated = second.aws.object(BUCKET, dated);
    assert_eq!(dated.as_deref(), Some(first.as_bytes()));
}

#[tokio::test(start_paused = true)]
async fn reports_go_below_the_prefix_that_is_set() {
    let run = Scenario::named("every_verdict")
        .with("KEYCENSUS_REPORT_PREFIX", "audit/keys-2026")
        .run()
        .await;
    let objects = run.aws.objects(BUCKET);
    let is_below = |key: &String| key.starts_with("audit/keys-2026/");
    assert!(objects.iter().all(is_below), "{objects:?}");
    assert_eq!(
        run.summary()["report"]["keys_csv"],
        "s3://keycensus-reports/audit/keys-2026/keys/date=2026-11-21/keys.csv"
    );
}

#[tokio::test(start_paused = true)]
async fn a_generated_organization_is_judged_as_its_generator_expects_without_a_throttle() {
    let generator = Generator {
        accounts: 30,
        regions: 6,
        keys: 600,
        seed: 7,
        ..Generator::default()
    };
    let mut world = generator.generate();
    world.now = tests::NOW.parse().ok();
    world.quotas = QuotaModel::TokenBucket;
    world.latency_ms = 30;
    let run = Scenario::of(&world.to_toml()).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.aws.calls().throttled("kms:GetKeyLastUsage"), 0);
}
