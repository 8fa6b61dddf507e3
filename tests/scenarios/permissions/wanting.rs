//! A permission that is missing is a gap that the report names, and makes nothing false.

use std::collections::BTreeMap;

use serde_json::json;
use tests::{
    Run, Scenario, Templates,
    parts::{IN_USE, MEMBER, UNUSED, access_key, key, key_id, table, user},
    permissions::Change,
};

/// IDs of access keys.
const UNUSED_KEY: &str = "AKIAIOSFODNN7EXAMPL1";
const USED_KEY: &str = "AKIAIOSFODNN7EXAMPL2";

#[tokio::test(start_paused = true)]
async fn a_key_whose_policy_does_not_delegate_to_iam_is_unreadable() {
    let policy = r#"policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:role/app"}, "Action": "kms:*", "Resource": "*"}]}'"#;
    let unused = key("aaaa", &format!("{UNUSED}\n{policy}"));
    let row = Scenario::member("", &unused).run().await.key("aaaa");
    let found = row.values(["verdict", "recommendation"]);
    assert_eq!(found, ["unreadable", "grant_access"]);
    let detail = &row["detail"];
    assert!(detail.contains("AccessDeniedException"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn with_a_member_role_of_an_older_version_only_what_it_does_not_allow_is_missing() {
    let removals = Change::every_removal(Templates::here());
    let older = removals.iter().find(|change| {
        let change = change.to_string();
        change.starts_with("member-role.yaml") && change.ends_with("without iam:ListUserTags")
    });
    let templates = older.unwrap().made_to(Templates::here());
    let user = user("bot", "") + &access_key(&format!("id = '{UNUSED_KEY}'\n{UNUSED}"));
    let member = key("aaaa", UNUSED) + &user;
    let scenario = Scenario::member("", &member).deployed_by(templates);
    let run = scenario.run().await;
    for id in ["aaaa", UNUSED_KEY] {
        assert_eq!(run.key(id)["verdict"], "stale");
    }
    let row = run.cell(MEMBER, "global");
    let detail = "keys whose user's tags are not known: 1; \
                  iam:ListUserTags AccessDenied (1 key): it is flagged and may be exempt";
    let found = row.values(["status", "error_code", "detail"]);
    assert_eq!(found, ["partial", "AccessDenied", detail]);
}

/// An unused, a used and a disabled KMS key, and an unused and a used access key, in a member
/// account.
fn organization() -> Scenario {
    let access_key = |id: &str, used: &str| {
        access_key(&format!(
            "id = '{id}'\n{used}\nlast_used_region = 'us-east-1'"
        ))
    };
    let unused = key_id(1);
    let parts = [
        "regions = ['us-east-1']\n".to_owned(),
        key(&unused, UNUSED),
        "[[account.key.grant]]\ngrantee = 'rds.amazonaws.com'\n".to_owned(),
        key(&key_id(2), IN_USE),
        key(&key_id(3), &format!("{IN_USE}\nstate = 'Disabled'")),
        format!("[[account.volume]]\nregion = 'us-east-1'\nkms_key = '{unused}'\n"),
        user("bot", ""),
        access_key(UNUSED_KEY, UNUSED),
        access_key(USED_KEY, IN_USE),
    ];
    Scenario::member("[[event_bus]]\nname = 'audit'\n", &parts.concat())
        .with("KEYCENSUS_KINDS", "kms,iam")
        .with("KEYCENSUS_DEPENDENTS", "on")
        .with("KEYCENSUS_AUDIT_GUARD", "on")
        .with("KEYCENSUS_DIGEST", "always")
        .with("KEYCENSUS_EVENT_BUS", "audit")
        .with_parameter("Explain", "on")
}

/// The verdicts of all keys that have one.
fn verdicts(run: &Run) -> BTreeMap<String, String> {
    let rows = run.rows("keys.csv").into_iter();
    let rows = rows.map(|row| (row["key_id"].clone(), row["verdict"].clone()));
    rows.collect()
}

#[tokio::test(start_paused = true)]
async fn a_setting_without_its_parameter_is_a_gap_and_never_a_false_verdict() {
    let whole = verdicts(&organization().run().await);
    assert_eq!(whole.len(), 5);
    for [parameter, value, region, status, detail] in table(
        "
        Dependents | off | us-east-1 | scanned | keys whose dependents are not known in full: 1
        RefusedUses | off | us-east-1 | scanned | keys whose refused uses are not known in full: 1
        AuditGuard | off | us-east-1 | scanned | keys whose key policy is not known: 3
        Kinds      | iam | us-east-1 | denied  | kms:ListKeys AccessDeniedException
        Kinds      | kms | global    | denied  | iam:ListUsers AccessDenied
        ",
    ) {
        let granted_less = organization()
            .with_parameter("Explain", "off")
            .with_parameter(parameter, value);
        let run = granted_less.run().await;
        for (key, verdict) in verdicts(&run) {
            let is_true = verdict == whole[&key] || verdict == "unreadable";
            assert!(is_true, "{parameter}: {key} is {verdict}");
        }
        let row = run.cell(MEMBER, region);
        assert_eq!(row["status"], status, "{parameter}={value}");
        assert!(row["detail"].contains(detail), "{}", row["detail"]);
        match parameter {
            "Dependents" => {
                let row = run.key(&key_id(1));
                let found = row.values(["dependents", "dependents_checked", "recommendation"]);
                assert_eq!(found, ["", "UnauthorizedOperation", "disable_and_watch"]);
            }
            "RefusedUses" => assert_eq!(run.key(&key_id(3))["refused_uses"], ""),
            "AuditGuard" => assert_eq!(run.key(&key_id(1))["guard_days"], ""),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_may_not_be_put_are_counted_as_failed() {
    let scenario = organization().with_parameter("EventBusName", "");
    let run = scenario.run().await;
    let events = &run.summary()["events"];
    assert_eq!([&events["due"], &events["put"]], [2, 0]);
    assert_eq!(events["errors"]["AccessDeniedException"], 2);
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_may_not_be_sent_fails_the_run_which_says_what_to_allow() {
    let run = organization().with_parameter("Digest", "never").run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "SettingsError");
    let to_do = "access is refused: allow sns:GetTopicAttributes and sns:Publish on it";
    assert!(message.contains(to_do), "{message}");
}

#[tokio::test(start_paused = true)]
async fn what_an_event_turns_on_is_not_granted_for_it() {
    let run = organization()
        .with("KEYCENSUS_AUDIT_GUARD", "off")
        .with_parameter("Explain", "off")
        .invoke(json!({"audit_guard": "on"}))
        .await;
    assert_eq!(run.key(&key_id(2))["guard_days"], "");
    let detail = "keys whose key policy is not known: 3";
    assert_eq!(run.cell(MEMBER, "us-east-1")["detail"], detail);
}

#[tokio::test(start_paused = true)]
async fn without_its_parameter_an_explanation_says_which_call_is_not_allowed() {
    let arn = format!("arn:aws:kms:us-east-1:{MEMBER}:key/{}", key_id(2));
    for key in [&*arn, USED_KEY] {
        let explanation = organization().explain(key, MEMBER).await.unwrap();
        assert!(explanation.is_whole(), "{}", explanation.page());
        let scenario = organization()
            .with_parameter("Explain", "off")
            .with_parameter("RefusedUses", "off");
        let explanation = scenario.explain(key, MEMBER).await.unwrap();
        let page = explanation.page();
        assert!(!explanation.is_whole(), "{page}");
        let why = "cloudtrail:LookupEvents AccessDeniedException; Explain=on in the stack";
        assert!(page.contains(why), "{page}");
    }
}
