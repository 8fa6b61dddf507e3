//! What an error code and an HTTP status say: what can be done about the call, and
//! why it failed.

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use keycensus_core::model::cause::{Cause, Refusal};

use super::Failure;

/// What can be done about a call that `code` was the answer to, and why it failed.
/// `code` is AWS's or one of ours for a call without one; `status` is that of the
/// answer, where there was one, and `message` AWS's, which names the kind of policy
/// that denies a call.
pub(super) fn classify(code: &str, status: Option<u16>, message: &str) -> (Failure, Cause) {
    if THROTTLING_ERRORS.contains(&code) || status == Some(429) {
        return (Failure::Throttled, Cause::Throttled);
    }
    if EXPIRIES.contains(&code) {
        return (Failure::Expired, Cause::Fault);
    }
    if code == UNREADABLE_ANSWER {
        return (Failure::Transient, Cause::UnreadableAnswer);
    }
    if matches!(code, TIMEOUT | CONNECTION_FAILED) || TRANSIENT_ERRORS.contains(&code) {
        return (Failure::Transient, Cause::NotAnswering);
    }
    if CLOCK_SKEW.contains(&code) {
        return (Failure::Transient, Cause::Fault);
    }
    match status {
        Some(500) => (Failure::Transient, Cause::Fault),
        Some(502..=504) => (Failure::Transient, Cause::NotAnswering),
        _ if GONE.contains(&code) => (Failure::Final, Cause::Gone),
        Some(403) => refused(message),
        _ if REFUSALS.contains(&code) => refused(message),
        // An error of S3's that came after the status of success: one of its own.
        Some(200) => (Failure::Transient, Cause::Fault),
        _ => (Failure::Final, Cause::Fault),
    }
}

fn refused(message: &str) -> (Failure, Cause) {
    let refusal = Refusal::of_message(message);
    (Failure::Refused, Cause::Refused(refusal))
}

/// Stands for an error code where no answer came in time.
pub(super) const TIMEOUT: &str = "Timeout";
/// Stands for an error code where the connection broke or could not be made.
pub(super) const CONNECTION_FAILED: &str = "ConnectionFailed";
/// Stands for an error code where an answer cannot be read, or lacks what it must
/// have.
pub(crate) const UNREADABLE_ANSWER: &str = "UnreadableAnswer";

/// Error codes that mean "these credentials are no longer good".
const EXPIRIES: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Error codes of a request that seems to come from another time; a clock that
/// is a little off makes them pass by themselves.
const CLOCK_SKEW: &[&str] = &[
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Error codes that mean "it is not there": KMS, IAM and Organizations have one
/// each, or several
/// (<https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html>).
const GONE: &[&str] = &[
    "NotFoundException",
    "NoSuchEntity",
    "NoSuchEntityException",
    "ResourceNotFoundException",
    "AccountNotFoundException",
    "ChildNotFoundException",
    "OrganizationalUnitNotFoundException",
    "ParentNotFoundException",
    "TargetNotFoundException",
];

/// Error codes that mean "you may not", in AWS's several words for it, where the
/// status need not be 403. A Region that is not enabled for the account answers with
/// the last four
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
const REFUSALS: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "AuthFailure",
    "OptInRequired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
];

#[cfg(test)]
mod tests {
    use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
    use keycensus_core::model::cause::{Cause, PolicyKind, Refusal};

    use super::{Failure, classify};

