"""Where AWS answers otherwise than its service models say, each with its source."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service_models import Problem

JSON_SERVICES = {"account", "cloudtrail", "events", "kms", "organizations", "secretsmanager", "securityhub"}
QUERY_SERVICES = {"iam", "sns", "sts"}


@dataclass(frozen=True)
class CommonErrors:
    """Error codes that every operation of some services can answer, which no model lists."""

    services: set[str]
    codes: set[str]
    source: str


COMMON_ERRORS = [
    CommonErrors(
        JSON_SERVICES | QUERY_SERVICES,
        {
            "AccessDeniedException",
            "ExpiredTokenException",
            "InternalFailure",
            "RequestExpired",
            "ServiceUnavailable",
            "ThrottlingException",
            "UnrecognizedClientException",
            "ValidationError",
        },
        "https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html",
    ),
    # The page before its revision of 2025, as services still have it.
    CommonErrors(
        QUERY_SERVICES,
        {"InvalidClientTokenId"},
        "https://docs.aws.amazon.com/emr/latest/APIReference/CommonErrors.html",
    ),
    CommonErrors(
        QUERY_SERVICES,
        {"AccessDenied"},
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    ),
    CommonErrors(
        QUERY_SERVICES,
        {"ExpiredToken"},
        "https://repost.aws/knowledge-center/sts-iam-token-expired",
    ),
    CommonErrors(
        QUERY_SERVICES,
        {"SignatureDoesNotMatch"},
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
    ),
    CommonErrors(
        JSON_SERVICES,
        {"InvalidSignatureException"},
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
    ),
    # The codes that AWS's SDKs take for throttling.
    CommonErrors(
        QUERY_SERVICES,
        {"Throttling"},
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html",
    ),
    CommonErrors(
        {"iam"},
        {"ServiceFailure"},
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html",
    ),
    CommonErrors(
        {"ec2"},
        {
            "AuthFailure",
            "InternalError",
            "RequestExpired",
            "RequestLimitExceeded",
            "Unavailable",
            "UnauthorizedOperation",
        },
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    ),
    CommonErrors(
        {"s3"},
        {
            "AccessDenied",
            "ConditionalRequestConflict",
            "ExpiredToken",
            "InternalError",
            "InvalidToken",
            "NoSuchBucket",
            "NoSuchKey",
            "NoSuchUpload",
            "PreconditionFailed",
            "RequestTimeTooSkewed",
            "ServiceUnavailable",
            "SlowDown",
        },
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList",
    ),
    # The answer to a HEAD request has no body; botocore tells its status.
    CommonErrors(
        {"s3"},
        {"301", "400", "403", "404", "503"},
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html",
    ),
]


@dataclass(frozen=True)
class Deviation:
    """Something that models say against exchanges, and why it is right nevertheless."""

    operation: str
    where: str
    what: str
    source: str

    def covers(self, problem: Problem) -> bool:
        return (
            re.fullmatch(self.operation, problem.operation) is not None
            and problem.where == self.where
            and re.search(self.what, problem.what) is not None
        )


DEVIATIONS = [
    # The SDK for Rust writes the target without the package; CloudTrail takes both.
    Deviation(
        "cloudtrail:LookupEvents",
        "request headers",
        r"^is \{'x-amz-target': 'CloudTrail_20131101\.LookupEvents'\}, for botocore "
        r"\{'x-amz-target': 'com\.amazonaws\.cloudtrail\.v20131101\.CloudTrail_20131101\.LookupEvents'\}$",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html",
    ),
    # A grant without a name has an empty one.
    Deviation(
        "kms:ListGrants",
        "answer .Grants[].Name",
        r"^is '', not of its pattern|^has a length of 0, less than 1$",
        "https://docs.aws.amazon.com/cli/latest/reference/kms/list-retirable-grants.html#examples",
    ),
    # The model knows the partition `aws` only; ARNs name the partition they are in.
    Deviation(
        "organizations:.*",
        "answer .Accounts[].Arn",
        r"^is 'arn:aws-(cn|us-gov):organizations::\d{12}:account/o-[a-z0-9]+/\d{12}', not of its pattern",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    ),
    # Where STS is not active in a Region, it answers no call there; the model has the error for AssumeRole alone.
    Deviation(
        "sts:(GetCallerIdentity|GetAccessKeyInfo)",
        "answer error",
        "^is RegionDisabledException 403",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html",
    ),
    # An access key that was deleted since it was listed. Older versions of the model list the error.
    Deviation(
        "iam:GetAccessKeyLastUsed",
        "answer error",
        "^is NoSuchEntity 404",
        "https://docs.aws.amazon.com/sdk-for-go/api/service/iam/#IAM.GetAccessKeyLastUsed",
    ),
]
