//! Objects that are put in parts, and copies of objects.

use keycensus_sim::policy::Because;
use serde_json::json;

use crate::{
    policies::{allow, allowing},
    request::{Answer, Client, estate},
};

const OBJECT: &str = "/reports/nightly/keys.csv";
/// The least that a part has, but for the last.
const LEAST: usize = 5 << 20;
const BY_SHA256: [(&str, &str); 1] = [("x-amz-checksum-algorithm", "SHA256")];

/// Begins an upload, and gives its ID.
async fn begin(client: &Client, headers: &[(&str, &str)]) -> String {
    let begun = client
        .s3("POST", &format!("{OBJECT}?uploads"), headers, "")
        .await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    begun.element("UploadId")
}

async fn put(client: &Client, id: &str, number: usize, bytes: Vec<u8>) -> Answer {
    let path = format!("{OBJECT}?partNumber={number}&uploadId={id}");
    client.s3("PUT", &path, &[], bytes).await
}

/// Completes an upload with parts by number, tag and SHA-256.
async fn complete(client: &Client, id: &str, parts: &[(usize, &str, &str)]) -> Answer {
    let parts = parts.iter().map(|(number, tag, sum)| {
        let sum = match *sum {
            "" => String::new(),
            sum => format!("<ChecksumSHA256>{sum}</ChecksumSHA256>"),
        };
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag>{sum}</Part>")
    });
    let parts: String = parts.collect();
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    client
        .s3("POST", &format!("{OBJECT}?uploadId={id}"), &[], body)
        .await
}

#[tokio::test]
async fn an_object_is_made_of_its_parts_in_the_order_of_their_numbers() {
    let client = estate("");
    let id = begin(&client, &[("content-type", "text/csv")]).await;
    let last = put(&client, &id, 7, b"end".to_vec()).await;
    let first = put(&client, &id, 2, vec![b'a'; LEAST]).await;
    assert_eq!(client.simulator.object("reports", "nightly/keys.csv"), None);
    let parts = [(2, first.header("etag"), ""), (7, last.header("etag"), "")];
    let completed = complete(&client, &id, &parts).await;
    assert_eq!(completed.status, 200, "{}", completed.text());
    assert!(
        completed.element("ETag").ends_with("-2&quot;"),
        "{}",
        completed.text()
    );
    let object = client
        .simulator
        .object("reports", "nightly/keys.csv")
        .unwrap();
    assert!(object.len() == LEAST + 3 && object.ends_with(b"aend"));
    let get = client.s3("GET", OBJECT, &[], "").await;
    assert_eq!(get.header("content-type"), "text/csv");
    // It is over.
    let again = complete(&client, &id, &parts).await;
    assert_eq!(again.failure(), (404, "NoSuchUpload".to_owned()));
    let more = put(&client, &id, 8, b"more".to_vec()).await;
    assert_eq!(more.failure(), (404, "NoSuchUpload".to_owned()));
}

#[tokio::test]
async fn what_is_no_list_of_the_parts_is_refused() {
    let client = estate("");
    let id = begin(&client, &BY_SHA256).await;
    let [small, end] = [
        put(&client, &id, 1, b"a".to_vec()).await,
        put(&client, &id, 2, b"b".to_vec()).await,
    ];
    let (small, end) = (small.header("etag"), end.header("etag"));
    let (sum_a, sum_b) = (
        "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=",
        "PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=",
    );
    for (parts, code) in [
        (&[][..], "MalformedXML"),
        (&[(2, end, sum_b), (1, small, sum_a)], "InvalidPartOrder"),
        (&[(1, small, sum_a), (3, end, sum_b)], "InvalidPart"),
        (&[(1, end, sum_a)], "InvalidPart"),
        (&[(1, small, sum_b)], "InvalidPart"),
        (&[(1, small, "")], "InvalidRequest"),
        (&[(1, small, sum_a), (2, end, sum_b)], "EntityTooSmall"),
    ] {
        let answer = complete(&client, &id, parts).await;
        let status = answer.status;
        assert_eq!(
            (status, answer.failure().1.as_str()),
            (400, code),
            "{parts:?}"
        );
    }
    // The last may be small, and the checksum is that of the parts' checksums.
    let one = complete(&client, &id, &[(1, small, sum_a)]).await;
    assert_eq!(one.element("ChecksumType"), "COMPOSITE");
    assert_eq!(
        one.element("ChecksumSHA256"),
        "v106/7c+/S7Gw2rTES3ZM+/tY8Thy//PqI4nWcFE8tg=-1"
    );
}

#[tokio::test]
async fn parts_have_numbers_to_10_000_and_the_hash_that_was_signed() {
    let client = estate("");
    let id = begin(&client, &[]).await;
    for (number, status) in [(0, 400), (1, 200), (10_000, 200), (10_001, 400)] {
        assert_eq!(
            put(&client, &id, number, b"a".to_vec()).await.status,
            status,
            "{number}"
        );
    }
    let other = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let path = format!("{OBJECT}?partNumber=1&uploadId={id}");
    let wrong = client
        .s3("PUT", &path, &[("x-amz-content-sha256", other)], "a")
        .await;
    assert_eq!(
        wrong.failure(),
        (400, "XAmzContentSHA256Mismatch".to_owned())
    );
}

