//! Renders answers and errors in the protocol of their service.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::{
    AwsError, Reply,
    xml::{self, escape},
};
use crate::aws::operation::Service;

const AWS_JSON: &str = "application/x-amz-json-1.1";

fn xml_namespace(service: Service) -> &'static str {
    match service {
        Service::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
        Service::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
        Service::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        _ => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

/// The answer to a call that succeeded.
pub(crate) fn success(
    service: Service,
    word: &str,
    reply: Reply,
    request_id: &str,
) -> Response<Bytes> {
    match reply {
        Reply::Json(value) => {
            let content_type = match service {
                Service::Account | Service::SecurityHub => "application/json",
                _ => AWS_JSON,
            };
            response(200, content_type, value.to_string().into())
        }
        Reply::Empty => response(200, AWS_JSON, Bytes::new()),
        Reply::Xml(inner) => query(service, word, Some(&inner), request_id),
        Reply::Query(result) if service == Service::Ec2 => ec2(word, &result, request_id),
        Reply::Query(Value::Null) => query(service, word, None, request_id),
        Reply::Query(result) => {
            let inner = xml::tree(&result, "member");
            query(service, word, Some(&inner), request_id)
        }
        Reply::Http(response) => response,
    }
}

/// The answer of a query service, with the inside of its result element if the operation has one.
fn query(service: Service, word: &str, inner: Option<&str>, request_id: &str) -> Response<Bytes> {
    let result = inner.map(|inner| format!("<{word}Result>{inner}</{word}Result>"));
    let body = format!(
        "<{word}Response xmlns=\"{}\">{}<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{word}Response>",
        xml_namespace(service),
        result.unwrap_or_default()
    );
    response(200, "text/xml", body.into())
}

/// The answer of EC2, which has a query protocol of its own: no result element, and items of lists called `item`
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>).
fn ec2(word: &str, result: &Value, request_id: &str) -> Response<Bytes> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{word}Response xmlns=\"{}\"><requestId>{request_id}</requestId>{}</{word}Response>",
        xml_namespace(Service::Ec2),
        xml::tree(result, "item")
    );
    response(200, "text/xml;charset=UTF-8", body.into())
}

/// The answer to a call that failed. A `HEAD` request's answer has no body.
pub(crate) fn failure(
    service: Service,
    error: &AwsError,
    request_id: &str,
    head: bool,
) -> Response<Bytes> {
    let AwsError {
        code,
        status,
        message,
        ..
    } = error;
    let mut answer = match service {
        Service::Kms
        | Service::Organizations
        | Service::Events
        | Service::CloudTrail
        | Service::SecretsManager => {
            let body = json!({"__type": code, "message": message});
            response(*status, AWS_JSON, body.to_string().into())
        }
        Service::Account => {
            let body = json!({"message": message, "errorType": code});
            response(*status, "application/json", body.to_string().into())
        }
        Service::SecurityHub => {
            let body = json!({"Message": message, "Code": code});
            response(*status, "application/json", body.to_string().into())
        }
        Service::Iam | Service::Sts | Service::Sns => {
            let party = if *status < 500 { "Sender" } else { "Receiver" };
            let body = format!(
                "<ErrorResponse xmlns=\"{}\"><Error><Type>{party}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
                xml_namespace(service),
                escape(code),
                escape(message)
            );
            response(*status, "text/xml", body.into())
        }
        Service::Ec2 => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>",
                escape(code),
                escape(message)
            );
            response(*status, "text/xml;charset=UTF-8", body.into())
        }
        Service::S3 if head => response(*status, "application/xml", Bytes::new()),
        Service::S3 => {
            let mut body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>".to_owned();
            xml::element(&mut body, "Code", code);
            xml::element(&mut body, "Message", message);
            xml::element(&mut body, "RequestId", request_id);
            body.push_str("<HostId>sim</HostId></Error>");
            response(*status, "application/xml", body.into())
        }
    };
    if service.uses_json() {
        set(&mut answer, "x-amzn-errortype", code);
    }
    for (name, value) in &error.headers {
        set(&mut answer, name, value);
    }
    answer
}

/// Adds the request ID under the name that the service uses.
pub(crate) fn identify(service: Service, answer: &mut Response<Bytes>, request_id: &str) {
    if service == Service::S3 {
        set(answer, "x-amz-request-id", request_id);
        set(answer, "x-amz-id-2", "sim");
    } else {
        set(answer, "x-amzn-requestid", request_id);
    }
}

/// An answer with this status, content type and body.
pub(crate) fn response(status: u16, content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut answer = Response::new(body);
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// Sets a header, unless its value cannot stand in one.
pub(crate) fn set(answer: &mut Response<Bytes>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}
