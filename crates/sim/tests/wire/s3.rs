use crate::request::scanner;

const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[bucket]]
    name = "reports"
    region = "eu-west-1"
    [[bucket]]
    name = "foreign"
    account = "222222222222"
    region = "eu-west-1"
    [[account]]
    id = "111111111111"
    [[account]]
    id = "222222222222"
"#;

#[tokio::test]
async fn an_object_is_read_back_as_it_was_written() {
    let client = scanner(WORLD);
    let headers = [("content-type", "text/csv"), ("x-amz-meta-run", "7")];
    let put = client
        .s3(
            "PUT",
            "/reports/keys/a%20b.csv?x-id=PutObject",
            &headers,
            "hello",
        )
        .await;
    assert_eq!(
        (put.status, put.header("etag")),
        (200, "\"5d41402abc4b2a76b9719d911017c592\"")
    );
    let get = client.s3("GET", "/reports/keys/a%20b.csv", &[], "").await;
    assert_eq!(
        (
            get.text(),
            get.header("content-type"),
            get.header("x-amz-meta-run")
        ),
        ("hello", "text/csv", "7")
    );
    assert_eq!(get.header("last-modified"), "Sat, 21 Nov 2026 02:00:00 GMT");
    let head = client.s3("HEAD", "/reports/keys/a%20b.csv", &[], "").await;
    assert_eq!((head.header("content-length"), head.text()), ("5", ""));
    assert_eq!(
        client
            .simulator
            .object("reports", "keys/a b.csv")
            .as_deref(),
        Some(&b"hello"[..])
    );
    assert_eq!(client.simulator.objects("reports"), ["keys/a b.csv"]);
}

#[tokio::test]
async fn a_body_that_is_not_the_one_that_was_signed_is_refused() {
    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    const HELLO_BASE64: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    let client = scanner(WORLD);
    let (signed, sum) = ("x-amz-content-sha256", "x-amz-checksum-sha256");
    for (headers, body, status) in [
        ([(signed, HELLO), (sum, HELLO_BASE64)], "hello", 200),
        (
            [(signed, "UNSIGNED-PAYLOAD"), (sum, HELLO_BASE64)],
            "hello",
            200,
        ),
        ([(signed, HELLO), (sum, HELLO_BASE64)], "hullo", 400),
        (
            [(signed, "UNSIGNED-PAYLOAD"), (sum, HELLO_BASE64)],
            "hullo",
            400,
        ),
    ] {
        let put = client.s3("PUT", "/reports/a", &headers, body).await;
        assert_eq!(put.status, status, "{headers:?} {body}");
        let stored = client.simulator.object("reports", "a");
        assert_eq!(stored.as_deref(), Some(&b"hello"[..]), "{headers:?} {body}");
    }
}

#[tokio::test]
async fn a_chunked_upload_is_stored_without_its_framing() {
    let client = scanner(WORLD);
    let headers = [
        ("content-encoding", "aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    assert_eq!(
        client.s3("PUT", "/reports/a", &headers, body).await.status,
        200
    );
    let get = client.s3("GET", "/reports/a", &[], "").await;
    assert_eq!((get.text(), get.header("content-encoding")), ("hello", ""));
}

#[tokio::test]
async fn a_conditional_write_fails_when_the_object_is_there() {
    let client = scanner(WORLD);
    let once = [("if-none-match", "*")];
    assert_eq!(
        client.s3("PUT", "/reports/lock", &once, "1").await.status,
        200
    );
    let second = client.s3("PUT", "/reports/lock", &once, "2").await;
    assert_eq!(second.failure(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(
        client.simulator.object("reports", "lock").as_deref(),
        Some(&b"1"[..])
    );
}

#[tokio::test]
async fn a_bucket_tells_its_region_and_refuses_strangers() {
    let client = scanner(WORLD);
    let head = client.s3("HEAD", "/reports", &[], "").await;
    assert_eq!(
        (head.status, head.header("x-amz-bucket-region")),
        (200, "eu-west-1")
    );
    let elsewhere = client
        .in_region("us-east-1")
        .s3("HEAD", "/reports", &[], "")
        .await;
    assert_eq!(
        (
            elsewhere.status,
            elsewhere.header("x-amz-bucket-region"),
            elsewhere.text()
        ),
        (301, "eu-west-1", "")
    );
    let other_owner = [("x-amz-expected-bucket-owner", "222222222222")];
    assert_eq!(
        client.s3("HEAD", "/reports", &other_owner, "").await.status,
        403
    );
    assert_eq!(client.s3("HEAD", "/foreign", &[], "").await.status, 403);
    assert_eq!(client.s3("HEAD", "/none", &[], "").await.status, 404);
    let answer = client.s3("PUT", "/none/a", &[], "x").await;
    assert_eq!(answer.failure(), (404, "NoSuchBucket".to_owned()));
    let answer = client.s3("GET", "/reports/none", &[], "").await;
    assert_eq!(answer.failure(), (404, "NoSuchKey".to_owned()));
}

#[tokio::test]
async fn objects_are_listed_in_pages_below_a_prefix() {
    let client = scanner(WORLD);
    for key in ["a/1", "a/2", "a/3", "b/1"] {
        client.s3("PUT", &format!("/reports/{key}"), &[], "x").await;
    }
    let first = client
        .s3(
            "GET",
            "/reports?list-type=2&prefix=a%2F&max-keys=2",
            &[],
            "",
        )
        .await;
    assert_eq!(
        (first.element("KeyCount"), first.element("IsTruncated")),
        ("2".to_owned(), "true".to_owned())
    );
    let token = first.element("NextContinuationToken").replace('/', "%2F");
    let path = format!("/reports?list-type=2&prefix=a%2F&max-keys=2&continuation-token={token}");
    let second = client.s3("GET", &path, &[], "").await;
    assert_eq!(
        (second.element("Key"), second.element("IsTruncated")),
        ("a/3".to_owned(), "false".to_owned())
    );
}
