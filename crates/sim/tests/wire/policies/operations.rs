//! What each operation asks for, and of which resource.

use keycensus_sim::{Holder, Use, policy::Because};
use serde_json::json;

use super::{allow, allowing};

/// Every operation with the action it asks for, if that has another name, and the resource, by the service authorization
/// reference.
const ASKED: &str = "
    organizations:ListAccounts *
    organizations:DescribeOrganization *
    organizations:DescribeOrganizationalUnit arn:aws:organizations::111111111111:ou/o-exampleorg1/ou-exam-prod0001
    organizations:ListRoots *
    organizations:ListParents arn:aws:organizations::111111111111:account/o-exampleorg1/222222222222
    organizations:ListAccountsForParent arn:aws:organizations::111111111111:root/o-exampleorg1/r-exam
    organizations:ListOrganizationalUnitsForParent arn:aws:organizations::111111111111:root/o-exampleorg1/r-exam
    sts:AssumeRole arn:aws:iam::222222222222:role/KeycensusReader
    account:ListRegions arn:aws:account::111111111111:account
    kms:ListKeys *
    kms:ListAliases *
    kms:DescribeKey arn:aws:kms:eu-west-1:111111111111:key/key-1
    kms:ListResourceTags arn:aws:kms:eu-west-1:111111111111:key/key-1
    kms:ListKeyRotations arn:aws:kms:eu-west-1:111111111111:key/key-1
    kms:GetKeyLastUsage arn:aws:kms:eu-west-1:111111111111:key/key-1
    iam:GenerateCredentialReport *
    iam:GetCredentialReport *
    iam:ListUsers *
    iam:ListUserTags arn:aws:iam::111111111111:user/ci/anna
    iam:ListAccessKeys arn:aws:iam::111111111111:user/ci/anna
    iam:GetAccessKeyLastUsed arn:aws:iam::111111111111:user/ci/anna
    s3:HeadBucket s3:ListBucket arn:aws:s3:::reports
    s3:ListObjectsV2 s3:ListBucket arn:aws:s3:::reports
    s3:PutObject arn:aws:s3:::reports/nightly/keys.csv
    s3:GetObject arn:aws:s3:::reports/nightly/keys.csv
    s3:HeadObject s3:GetObject arn:aws:s3:::reports/nightly/keys.csv
    sns:GetTopicAttributes arn:aws:sns:eu-west-1:111111111111:digest
    sns:Publish arn:aws:sns:eu-west-1:111111111111:digest
    events:PutEvents arn:aws:events:eu-west-1:111111111111:event-bus/keycensus
    securityhub:BatchImportFindings arn:aws:securityhub:eu-west-1:111111111111:product/111111111111/default
";

/// Operations, actions and resources.
fn asked() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let rows = ASKED
        .trim()
        .lines()
        .map(|row| row.split_whitespace().collect());
    rows.map(|row: Vec<&str>| (row[0], row[row.len() - 2], row[row.len() - 1]))
}

#[tokio::test]
async fn an_operation_asks_for_one_permission_on_one_resource_and_is_refused_without_it() {
    for (operation, action, resource) in asked() {
        let client = allowing(json!([allow("iam:PassRole", "*")]));
        let answer = client.call(operation).await;
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
    for (operation, action, resource) in asked() {
        if operation == "sts:AssumeRole" {
            continue;
        }
        let client = allowing(json!([allow(action, resource)]));
        client
            .simulator
            .put_object("reports", "nightly/keys.csv", "x");
        let answer = client.call(operation).await;
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
    assert_eq!(client.call("sts:GetCallerIdentity").await.status, 200);
    assert_eq!(client.simulator.uses(), []);
}
