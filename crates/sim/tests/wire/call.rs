//! One call of each operation, on what there is in [`estate`](crate::request::estate).

use serde_json::{Value, json};

use crate::request::{Answer, Client};

/// A finding of the account's own product that Security Hub takes.
pub(crate) fn finding(id: &str) -> Value {
    let product = "arn:aws:securityhub:eu-west-1:111111111111:product/111111111111/default";
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": id,
        "ProductArn": product,
        "GeneratorId": "census",
        "AwsAccountId": "111111111111",
        "CreatedAt": "2026-11-20T00:00:00Z",
        "UpdatedAt": "2026-11-21T00:00:00Z",
        "Title": "t",
        "Description": "d",
        "Resources": [{"Type": "AwsKmsKey", "Id": "arn:aws:kms:eu-west-1:222222222222:key/key-3"}],
        "FindingProviderFields": {"Severity": {"Label": "LOW"}},
    })
}

impl Client {
    /// Makes the call of an operation on what there is in the world.
    pub(crate) async fn call(&self, operation: &str) -> Answer {
        let (service, word) = operation.split_once(':').unwrap();
        let place = match word {
            "DescribeOrganizationalUnit" => json!({"OrganizationalUnitId": "ou-exam-prod0001"}),
            "ListParents" => json!({"ChildId": "222222222222"}),
            word if word.ends_with("ForParent") => json!({"ParentId": "r-exam"}),
            _ => json!({}),
        };
        let key = json!({"KeyId": "key-1"});
        let (user, access_key) = (
            ("UserName", "anna"),
            ("AccessKeyId", "AKIAANNA000000000001"),
        );
        let topic = ("TopicArn", "arn:aws:sns:eu-west-1:111111111111:digest");
        let event = json!([{"EventBusName": "keycensus", "Source": "census", "DetailType": "d", "Detail": "{}"}]);
        match service {
            "organizations" => self.organizations(word, place).await,
            "kms" => self.kms(word, key).await,
            "account" => self.list_regions(json!({})).await,
            "ec2" => self.ec2(word, &[]).await,
            "cloudtrail" => self.lookup_events(json!({})).await,
            "events" => self.put_events(event).await,
            "securityhub" => self.import_findings(json!([finding("1")])).await,
            "sts" if word == "GetCallerIdentity" => self.query("sts", word, &[]).await,
            "sts" => self.assume("222222222222", "KeycensusReader", &[]).await,
            "iam" if word == "GetAccessKeyLastUsed" => self.query("iam", word, &[access_key]).await,
            "iam" => self.query("iam", word, &[user]).await,
            "sns" => self.query("sns", word, &[topic, ("Message", "m")]).await,
            _ => {
                let (method, path) = match word {
                    "HeadBucket" => ("HEAD", "/reports"),
                    "ListObjectsV2" => ("GET", "/reports?list-type=2"),
                    "PutObject" => ("PUT", "/reports/nightly/keys.csv"),
                    "HeadObject" => ("HEAD", "/reports/nightly/keys.csv"),
                    _ => ("GET", "/reports/nightly/keys.csv"),
                };
                self.s3(method, path, &[], "x").await
            }
        }
    }
}
