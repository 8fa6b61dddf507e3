//! How answers are written, where the SDKs read past it.

use crate::request::{estate, scanner};

const IAM: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

#[tokio::test]
async fn an_answer_of_iam_has_a_result_unless_there_is_none() {
    let users = estate("").query("iam", "ListUsers", &[]).await;
    let result = format!("<ListUsersResponse xmlns=\"{IAM}\"><ListUsersResult>");
    assert!(users.text().starts_with(&result), "{}", users.text());
    let key = [
        ("UserName", "anna"),
        ("AccessKeyId", "AKIAANNA000000000001"),
        ("Status", "Inactive"),
    ];
    let changed = crate::request::administrator()
        .query("iam", "UpdateAccessKey", &key)
        .await;
    let metadata = format!("<UpdateAccessKeyResponse xmlns=\"{IAM}\"><ResponseMetadata>");
    assert!(changed.text().starts_with(&metadata), "{}", changed.text());
    let none = [("UserName", "none")];
    let missing = estate("").query("iam", "ListUserTags", &none).await;
    assert_eq!(missing.element("Type"), "Sender");
}

#[tokio::test]
async fn an_answer_of_ec2_and_its_errors_have_forms_of_their_own() {
    let answer = estate("").ec2("DescribeVolumes", &[]).await;
    let (text, namespace) = (answer.text(), "http://ec2.amazonaws.com/doc/2016-11-15/");
    let opening = format!("{XML}<DescribeVolumesResponse xmlns=\"{namespace}\"><requestId>");
    assert!(text.starts_with(&opening), "{text}");
    assert!(text.ends_with("</item></volumeSet></DescribeVolumesResponse>"));

    let refused = estate("[[refuse]]\noperation = \"ec2:*\"");
    let denied = refused.ec2("DescribeVolumes", &[]).await;
    let text = denied.text();
    let opening = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.";
    assert!(text.starts_with(&format!("{XML}{opening}")), "{text}");
    assert!(text.contains("</Message></Error></Errors><RequestID>"));
    assert!(text.ends_with("</RequestID></Response>"), "{text}");

    let of_iam = estate("").query("ec2", "DescribeVolumes", &[]).await;
    assert_eq!(of_iam.failure(), (400, "NoSuchVersion".to_owned()));
}

#[tokio::test]
async fn both_names_of_cloudtrail_are_understood() {
    let client = estate("");
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    let headers = [("x-amz-target", target)];
    let answer = client.send("cloudtrail", "POST", "/", &headers, "{}").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(client.simulator.calls().sent("cloudtrail:LookupEvents"), 1);
}

#[tokio::test]
async fn a_refusal_names_its_code_in_a_header_where_the_body_is_plain_json() {
    let denied = estate("[[refuse]]").call("account:ListRegions").await;
    assert_eq!(denied.failure(), (403, "AccessDeniedException".to_owned()));
    assert_eq!(denied.header("x-amzn-errortype"), "AccessDeniedException");
}

#[tokio::test]
async fn an_account_outside_the_organization_has_none() {
    let client =
        scanner("[[account]]\nid = \"111111111111\"\n[scanner]\naccount = \"999999999999\"");
    let answer = client.call("organizations:ListAccounts").await;
    let code = "AWSOrganizationsNotInUseException".to_owned();
    assert_eq!(answer.failure(), (400, code));
}

#[tokio::test]
async fn a_message_reads_as_each_subscriber_gets_it() {
    let client = estate("");
    let fields = [
        ("TopicArn", "arn:aws:sns:eu-west-1:111111111111:digest"),
        ("Subject", "3 keys to review"),
        ("Message", r#"{"default": "line 1\nline 2", "sqs": "{}"}"#),
        ("MessageStructure", "json"),
    ];
    client.query("sns", "Publish", &fields).await;
    let [message] = &client.simulator.messages()[..] else {
        panic!("one message was published");
    };
    let text = "Subject: 3 keys to review\n\nline 1\nline 2";
    assert_eq!(
        (message.text().as_str(), message.body("sqs").as_str()),
        (text, "{}")
    );
}