    #[test]
    fn the_code_and_the_status_of_an_answer_say_what_can_be_done_and_why() {
        let refused = (Failure::Refused, Cause::REFUSED);
        let throttled = (Failure::Throttled, Cause::Throttled);
        let no_answer = (Failure::Transient, Cause::NotAnswering);
        let gone = (Failure::Final, Cause::Gone);
        let fault = (Failure::Final, Cause::Fault);
        for (code, status, expected) in [
            // KMS, STS, S3, Organizations, SNS, EC2: each has words of its own.
            ("AccessDeniedException", Some(400), refused),
            ("AccessDenied", Some(403), refused),
            ("AccessDeniedForDependencyException", Some(400), refused),
            ("AuthorizationError", Some(403), refused),
            ("AuthorizationErrorException", Some(400), refused),
            ("UnauthorizedOperation", Some(403), refused),
            ("AuthFailure", Some(401), refused),
            ("OptInRequired", Some(401), refused),
            ("InvalidClientTokenId", Some(403), refused),
            ("UnrecognizedClientException", Some(400), refused),
            ("RegionDisabledException", Some(403), refused),
            ("Http403", Some(403), refused),
            ("Throttling", Some(400), throttled),
            ("ThrottlingException", Some(400), throttled),
            ("TooManyRequestsException", Some(400), throttled),
            ("RequestLimitExceeded", Some(503), throttled),
            ("SlowDown", Some(503), throttled),
            ("PriorRequestNotComplete", Some(400), throttled),
            ("EC2ThrottledException", Some(503), throttled),
            (
                "ProvisionedThroughputExceededException",
                Some(400),
                throttled,
            ),
            ("Http429", Some(429), throttled),
            ("Timeout", None, no_answer),
            ("ConnectionFailed", None, no_answer),
            ("RequestTimeout", Some(400), no_answer),
            ("ServiceUnavailable", Some(503), no_answer),
            ("Http502", Some(502), no_answer),
            ("Http504", Some(504), no_answer),
            (
                "UnreadableAnswer",
                Some(200),
                (Failure::Transient, Cause::UnreadableAnswer),
            ),
            // S3's, within an answer that began as a success.
            ("AccessDenied", Some(200), refused),
            ("SlowDown", Some(200), throttled),
            (
                "InternalError",
                Some(200),
                (Failure::Transient, Cause::Fault),
            ),
            (
                "KMSInternalException",
                Some(500),
                (Failure::Transient, Cause::Fault),
            ),
            (
                "RequestTimeTooSkewed",
                Some(403),
                (Failure::Transient, Cause::Fault),
            ),
            (
                "ExpiredTokenException",
                Some(400),
                (Failure::Expired, Cause::Fault),
            ),
            ("ExpiredToken", Some(403), (Failure::Expired, Cause::Fault)),
            ("NotFoundException", Some(400), gone),
            ("NoSuchEntity", Some(404), gone),
            ("OrganizationalUnitNotFoundException", Some(400), gone),
            ("KMSInvalidStateException", Some(400), fault),
            ("InvalidArnException", Some(400), fault),
            ("ValidationError", Some(400), fault),
            ("NotSent", None, fault),
            ("", None, fault),
        ] {
            assert_eq!(classify(code, status, ""), expected, "{code} {status:?}");
        }
    }

    #[test]
    fn the_lists_of_the_sdk_are_known_in_full() {
        for code in THROTTLING_ERRORS {
            let throttled = (Failure::Throttled, Cause::Throttled);
            assert_eq!(classify(code, Some(400), ""), throttled, "{code}");
        }
        for code in TRANSIENT_ERRORS {
            let no_answer = (Failure::Transient, Cause::NotAnswering);
            assert_eq!(classify(code, Some(400), ""), no_answer, "{code}");
        }
    }

    #[test]
    fn a_refusal_keeps_the_kind_of_policy_that_denies_the_call() {
        let message = "User: arn:aws:sts::222222222222:assumed-role/R/s is not authorized to perform: \
                       kms:ListKeys with an explicit deny in a service control policy";
        let (_, cause) = classify("AccessDeniedException", Some(400), message);
        let kind = Some(PolicyKind::ServiceControl);
        assert_eq!(cause, Cause::Refused(Refusal::ExplicitDeny(kind)));
        let (_, cause) = classify("ThrottlingException", Some(400), message);
        assert_eq!(cause, Cause::Throttled);
    }
}
