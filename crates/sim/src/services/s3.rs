//! Amazon S3.

mod copy;
mod digest;
mod list;
mod multipart;
mod range;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;

use crate::{
    aws::operation::Operation,
    call::{Call, Subject},
    state::{State, objects::Object},
    wire::{
        AwsError, Reply,
        input::Input,
        render::{response, set},
        s3::ObjectRequest,
    },
    world::Bucket,
};

/// What a call is about: the object, or else the bucket.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    let resource = match &call.input {
        Input::Object(request) if request.key.is_empty() => &request.bucket,
        Input::Object(request) => &request.key,
        Input::Json(_) | Input::Form(_) => "",
    };
    Subject::of_caller(call, resource)
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let Input::Object(request) = &call.input else {
        return Err(AwsError::new(
            "InvalidRequest",
            400,
            "This is no request to S3.",
        ));
    };
    let owner = request.header("x-amz-expected-bucket-owner");
    let bucket = bucket(state, call, &request.bucket, owner)?;
    let mut answer = match call.operation {
        Operation::PutObject => put(state, request)?,
        Operation::CopyObject => copy::copy(state, call, request)?,
        Operation::CreateMultipartUpload => multipart::create(state, request),
        Operation::UploadPart => multipart::put_part(state, request)?,
        Operation::CompleteMultipartUpload => multipart::complete(state, request)?,
        Operation::GetObject | Operation::HeadObject => get(state, call, request)?,
        Operation::ListObjectsV2 => list::list_objects(state, request)?,
        _ => response(200, "application/xml", Bytes::new()),
    };
    if call.operation == Operation::HeadBucket {
        set(&mut answer, "x-amz-bucket-region", &bucket.region);
    }
    Ok(Reply::Http(answer))
}

/// Answers that the service failed, after the status of success
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
pub(crate) fn answer_late_error() -> Reply {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>";
    Reply::Http(response(200, "application/xml", body.into()))
}

/// Answers a call about an object that another client has just deleted.
pub(crate) fn answer_deleted(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    if let Input::Object(request) = &call.input {
        state.objects.remove(&request.bucket, &request.key);
        if request.headers.contains_key("if-none-match") {
            return Err(no_such_key());
        }
    }
    answer(state, call)
}

/// The bucket of this name and owner, if the caller may use it and signed for its Region.
fn bucket<'a>(
    state: &'a State,
    call: &Call<'_>,
    name: &str,
    expected_owner: Option<&str>,
) -> Result<&'a Bucket, AwsError> {
    let buckets = &state.world.buckets;
    let found = buckets.iter().find(|bucket| bucket.name == name);
    let bucket = found
        .ok_or_else(|| AwsError::new("NoSuchBucket", 404, "The specified bucket does not exist"))?;
    if bucket.account != call.caller.account
        || expected_owner.is_some_and(|owner| owner != bucket.account)
    {
        return Err(call
            .denied("")
            .with_header("x-amz-bucket-region", &bucket.region));
    }
    if bucket.region != call.region {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
        return Err(AwsError::new("PermanentRedirect", 301, message)
            .with_header("x-amz-bucket-region", &bucket.region));
    }
    Ok(bucket)
}

fn put(state: &State, request: &ObjectRequest) -> Result<Response<Bytes>, AwsError> {
    digest::check(request)?;
    let object = Object::new(request, state.clock.now());
    let tag = object.etag.clone();
    let encryption = object.encryption();
    state
        .objects
        .put(&request.bucket, &request.key, object, |present| {
            let absent_wanted = request.header("if-none-match") == Some("*");
            match (request.header("if-match"), present) {
                (_, Some(_)) if absent_wanted => Err(precondition_failed()),
                (Some(wanted), Some(present)) if wanted != present.etag => {
                    Err(precondition_failed())
                }
                (Some(_), None) => Err(no_such_key()),
                _ => Ok(()),
            }
        })?;
    let mut answer = response(200, "application/xml", Bytes::new());
    set(&mut answer, "etag", &tag);
    for (name, value) in encryption {
        set(&mut answer, name, &value);
    }
    for name in [
        "x-amz-checksum-crc32",
        "x-amz-checksum-crc64nvme",
        "x-amz-checksum-sha256",
    ] {
        if let Some(sum) = request.header(name) {
            set(&mut answer, name, sum);
        }
    }
    Ok(answer)
}

fn get(
    state: &State,
    call: &Call<'_>,
    request: &ObjectRequest,
) -> Result<Response<Bytes>, AwsError> {
    let Some(object) = state.objects.get(&request.bucket, &request.key) else {
        return Err(no_such_key());
    };
    let all = object.bytes.len();
    let range = request
        .header("range")
        .and_then(|range| range::parse(range, all));
    let (status, bytes) = match &range {
        Some(Ok(range)) => (206, object.bytes.slice(range.clone())),
        Some(Err(error)) => return Err(error.clone()),
        None => (200, object.bytes.clone()),
    };
    let length = bytes.len();
    let body = match call.operation {
        Operation::HeadObject => Bytes::new(),
        _ => bytes,
    };
    let mut answer = response(status, "binary/octet-stream", body);
    if let Some(Ok(range)) = range {
        let range = format!("bytes {}-{}/{all}", range.start, range.end - 1);
        set(&mut answer, "content-range", &range);
    }
    for (name, value) in &object.headers {
        answer.headers_mut().insert(name, value.clone());
    }
    set(&mut answer, "etag", &object.etag);
    set(&mut answer, "last-modified", &http_date(object.modified));
    set(&mut answer, "content-length", &length.to_string());
    set(&mut answer, "accept-ranges", "bytes");
    Ok(answer)
}

fn precondition_failed() -> AwsError {
    let message = "At least one of the pre-conditions you specified did not hold";
    AwsError::new("PreconditionFailed", 412, message)
}

fn no_such_key() -> AwsError {
    AwsError::new("NoSuchKey", 404, "The specified key does not exist.")
}

fn http_date(instant: Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
