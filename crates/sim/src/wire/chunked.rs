//! Decodes `aws-chunked` bodies: chunks with a hexadecimal length (and perhaps a signature), then trailers.

use bytes::Bytes;
use http::HeaderMap;

use super::{AwsError, header_text};

/// The payload of a request body, whether or not it is `aws-chunked`.
pub(crate) fn payload(headers: &HeaderMap, body: Bytes) -> Result<Bytes, AwsError> {
    let text = |name: &str| header_text(headers, name).unwrap_or_default();
    let chunked = text("content-encoding")
        .split(',')
        .any(|coding| coding.trim() == "aws-chunked")
        || text("x-amz-content-sha256").starts_with("STREAMING-");
    if !chunked {
        return Ok(body);
    }
    let malformed = || {
        AwsError::new(
            "IncompleteBody",
            400,
            "The request body is not a whole aws-chunked stream.",
        )
    };
    let decoded = decode(&body).ok_or_else(malformed)?;
    match text("x-amz-decoded-content-length").parse::<usize>() {
        Ok(length) if length != decoded.len() => Err(malformed()),
        _ => Ok(decoded.into()),
    }
}

fn decode(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(rest.len());
    loop {
        let line = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let header = std::str::from_utf8(&rest[..line]).ok()?;
        let length = usize::from_str_radix(header.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[line + 2..];
        if length == 0 {
            // What follows are trailers, such as a checksum.
            return Some(decoded);
        }
        decoded.extend_from_slice(rest.get(..length)?);
        rest = rest.get(length..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(length: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("content-encoding", HeaderValue::from_static("aws-chunked"));
        headers.insert(
            "x-amz-decoded-content-length",
            HeaderValue::from_static(length),
        );
        headers
    }

    #[test]
    fn chunks_are_joined_and_trailers_dropped() {
        let body = Bytes::from_static(b"5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
        assert_eq!(payload(&headers("11"), body).unwrap(), "hello world");
    }

    #[test]
    fn a_body_that_is_cut_short_is_refused() {
        for body in [
            &b"5\r\nhel"[..],
            b"5\r\nhello\r\n",
            b"zz\r\nhello\r\n0\r\n\r\n",
            b"4\r\nhell\r\n0\r\n\r\n",
        ] {
            let error = payload(&headers("5"), Bytes::from_static(body)).unwrap_err();
            assert_eq!(error.code, "IncompleteBody");
        }
    }

    #[test]
    fn a_plain_body_is_left_alone() {
        assert_eq!(
            payload(&HeaderMap::new(), Bytes::from_static(b"5\r\nhello")).unwrap(),
            "5\r\nhello"
        );
    }
}
