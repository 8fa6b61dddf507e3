//! The `Range` header of `GetObject`
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>,
//! <https://www.rfc-editor.org/rfc/rfc9110.html#name-range>).

use std::ops::Range;

use crate::wire::AwsError;

/// The bytes that a header asks for of an object of `length` bytes; `None`: all of them, because it
/// asks for nothing that can be understood.
pub(super) fn parse(header: &str, length: usize) -> Option<Result<Range<usize>, AwsError>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first, last) {
        ("", last) => length.saturating_sub(last.parse().ok()?)..length,
        (first, "") => first.parse().ok()?..length,
        (first, last) => {
            let last: usize = last.parse().ok()?;
            first.parse().ok()?..last.saturating_add(1).min(length)
        }
    };
    Some(match range.is_empty() {
        false => Ok(range),
        true => Err(AwsError::new(
            "InvalidRange",
            416,
            "The requested range is not satisfiable",
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_range_ends_with_the_byte_that_it_names_and_not_after_the_object() {
        for (header, range) in [
            ("bytes=0-0", Some(0..1)),
            ("bytes=2-5", Some(2..6)),
            ("bytes=2-99", Some(2..10)),
            ("bytes=7-", Some(7..10)),
            ("bytes=-3", Some(7..10)),
            ("lines=1-2", None),
            ("bytes=a-b", None),
        ] {
            let found = parse(header, 10).map(|range| range.unwrap_or(0..0));
            assert_eq!(found, range, "{header}");
        }
        let error = parse("bytes=10-11", 10).unwrap().unwrap_err();
        assert_eq!(error.code, "InvalidRange");
    }
}
