//! The credential scope of Signature Version 4: access key, Region and service of a request.
//!
//! The signature itself is never verified. A client that signs for the wrong Region or service gets the error that AWS
//! answers.

use http::HeaderMap;

use super::header_text;

/// The contents of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) token: Option<&'a str>,
}

/// Why there is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    Missing,
    Incomplete,
}

/// Reads the scope of a signed request.
pub(crate) fn read(headers: &HeaderMap) -> Result<Scope<'_>, Unsigned> {
    let authorization = header_text(headers, "authorization").ok_or(Unsigned::Missing)?;
    let credential = authorization
        .strip_prefix("AWS4-HMAC-SHA256")
        .and_then(|rest| {
            rest.split([' ', ','])
                .find_map(|part| part.strip_prefix("Credential="))
        })
        .ok_or(Unsigned::Incomplete)?;
    let parts: Vec<_> = credential.split('/').collect();
    match parts[..] {
        [access_key, _, region, service, "aws4_request"]
            if authorization.contains("Signature=") =>
        {
            Ok(Scope {
                access_key,
                region,
                service,
                token: header_text(headers, "x-amz-security-token"),
            })
        }
        _ => Err(Unsigned::Incomplete),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(authorization: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(
            http::header::AUTHORIZATION,
            HeaderValue::from_static(authorization),
        )])
    }

    #[test]
    fn a_scope_names_key_region_and_service() {
        let headers = headers(
            "AWS4-HMAC-SHA256 Credential=AKIA1/20261121/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=ab",
        );
        let scope = read(&headers).unwrap();
        assert_eq!(
            (scope.access_key, scope.region, scope.service),
            ("AKIA1", "eu-west-1", "kms")
        );
        assert_eq!(scope.token, None);
    }

    #[test]
    fn no_signature_and_half_a_signature_are_told_apart() {
        assert_eq!(read(&HeaderMap::new()), Err(Unsigned::Missing));
        assert_eq!(read(&headers("Bearer abc")), Err(Unsigned::Incomplete));
        assert_eq!(
            read(&headers(
                "AWS4-HMAC-SHA256 Credential=AKIA1/20261121/eu-west-1/kms, Signature=ab"
            )),
            Err(Unsigned::Incomplete)
        );
    }
}
