//! Calls under policies: what is asked for, of which resource, and how it is refused.

mod operations;

use std::collections::BTreeMap;

use keycensus_sim::{
    Holder, Policies,
    cloudformation::{Named, Role},
    policy::{Because, Policy},
};
use serde_json::{Value, json};

use crate::request::{Client, estate};

const SCANNER: &str = "arn:aws:iam::111111111111:role/KeycensusScanner";
const READER: &str = "arn:aws:iam::222222222222:role/KeycensusReader";
const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/key-1";

fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn role(arn: &str, trust: &Value, statements: &Value) -> Role {
    let policy = Policy::identity(&document(statements)).unwrap();
    let name = "granted".to_owned();
    Role {
        arn: arn.to_owned(),
        trust: Policy::trust(&document(trust)).unwrap(),
        policies: vec![Named { name, policy }],
    }
}

/// What the scanner may do, whom the reader trusts and what the bucket's policy says.
fn under(statements: Value, trust: Value, bucket: Value) -> Client {
    let client = estate("");
    let bucket = Policy::on_resource(&document(&bucket)).unwrap();
    let policies = Policies {
        scanner: role(SCANNER, &json!([]), &statements),
        members: BTreeMap::from([("222222222222".to_owned(), role(READER, &trust, &json!([])))]),
        on_resources: BTreeMap::from([("arn:aws:s3:::reports".to_owned(), bucket)]),
    };
    client.simulator.enforce(policies).unwrap();
    client
}

pub(crate) fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

pub(crate) fn allowing(statements: Value) -> Client {
    under(statements, json!([]), json!([]))
}

#[tokio::test]
async fn a_refusal_is_worded_as_each_service_words_it() {
    const ME: &str = "User: arn:aws:sts::111111111111:assumed-role/KeycensusScanner/sim is not authorized to perform:";
    let client = allowing(json!([]));
    for (operation, resource, failure) in [
        ("kms:DescribeKey", KEY, (400, "AccessDeniedException")),
        ("iam:ListAccessKeys", "user anna", (403, "AccessDenied")),
        (
            "SNS:Publish",
            "arn:aws:sns:eu-west-1:111111111111:digest",
            (403, "AuthorizationError"),
        ),
        (
            "s3:PutObject",
            "\"arn:aws:s3:::reports/nightly/keys.csv\"",
            (403, "AccessDenied"),
        ),
    ] {
        let answer = client.call(&operation.replace("SNS", "sns")).await;
        assert_eq!(
            answer.failure(),
            (failure.0, failure.1.to_owned()),
            "{operation}"
        );
        let message = if operation.starts_with("kms") {
            answer.json()["message"].as_str().unwrap().to_owned()
        } else {
            answer.element("Message").replace("&quot;", "\"")
        };
        let expected = format!(
            "{ME} {operation} on resource: {resource} because no identity-based policy allows the {operation} action"
        );
        assert_eq!(message, expected);
    }
    // STS does not tell why.
    let sts = client.call("sts:AssumeRole").await;
    let expected = format!("{ME} sts:AssumeRole on resource: {READER}");
    assert_eq!(sts.element("Message"), expected);
    let organizations = client.call("organizations:ListAccounts").await;
    let denied = (400, "AccessDeniedException".to_owned());
    assert_eq!(organizations.failure(), denied);
}

