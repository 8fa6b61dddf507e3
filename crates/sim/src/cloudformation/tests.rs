use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

const TEMPLATE: &str = include_str!("tests/template.yaml");

fn input(parameters: &[(&str, &str)]) -> StackInput {
    let trusted = ("Trusted", "arn:aws:iam::111111111111:role/scanner");
    StackInput {
        name: "census".to_owned(),
        account: "111111111111".to_owned(),
        region: "eu-west-1".to_owned(),
        parameters: parameters
            .iter()
            .chain([&trusted])
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        names: BTreeMap::from([("Bucket".to_owned(), "reports-bucket".to_owned())]),
    }
}

fn stack(template: &str, parameters: &[(&str, &str)]) -> Result<Stack, TemplateError> {
    Stack::new(&Template::parse(template)?, input(parameters))
}

fn resolved(part: Value) -> Result<Option<Value>, TemplateError> {
    stack(TEMPLATE, &[("Bus", "default")])
        .unwrap()
        .resolve(&part)
}

#[test]
fn a_role_has_what_its_parameters_turn_on() {
    let statements = |parameters: &[(&str, &str)]| {
        let roles = stack(TEMPLATE, parameters).unwrap().roles().unwrap();
        let role = &roles["Role"];
        assert_eq!(role.arn, "arn:aws:iam::111111111111:role/audit/census-Role");
        assert_eq!(role.trust.statements.len(), 1);
        let all = role
            .policies
            .iter()
            .flat_map(|one| one.policy.statements.clone());
        all.map(|one| (one.actions[0].clone(), one.resources[0].clone()))
            .collect::<Vec<_>>()
    };
    let write = (
        "s3:PutObject".to_owned(),
        "arn:aws:s3:::reports-bucket/reports/*".to_owned(),
    );
    assert_eq!(statements(&[]), [write]);
    let with_bus = statements(&[("Bus", "mine"), ("Prefix", "p")]);
    assert_eq!(with_bus[0].1, "arn:aws:s3:::reports-bucket/p/*");
    assert_eq!(
        with_bus[1].1,
        "arn:aws:events:eu-west-1:111111111111:event-bus/mine"
    );
}

#[test]
fn a_policy_on_a_resource_is_found_by_its_arn() {
    let policies = stack(TEMPLATE, &[]).unwrap().resource_policies().unwrap();
    let arns: Vec<&str> = policies.keys().map(String::as_str).collect();
    assert_eq!(arns, ["arn:aws:s3:::reports-bucket"]);
}

#[test]
fn functions_give_what_cloudformation_gives() {
    for (function, value) in [
        (json!({"Ref": "Prefix"}), json!("reports")),
        (json!({"Ref": "Days"}), json!("90")),
        (json!({"Ref": "Bucket"}), json!("reports-bucket")),
        (
            json!({"Ref": "Topic"}),
            json!("arn:aws:sns:eu-west-1:111111111111:census-Topic"),
        ),
        (
            json!({"Fn::GetAtt": ["Queue", "Arn"]}),
            json!("arn:aws:sqs:eu-west-1:111111111111:census-Queue"),
        ),
        (
            json!({"Fn::Sub": "${Prefix}/${!date}/x"}),
            json!("reports/${date}/x"),
        ),
        (
            json!({"Fn::Sub": ["${a}-${Prefix}", {"a": {"Ref": "Bus"}}]}),
            json!("default-reports"),
        ),
        (
            json!({"Fn::Join": ["/", ["a", {"Ref": "Prefix"}, {"Ref": "AWS::NoValue"}]]}),
            json!("a/reports"),
        ),
        (json!({"Fn::If": ["Both", "yes", "no"]}), json!("yes")),
        (json!([{"Ref": "AWS::NoValue"}, 1]), json!([1])),
        (
            json!({"a": {"Fn::If": ["Either", {"Ref": "AWS::NoValue"}, 1]}, "b": true}),
            json!({"b": true}),
        ),
    ] {
        assert_eq!(resolved(function.clone()), Ok(Some(value)), "{function}");
    }
}

