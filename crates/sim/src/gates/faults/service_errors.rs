//! Errors of services that faults cause.

use jiff::{SignedDuration, Timestamp};

use crate::{
    aws::operation::Service,
    call::Target,
    gates::attempt::Attempt,
    services::{iam, kms},
    wire::AwsError,
};

/// The service failed.
pub(super) fn internal_error(service: Service) -> AwsError {
    let code = match service {
        Service::Kms => "KMSInternalException",
        Service::Organizations => "ServiceException",
        Service::Account => "InternalServerException",
        Service::Events | Service::SecurityHub => "InternalException",
        Service::Sts => "InternalFailure",
        Service::Iam => "ServiceFailure",
        Service::CloudTrail => "InternalFailure",
        Service::SecretsManager => "InternalServiceError",
        Service::S3 | Service::Sns | Service::Ec2 => "InternalError",
    };
    AwsError::named(
        service,
        code.to_owned(),
        "We encountered an internal error. Please try again.".to_owned(),
    )
}

/// The service is unavailable
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>).
pub(super) fn unavailable(service: Service) -> AwsError {
    let code = match service {
        Service::Ec2 => "Unavailable",
        _ => "ServiceUnavailable",
    };
    AwsError::named(
        service,
        code.to_owned(),
        "Service is unable to handle request.".to_owned(),
    )
}

/// Another write of the object is under way.
pub(super) fn write_conflict() -> AwsError {
    let message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
    AwsError::new("ConditionalRequestConflict", 409, message)
}

/// The signature's time lies too far ahead of the service's, which is `now`.
pub(super) fn not_yet_valid(service: Service, now: Timestamp) -> AwsError {
    const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
    let show = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let after = |start: Timestamp| start.saturating_add(TOLERANCE).unwrap_or(Timestamp::MAX);
    let limit = after(now);
    let message = format!(
        "Signature not yet current: {} is still later than {} ({} + 5 min.)",
        show(after(limit)),
        show(limit),
        show(now)
    );
    match service {
        Service::Kms
        | Service::Organizations
        | Service::Events
        | Service::CloudTrail
        | Service::SecretsManager => AwsError::new("InvalidSignatureException", 400, message),
        Service::Ec2 => AwsError::new("AuthFailure", 401, message),
        Service::Account | Service::SecurityHub => {
            AwsError::new("InvalidSignatureException", 403, message)
        }
        Service::Iam | Service::Sts | Service::Sns => {
            AwsError::new("SignatureDoesNotMatch", 403, message)
        }
        Service::S3 => AwsError::new(
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
        ),
    }
}

/// A key or user that does not exist any more.
pub(super) fn vanished(attempt: Attempt<'_>) -> AwsError {
    if attempt.operation.service() == Service::Iam {
        return iam::no_such_entity(attempt.operation, attempt.resource);
    }
    let named = match attempt.target {
        Some(Target::Key(key)) => &key.id,
        _ => attempt.resource,
    };
    kms::no_such_key(attempt.account, attempt.region, named)
}