#[tokio::test]
async fn a_role_is_assumed_if_the_caller_may_and_the_role_trusts_it() {
    let may = json!([{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/KeycensusReader",
        "Condition": {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
    }]);
    let trust = |principal: &str, condition: Value| json!([{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}]);
    let with_id = json!({"StringEquals": {"sts:ExternalId": "census-1"}});
    let of_organization = |id: &str| json!({"StringEquals": {"aws:PrincipalOrgID": id}});
    let other = json!([allow("sts:AssumeRole", "arn:aws:iam::*:role/Other")]);
    let another_role = "arn:aws:iam::111111111111:role/other";
    for (may, trust, sent, status) in [
        (&may, trust(SCANNER, json!({})), "", 200),
        (&may, trust("111111111111", json!({})), "", 200),
        (&may, trust(another_role, json!({})), "", 403),
        (&may, trust(SCANNER, with_id.clone()), "", 403),
        (&may, trust(SCANNER, with_id.clone()), "census-2", 403),
        (&may, trust(SCANNER, with_id), "census-1", 200),
        (
            &may,
            trust(SCANNER, of_organization("o-exampleorg1")),
            "",
            200,
        ),
        (&may, trust(SCANNER, of_organization("o-another")), "", 403),
        (&other, trust(SCANNER, json!({})), "", 403),
        (&json!([]), trust(SCANNER, json!({})), "", 403),
        (&may, json!([]), "", 403),
    ] {
        let client = under(may.clone(), trust.clone(), json!([]));
        let further = [("ExternalId", sent)];
        let further = &further[usize::from(sent.is_empty())..];
        let answer = client
            .assume("222222222222", "KeycensusReader", further)
            .await;
        assert_eq!(answer.status, status, "{may} {trust} {sent}");
    }
}

#[tokio::test]
async fn a_session_may_do_what_its_role_may() {
    let may = json!([allow("sts:AssumeRole", READER), allow("kms:*", "*")]);
    let trust =
        json!([{"Effect": "Allow", "Principal": {"AWS": SCANNER}, "Action": "sts:AssumeRole"}]);
    let member = under(may, trust, json!([])).enter("222222222222").await;
    let denied = member.kms("ListKeys", json!({})).await;
    assert_eq!(denied.failure(), (400, "AccessDeniedException".to_owned()));
    let uses = member.simulator.uses();
    let of_member: Vec<_> = uses
        .iter()
        .filter(|one| one.holder == Holder::Member)
        .collect();
    assert_eq!(of_member.len(), 1);
    assert_eq!(of_member[0].action, "kms:ListKeys");
}

#[tokio::test]
async fn a_key_whose_policy_does_not_leave_it_to_the_account_is_denied() {
    let client = allowing(json!([allow("kms:*", "*")]));
    let own = client
        .kms("DescribeKey", json!({"KeyId": "withheld"}))
        .await;
    assert_eq!(own.failure(), (400, "AccessDeniedException".to_owned()));
    let message = own.json()["message"].to_string();
    assert!(
        message.contains("because no resource-based policy allows the kms:DescribeKey action"),
        "{message}"
    );
    assert_eq!(client.call("kms:DescribeKey").await.status, 200);
    // The listing is not about a key.
    assert_eq!(client.call("kms:ListKeys").await.status, 200);
}

#[tokio::test]
async fn what_is_missing_is_told_to_who_may_list_only() {
    let object = "arn:aws:s3:::reports/*";
    let may = json!([allow("s3:GetObject", object)]);
    let denied = allowing(may.clone()).call("s3:GetObject").await;
    assert_eq!(denied.failure(), (403, "AccessDenied".to_owned()));
    let may = json!([may[0], allow("s3:ListBucket", "arn:aws:s3:::reports")]);
    let missing = allowing(may).call("s3:GetObject").await;
    assert_eq!(missing.failure(), (404, "NoSuchKey".to_owned()));
}

#[tokio::test]
async fn to_write_over_what_is_there_takes_to_read_it() {
    let object = "arn:aws:s3:::reports/*";
    let write = allow("s3:PutObject", object);
    for (may, status) in [
        (json!([write]), 403),
        (json!([write, allow("s3:GetObject", object)]), 412),
    ] {
        let client = allowing(may);
        client.simulator.put_object("reports", "a", "there");
        let answer = client
            .s3("PUT", "/reports/a", &[("if-match", "\"other\"")], "x")
            .await;
        assert_eq!(answer.status, status);
        let absent = client
            .s3("PUT", "/reports/b", &[("if-none-match", "*")], "x")
            .await;
        assert_eq!(absent.status, 200);
    }
}

#[tokio::test]
async fn a_buckets_policy_denies_plain_http() {
    let deny = json!([{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]);
    let client = under(json!([allow("s3:*", "*")]), json!([]), deny);
    for (method, path) in [("HEAD", "/reports"), ("PUT", "/reports/nightly/keys.csv")] {
        let plain = client.request("s3", method, path, &[], "");
        let mut by_tls = client.request("s3", method, path, &[], "");
        *by_tls.uri_mut() = format!("https://127.0.0.1:4566{path}").parse().unwrap();
        assert_eq!(client.raw(plain).await.status, 403, "{method}");
        assert_eq!(client.raw(by_tls).await.status, 200, "{method}");
    }
    for used in client.simulator.uses() {
        let (_, because) = used.first_refused.unwrap();
        assert_eq!(because, Because::DenyInResourcePolicy, "{}", used.action);
    }
}

#[tokio::test]
async fn a_condition_on_what_no_call_carries_is_not_enforced_silently() {
    let mut statement = allow("s3:*", "*");
    statement["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgId2": "o-exampleorg1"}});
    let policies = Policies {
        scanner: role(SCANNER, &json!([]), &json!([statement])),
        members: BTreeMap::new(),
        on_resources: BTreeMap::new(),
    };
    let error = estate("").simulator.enforce(policies).unwrap_err();
    assert!(error.to_string().contains("aws:principalorgid2"), "{error}");
}
