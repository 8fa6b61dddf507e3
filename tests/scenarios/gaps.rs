//! What AWS refuses becomes a gap that the report names, and costs no other key its row.

use tests::{
    Run, Scenario,
    parts::{key_id, refusal, table},
    world_file,
};

/// A run in which AWS refuses an operation in the account.
async fn refusing(operation: &str, rest: &str) -> Run {
    let rest = format!("account = '222222222222'\n{rest}");
    let world = Scenario::named_with("two_regions", &refusal(operation, &rest));
    world.run().await
}

/// The coverage of the account in us-east-1, in these columns.
fn coverage<const N: usize>(run: &Run, columns: [&str; N]) -> [String; N] {
    let cell = run.cell("222222222222", "us-east-1");
    cell.values(columns).map(str::to_owned)
}

#[tokio::test(start_paused = true)]
async fn a_denied_region_is_one_denied_cell_and_the_others_are_read() {
    let run = refusing("kms:*", "region = 'eu-central-1'").await;
    run.matches_expected("one_region_denied");
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_usage_is_denied_is_unreadable_and_never_unused() {
    let run = refusing("kms:GetKeyLastUsage", "key = 'alias/one'").await;
    run.matches_expected("one_key_denied");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_described_still_has_its_row_with_the_arn_of_the_listing() {
    let run = refusing("kms:DescribeKey", "key = 'alias/one'").await;
    let key = run.key(&key_id(1));
    assert_eq!(
        key.values(["verdict", "name", "manager", "state", "monthly_cost_usd"]),
        ["unreadable", "alias/one", "", "", ""]
    );
    let arn = format!("arn:aws:kms:us-east-1:222222222222:key/{}", key_id(1));
    let detail = "kms:DescribeKey AccessDeniedException";
    assert_eq!(key.values(["arn", "detail"]), [&arn, detail]);
}

#[tokio::test(start_paused = true)]
async fn a_flag_that_rests_on_tags_that_could_not_be_read_is_a_gap() {
    let run = refusing("kms:ListResourceTags", "key = 'alias/one'").await;
    assert_eq!(
        run.key(&key_id(1)).values(["verdict", "flagged", "detail"]),
        [
            "stale",
            "true",
            "kms:ListResourceTags AccessDeniedException: owner and exemption not known"
        ]
    );
    assert_eq!(
        coverage(&run, ["status", "error_code", "unreadable", "detail"]),
        [
            "partial",
            "AccessDeniedException",
            "0",
            "keys whose tags are not known: 1; \
             kms:ListResourceTags AccessDeniedException (1 key): it is flagged and may be exempt"
        ]
    );
    assert!(!run.is_complete());
    run.digest_of_gaps_has(&[
        "  its tags could not be read: it may be exempt",
        "- exemption not known: let the key's policy allow kms:ListResourceTags to the role KeycensusReader, or delegate to IAM",
    ]);
}

#[tokio::test(start_paused = true)]
async fn tags_on_which_no_flag_rests_are_named_and_are_no_gap() {
    let run = refusing("kms:ListResourceTags", "key = 'alias/two'").await;
    let found = coverage(&run, ["status", "detail"]);
    assert_eq!(found, ["scanned", "keys whose tags are not known: 1"]);
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_cell_whose_aliases_are_denied_is_read_without_names() {
    let run = refusing("kms:ListAliases", "region = 'us-east-1'").await;
    let key = run.key(&key_id(1));
    assert_eq!(key.values(["verdict", "name"]), ["stale", ""]);
    let why = "kms:ListAliases AccessDeniedException: names not known";
    assert_eq!(coverage(&run, ["status", "detail"]), ["scanned", why]);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_key_is_asked_again_and_never_taken_for_unused() {
    let throttled = "key = 'alias/two'\ncode = 'ThrottlingException'\nstatus = 400\ntimes = 6";
    let run = refusing("kms:GetKeyLastUsage", throttled).await;
    run.verdicts_match_the_world();
    assert!(run.is_complete());
    let calls = &run.summary()["calls"]["kms:GetKeyLastUsage"];
    assert_eq!([&calls["throttled"], &calls["sent"]], [6, 9]);
}

#[tokio::test(start_paused = true)]
async fn why_a_key_is_unreadable_follows_from_the_answer_and_not_from_the_spelling_of_its_code() {
    // Some are codes of other services.
    for [code, status, cause, recommendation] in table(
        "
        AccessDeniedException    | 400 | refused       | grant_access
        UnauthorizedOperation    | 403 | refused       | grant_access
        AuthorizationError       | 403 | refused       | grant_access
        OptInRequired            | 401 | refused       | grant_access
        InvalidClientTokenId     | 403 | refused       | grant_access
        ThrottlingException      | 400 | throttled     | none
        TooManyRequestsException | 400 | throttled     | none
        SlowDown                 | 503 | throttled     | none
        RequestLimitExceeded     | 400 | throttled     | none
        PriorRequestNotComplete  | 400 | throttled     | none
        ServiceUnavailable       | 503 | not_answering | none
        NotFoundException        | 400 | gone          | none
        KMSInternalException     | 500 | fault         | none
        ",
    ) {
        let rest = format!("key = 'alias/one'\ncode = '{code}'\nstatus = {status}");
        let world = "beyond_aws = true\n".to_owned() + &world_file("two_regions");
        let world = world + &refusal("kms:GetKeyLastUsage", &rest);
        let run = Scenario::of(&world).run().await;
        let detail = format!("kms:GetKeyLastUsage {code}");
        assert_eq!(
            run.key(&key_id(1))
                .values(["verdict", "gap_cause", "recommendation", "detail"]),
            ["unreadable", cause, recommendation, &detail]
        );
        let found = coverage(&run, ["status", "gap_cause"]);
        assert_eq!(found, ["partial", cause], "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_denies_a_call_is_named_by_its_kind_and_nothing_else_of_the_message_is_kept()
{
    let run = refusing(
        "kms:GetKeyLastUsage",
        "key = 'alias/one'\n\
         message = 'User: arn:aws:sts::222222222222:assumed-role/KeycensusReader/s is not authorized to perform: \
         kms:GetKeyLastUsage with an explicit deny in a service control policy: \
         arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-secret'",
    )
    .await;
    assert_eq!(
        run.key(&key_id(1))
            .values(["gap_cause", "recommendation", "detail"]),
        [
            "refused",
            "grant_access",
            "kms:GetKeyLastUsage AccessDeniedException with an explicit deny in a service control policy"
        ]
    );
    run.digest_of_gaps_has(&[
        "- explicitly denied by a service control policy: except the role KeycensusReader in that policy; \
         no other policy can allow it",
    ]);
    for file in ["keys.csv", "coverage.csv", "report.html"] {
        assert!(!run.latest(file).contains("p-secret"), "{file}");
    }
}
