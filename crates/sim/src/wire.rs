//! The wire protocols: requests parsed, answers and errors rendered.

pub(crate) mod answer;
pub(crate) mod chunked;
pub(crate) mod form;
pub(crate) mod input;
pub(crate) mod render;
pub(crate) mod s3;
pub(crate) mod signature;
pub(crate) mod unsigned;
pub(crate) mod xml;

use std::borrow::Cow;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use crate::{
    aws::operation::{Operation, Service},
    policy::Because,
};

/// A header's text.
pub(crate) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A result, before it is rendered in a protocol.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The body of a JSON service's answer.
    Json(Value),
    /// The inside of a query service's result element.
    Xml(String),
    /// A query service's result as a tree: see [`xml::tree`]. `Null` for an operation without a result.
    Query(Value),
    /// A JSON service's answer without a body.
    Empty,
    /// An answer whose headers matter: S3.
    Http(http::Response<Bytes>),
}

/// An error as AWS would answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsError {
    pub(crate) code: Cow<'static, str>,
    pub(crate) status: u16,
    pub(crate) message: String,
    /// Further headers of the answer.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl AwsError {
    pub(crate) fn new(
        code: impl Into<Cow<'static, str>>,
        status: u16,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            status,
            message: message.into(),
            headers: Vec::new(),
        }
    }

    /// An error with the HTTP status that the service sends with this code.
    pub(crate) fn named(service: Service, code: String, message: String) -> Self {
        let status = status_of(service, &code);
        Self::new(code, status, message)
    }

    /// The service's own answer to a call that no policy allows.
    pub(crate) fn denied(operation: Operation, caller: &str, resource: &str) -> Self {
        let because = Because::NoIdentityPolicy;
        Self::not_authorized(operation, operation.name(), caller, resource, because)
    }

    /// The service's own answer to a call for which `caller` lacks the permission `name` on a resource
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
    pub(crate) fn not_authorized(
        operation: Operation,
        name: &str,
        caller: &str,
        resource: &str,
        because: Because,
    ) -> Self {
        let service = operation.service();
        let denied_message = |name: &str, resource: &str| {
            let because = match because {
                Because::NoIdentityPolicy => {
                    format!("because no identity-based policy allows the {name} action")
                }
                Because::NoResourcePolicy => {
                    format!("because no resource-based policy allows the {name} action")
                }
                Because::DenyInIdentityPolicy => {
                    "with an explicit deny in an identity-based policy".to_owned()
                }
                Because::DenyInResourcePolicy => {
                    "with an explicit deny in a resource-based policy".to_owned()
                }
            };
            format!(
                "User: {caller} is not authorized to perform: {name} on resource: {resource} {because}"
            )
        };
        let message = match service {
            Service::Organizations => {
                "You don't have permissions to access this resource.".to_owned()
            }
            Service::S3 if !resource.starts_with("arn:") => "Access Denied".to_owned(),
            Service::S3 => denied_message(name, &format!("\"{resource}\"")),
            Service::Ec2 => format!(
                "You are not authorized to perform this operation. User: {caller} is not authorized to perform: {name} because no identity-based policy allows the {name} action"
            ),
            Service::Kms
            | Service::Iam
            | Service::Events
            | Service::CloudTrail
            | Service::SecretsManager
            | Service::SecurityHub
            | Service::Account => denied_message(name, resource),
            Service::Sns => denied_message(&name.replace("sns:", "SNS:"), resource),
            // AWS does not say across accounts.
            Service::Sts => format!(
                "User: {caller} is not authorized to perform: {name} on resource: {resource}"
            ),
        };
        let code = match service {
            Service::Organizations
            | Service::Account
            | Service::Kms
            | Service::Events
            | Service::CloudTrail
            | Service::SecretsManager
            | Service::SecurityHub => "AccessDeniedException",
            Service::Ec2 => "UnauthorizedOperation",
            Service::Iam | Service::Sts | Service::S3 => "AccessDenied",
            Service::Sns => "AuthorizationError",
        };
        Self::new(code, status_of(service, code), message)
    }

    /// The service's own answer to too many calls.
    pub(crate) fn throttled(service: Service) -> Self {
        let (code, message) = match service {
            Service::Kms => (
                "ThrottlingException",
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
            ),
            Service::Organizations => (
                "TooManyRequestsException",
                "AWS Organizations can't complete your request because of a lack of available capacity. Try again later.",
            ),
            Service::Account => ("TooManyRequestsException", "Rate exceeded"),
            Service::Events | Service::CloudTrail | Service::SecretsManager => {
                ("ThrottlingException", "Rate exceeded")
            }
            // Its model has no other error for it.
            Service::SecurityHub => ("LimitExceededException", "Rate exceeded"),
            Service::Ec2 => ("RequestLimitExceeded", "Request limit exceeded."),
            Service::Iam | Service::Sts | Service::Sns => ("Throttling", "Rate exceeded"),
            Service::S3 => ("SlowDown", "Please reduce your request rate."),
        };
        Self::new(code, status_of(service, code), message)
    }

    /// The service's own answer to a token that is unknown, or unknown in this Region.
    pub(crate) fn unknown_token(service: Service) -> Self {
        let message = "The security token included in the request is invalid.";
        match service {
            Service::Kms
            | Service::Organizations
            | Service::Events
            | Service::CloudTrail
            | Service::SecretsManager => Self::new("UnrecognizedClientException", 400, message),
            Service::Ec2 => Self::new(
                "AuthFailure",
                401,
                "AWS was not able to validate the provided access credentials",
            ),
            Service::Account | Service::SecurityHub => {
                Self::new("UnrecognizedClientException", 403, message)
            }
            Service::Iam | Service::Sts | Service::Sns => {
                Self::new("InvalidClientTokenId", 403, message)
            }
            Service::S3 => Self::new(
                "InvalidToken",
                400,
                "The provided token is malformed or otherwise invalid.",
            ),
        }
    }

    /// The service's own answer to an expired session.
    pub(crate) fn expired(service: Service) -> Self {
        let message = "The security token included in the request is expired";
        match service {
            Service::Kms
            | Service::Organizations
            | Service::Events
            | Service::CloudTrail
            | Service::SecretsManager => Self::new("ExpiredTokenException", 400, message),
            Service::Ec2 => Self::new("RequestExpired", 400, "Request has expired."),
            Service::Account | Service::SecurityHub => {
                Self::new("ExpiredTokenException", 403, message)
            }
            Service::Iam | Service::Sts | Service::Sns => Self::new("ExpiredToken", 403, message),
            Service::S3 => Self::new("ExpiredToken", 400, "The provided token has expired."),
        }
    }

    /// Whether a client should slow down because of it.
    pub(crate) fn is_throttle(&self) -> bool {
        matches!(
            self.code.as_ref(),
            "ThrottlingException"
                | "Throttling"
                | "ThrottledException"
                | "TooManyRequestsException"
                | "LimitExceededException"
                | "RequestLimitExceeded"
                | "SlowDown"
        )
    }

    /// A JSON service's answer to a value outside its constraint.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", 400, message)
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The HTTP status that goes with a code.
fn status_of(service: Service, code: &str) -> u16 {
    match (service, code) {
        (Service::S3, "SlowDown") | (_, "ServiceUnavailable") => 503,
        (Service::Ec2, "RequestLimitExceeded" | "Unavailable") => 503,
        (Service::Ec2, "UnauthorizedOperation") => 403,
        (Service::Ec2, "AuthFailure") => 401,
        (Service::Account, "TooManyRequestsException")
        | (Service::SecurityHub, "LimitExceededException") => 429,
        (Service::SecurityHub, "InvalidAccessException") => 401,
        (
            _,
            "InternalError"
            | "InternalFailure"
            | "InternalException"
            | "KMSInternalException"
            | "ServiceException"
            | "InternalServerException"
            | "ServiceFailure",
        ) => 500,
        (_, "DependencyTimeoutException") => 500,
        (Service::S3, "NoSuchBucket" | "NoSuchKey" | "NotFound") | (Service::Sns, "NotFound") => {
            404
        }
        (Service::Iam, "NoSuchEntity" | "ReportInProgress") => 404,
        (Service::Iam, "LimitExceeded") => 409,
        (Service::Iam, "ReportNotPresent" | "ReportExpired") => 410,
        (Service::S3, "PreconditionFailed") => 412,
        (Service::S3, "InvalidRequest" | "ExpiredToken") => 400,
        (Service::S3, _) | (Service::Account | Service::SecurityHub, "AccessDeniedException") => {
            403
        }
        (
            Service::Iam | Service::Sts | Service::Sns,
            "AccessDenied" | "AuthorizationError" | "ExpiredToken" | "InvalidClientTokenId",
        ) => 403,
        _ => 400,
    }
}
