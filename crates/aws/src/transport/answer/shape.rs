//! The shape of every operation's answers: what each must have, and how large it may be.
//!
//! What an answer must have is what AWS's model of the operation names and AWS always
//! says, an empty list included: KMS, Organizations, Account Management, CloudTrail and Secrets Manager
//! write `[]`, IAM and EC2 an element without children. moto and LocalStack do the same.

/// What an answer of an operation must be like.
#[derive(Debug)]
pub(super) struct Shape {
    operation: &'static str,
    pub(super) form: Form,
    /// Names that must be there, with a value that is not null.
    pub(super) must_have: &'static [&'static str],
    /// How many bytes of body are read at most.
    pub(super) most_bytes: usize,
}

/// Where an answer's members are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In a JSON object.
    Json,
    /// In the `…Result` element of an XML document
    /// (<https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>).
    Query,
    /// In the XML document's root: EC2
    /// (<https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>), and S3
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>).
    Xml,
    /// In HTTP headers. Every object that S3 stores or gives has an `ETag`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
    Headers,
}

/// An answer about one thing: room for a policy of 32 KiB, the largest that KMS and SNS
/// take, with each byte escaped in six.
const ONE_THING: usize = 256 << 10;
/// A page of a listing: 1,000 items, the most that is asked for, of 4 KiB. The longest
/// texts of an item are ARNs of 2 KiB.
const PAGE: usize = 4 << 20;
/// A page with what customers wrote: 1,000 snapshots with 50 tags each, of 128 and 256
/// characters
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>); or 50 events
/// of 256 KB, the largest that CloudTrail keeps, as text within JSON
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>).
const WRITTEN_BY_CUSTOMERS: usize = 32 << 20;
/// A credential report in base64: 5,000 users, the most that an account can have, with
/// 2 KiB each
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const CREDENTIAL_REPORT: usize = 16 << 20;
/// A file of a stored report: two million keys of 500 bytes.
const REPORT_FILE: usize = 1 << 30;

const fn shape(
    operation: &'static str,
    form: Form,
    must_have: &'static [&'static str],
    most_bytes: usize,
) -> Shape {
    Shape {
        operation,
        form,
        must_have,
        most_bytes,
    }
}

use Form::{Headers, Json, Query, Xml};

const SHAPES: [Shape; 38] = [
    shape("account:ListRegions", Json, &["Regions"], PAGE),
    shape(
        "cloudtrail:LookupEvents",
        Json,
        &["Events"],
        WRITTEN_BY_CUSTOMERS,
    ),
    shape(
        "ec2:DescribeSnapshots",
        Xml,
        &["snapshotSet"],
        WRITTEN_BY_CUSTOMERS,
    ),
    shape(
        "ec2:DescribeVolumes",
        Xml,
        &["volumeSet"],
        WRITTEN_BY_CUSTOMERS,
    ),
    shape("events:PutEvents", Json, &["Entries"], PAGE),
    shape("iam:GenerateCredentialReport", Query, &["State"], ONE_THING),
    shape(
        "iam:GetAccessKeyLastUsed",
        Query,
        &["UserName", "AccessKeyLastUsed"],
        ONE_THING,
    ),
    shape(
        "iam:GetCredentialReport",
        Query,
        &["Content", "GeneratedTime"],
        CREDENTIAL_REPORT,
    ),
    shape("iam:ListAccessKeys", Query, &["AccessKeyMetadata"], PAGE),
    shape(
        "iam:ListServiceSpecificCredentials",
        Query,
        &["ServiceSpecificCredentials"],
        PAGE,
    ),
    shape("iam:ListUserTags", Query, &["Tags"], PAGE),
    shape("iam:ListUsers", Query, &["Users"], PAGE),
    shape("kms:DescribeKey", Json, &["KeyMetadata"], ONE_THING),
    // `KeyLastUsage` is an empty object where no use is recorded
    // (<https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html>).
    shape(
        "kms:GetKeyLastUsage",
        Json,
        &["KeyId", "KeyLastUsage", "TrackingStartDate"],
        ONE_THING,
    ),
    shape("kms:GetKeyPolicy", Json, &["Policy"], ONE_THING),
    shape("kms:ListAliases", Json, &["Aliases", "Truncated"], PAGE),
    shape("kms:ListGrants", Json, &["Grants", "Truncated"], PAGE),
    shape(
        "kms:ListKeyRotations",
        Json,
        &["Rotations", "Truncated"],
        PAGE,
    ),
    shape("kms:ListKeys", Json, &["Keys", "Truncated"], PAGE),
    shape("kms:ListResourceTags", Json, &["Tags", "Truncated"], PAGE),
    shape(
        "organizations:DescribeOrganizationalUnit",
        Json,
        &["OrganizationalUnit"],
        ONE_THING,
    ),
    shape("organizations:ListAccounts", Json, &["Accounts"], PAGE),
    shape("organizations:ListParents", Json, &["Parents"], ONE_THING),
    shape("s3:CompleteMultipartUpload", Xml, &["ETag"], ONE_THING),
    shape("s3:CopyObject", Xml, &["ETag"], ONE_THING),
    shape("s3:CreateMultipartUpload", Xml, &["UploadId"], ONE_THING),
    shape("s3:GetObject", Headers, &["etag"], REPORT_FILE),
    shape("s3:HeadBucket", Headers, &[], ONE_THING),
    shape("s3:ListObjectsV2", Xml, &["KeyCount", "IsTruncated"], PAGE),
    shape("s3:PutObject", Headers, &["etag"], ONE_THING),
    shape("s3:UploadPart", Headers, &["etag"], ONE_THING),
    shape(
        "secretsmanager:ListSecrets",
        Json,
        &["SecretList"],
        WRITTEN_BY_CUSTOMERS,
    ),
    shape(
        "securityhub:BatchImportFindings",
        Json,
        &["FailedCount", "SuccessCount"],
        PAGE,
    ),
    shape("sns:GetTopicAttributes", Query, &["Attributes"], ONE_THING),
    shape("sns:Publish", Query, &["MessageId"], ONE_THING),
    shape(
        "sts:AssumeRole",
        Query,
        &["AssumedRoleUser", "Credentials"],
        ONE_THING,
    ),
    shape("sts:GetAccessKeyInfo", Query, &["Account"], ONE_THING),
    shape(
        "sts:GetCallerIdentity",
        Query,
        &["Account", "Arn"],
        ONE_THING,
    ),
];

/// The shape of an operation's answers, by the name that IAM has for the operation.
pub(super) fn of(operation: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.operation == operation)
}

#[cfg(test)]
mod tests {
    use super::{SHAPES, of};
    use crate::transport::operations::{OTHERS, READS};

    #[test]
    fn every_operation_that_is_called_has_a_shape_and_every_listing_must_have_its_list() {
        for operation in READS.iter().chain(&OTHERS) {
            let shape = of(operation).unwrap_or_else(|| panic!("{operation} has none"));
            let lists = operation.contains(":List") || operation.contains(":Describe");
            assert!(!lists || !shape.must_have.is_empty(), "{operation}");
        }
        assert_eq!(SHAPES.len(), READS.len() + OTHERS.len());
    }
}
