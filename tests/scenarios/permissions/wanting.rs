//! What comes of a permission that is wanting: a gap that is told, and nothing false.

use std::collections::BTreeMap;

use serde_json::json;
use tests::{Run, Scenario, Templates, permissions::Change};

const KEY: &str = "[[account.key]]\nregion = \"us-east-1\"\nid = \"aaaa\"\nlast_used = \"120d\"\n";

#[tokio::test(start_paused = true)]
async fn a_key_whose_policy_leaves_nothing_to_the_account_is_unreadable() {
    let statements = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:role/app"}, "Action": "kms:*", "Resource": "*"}"#;
    let policy =
        format!("policy = '{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}'\n");
    let member = "[[account]]\nid = \"222222222222\"\n".to_owned() + KEY + &policy;
    let run = Scenario::small("", &member).run().await;
    let row = run.key("aaaa");
    assert_eq!(
        (&*row["verdict"], &*row["recommendation"]),
        ("unreadable", "grant_access")
    );
    assert!(
        row["detail"].contains("AccessDeniedException"),
        "{}",
        row["detail"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_of_an_older_version_costs_what_it_does_not_allow_and_no_more() {
    let removals = Change::every_removal(Templates::here());
    let older = removals.iter().find(|change| {
        let told = change.to_string();
        told.starts_with("member-role.yaml") && told.ends_with("without iam:ListUserTags")
    });
    let templates = older.unwrap().made_to(Templates::here());
    let user = "[[account.user]]\nname = \"bot\"\n[[account.user.access_key]]\nid = \"AKIAIOSFODNN7EXAMPLE\"\nlast_used = \"120d\"\n";
    let member = format!("[[account]]\nid = \"222222222222\"\n{KEY}{user}");
    let run = Scenario::small("", &member)
        .deployed_by(templates)
        .run()
        .await;
    assert_eq!(run.key("aaaa")["verdict"], "stale");
    assert_eq!(run.key("AKIAIOSFODNN7EXAMPLE")["verdict"], "stale");
    let row = run.cell("222222222222", "global");
    let told = [&*row["status"], &row["error_code"], &row["detail"]];
    let expected = "keys whose user's tags are not known: 1; \
                    iam:ListUserTags AccessDenied (1 key): it is flagged and may be exempt";
    assert_eq!(told, ["partial", "AccessDenied", expected]);
}

/// An unused and a used KMS key, and an unused and a used access key, in a member
/// account.
fn organization() -> Scenario {
    let key = |n: u32, used: &str| {
        format!(
            "[[account.key]]\nregion = \"us-east-1\"\nid = \"{}\"\nlast_used = \"{used}\"\n",
            kms_key(n)
        )
    };
    let access_key = |n: u32, used: &str| {
        format!(
            "[[account.user.access_key]]\nid = \"{}\"\nlast_used = \"{used}\"\nlast_used_region = \"us-east-1\"\n",
            access_key(n)
        )
    };
    let keys = [
        key(1, "120d"),
        "[[account.key.grant]]\ngrantee = \"rds.amazonaws.com\"\n".to_owned(),
        key(2, "5d"),
        "[[account.volume]]\nregion = \"us-east-1\"\nkms_key = \"KEY\"\n"
            .replace("KEY", &kms_key(1)),
        "[[account.user]]\nname = \"bot\"\n".to_owned(),
        access_key(1, "120d"),
        access_key(2, "5d"),
    ];
    let head = "[[event_bus]]\nname = \"audit\"\n";
    let member = format!("[[account]]\nid = \"{MEMBER}\"\nregions = [\"us-east-1\"]\n");
    let aws = Scenario::small(head, &(member + &keys.concat()));
    aws.with("KEYCENSUS_KINDS", "kms,iam")
        .with("KEYCENSUS_DEPENDENTS", "on")
        .with("KEYCENSUS_AUDIT_GUARD", "on")
        .with("KEYCENSUS_DIGEST", "always")
        .with("KEYCENSUS_EVENT_BUS", "audit")
        .with_parameter("Explain", "on")
}

const MEMBER: &str = "222222222222";

fn kms_key(n: u32) -> String {
    format!("22220000-0000-4000-8000-{n:012}")
}

fn access_key(n: u32) -> String {
    format!("AKIAIOSFODNN7EXAMPL{n}")
}

/// What is said of the four keys, where something is.
fn verdicts(run: &Run) -> BTreeMap<String, String> {
    let rows = run.rows("keys.csv").into_iter();
    let rows = rows.map(|row| (row["key_id"].clone(), row["verdict"].clone()));
    rows.filter(|(id, _)| !id.starts_with("root_")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_setting_without_its_parameter_is_a_gap_and_never_a_false_verdict() {
    let whole = verdicts(&organization().run().await);
    assert_eq!(whole.len(), 4);
    for (parameter, value, cell, status, told) in [
        (
            "Dependents",
            "off",
            "us-east-1",
            "scanned",
            "keys whose dependents are not known in full: 1",
        ),
        (
            "AuditGuard",
            "off",
            "us-east-1",
            "scanned",
            "keys whose key policy is not known: 2",
        ),
        (
            "Kinds",
            "iam",
            "us-east-1",
            "denied",
            "kms:ListKeys AccessDeniedException",
        ),
        (
            "Kinds",
            "kms",
            "global",
            "denied",
            "iam:ListUsers AccessDenied",
        ),
    ] {
        let granted_less = organization()
            .with_parameter("Explain", "off")
            .with_parameter(parameter, value);
        let run = granted_less.run().await;
        for (key, verdict) in verdicts(&run) {
            assert!(
                verdict == whole[&key] || verdict == "unreadable",
                "{parameter}: {key} is {verdict}"
            );
        }
        let row = run.cell(MEMBER, cell);
        assert_eq!(row["status"], status, "{parameter}={value}");
        assert!(row["detail"].contains(told), "{}", row["detail"]);
    }
}

#[tokio::test(start_paused = true)]
async fn dependents_that_nobody_may_look_for_are_never_said_to_be_none() {
    let asked = organization()
        .with_parameter("Explain", "off")
        .with_parameter("Dependents", "off");
    let run = asked.run().await;
    let row = run.key(&kms_key(1));
    let found = ["dependents", "dependents_checked", "recommendation"];
    let found = found.map(|column| &*row[column]);
    assert_eq!(found, ["", "UnauthorizedOperation", "disable_and_watch"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_policy_that_nobody_may_read_guards_neither_nothing_nor_something() {
    let asked = organization()
        .with_parameter("Explain", "off")
        .with_parameter("AuditGuard", "off");
    let run = asked.run().await;
    assert_eq!(run.key(&kms_key(1))["guard_days"], "");
}

#[tokio::test(start_paused = true)]
async fn events_that_nobody_may_put_are_counted_as_failed() {
    let run = organization()
        .with_parameter("EventBusName", "")
        .run()
        .await;
    let told = &run.summary()["events"];
    assert_eq!((&told["due"], &told["put"]), (&2.into(), &0.into()));
    assert_eq!(told["errors"]["AccessDeniedException"], 2);
    assert_eq!(run.summary()["coverage"]["complete"], true);
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_nobody_may_send_fails_the_run_which_says_what_to_allow() {
    let run = organization().with_parameter("Digest", "never").run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "SettingsError");
    let told = "access is refused: allow sns:GetTopicAttributes and sns:Publish on it";
    assert!(message.contains(told), "{message}");
}

#[tokio::test(start_paused = true)]
async fn what_an_event_turns_on_is_not_granted_for_it() {
    let run = organization()
        .with("KEYCENSUS_AUDIT_GUARD", "off")
        .with_parameter("Explain", "off")
        .invoke(json!({"audit_guard": "on"}))
        .await;
    assert_eq!(run.key(&kms_key(2))["guard_days"], "");
    assert_eq!(
        run.cell(MEMBER, "us-east-1")["detail"],
        "keys whose key policy is not known: 2"
    );
}

#[tokio::test(start_paused = true)]
async fn without_its_parameter_an_explanation_says_who_may_not_be_asked() {
    let used = [
        format!("arn:aws:kms:us-east-1:{MEMBER}:key/{}", kms_key(2)),
        access_key(2),
    ];
    for key in used {
        let explanation = organization().explain(&key, MEMBER).await.unwrap();
        assert!(explanation.is_whole(), "{}", explanation.page());
        let scenario = organization().with_parameter("Explain", "off");
        let explanation = scenario.explain(&key, MEMBER).await.unwrap();
        let page = explanation.page();
        assert!(!explanation.is_whole(), "{page}");
        let told = "cloudtrail:LookupEvents AccessDeniedException; Explain=on in the stack";
        assert!(page.contains(told), "{page}");
    }
}
