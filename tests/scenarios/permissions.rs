//! The templates grant what is called, and nothing else, whatever the settings say.

use std::collections::BTreeSet;

use keycensus_aws::operations::{OTHERS, READS};
use tests::{
    Scenario, Templates,
    permissions::{
        self, CASES, Change, EVERYTHING, Permission, Proof, Role, readme_with_table, write_readme,
    },
};

#[tokio::test(start_paused = true)]
async fn whatever_is_set_what_is_called_is_what_is_granted() {
    for case in CASES {
        let proof = Proof::of(Templates::here(), &case).await;
        assert_eq!(proof.gaps, Vec::<String>::new(), "{}", case.name);
        assert_eq!(proof.refused, BTreeSet::new(), "{}", case.name);
        let only_granted: Vec<_> = proof.granted.difference(&proof.called).collect();
        let only_called: Vec<_> = proof.called.difference(&proof.granted).collect();
        let nothing = Vec::<&Permission>::new();
        assert_eq!(
            only_granted, nothing,
            "{}: granted and not called",
            case.name
        );
        assert_eq!(
            only_called, nothing,
            "{}: called and not granted",
            case.name
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_any_one_action_or_resource_a_call_is_refused() {
    let removals = Change::every_removal(Templates::here());
    assert!(removals.len() > 30, "{}", removals.len());
    for removal in removals {
        let templates = removal.made_to(Templates::here());
        let proof = Proof::of(&templates, &EVERYTHING).await;
        assert_ne!(proof.refused, BTreeSet::new(), "{removal}");
    }
}

#[tokio::test(start_paused = true)]
async fn any_one_action_more_is_granted_and_not_called() {
    let called = Proof::of(Templates::here(), &EVERYTHING).await.called;
    for action in ["kms:ScheduleKeyDeletion", "kms:*", "*"] {
        let additions = Change::every_addition(Templates::here(), action);
        assert!(additions.len() > 15, "{}", additions.len());
        for addition in additions {
            let templates = addition.made_to(Templates::here());
            let granted = permissions::granted(&templates, &EVERYTHING);
            let only_granted: Vec<_> = granted.difference(&called).collect();
            assert_eq!(only_granted.len(), 1, "{addition}");
        }
    }
}

#[test]
fn each_setting_that_takes_something_away_takes_permissions_away() {
    let everything = permissions::granted(Templates::here(), &EVERYTHING);
    let mut depending = BTreeSet::new();
    for case in CASES.iter().filter(|case| **case != EVERYTHING) {
        let granted = permissions::granted(Templates::here(), case);
        let lacking: Vec<_> = everything.difference(&granted).cloned().collect();
        assert_ne!(lacking, [], "{}", case.name);
        depending.extend(lacking);
    }
    // Every statement below a condition is one that some case lacks.
    let conditional = Change::conditional_actions(Templates::here());
    assert_eq!(depending, conditional);
}

/// The actions for which the service authorization reference has no resource.
const WITHOUT_RESOURCE: [&str; 6] = [
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:ListUsers",
    "kms:ListAliases",
    "kms:ListKeys",
    "organizations:ListAccounts",
];

#[test]
fn every_resource_is_named_where_aws_defines_one_and_nothing_is_granted_twice() {
    let policies = Scenario::small("", "[[account]]\nid = \"222222222222\"").policies();
    for role in policies.members.values().chain([&policies.scanner]) {
        let statements = role
            .policies
            .iter()
            .flat_map(|named| &named.policy.statements);
        let mut anywhere = BTreeSet::new();
        let mut all = Vec::new();
        for statement in statements {
            if statement.resources.iter().any(|resource| resource == "*") {
                anywhere.extend(statement.actions.iter().map(String::as_str));
            }
            all.extend(&statement.actions);
        }
        let without_resource = WITHOUT_RESOURCE.iter().copied();
        let listed: BTreeSet<&str> = without_resource
            .filter(|action| all.iter().any(|one| one == action))
            .collect();
        assert_eq!(anywhere, listed, "{}", role.arn);
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{}: {all:?}", role.arn);
    }
}

#[test]
fn the_scanner_reads_its_own_account_by_the_statements_of_the_member_role() {
    let policies = Scenario::small("", "").policies();
    let member = &policies.members["111111111111"];
    assert_eq!(member.policies.len(), 2);
    for policy in &member.policies {
        assert!(
            policies.scanner.policies.contains(policy),
            "{}",
            policy.name
        );
    }
}

#[test]
fn the_readme_tells_the_permissions_that_the_templates_grant() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person asks for new expected files"
    )]
    let is_blessed = std::env::var("KEYCENSUS_BLESS").is_ok();
    if is_blessed {
        write_readme();
    }
    let readme = include_str!("../../README.md");
    assert!(
        is_blessed || readme == readme_with_table(),
        "README.md lacks a permission or has one too many: `make bless` writes its table anew"
    );
}

#[test]
fn the_function_can_call_what_the_templates_grant_and_nothing_else() {
    let granted = permissions::granted(Templates::here(), &EVERYTHING).into_iter();
    let by_function = granted.filter(|(role, action)| {
        let is_by_lambda = ["sqs:", "logs:"]
            .iter()
            .any(|service| action.starts_with(service));
        !is_by_lambda && !matches!(role, Role::Other(_))
    });
    let by_function: BTreeSet<String> = by_function.map(|(_, action)| action).collect();
    let can_call = READS.iter().chain(&OTHERS).copied();
    let takes = can_call.filter_map(|operation| match operation {
        // Takes no permission.
        "sts:GetCallerIdentity" => None,
        "s3:HeadBucket" => Some("s3:ListBucket".to_owned()),
        operation => Some(operation.to_owned()),
    });
    assert_eq!(by_function, takes.collect());
}

#[test]
fn every_client_of_an_sdk_crate_is_made_where_its_operations_are_listed() {
    let workspace = include_str!("../../Cargo.toml").lines();
    let sdk_crates = workspace.filter_map(|line| line.strip_prefix("aws-sdk-"));
    let sdk_crates: Vec<&str> = sdk_crates
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(sdk_crates.contains(&"kms"), "{sdk_crates:?}");
    for sdk in sdk_crates {
        for constructor in ["new", "from_conf"] {
            let path = format!("\"aws_sdk_{sdk}::Client::{constructor}\"");
            let lints = include_str!("../../clippy.toml");
            assert!(
                lints.contains(&path),
                "clippy.toml does not disallow {path}"
            );
        }
    }
}

#[test]
fn the_delegation_policy_in_the_documents_allows_what_the_scanner_calls_of_organizations() {
    let granted = permissions::granted(Templates::here(), &EVERYTHING).into_iter();
    let of_organizations = granted.filter(|(_, action)| action.starts_with("organizations:"));
    let quoted = of_organizations.map(|(_, action)| format!("\"{action}\""));
    let documents = include_str!("../../docs/DEPLOY.md");
    let told = documents.split([',', '\n']).map(str::trim);
    let told = told
        .filter(|text| text.starts_with("\"organizations:"))
        .map(str::to_owned);
    assert_eq!(told.collect::<BTreeSet<_>>(), quoted.collect());
}

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
    let expected = "keys whose user's tags are not known: 1";
    assert_eq!(told, ["scanned", "", expected]);
}