#[tokio::test]
async fn a_copy_is_of_the_version_that_is_named_and_has_an_encryption_of_its_own() {
    let client = estate("");
    let headers = [
        ("content-type", "text/csv"),
        ("x-amz-server-side-encryption", "aws:kms"),
    ];
    let put = client.s3("PUT", "/reports/a%20b", &headers, "hello").await;
    let tag = put.header("etag");
    let source = ("x-amz-copy-source", "reports/a%20b");
    let owner = "x-amz-source-expected-bucket-owner";
    for (more, failure) in [
        (
            ("x-amz-copy-source-if-match", "\"other\""),
            (412, "PreconditionFailed"),
        ),
        ((owner, "222222222222"), (403, "AccessDenied")),
    ] {
        let refused = client.s3("PUT", OBJECT, &[source, more], "").await;
        assert_eq!(refused.failure(), (failure.0, failure.1.to_owned()));
    }
    let missing = client
        .s3("PUT", OBJECT, &[("x-amz-copy-source", "/reports/b")], "")
        .await;
    assert_eq!(missing.failure(), (404, "NoSuchKey".to_owned()));
    let same = ("x-amz-copy-source-if-match", tag);
    let copied = client
        .s3("PUT", OBJECT, &[source, same, (owner, "111111111111")], "")
        .await;
    assert_eq!(copied.status, 200, "{}", copied.text());
    let get = client.s3("GET", OBJECT, &[], "").await;
    assert_eq!(
        (get.text(), get.header("content-type")),
        ("hello", "text/csv")
    );
    assert_eq!(get.header("x-amz-server-side-encryption"), "");
}

#[tokio::test]
async fn an_error_may_come_after_the_status_of_success() {
    for (operation, path, header) in [
        (
            "s3:CopyObject",
            OBJECT.to_owned(),
            [("x-amz-copy-source", "reports/a")],
        ),
        (
            "s3:CompleteMultipartUpload",
            format!("{OBJECT}?uploadId=u"),
            [("x-id", "x")],
        ),
    ] {
        let client = estate(&format!(
            "[[fault]]\noperation = '{operation}'\neffect = 'late_error'\n"
        ));
        let method = if operation.ends_with("Upload") {
            "POST"
        } else {
            "PUT"
        };
        client.simulator.put_object("reports", "a", "x");
        let answer = client.s3(method, &path, &header, "").await;
        assert_eq!(answer.failure(), (200, "InternalError".to_owned()));
        assert_eq!(client.simulator.object("reports", "nightly/keys.csv"), None);
    }
}

#[tokio::test]
async fn parts_and_copies_take_to_write_the_object_and_a_copy_takes_to_read_its_source() {
    let object = "arn:aws:s3:::reports/nightly/keys.csv";
    let write = allow("s3:PutObject", object);
    let client = allowing(json!([write]));
    let id = begin(&client, &[]).await;
    let part = put(&client, &id, 1, b"a".to_vec()).await;
    let completed = complete(&client, &id, &[(1, part.header("etag"), "")]).await;
    assert_eq!(completed.status, 200, "{}", completed.text());
    assert_eq!(client.simulator.uses()[0].allowed, 3);
    let read = allow("s3:GetObject", "arn:aws:s3:::reports/a");
    for (may, status) in [
        (json!([write]), 403),
        (json!([read]), 403),
        (json!([write, read]), 200),
    ] {
        let client = allowing(may);
        client.simulator.put_object("reports", "a", "x");
        let copy = client
            .s3("PUT", OBJECT, &[("x-amz-copy-source", "reports/a")], "")
            .await;
        assert_eq!(copy.status, status);
    }
}

#[tokio::test]
async fn under_a_kms_key_parts_take_to_decrypt_with_it_and_so_does_a_copy() {
    const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/key-1";
    let by_key = [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", KEY),
    ];
    let client = allowing(json!([
        allow("s3:*", "*"),
        allow("kms:GenerateDataKey", KEY)
    ]));
    let id = begin(&client, &by_key).await;
    assert_eq!(put(&client, &id, 1, b"a".to_vec()).await.status, 403);
    assert_eq!(
        client.s3("PUT", "/reports/a", &by_key, "x").await.status,
        200
    );
    let source = ("x-amz-copy-source", "reports/a");
    assert_eq!(client.s3("PUT", OBJECT, &[source], "").await.status, 403);
    let uses = client.simulator.uses();
    let decrypt = uses
        .iter()
        .find(|used| used.action == "kms:Decrypt")
        .unwrap();
    assert_eq!((decrypt.allowed, decrypt.refused), (0, 2));
    let why = decrypt.first_refused.as_ref().unwrap();
    assert_eq!(*why, (KEY.to_owned(), Because::NoIdentityPolicy));
}
