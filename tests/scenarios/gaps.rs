//! What AWS refuses becomes a gap that the report tells, and costs nobody else
//! a row.

use tests::Scenario;

const KEYS: &str = r#"
[[account]]
id = "222222222222"
name = "data"
regions = ["us-east-1", "eu-central-1"]

[[account.key]]
region = "us-east-1"
id = "22220000-0000-4000-8000-000000000001"
aliases = ["alias/one"]
last_used = "120d"

[[account.key]]
region = "us-east-1"
id = "22220000-0000-4000-8000-000000000002"
aliases = ["alias/two"]
last_used = "1d"
expect = "in_use"

[[account.key]]
region = "eu-central-1"
id = "22220000-0000-4000-8000-000000000003"
last_used = "120d"
"#;

fn world(refusal: &str) -> Scenario {
    let refusal = format!("[[refuse]]\naccount = \"222222222222\"\n{refusal}");
    Scenario::small(&refusal, KEYS)
}

const FIRST: &str = "22220000-0000-4000-8000-000000000001";

#[tokio::test(start_paused = true)]
async fn a_denied_region_is_one_denied_cell_and_the_others_are_read() {
    let run = world("region = \"eu-central-1\"\noperation = \"kms:*\"")
        .run()
        .await;
    run.matches_expected("one_region_denied");
    let row = run.cell("222222222222", "eu-central-1");
    assert_eq!(
        (&*row["status"], &*row["error_code"]),
        ("denied", "AccessDeniedException")
    );
    assert_eq!((&*row["keys"], &*row["unreadable"]), ("", ""));
    assert_eq!(run.rows("keys.csv").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_usage_is_denied_is_unreadable_and_never_unused() {
    let run = world("operation = \"kms:GetKeyLastUsage\"\nkey = \"alias/one\"")
        .run()
        .await;
    run.matches_expected("one_key_denied");
    let key = run.key(FIRST);
    assert_eq!(key["verdict"], "unreadable");
    assert_eq!(key["flagged"], "false");
    assert_eq!(key["recommendation"], "grant_access");
    assert_eq!(key["detail"], "kms:GetKeyLastUsage AccessDeniedException");
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!(
        (&*cell["status"], &*cell["keys"], &*cell["unreadable"]),
        ("partial", "2", "1")
    );
    assert_eq!(
        cell["detail"],
        "kms:GetKeyLastUsage AccessDeniedException (1 key)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_described_still_has_its_row_with_the_arn_of_the_listing() {
    let run = world("operation = \"kms:DescribeKey\"\nkey = \"alias/one\"")
        .run()
        .await;
    let key = run.key(FIRST);
    assert_eq!(key["verdict"], "unreadable");
    assert_eq!(
        key["arn"],
        format!("arn:aws:kms:us-east-1:222222222222:key/{FIRST}")
    );
    assert_eq!(key["detail"], "kms:DescribeKey AccessDeniedException");
    assert_eq!(
        (&*key["manager"], &*key["state"], &*key["monthly_cost_usd"]),
        ("", "", "")
    );
    assert_eq!(key["name"], "alias/one");
}

#[tokio::test(start_paused = true)]
async fn a_flag_that_rests_on_tags_that_could_not_be_read_is_a_gap() {
    let run = world("operation = \"kms:ListResourceTags\"\nkey = \"alias/one\"")
        .run()
        .await;
    let key = run.key(FIRST);
    assert_eq!((&*key["verdict"], &*key["flagged"]), ("stale", "true"));
    assert_eq!(
        key["detail"],
        "kms:ListResourceTags AccessDeniedException: owner and exemption not known"
    );
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!(
        (&*cell["status"], &*cell["error_code"], &*cell["unreadable"]),
        ("partial", "AccessDeniedException", "0")
    );
    assert_eq!(
        cell["detail"],
        "keys whose tags are not known: 1; \
         kms:ListResourceTags AccessDeniedException (1 key): it is flagged and may be exempt"
    );
    assert_eq!(run.summary()["coverage"]["complete"], false);
    let digest = run.digest();
    let subject = digest.subject.clone();
    assert!(subject.ends_with("; not all could be read"), "{subject}");
    let text = digest.text();
    for line in [
        "  its tags could not be read: it may be exempt",
        "- exemption not known: let the key's policy allow kms:ListResourceTags to the role KeycensusReader, or delegate to IAM",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_decide_nothing_are_told_and_are_no_gap() {
    let run = world("operation = \"kms:ListResourceTags\"\nkey = \"alias/two\"")
        .run()
        .await;
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!(
        (&*cell["status"], &*cell["detail"]),
        ("scanned", "keys whose tags are not known: 1")
    );
    assert_eq!(run.summary()["coverage"]["complete"], true);
}

#[tokio::test(start_paused = true)]
async fn a_cell_whose_aliases_are_denied_is_read_without_names() {
    let run = world("operation = \"kms:ListAliases\"\nregion = \"us-east-1\"")
        .run()
        .await;
    let key = run.key(FIRST);
    assert_eq!((&*key["verdict"], &*key["name"]), ("stale", ""));
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!(cell["status"], "scanned");
    assert_eq!(
        cell["detail"],
        "kms:ListAliases AccessDeniedException: names not known"
    );
}

#[tokio::test(start_paused = true)]
async fn a_throttled_key_is_asked_again_and_never_taken_for_unused() {
    let run = world("operation = \"kms:GetKeyLastUsage\"\nkey = \"alias/two\"\ncode = \"ThrottlingException\"\nstatus = 400\ntimes = 6").run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.summary()["coverage"]["complete"], true);
    assert_eq!(
        run.summary()["calls"]["kms:GetKeyLastUsage"]["throttled"],
        6
    );
    assert_eq!(run.summary()["calls"]["kms:GetKeyLastUsage"]["sent"], 9);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_throttled_for_ever_is_unreadable() {
    let run = world("operation = \"kms:GetKeyLastUsage\"\nkey = \"alias/one\"\ncode = \"ThrottlingException\"\nstatus = 400").run().await;
    let key = run.key(FIRST);
    assert_eq!(key["verdict"], "unreadable");
    assert_eq!(key["detail"], "kms:GetKeyLastUsage ThrottlingException");
}

#[tokio::test(start_paused = true)]
async fn why_a_key_is_unreadable_follows_from_the_answer_and_not_from_the_spelling_of_its_code() {
    for (code, status, cause, recommendation) in [
        ("AccessDeniedException", 400, "refused", "grant_access"),
        ("UnauthorizedOperation", 403, "refused", "grant_access"),
        ("AuthorizationError", 403, "refused", "grant_access"),
        ("OptInRequired", 401, "refused", "grant_access"),
        ("InvalidClientTokenId", 403, "refused", "grant_access"),
        ("TooManyRequestsException", 400, "throttled", "none"),
        ("SlowDown", 503, "throttled", "none"),
        ("RequestLimitExceeded", 400, "throttled", "none"),
        ("PriorRequestNotComplete", 400, "throttled", "none"),
        ("ServiceUnavailable", 503, "not_answering", "none"),
        ("NotFoundException", 400, "gone", "none"),
        ("KMSInternalException", 500, "fault", "none"),
    ] {
        // Some are codes of other services.
        let refusal = format!(
            "beyond_aws = true\n[[refuse]]\naccount = \"222222222222\"\noperation = \"kms:GetKeyLastUsage\"\n\
             key = \"alias/one\"\ncode = \"{code}\"\nstatus = {status}\n"
        );
        let run = Scenario::small(&refusal, KEYS).run().await;
        let key = run.key(FIRST);
        let said = (
            &*key["verdict"],
            &*key["gap_cause"],
            &*key["recommendation"],
        );
        assert_eq!(said, ("unreadable", cause, recommendation), "{code}");
        let cell = run.cell("222222222222", "us-east-1");
        assert_eq!((&*cell["status"], &*cell["gap_cause"]), ("partial", cause));
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_denies_a_call_is_named_by_its_kind_and_nothing_else_of_the_message_is_kept()
{
    let run = world(
        "operation = \"kms:GetKeyLastUsage\"\nkey = \"alias/one\"\n\
         message = \"User: arn:aws:sts::222222222222:assumed-role/KeycensusReader/s is not authorized to perform: \
         kms:GetKeyLastUsage with an explicit deny in a service control policy: \
         arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-secret\"",
    )
    .run()
    .await;
    let key = run.key(FIRST);
    let said = (&*key["gap_cause"], &*key["recommendation"]);
    assert_eq!(said, ("refused", "grant_access"));
    assert_eq!(
        key["detail"],
        "kms:GetKeyLastUsage AccessDeniedException with an explicit deny in a service control policy"
    );
    assert!(run.digest().text().contains(
        "- explicitly denied by a service control policy: except the role KeycensusReader in that policy; \
         no other policy can allow it"
    ));
    for file in ["keys.csv", "coverage.csv", "report.html"] {
        assert!(!run.latest(file).contains("p-secret"), "{file}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_internal_error_at_listing_fails_the_cell_only() {
    let run = world("operation = \"kms:ListKeys\"\nregion = \"us-east-1\"\ncode = \"KMSInternalException\"\nstatus = 500").run().await;
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!(
        (&*cell["status"], &*cell["error_code"]),
        ("failed", "KMSInternalException")
    );
    assert_eq!(
        run.cell("222222222222", "eu-central-1")["status"],
        "scanned"
    );
}

#[tokio::test(start_paused = true)]
async fn a_passing_internal_error_leaves_no_trace() {
    let run =
        world("operation = \"kms:*\"\ncode = \"KMSInternalException\"\nstatus = 500\ntimes = 2")
            .run()
            .await;
    run.verdicts_match_the_world();
    assert_eq!(run.summary()["coverage"]["complete"], true);
}
