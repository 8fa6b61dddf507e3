//! EC2's query protocol, and what EBS has in an account.

use std::time::Duration;

use crate::request::{Answer, Client, scanner};

const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1", "us-east-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "hadoop"
    aliases = ["alias/hadoop"]
    [[account.volume]]
    region = "eu-west-1"
    id = "vol-0001"
    kms_key = "alias/hadoop"
    size = 500
    created = "2024-02-03T04:05:06.789Z"
    attached_to = "i-0001"
    [[account.volume]]
    region = "eu-west-1"
    kms_key = "arn:aws:kms:eu-west-1:222222222222:key/shared"
    [[account.volume]]
    region = "us-east-1"
    [[account.volume]]
    region = "eu-west-1"
    [[account.snapshot]]
    region = "eu-west-1"
    id = "snap-0001"
    volume = "vol-0001"
    kms_key = "hadoop"
    created = "100d"
    description = "nightly <1>"
    [[account.snapshot]]
    region = "eu-west-1"
    [[account]]
    id = "222222222222"
    regions = ["eu-west-1"]
"#;

/// An account with a key and so many volumes that are encrypted with it.
fn with_volumes(count: usize) -> String {
    let key = "[[account]]\nid = \"111111111111\"\nregions = [\"eu-west-1\"]\n[[account.key]]\nregion = \"eu-west-1\"\nid = \"one\"\n";
    let volumes = (0..count).map(|number| {
        format!("[[account.volume]]\nregion = \"eu-west-1\"\nid = \"vol-{number:04}\"\nkms_key = \"one\"\n")
    });
    key.to_owned() + &volumes.collect::<String>()
}

async fn volumes(client: &Client, fields: &[(&str, &str)]) -> Answer {
    client.ec2("DescribeVolumes", fields).await
}

#[tokio::test]
async fn volumes_are_described_with_their_key_and_what_they_are_attached_to() {
    let answer = volumes(&scanner(WORLD), &[]).await;
    let text = answer.text();
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeVolumesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>"),
        "{text}"
    );
    assert!(text.ends_with("</item></volumeSet></DescribeVolumesResponse>"));
    let hadoop = "arn:aws:kms:eu-west-1:111111111111:key/hadoop";
    let shared = "arn:aws:kms:eu-west-1:222222222222:key/shared";
    assert_eq!(answer.elements("kmsKeyId"), [hadoop, shared]);
    assert_eq!(answer.elements("encrypted"), ["true", "true", "false"]);
    let states = answer.elements("status");
    assert_eq!(states, ["attached", "in-use", "available", "available"]);
    assert_eq!(answer.element("instanceId"), "i-0001");
    assert_eq!(answer.element("size"), "500");
    assert_eq!(answer.element("createTime"), "2024-02-03T04:05:06.789Z");
    // A derived ID looks like AWS's.
    let derived = answer.elements("volumeId").pop().unwrap();
    assert_eq!((&derived[..4], derived.len()), ("vol-", 21));
}

#[tokio::test]
async fn snapshots_are_those_that_the_caller_owns() {
    let client = scanner(WORLD);
    for owner in ["self", "111111111111"] {
        let answer = client.ec2("DescribeSnapshots", &[("Owner.1", owner)]).await;
        assert_eq!(answer.elements("snapshotId")[0], "snap-0001");
        assert_eq!(answer.elements("encrypted"), ["true", "false"]);
        assert_eq!(answer.element("volumeId"), "vol-0001");
        assert_eq!(answer.element("startTime"), "2026-08-13T02:00:00.000Z");
        assert_eq!(answer.element("description"), "nightly &lt;1&gt;");
        assert_eq!(answer.element("ownerId"), "111111111111");
    }
    let fields = [("Owner.1", "222222222222")];
    let foreign = client.ec2("DescribeSnapshots", &fields).await;
    assert_eq!(foreign.elements("snapshotId"), Vec::<String>::new());
    let elsewhere = client
        .enter("222222222222")
        .await
        .ec2("DescribeSnapshots", &[("Owner.1", "self")])
        .await;
    assert_eq!(elsewhere.elements("snapshotId"), Vec::<String>::new());
}

#[tokio::test]
async fn a_filter_keeps_what_is_encrypted_or_what_is_not() {
    let client = scanner(WORLD);
    for (values, count) in [
        (&["true"][..], 2),
        (&["false"], 1),
        (&["true", "false"], 3),
        (&["maybe"], 0),
    ] {
        let names = ["Filter.1.Value.1", "Filter.1.Value.2"];
        let mut fields = vec![("Filter.1.Name", "encrypted")];
        fields.extend(names.into_iter().zip(values.iter().copied()));
        let answer = volumes(&client, &fields).await;
        assert_eq!(answer.elements("encrypted").len(), count, "{values:?}");
    }
    let unknown = volumes(&client, &[("Filter.1.Name", "colour")]).await;
    let refused = (400, "InvalidParameterValue".to_owned());
    assert_eq!(unknown.failure(), refused);
}

