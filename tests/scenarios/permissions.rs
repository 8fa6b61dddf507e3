//! The templates grant what is called, and nothing else, whatever the settings say.

mod call_sites;
mod documents;
mod wanting;

use std::collections::BTreeSet;

use tests::{
    Templates,
    permissions::{self, CASES, Change, EVERYTHING, LONG_CENSUS, Permission, Proof},
};

#[tokio::test(start_paused = true)]
async fn under_every_setting_exactly_what_is_called_is_granted() {
    for case in CASES {
        let proof = Proof::of(Templates::here(), &case).await;
        assert_eq!(proof.gaps, Vec::<String>::new(), "{}", case.name);
        assert_eq!(proof.refused, BTreeSet::new(), "{}", case.name);
        // Granted and not called, or called and not granted.
        let differing: Vec<_> = proof.granted.symmetric_difference(&proof.called).collect();
        assert_eq!(differing, Vec::<&Permission>::new(), "{}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn without_one_action_or_resource_of_a_statement_a_call_is_refused() {
    let removals = Change::every_removal(Templates::here());
    assert!(removals.len() > 30, "{}", removals.len());
    for removal in removals {
        let templates = removal.made_to(Templates::here());
        let mut refused = Proof::of(&templates, &EVERYTHING).await.refused;
        if refused.is_empty() {
            refused = Proof::of(&templates, &LONG_CENSUS).await.refused;
        }
        assert_ne!(refused, BTreeSet::new(), "{removal}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_action_more_is_found_to_be_granted_and_not_called() {
    // A statement is there in one of these cases, or in both.
    let mut called = Vec::new();
    for case in [EVERYTHING, LONG_CENSUS] {
        called.push((case, Proof::of(Templates::here(), &case).await.called));
    }
    for action in ["kms:ScheduleKeyDeletion", "kms:*", "*"] {
        let additions = Change::every_addition(Templates::here(), action);
        assert!(additions.len() > 15, "{}", additions.len());
        for addition in additions {
            let templates = addition.made_to(Templates::here());
            let only_granted: BTreeSet<_> = called
                .iter()
                .flat_map(|(case, called)| &permissions::granted(&templates, case) - called)
                .collect();
            assert_eq!(only_granted.len(), 1, "{addition}");
        }
    }
}

#[test]
fn each_setting_that_takes_something_away_takes_permissions_away() {
    let granted_in = |case| permissions::granted(Templates::here(), case);
    let everything = &granted_in(&EVERYTHING) | &granted_in(&LONG_CENSUS);
    let mut depending = BTreeSet::new();
    for case in &CASES {
        let granted = granted_in(case);
        let lacking: Vec<_> = everything.difference(&granted).cloned().collect();
        assert_ne!(lacking, [], "{}", case.name);
        depending.extend(lacking);
    }
    // Every statement below a condition is one that some case lacks.
    let conditional = Change::conditional_actions(Templates::here());
    assert_eq!(depending, conditional);
}

/// The actions for which the service authorization reference has no resource, or, for the credentials of all
/// users, does not say which.
const WITHOUT_RESOURCE: [&str; 11] = [
    "cloudtrail:LookupEvents",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:ListServiceSpecificCredentials",
    "iam:ListUsers",
    "kms:ListAliases",
    "kms:ListKeys",
    "organizations:ListAccounts",
    "secretsmanager:ListSecrets",
];

#[test]
fn every_resource_is_named_where_aws_defines_one_and_nothing_is_granted_twice() {
    let policies = permissions::policies(Templates::here(), &EVERYTHING);
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
    let policies = permissions::policies(Templates::here(), &EVERYTHING);
    let member = &policies.members["111111111111"];
    let mut names: Vec<_> = member.policies.iter().map(|one| &*one.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "list-regions",
            "list-secrets",
            "look-up-events",
            "read-access-keys",
            "read-kms-keys"
        ]
    );
    for policy in &member.policies {
        let is_of_scanner = policies.scanner.policies.contains(policy);
        assert!(is_of_scanner, "{}", policy.name);
    }
}