#[test]
fn conditions_hold_as_their_parameters_say() {
    for (bus, days, [has, ninety, both, either]) in [
        ("b", "90", [true, true, true, true]),
        ("", "90", [false, true, false, true]),
        ("b", "9", [true, false, false, true]),
        ("", "9", [false, false, false, false]),
    ] {
        let stack = stack(TEMPLATE, &[("Bus", bus), ("Days", days)]).unwrap();
        let holds = ["HasBus", "IsNinety", "Both", "Either"].map(|name| stack.holds(name).unwrap());
        assert_eq!(holds, [has, ninety, both, either], "{bus:?} {days}");
    }
}

#[test]
fn a_partition_is_that_of_the_region() {
    let china = StackInput {
        region: "cn-north-1".to_owned(),
        ..input(&[])
    };
    let stack = Stack::new(&Template::parse(TEMPLATE).unwrap(), china).unwrap();
    let roles = stack.roles().unwrap();
    assert_eq!(
        roles["Role"].arn,
        "arn:aws-cn:iam::111111111111:role/audit/census-Role"
    );
}

#[test]
fn what_is_not_understood_is_an_error_that_names_it() {
    for (from, to, message) in [
        ("!Ref Trusted", "!ImportValue Trusted", "Fn::ImportValue"),
        ("!Ref Trusted", "!Select [0, [a]]", "Fn::Select"),
        ("!Ref Trusted", "!Ref Nobody", "there is no Nobody"),
        ("!Ref Trusted", "!GetAtt Topic.TopicName", "Topic.TopicName"),
        ("!Ref Trusted", "!GetAtt Queue.Arn", "there is no Queue"),
        ("- HasBus", "- HasBuss", "there is no condition HasBuss"),
        (
            "!Not [!Equals [!Ref Bus, '']]",
            "!Equals [!Ref Bus]",
            "Fn::Equals",
        ),
        (
            "Path: /audit/",
            "ManagedPolicyArns: []",
            "Role.ManagedPolicyArns",
        ),
        (
            "Path: /audit/",
            "PermissionsBoundary: x",
            "Role.PermissionsBoundary",
        ),
        (
            "AWS::S3::Bucket\n",
            "AWS::IAM::ManagedPolicy\n",
            "AWS::IAM::ManagedPolicy",
        ),
        (
            "AWS::S3::Bucket\n",
            "AWS::Serverless::Function\n",
            "Bucket without Role",
        ),
        (
            "AWS::S3::Bucket\n",
            "AWS::Serverless::StateMachine\n",
            "Bucket without Role",
        ),
        (
            "AWS::S3::Bucket\n",
            "AWS::StepFunctions::StateMachine\n",
            "AWS::StepFunctions::StateMachine",
        ),
        (
            "AWS::SNS::Topic\n",
            "AWS::SNS::Topic\n    Properties: { KmsMasterKeyId: mine }\n",
            "KMS key of Topic",
        ),
        (
            "Action: [s3:PutObject]",
            "NotAction: [s3:PutObject]",
            "NotAction",
        ),
    ] {
        assert!(TEMPLATE.contains(from), "{from}");
        let stack = stack(&TEMPLATE.replacen(from, to, 1), &[]).unwrap();
        let error = stack.roles().unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    let twice = TEMPLATE.replacen("Resource: !GetAtt Bucket.Arn\n", "Resource: !GetAtt Bucket.Arn\n  Again:\n    Type: AWS::S3::BucketPolicy\n    Properties: { Bucket: !Ref Bucket, PolicyDocument: { Version: '2012-10-17', Statement: [] } }\n", 1);
    let error = stack(&twice, &[]).unwrap().resource_policies().unwrap_err();
    assert_eq!(error.to_string(), "Bucket has two policies");
}

#[test]
fn parameters_are_complete_and_known() {
    let template = Template::parse(TEMPLATE).unwrap();
    let lacking = StackInput {
        parameters: BTreeMap::new(),
        ..input(&[])
    };
    let error = Stack::new(&template, lacking).unwrap_err();
    assert_eq!(error.to_string(), "parameter Trusted has no value");
    let error = Stack::new(&template, input(&[("Prefx", "p")])).unwrap_err();
    assert_eq!(error.to_string(), "there is no parameter Prefx");
}

#[test]
fn a_tag_of_yaml_and_a_second_document_are_errors() {
    for yaml in [
        "a: !<tag:example.com,2026:x> y",
        "a: 1\n---\nb: 2",
        "a: 1\na: 2",
        "a: [",
        "*x",
    ] {
        assert!(Template::parse(yaml).is_err(), "{yaml}");
    }
}
