//! `ListObjectsV2`.

use bytes::Bytes;
use http::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    state::State,
    wire::{AwsError, render::response, s3::ObjectRequest, xml::element},
};

const MOST: usize = 1000;
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// One line of a listing: an object, or all objects below a common prefix.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a, T> {
    Object(&'a str, &'a T),
    Prefix(&'a str),
}

pub(super) fn list_objects(
    state: &State,
    request: &ObjectRequest,
) -> Result<Response<Bytes>, AwsError> {
    let text = |name: &str| request.query.get(name).map_or("", String::as_str);
    let most = match text("max-keys") {
        "" => MOST,
        given => given
            .parse::<usize>()
            .map(|most| most.min(MOST))
            .map_err(|_| {
                AwsError::new(
                    "InvalidArgument",
                    400,
                    "Provided max-keys not an integer or within integer range",
                )
            })?,
    };
    let prefix = text("prefix");
    let after = match text("continuation-token") {
        "" => text("start-after"),
        token => token.strip_prefix("sim-").ok_or_else(|| {
            AwsError::new(
                "InvalidArgument",
                400,
                "The continuation token provided is incorrect",
            )
        })?,
    };
    let objects = state.objects.list(&request.bucket, prefix, after);
    let (lines, last) = lines(&objects, prefix, text("delimiter"), after, most);

    let url = text("encoding-type") == "url";
    let encode = |text: &str| match url {
        true => utf8_percent_encode(text, UNRESERVED).to_string(),
        false => text.to_owned(),
    };
    let mut body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            .to_owned();
    element(&mut body, "Name", &request.bucket);
    element(&mut body, "Prefix", &encode(prefix));
    for name in ["delimiter", "start-after", "continuation-token"] {
        if !text(name).is_empty() {
            let tag = match name {
                "delimiter" => "Delimiter",
                "start-after" => "StartAfter",
                _ => "ContinuationToken",
            };
            element(&mut body, tag, &encode(text(name)));
        }
    }
    if url {
        element(&mut body, "EncodingType", "url");
    }
    element(&mut body, "MaxKeys", &most.to_string());
    element(&mut body, "KeyCount", &lines.len().to_string());
    element(
        &mut body,
        "IsTruncated",
        if last.is_some() { "true" } else { "false" },
    );
    if let Some(last) = last {
        element(&mut body, "NextContinuationToken", &format!("sim-{last}"));
    }
    for line in lines {
        match line {
            Line::Object(key, object) => {
                body.push_str("<Contents>");
                element(&mut body, "Key", &encode(key));
                let modified = object.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z");
                element(&mut body, "LastModified", &modified.to_string());
                element(&mut body, "ETag", &object.etag);
                element(&mut body, "Size", &object.bytes.len().to_string());
                element(&mut body, "StorageClass", "STANDARD");
                body.push_str("</Contents>");
            }
            Line::Prefix(prefix) => {
                body.push_str("<CommonPrefixes>");
                element(&mut body, "Prefix", &encode(prefix));
                body.push_str("</CommonPrefixes>");
            }
        }
    }
    body.push_str("</ListBucketResult>");
    Ok(response(200, "application/xml", body.into()))
}

/// The lines of one page, and the last line's name when more follow.
fn lines<'a, T>(
    objects: &'a [(String, T)],
    prefix: &str,
    delimiter: &str,
    after: &str,
    most: usize,
) -> (Vec<Line<'a, T>>, Option<String>) {
    let mut lines = Vec::new();
    let mut last = "";
    for (key, object) in objects {
        let cut = match delimiter {
            "" => None,
            _ => key[prefix.len()..]
                .find(delimiter)
                .map(|at| prefix.len() + at + delimiter.len()),
        };
        let (name, line) = match cut {
            None => (key.as_str(), Line::Object(key, object)),
            Some(end) => (&key[..end], Line::Prefix(&key[..end])),
        };
        let is_repeated = cut.is_some() && (name == last || name == after);
        if is_repeated {
            continue;
        }
        if lines.len() == most {
            return (lines, (most > 0).then(|| last.to_owned()));
        }
        lines.push(line);
        last = name;
    }
    (lines, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_folds_what_lies_below_it_into_one_line() {
        let objects: Vec<_> = ["a/1", "a/2", "b", "c/1"]
            .map(|key| (key.to_owned(), ()))
            .into();
        let (all, last) = lines(&objects, "", "/", "", 10);
        assert_eq!(
            all,
            [
                Line::Prefix("a/"),
                Line::Object("b", &()),
                Line::Prefix("c/")
            ]
        );
        assert_eq!(last, None);
        let (first, last) = lines(&objects, "", "/", "", 1);
        assert_eq!((first.len(), last.as_deref()), (1, Some("a/")));
        let (flat, last) = lines(&objects, "", "", "", 2);
        assert_eq!((flat.len(), last.as_deref()), (2, Some("a/2")));
    }
}
