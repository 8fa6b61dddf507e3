//! Which callers are let into the member role, and to what the stack makes.

use std::collections::BTreeMap;

use keycensus_sim::{
    cloudformation::{Stack, StackInput},
    policy::{Because, Context, Principal, Request, ResourceIn, decide},
};
use tests::{BUCKET, Scenario, TOPIC, Templates};

const SCANNER: &str = "arn:aws:iam::111111111111:role/keycensus-ScannerRole-1ABC";
const READER: &str = "arn:aws:iam::222222222222:role/KeycensusReader";

/// Whether the member role that is made with these parameters lets a caller in.
fn lets_in(parameters: &[(&str, &str)], caller: &str, context: &Context<'_>) -> bool {
    let input = StackInput {
        name: "reader".to_owned(),
        account: "222222222222".to_owned(),
        region: "eu-west-1".to_owned(),
        parameters: parameters
            .iter()
            .chain(&[("ScannerRoleArn", SCANNER)])
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        names: BTreeMap::new(),
    };
    let roles = Stack::new(&Templates::here().member, input)
        .unwrap()
        .roles()
        .unwrap();
    let role = &roles["ReaderRole"];
    assert_eq!(role.arn, READER);
    let request = Request {
        principal: Principal {
            account: "111111111111",
            arn: caller,
        },
        action: "sts:AssumeRole",
        resource: READER,
        context,
    };
    let policies = Scenario::small("", "").policies();
    let may_assume = policies.scanner.policies.iter().map(|named| &named.policy);
    decide(
        &request,
        may_assume,
        ResourceIn::OtherAccount(Some(&role.trust)),
    )
    .is_ok()
}

#[test]
fn the_member_role_lets_in_the_scanner_with_its_external_id_from_its_organization() {
    let other = "arn:aws:iam::111111111111:role/keycensus-ScannerRole-2DEF";
    let both = [
        ("ExternalId", "census-1"),
        ("OrganizationId", "o-exampleorg1"),
    ];
    let (external_id, organization) = (&both[..1], &both[1..]);
    for (parameters, caller, sent, is_member, is_let_in) in [
        (&[][..], SCANNER, None, true, true),
        (&[], SCANNER, Some("census-1"), true, true),
        (&[], other, None, true, false),
        (&[], "arn:aws:iam::111111111111:root", None, true, false),
        (external_id, SCANNER, Some("census-1"), true, true),
        (external_id, SCANNER, Some("census-2"), true, false),
        (external_id, SCANNER, None, true, false),
        (external_id, other, Some("census-1"), true, false),
        (organization, SCANNER, None, true, true),
        (organization, SCANNER, None, false, false),
        (&both, SCANNER, Some("census-1"), true, true),
        (&both, SCANNER, Some("census-1"), false, false),
        (&both, SCANNER, None, true, false),
    ] {
        let of = if is_member {
            "o-exampleorg1"
        } else {
            "o-another0001"
        };
        let context = Context::default()
            .with("aws:PrincipalOrgID", of)
            .with("aws:ResourceOrgID", of)
            .with_some("sts:ExternalId", sent);
        let found = lets_in(parameters, caller, &context);
        assert_eq!(
            found, is_let_in,
            "{parameters:?} {caller} {sent:?} {is_member}"
        );
    }
}

#[test]
fn the_scanner_enters_no_account_outside_its_organization() {
    let context = |of: &'static str| {
        Context::default()
            .with("aws:PrincipalOrgID", "o-exampleorg1")
            .with("aws:ResourceOrgID", of)
    };
    assert!(lets_in(&[], SCANNER, &context("o-exampleorg1")));
    assert!(!lets_in(&[], SCANNER, &context("o-another0001")));
}

#[test]
fn what_the_stack_makes_denies_plain_http_to_all_callers_and_allows_no_role_anything() {
    let policies = Scenario::small("", "").stack().resource_policies().unwrap();
    let bucket = format!("arn:aws:s3:::{BUCKET}");
    let keys = format!("{bucket}/keycensus/latest/keys.csv");
    let queue = "arn:aws:sqs:us-east-1:111111111111:keycensus-DeadLetterQueue";
    let asked = [
        (&*bucket, "s3:ListBucket", &*bucket),
        (&*bucket, "s3:PutObject", &*keys),
        (TOPIC, "sns:Publish", TOPIC),
        (queue, "sqs:ReceiveMessage", queue),
        (ALARM_TOPIC, "sns:Publish", ALARM_TOPIC),
    ];
    assert_eq!(policies.len(), asked.len() - 1);
    for (on, action, resource) in asked {
        for (is_secure, tls, because) in [
            ("true", "1.3", Because::NoIdentityPolicy),
            ("false", "", Because::DenyInResourcePolicy),
        ] {
            let context = Context::default()
                .with("aws:SecureTransport", is_secure)
                .with("s3:TlsVersion", tls);
            let request = Request {
                principal: Principal {
                    account: "111111111111",
                    arn: "arn:aws:iam::111111111111:role/another",
                },
                action,
                resource,
                context: &context,
            };
            let decision = decide(
                &request,
                [],
                ResourceIn::OwnAccount(Some(&policies[on].policy)),
            );
            assert_eq!(
                decision,
                Err(because),
                "{action} on {resource}, {is_secure}"
            );
        }
    }
}

const ALARM_TOPIC: &str = "arn:aws:sns:us-east-1:111111111111:keycensus-AlarmTopic";

#[test]
fn the_topic_of_the_alarms_lets_in_alarms_of_this_account_and_region_and_nothing_else() {
    let policies = Scenario::small("", "").stack().resource_policies().unwrap();
    for (source, is_let_in) in [
        ("cloudwatch:us-east-1:111111111111:alarm:any", true),
        ("cloudwatch:us-west-2:111111111111:alarm:any", false),
        ("cloudwatch:us-east-1:222222222222:alarm:any", false),
        ("events:us-east-1:111111111111:rule/any", false),
    ] {
        let service = source.split(':').next().unwrap();
        let service = format!("{service}.amazonaws.com");
        let context = Context::default()
            .with("aws:SecureTransport", "true")
            .with("aws:SourceAccount", source.split(':').nth(2).unwrap())
            .with("aws:SourceArn", format!("arn:aws:{source}"));
        let request = Request {
            principal: Principal {
                account: "",
                arn: &service,
            },
            action: "sns:Publish",
            resource: ALARM_TOPIC,
            context: &context,
        };
        let policy = &policies[ALARM_TOPIC].policy;
        let decision = decide(&request, [], ResourceIn::OwnAccount(Some(policy)));
        assert_eq!(decision.is_ok(), is_let_in, "{source}");
    }
}
