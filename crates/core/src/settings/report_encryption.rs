//! How the objects of a report are to be encrypted.

use crate::model::{account::AccountId, region::Region};

/// The server-side encryption that each PutObject of a report asks for
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportEncryption {
    /// Nothing is asked for: the bucket's default applies.
    Bucket,
    /// Keys that S3 manages (SSE-S3).
    Aes256,
    /// The AWS managed key for S3 (SSE-KMS).
    Kms,
    /// This customer managed key (SSE-KMS).
    KmsKey(String),
}

impl ReportEncryption {
    /// Reads the setting, or nothing when `text` is none of its values.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "bucket" => Some(Self::Bucket),
            "AES256" => Some(Self::Aes256),
            "aws:kms" => Some(Self::Kms),
            arn => is_key_arn(arn).then(|| Self::KmsKey(arn.to_owned())),
        }
    }
}

/// Whether `text` is the ARN of a KMS key, `arn:aws:kms:eu-west-1:111111111111:key/ID`.
/// That of an alias is none: permissions are given on keys.
fn is_key_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", partition, "kms", region, account, key] = parts.as_slice() else {
        return false;
    };
    let id = key.strip_prefix("key/").unwrap_or_default();
    partition.starts_with("aws")
        && Region::parse(region).is_some()
        && AccountId::parse(account).is_some()
        && !id.is_empty()
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::ReportEncryption::{self, Aes256, Bucket, Kms, KmsKey};

    #[test]
    fn what_can_be_asked_for_is_what_s3_knows_and_the_arn_of_a_key() {
        let key = "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let multi_region = "arn:aws-cn:kms:cn-north-1:111111111111:key/mrk-1234abcd";
        for (text, meaning) in [
            ("bucket", Some(Bucket)),
            ("AES256", Some(Aes256)),
            ("aws:kms", Some(Kms)),
            (key, Some(KmsKey(key.to_owned()))),
            (multi_region, Some(KmsKey(multi_region.to_owned()))),
            ("aes256", None),
            ("aws:kms:dsse", None),
            ("", None),
            ("1234abcd-12ab-34cd-56ef-1234567890ab", None),
            ("arn:aws:kms:eu-west-1:111111111111:alias/reports", None),
            ("arn:aws:kms:eu-west-1:111111111111:key/", None),
            ("arn:aws:kms:eu-west-1:1111:key/1234abcd", None),
            ("arn:aws:s3:eu-west-1:111111111111:key/1234abcd", None),
        ] {
            assert_eq!(ReportEncryption::parse(text), meaning, "{text}");
        }
    }
}
