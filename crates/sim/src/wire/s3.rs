//! S3's REST requests: addresses in path style and virtual-hosted style, and the operation of a request.

use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use bytes::Bytes;
use http::{HeaderMap, Method, request::Parts};
use percent_encoding::percent_decode_str;

use super::{AwsError, chunked, header_text};

/// A request to S3.
#[derive(Clone, Debug)]
pub(crate) struct ObjectRequest {
    pub(crate) method: Method,
    pub(crate) bucket: String,
    /// Empty for requests about the bucket itself.
    pub(crate) key: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Query parameters that do not select another operation.
const PLAIN_PARAMETERS: [&str; 9] = [
    "x-id",
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "continuation-token",
    "start-after",
    "encoding-type",
    "fetch-owner",
];

impl ObjectRequest {
    /// The operation's name, or a description of a request that the simulator does not know.
    pub(crate) fn word(&self) -> Cow<'static, str> {
        let selecting = |name: &&str| !PLAIN_PARAMETERS.contains(name);
        let selects: Vec<&str> = self
            .query
            .keys()
            .map(String::as_str)
            .filter(selecting)
            .collect();
        let is_copy = self.headers.contains_key("x-amz-copy-source");
        let lists = self
            .query
            .get("list-type")
            .is_some_and(|version| version == "2");
        let (no_bucket, no_key) = (self.bucket.is_empty(), self.key.is_empty());
        let known = match (self.method.as_str(), no_bucket, no_key, &*selects) {
            ("HEAD", false, true, []) => Some("HeadBucket"),
            ("GET", false, true, []) if lists => Some("ListObjectsV2"),
            ("PUT", false, false, []) if is_copy => Some("CopyObject"),
            ("PUT", false, false, []) => Some("PutObject"),
            ("PUT", false, false, ["partNumber", "uploadId"]) if !is_copy => Some("UploadPart"),
            ("POST", false, false, ["uploads"]) => Some("CreateMultipartUpload"),
            ("POST", false, false, ["uploadId"]) => Some("CompleteMultipartUpload"),
            ("GET", false, false, []) => Some("GetObject"),
            ("HEAD", false, false, []) => Some("HeadObject"),
            _ => None,
        };
        if let Some(known) = known {
            return Cow::Borrowed(known);
        }
        Cow::Owned(match self.query.get("x-id") {
            Some(word) => word.clone(),
            None if self.method == Method::DELETE && !no_key => "DeleteObject".to_owned(),
            None => {
                let about = match (no_bucket, no_key) {
                    (true, _) => "/",
                    (false, true) => "bucket",
                    (false, false) => "object",
                };
                let query: Vec<_> = self.query.keys().map(String::as_str).collect();
                format!("{} {about}?{}", self.method, query.join("&"))
            }
        })
    }

    /// The bucket and the key that a copy is made from
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>). Versions are not known.
    pub(crate) fn copy_source(&self) -> Option<(String, String)> {
        let source = self.header("x-amz-copy-source")?;
        let source = percent_decode_str(source.trim_start_matches('/')).decode_utf8_lossy();
        let (bucket, key) = source.split_once('/')?;
        Some((bucket.to_owned(), key.to_owned()))
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header_text(&self.headers, name)
    }
}

/// Reads a request to S3.
pub(crate) fn read(head: &Parts, body: Bytes) -> Result<ObjectRequest, AwsError> {
    let host = header_text(&head.headers, "host")
        .or_else(|| head.uri.authority().map(|authority| authority.as_str()))
        .unwrap_or_default();
    let path = head.uri.path().trim_start_matches('/');
    let (bucket, key) = match bucket_of_host(host) {
        Some(bucket) => (bucket, path),
        None => path.split_once('/').unwrap_or((path, "")),
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Ok(ObjectRequest {
        method: head.method.clone(),
        bucket: decode(bucket),
        key: decode(key),
        query: form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        headers: head.headers.clone(),
        body: chunked::payload(&head.headers, body)?,
    })
}

/// The bucket that a virtual-hosted address names; `None` for path style.
fn bucket_of_host(host: &str) -> Option<&str> {
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if is_address || host.starts_with("s3.") || host.starts_with("s3-") {
        return None;
    }
    [".s3.", ".s3-", ".localhost"]
        .into_iter()
        .find_map(|mark| host.find(mark))
        .map(|at| &host[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, uri: &str) -> ObjectRequest {
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .body(())
            .unwrap();
        read(&request.into_parts().0, Bytes::new()).unwrap()
    }

    #[test]
    fn both_address_styles_name_bucket_and_key() {
        for (uri, bucket, key) in [
            (
                "https://reports.s3.eu-west-1.amazonaws.com/a/b%20c.csv",
                "reports",
                "a/b c.csv",
            ),
            (
                "https://reports.2026.s3.eu-west-1.amazonaws.com/a+b",
                "reports.2026",
                "a+b",
            ),
            (
                "https://s3.eu-west-1.amazonaws.com/reports/a",
                "reports",
                "a",
            ),
            ("http://127.0.0.1:4566/reports/a", "reports", "a"),
            ("http://localhost:4566/reports", "reports", ""),
            ("http://reports.localhost:4566/a", "reports", "a"),
            ("https://reports.s3-eu-west-1.amazonaws.com/", "reports", ""),
        ] {
            let request = request("GET", uri);
            assert_eq!(
                (request.bucket.as_str(), request.key.as_str()),
                (bucket, key),
                "{uri}"
            );
        }
    }

    #[test]
    fn a_request_is_named_after_its_operation() {
        for (method, uri, word) in [
            ("HEAD", "http://127.0.0.1/reports", "HeadBucket"),
            (
                "GET",
                "http://127.0.0.1/reports?list-type=2&prefix=a",
                "ListObjectsV2",
            ),
            (
                "PUT",
                "http://127.0.0.1/reports/a?x-id=PutObject",
                "PutObject",
            ),
            ("DELETE", "http://127.0.0.1/reports/a", "DeleteObject"),
            (
                "POST",
                "http://127.0.0.1/reports/a?uploads",
                "CreateMultipartUpload",
            ),
            (
                "PUT",
                "http://127.0.0.1/reports/a?x-id=UploadPart&partNumber=1&uploadId=u",
                "UploadPart",
            ),
            (
                "POST",
                "http://127.0.0.1/reports/a?uploadId=u",
                "CompleteMultipartUpload",
            ),
            (
                "GET",
                "http://127.0.0.1/reports/a?uploadId=u",
                "GET object?uploadId",
            ),
            (
                "GET",
                "http://127.0.0.1/reports?versioning",
                "GET bucket?versioning",
            ),
            ("GET", "http://127.0.0.1/", "GET /?"),
        ] {
            assert_eq!(request(method, uri).word(), word, "{method} {uri}");
        }
    }
}
