//! `CopyObject` (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).

use bytes::Bytes;
use http::Response;

use super::{bucket, no_such_key, precondition_failed};
use crate::{
    call::Call,
    state::{
        State,
        objects::{Object, etag, is_encryption, kept_headers},
    },
    wire::{
        AwsError,
        render::{response, set},
        s3::ObjectRequest,
        xml::element,
    },
};

/// The copy has what the source says of itself, but for its encryption: the request names that.
pub(super) fn copy(
    state: &State,
    call: &Call<'_>,
    request: &ObjectRequest,
) -> Result<Response<Bytes>, AwsError> {
    let (from, key) = request.copy_source().ok_or_else(|| {
        let message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
        AwsError::new("InvalidArgument", 400, message)
    })?;
    let owner = request.header("x-amz-source-expected-bucket-owner");
    bucket(state, call, &from, owner)?;
    let source = state.objects.get(&from, &key).ok_or_else(no_such_key)?;
    let wanted = request.header("x-amz-copy-source-if-match");
    if wanted.is_some_and(|wanted| wanted != source.etag) {
        return Err(precondition_failed());
    }
    let mut headers = source.headers.clone();
    let asked = kept_headers(request);
    let encryption: Vec<_> = headers
        .keys()
        .filter(|name| is_encryption(name))
        .cloned()
        .collect();
    for name in encryption {
        headers.remove(name);
    }
    headers.extend(asked.into_iter().filter_map(|(name, value)| {
        let name = name.filter(is_encryption)?;
        Some((name, value))
    }));
    let object = Object {
        bytes: source.bytes.clone(),
        // Of one piece, whatever the source was made of.
        etag: etag(&source.bytes),
        modified: state.clock.now(),
        headers,
    };
    let mut body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CopyObjectResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">".to_owned();
    let modified = object.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z");
    element(&mut body, "LastModified", &modified.to_string());
    element(&mut body, "ETag", &object.etag);
    body.push_str("</CopyObjectResult>");
    let mut answer = response(200, "application/xml", body.into());
    for (name, value) in object.encryption() {
        set(&mut answer, name, &value);
    }
    state.objects.insert(&request.bucket, &request.key, object);
    Ok(answer)
}
