//! Requests without a complete signature.

use http::request::Parts;

use super::{
    AwsError,
    form::Form,
    header_text,
    input::{CLOUD_TRAIL, SECRETS_MANAGER},
    signature::Unsigned,
};
use crate::aws::operation::{Operation, Service};

/// The service that an unsigned request most likely calls, so that the error has its protocol.
pub(crate) fn guess_service(head: &Parts, body: &[u8]) -> Service {
    let target = header_text(&head.headers, "x-amz-target");
    match target {
        Some(target) if target.starts_with("TrentService.") => Service::Kms,
        Some(target) if target.starts_with("AWSEvents.") => Service::Events,
        Some(target) if target.contains(CLOUD_TRAIL) => Service::CloudTrail,
        Some(target) if target.starts_with(SECRETS_MANAGER) => Service::SecretsManager,
        Some(_) => Service::Organizations,
        None if head.uri.path() == "/listRegions" => Service::Account,
        None if head.uri.path() == "/findings/import" => Service::SecurityHub,
        None if body.windows(7).any(|window| window == b"Action=") => {
            let form = Form::parse(body);
            let action = form.get("Action").unwrap_or_default();
            [Service::Sns, Service::Iam, Service::Ec2]
                .into_iter()
                .find(|service| Operation::find(*service, action).is_some())
                .unwrap_or(Service::Sts)
        }
        None => Service::S3,
    }
}

/// A service's answer to a request without a complete signature.
pub(crate) fn error(service: Service, why: Unsigned) -> AwsError {
    match (why, service.uses_json()) {
        (Unsigned::Missing, true) => AwsError::new(
            "MissingAuthenticationTokenException",
            400,
            "Missing Authentication Token",
        ),
        (Unsigned::Missing, false) if service == Service::S3 => {
            AwsError::new("AccessDenied", 403, "Access Denied")
        }
        (Unsigned::Missing, false) => AwsError::new(
            "MissingAuthenticationToken",
            403,
            "Request is missing Authentication Token",
        ),
        (Unsigned::Incomplete, true) => AwsError::new(
            "IncompleteSignatureException",
            400,
            "Authorization header requires 'Credential' and 'Signature' parameters.",
        ),
        (Unsigned::Incomplete, false) => AwsError::new(
            "IncompleteSignature",
            400,
            "Authorization header requires 'Credential' and 'Signature' parameters.",
        ),
    }
}
