//! Multipart uploads: `CreateMultipartUpload`, `UploadPart` and `CompleteMultipartUpload`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::Response;
use md5::Md5;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::digest;
use crate::{
    state::{
        State,
        objects::{Object, encryption, etag, hex, kept_headers},
        uploads::{Part, Upload},
    },
    wire::{
        AwsError,
        render::{response, set},
        s3::ObjectRequest,
        xml::element,
    },
};

/// The least that a part has, but for the last
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
const LEAST_BYTES: usize = 5 << 20;
const MOST_PARTS: u32 = 10_000;

const ALGORITHM: &str = "x-amz-checksum-algorithm";
const CHECKSUM: &str = "x-amz-checksum-sha256";

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>.
pub(super) fn create(state: &State, request: &ObjectRequest) -> Response<Bytes> {
    let headers = kept_headers(request);
    let encryption = encryption(&headers);
    let checksum = request.header(ALGORITHM).map(str::to_owned);
    let id = state.uploads.begin(Upload {
        bucket: request.bucket.clone(),
        key: request.key.clone(),
        headers,
        checksum: checksum.clone(),
        parts: Default::default(),
    });
    let mut body = begin("InitiateMultipartUploadResult");
    element(&mut body, "Bucket", &request.bucket);
    element(&mut body, "Key", &request.key);
    element(&mut body, "UploadId", &id);
    body.push_str("</InitiateMultipartUploadResult>");
    let mut answer = response(200, "application/xml", body.into());
    for (name, value) in encryption {
        set(&mut answer, name, &value);
    }
    if let Some(checksum) = checksum {
        set(&mut answer, ALGORITHM, &checksum);
    }
    answer
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>.
pub(super) fn put_part(
    state: &State,
    request: &ObjectRequest,
) -> Result<Response<Bytes>, AwsError> {
    let (id, upload) = find(state, request)?;
    let number = request.query.get("partNumber");
    let number = number
        .and_then(|number| number.parse().ok())
        .filter(|number| (1..=MOST_PARTS).contains(number))
        .ok_or_else(|| {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            AwsError::new("InvalidArgument", 400, message)
        })?;
    digest::check(request)?;
    let etag = etag(&request.body);
    let part = Part {
        bytes: request.body.clone(),
        etag: etag.clone(),
    };
    state.uploads.put(id, number, part);
    let mut answer = response(200, "application/xml", Bytes::new());
    set(&mut answer, "etag", &etag);
    for (name, value) in encryption(&upload.headers) {
        set(&mut answer, name, &value);
    }
    if let Some(sum) = request.header(CHECKSUM) {
        set(&mut answer, CHECKSUM, sum);
    }
    Ok(answer)
}

/// The parts of which an object is made.
#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(rename = "Part", default)]
    parts: Vec<ListedPart>,
}

#[derive(Debug, Deserialize)]
struct ListedPart {
    #[serde(rename = "PartNumber")]
    number: u32,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(rename = "ChecksumSHA256")]
    checksum: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
pub(super) fn complete(
    state: &State,
    request: &ObjectRequest,
) -> Result<Response<Bytes>, AwsError> {
    let (id, upload) = find(state, request)?;
    let listed = std::str::from_utf8(&request.body).ok();
    let listed = listed.and_then(|xml| quick_xml::de::from_str::<Listed>(xml).ok());
    let listed = listed.filter(|listed| !listed.parts.is_empty());
    let listed = listed.ok_or_else(|| {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        AwsError::new("MalformedXML", 400, message)
    })?;
    if !listed.parts.is_sorted_by(|a, b| a.number < b.number) {
        let message = "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
        return Err(AwsError::new("InvalidPartOrder", 400, message));
    }
    let picked = listed.parts.iter().map(|listed| pick(&upload, listed));
    let picked: Vec<&Part> = picked.collect::<Result<_, _>>()?;
    let parts = picked.len();
    if picked[..parts - 1]
        .iter()
        .any(|part| part.bytes.len() < LEAST_BYTES)
    {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        return Err(AwsError::new("EntityTooSmall", 400, message));
    }
    let (mut bytes, mut tags, mut sums) = (Vec::new(), Md5::new(), Sha256::new());
    for part in picked {
        bytes.extend_from_slice(&part.bytes);
        tags.update(Md5::digest(&part.bytes));
        sums.update(Sha256::digest(&part.bytes));
    }
    let object = Object {
        bytes: bytes.into(),
        etag: format!("\"{}-{parts}\"", hex(&tags.finalize())),
        modified: state.clock.now(),
        headers: upload.headers.clone(),
    };
    let encryption = object.encryption();
    let mut body = begin("CompleteMultipartUploadResult");
    let (bucket, key) = (&request.bucket, &request.key);
    element(
        &mut body,
        "Location",
        &format!("https://{bucket}.s3.amazonaws.com/{key}"),
    );
    element(&mut body, "Bucket", bucket);
    element(&mut body, "Key", key);
    element(&mut body, "ETag", &object.etag);
    if upload.has_sums() {
        // A checksum of the parts' checksums, and their number
        // (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>).
        let sum = format!("{}-{parts}", STANDARD.encode(sums.finalize()));
        element(&mut body, "ChecksumSHA256", &sum);
        element(&mut body, "ChecksumType", "COMPOSITE");
    }
    body.push_str("</CompleteMultipartUploadResult>");
    state.uploads.end(id);
    state.objects.insert(bucket, key, object);
    let mut answer = response(200, "application/xml", body.into());
    for (name, value) in encryption {
        set(&mut answer, name, &value);
    }
    Ok(answer)
}

/// The part that a list names.
fn pick<'a>(upload: &'a Upload, listed: &ListedPart) -> Result<&'a Part, AwsError> {
    let part = upload.parts.get(&listed.number);
    let tag = |text: &str| text.trim_matches('"').to_owned();
    let part = part.filter(|part| tag(&part.etag) == tag(&listed.etag));
    let part = part.ok_or_else(invalid_part)?;
    match &listed.checksum {
        Some(sum) if *sum != STANDARD.encode(Sha256::digest(&part.bytes)) => Err(invalid_part()),
        None if upload.has_sums() => Err(without_sum(listed.number)),
        _ => Ok(part),
    }
}

fn begin(root: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    )
}

fn find<'a>(state: &State, request: &'a ObjectRequest) -> Result<(&'a str, Upload), AwsError> {
    let id = request.query.get("uploadId").map_or("", String::as_str);
    let upload = state.uploads.get(id, &request.bucket, &request.key);
    let upload = upload.ok_or_else(|| {
        let message = "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed.";
        AwsError::new("NoSuchUpload", 404, message)
    })?;
    Ok((id, upload))
}

fn invalid_part() -> AwsError {
    let message = "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    AwsError::new("InvalidPart", 400, message)
}

fn without_sum(number: u32) -> AwsError {
    let message = format!(
        "The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request."
    );
    AwsError::new("InvalidRequest", 400, message)
}
