use crate::request::estate;

#[tokio::test]
async fn a_body_that_is_not_the_one_that_was_signed_is_refused() {
    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    const HELLO_BASE64: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    let client = estate("");
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
    let client = estate("");
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
async fn a_bucket_is_found_from_every_region() {
    let client = estate("");
    for (region, status) in [("eu-west-1", 200), ("us-east-1", 301)] {
        let head = client
            .in_region(region)
            .s3("HEAD", "/reports", &[], "")
            .await;
        let answered = (head.status, head.header("x-amz-bucket-region"), head.text());
        assert_eq!(answered, (status, "eu-west-1", ""));
    }
}
