//! What each operation asks for, and of which resource.

use keycensus_sim::{Holder, Use, policy::Because};
use serde_json::json;

use super::{KEY, READER, USER, allow, allowing};
use crate::request::{Answer, Client};

/// Makes the call of an operation on what there is in the world.
pub(super) async fn call(client: &Client, operation: &str) -> Answer {
    let (service, word) = operation.split_once(':').unwrap();
    let place = match word {
        "DescribeOrganizationalUnit" => json!({"OrganizationalUnitId": "ou-exam-prod0001"}),
        "ListParents" => json!({"ChildId": "222222222222"}),
        word if word.ends_with("ForParent") => json!({"ParentId": "r-exam"}),
        _ => json!({}),
    };
    let key = json!({"KeyId": "aaaaaaaa-0000-4000-8000-000000000001"});
    let (user, access_key) = (
        ("UserName", "deploy-bot"),
        ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
    );
    let topic = ("TopicArn", "arn:aws:sns:eu-west-1:111111111111:digest");
    let event =
        json!([{"EventBusName": "audit", "Source": "census", "DetailType": "d", "Detail": "{}"}]);
    match service {
        "organizations" => client.organizations(word, place).await,
        "kms" => client.kms(word, key).await,
        "account" => client.list_regions(json!({})).await,
        "events" => client.put_events(event).await,
        "sts" => client.assume("222222222222", "KeycensusReader", &[]).await,
        "iam" if word == "GetAccessKeyLastUsed" => client.query("iam", word, &[access_key]).await,
        "iam" => client.query("iam", word, &[user]).await,
        "sns" => client.query("sns", word, &[topic, ("Message", "m")]).await,
        _ => {
            let (method, path) = match word {
                "HeadBucket" => ("HEAD", "/reports"),
                "ListObjectsV2" => ("GET", "/reports?list-type=2"),
                "PutObject" => ("PUT", "/reports/nightly/keys.csv"),
                "HeadObject" => ("HEAD", "/reports/nightly/keys.csv"),
                _ => ("GET", "/reports/nightly/keys.csv"),
            };
            client.s3(method, path, &[], "x").await
        }
    }
}

/// Every operation with what it asks for, by the service authorization reference.
const ASKED: [(&str, &str, &str); 29] = [
    (
        "organizations:ListAccounts",
        "organizations:ListAccounts",
        "*",
    ),
    (
        "organizations:DescribeOrganization",
        "organizations:DescribeOrganization",
        "*",
    ),
    (
        "organizations:DescribeOrganizationalUnit",
        "organizations:DescribeOrganizationalUnit",
        "arn:aws:organizations::111111111111:ou/o-exampleorg1/ou-exam-prod0001",
    ),
    ("organizations:ListRoots", "organizations:ListRoots", "*"),
    (
        "organizations:ListParents",
        "organizations:ListParents",
        "arn:aws:organizations::111111111111:account/o-exampleorg1/222222222222",
    ),
    (
        "organizations:ListAccountsForParent",
        "organizations:ListAccountsForParent",
        "arn:aws:organizations::111111111111:root/o-exampleorg1/r-exam",
    ),
    (
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "arn:aws:organizations::111111111111:root/o-exampleorg1/r-exam",
    ),
    ("sts:AssumeRole", "sts:AssumeRole", READER),
    (
        "account:ListRegions",
        "account:ListRegions",
        "arn:aws:account::111111111111:account",
    ),
    ("kms:ListKeys", "kms:ListKeys", "*"),
    ("kms:ListAliases", "kms:ListAliases", "*"),
    ("kms:DescribeKey", "kms:DescribeKey", KEY),
    ("kms:ListResourceTags", "kms:ListResourceTags", KEY),
    ("kms:ListKeyRotations", "kms:ListKeyRotations", KEY),
    ("kms:GetKeyLastUsage", "kms:GetKeyLastUsage", KEY),
    (
        "iam:GenerateCredentialReport",
        "iam:GenerateCredentialReport",
        "*",
    ),
    ("iam:GetCredentialReport", "iam:GetCredentialReport", "*"),
    ("iam:ListUsers", "iam:ListUsers", "*"),
    ("iam:ListUserTags", "iam:ListUserTags", USER),
    ("iam:ListAccessKeys", "iam:ListAccessKeys", USER),
    ("iam:GetAccessKeyLastUsed", "iam:GetAccessKeyLastUsed", USER),
    ("s3:HeadBucket", "s3:ListBucket", "arn:aws:s3:::reports"),
    ("s3:ListObjectsV2", "s3:ListBucket", "arn:aws:s3:::reports"),
    (
        "s3:PutObject",
        "s3:PutObject",
        "arn:aws:s3:::reports/nightly/keys.csv",
    ),
    (
        "s3:GetObject",
        "s3:GetObject",
        "arn:aws:s3:::reports/nightly/keys.csv",
    ),
    (
        "s3:HeadObject",
        "s3:GetObject",
        "arn:aws:s3:::reports/nightly/keys.csv",
    ),
    (
        "sns:GetTopicAttributes",
        "sns:GetTopicAttributes",
        "arn:aws:sns:eu-west-1:111111111111:digest",
    ),
    (
        "sns:Publish",
        "sns:Publish",
        "arn:aws:sns:eu-west-1:111111111111:digest",
    ),
    (
        "events:PutEvents",
        "events:PutEvents",
        "arn:aws:events:eu-west-1:111111111111:event-bus/audit",
    ),
];

#[tokio::test]
async fn an_operation_asks_for_one_permission_on_one_resource_and_is_refused_without_it() {
    for (operation, action, resource) in ASKED {
        let client = allowing(json!([allow("iam:PassRole", "*")]));
        let answer = call(&client, operation).await;
        assert!(
            [400, 403].contains(&answer.status),
            "{operation}: {}",
            answer.status
        );
        let refused = Use {
            holder: Holder::Scanner,
            action: action.to_owned(),
            allowed: 0,
            refused: 1,
            first_refused: Some((resource.to_owned(), Because::NoIdentityPolicy)),
        };
        assert_eq!(client.simulator.uses(), [refused], "{operation}");
    }
}

#[tokio::test]
async fn an_operation_is_answered_with_its_permission_alone() {
    for (operation, action, resource) in ASKED {
        if operation == "sts:AssumeRole" {
            continue;
        }
        let client = allowing(json!([allow(action, resource)]));
        client
            .simulator
            .put_object("reports", "nightly/keys.csv", "x");
        let answer = call(&client, operation).await;
        let is_known_error = ["ReportNotPresent", "Credential report"];
        let is_fine = answer.status < 300
            || is_known_error
                .iter()
                .any(|known| answer.text().contains(known));
        assert!(is_fine, "{operation}: {} {}", answer.status, answer.text());
        assert_eq!(client.simulator.uses()[0].allowed, 1, "{operation}");
    }
}

#[tokio::test]
async fn who_calls_needs_no_permission() {
    let client = allowing(json!([]));
    assert_eq!(
        client.query("sts", "GetCallerIdentity", &[]).await.status,
        200
    );
    assert_eq!(client.simulator.uses(), []);
}