#[tokio::test]
async fn pages_are_asked_for_by_their_size() {
    let client = scanner(&with_volumes(12));
    assert_eq!(volumes(&client, &[]).await.elements("size").len(), 12);
    let (mut seen, mut sizes, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let mut fields = vec![("MaxResults", "5")];
        if !token.is_empty() {
            fields.push(("NextToken", &token));
        }
        let page = volumes(&client, &fields).await;
        sizes.push(page.elements("size").len());
        seen.extend(page.elements("volumeId"));
        match page.elements("nextToken").pop() {
            Some(next) => token = next,
            None => break,
        }
    }
    assert_eq!(sizes, [5, 5, 2]);
    seen.dedup();
    assert_eq!(seen.len(), 12);
    for (fields, code) in [
        ([("MaxResults", "4")], "InvalidParameterValue"),
        ([("MaxResults", "1001")], "InvalidParameterValue"),
        ([("MaxResults", "many")], "InvalidParameterValue"),
        ([("NextToken", "none")], "InvalidPaginationToken"),
    ] {
        let answer = volumes(&client, &fields).await;
        assert_eq!(answer.failure(), (400, code.to_owned()), "{fields:?}");
    }
}

#[tokio::test]
async fn errors_have_a_form_of_their_own() {
    let refuse = format!("{WORLD}\n[[refuse]]\noperation = \"ec2:*\"");
    let denied = volumes(&scanner(&refuse), &[]).await;
    assert_eq!(denied.failure(), (403, "UnauthorizedOperation".to_owned()));
    let text = denied.text();
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation."),
        "{text}"
    );
    assert!(text.contains("</Message></Error></Errors><RequestID>"));
    assert!(text.ends_with("</RequestID></Response>"), "{text}");

    let client = scanner(WORLD);
    let elsewhere = volumes(&client.in_region("sa-east-1"), &[]).await;
    assert_eq!(elsewhere.failure(), (401, "AuthFailure".to_owned()));
    let other = client.query("ec2", "DescribeVolumes", &[]).await;
    assert_eq!(other.failure(), (400, "NoSuchVersion".to_owned()));
    for (effect, status, code) in [
        ("throttle", 503, "RequestLimitExceeded"),
        ("internal_error", 500, "InternalError"),
        ("unavailable", 503, "Unavailable"),
        ("expired_credentials", 400, "RequestExpired"),
        ("region_not_enabled", 401, "AuthFailure"),
    ] {
        let fault = format!("{WORLD}\n[[fault]]\neffect = \"{effect}\"");
        let client = scanner(&fault);
        let answer = volumes(&client, &[]).await;
        assert_eq!(answer.failure(), (status, code.to_owned()), "{effect}");
        assert_eq!(client.simulator.log()[0].throttled, effect == "throttle");
    }
}

#[tokio::test(start_paused = true)]
async fn each_operation_has_a_bucket_of_a_hundred_that_refills_with_twenty_a_second() {
    let client = scanner(&format!("quotas = true\n{WORLD}"));
    for _ in 0..100 {
        assert_eq!(volumes(&client, &[]).await.status, 200);
    }
    let late = volumes(&client, &[]).await;
    assert_eq!(late.failure(), (503, "RequestLimitExceeded".to_owned()));
    assert_eq!(client.ec2("DescribeSnapshots", &[]).await.status, 200);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(volumes(&client, &[]).await.status, 200);
    assert_eq!(volumes(&client, &[]).await.status, 503);
}

#[tokio::test]
async fn listings_go_wrong_as_those_of_other_services() {
    let world = with_volumes(7);
    let fault = |effect: &str| scanner(&format!("{world}\n[[fault]]\neffect = \"{effect}\""));
    let fields = [("MaxResults", "5")];
    let empty = fault("empty_page");
    let first = volumes(&empty, &fields).await;
    assert_eq!(first.elements("size"), Vec::<String>::new());
    let token = first.element("nextToken");
    let second = volumes(&empty, &[("MaxResults", "5"), ("NextToken", &token)]).await;
    assert_eq!(second.elements("size").len(), 5);

    let twice = volumes(&fault("duplicate_item"), &fields).await;
    assert_eq!(twice.elements("volumeId")[5], "vol-0000");

    let endless = fault("repeat_token");
    let token = volumes(&endless, &fields).await.element("nextToken");
    let again = volumes(&endless, &[("NextToken", &token)]).await;
    assert_eq!(again.element("nextToken"), token);
}
