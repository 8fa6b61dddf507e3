//! The key to explain: a KMS key by its ARN, an access key by its ID.

use crate::model::{account::AccountId, region::Region};

/// What is accepted, in words that fit after "give".
pub const ACCEPTS: &str = "the ARN of a KMS key, such as arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab, or the ID of a user's access key, such as AKIAIOSFODNN7EXAMPLE; of an alias, ask AWS which key it is of (aws kms describe-key)";

/// The key to explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedKey {
    /// A KMS key.
    KmsKey(KmsKeyArn),
    /// An access key of a user.
    AccessKey(AccessKeyId),
}

/// The ARN of a KMS key, with its Region and account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKeyArn {
    /// `aws`, `aws-cn`, …: the one that the Region is in.
    pub partition: &'static str,
    /// The Region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
    /// The key's ID, without `key/`.
    pub key_id: String,
}

/// The ID of a lasting access key: 16 to 128 letters and digits that begin with `AKIA`.
/// Temporary ones (`ASIA…`) belong to no user
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKeyId(String);

impl RequestedKey {
    /// Parses a key's ARN or ID; `None` when `text` is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let access_key = || AccessKeyId::parse(text).map(Self::AccessKey);
        KmsKeyArn::parse(text).map(Self::KmsKey).or_else(access_key)
    }
}

impl KmsKeyArn {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "kms", region, account, resource] = parts[..] else {
            return None;
        };
        let region = Region::parse(region)?;
        let key_id = resource.strip_prefix("key/")?;
        let is_fine = (1..=256).contains(&key_id.len())
            && key_id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && region.partition() == partition;
        is_fine.then_some(())?;
        Some(Self {
            partition: region.partition(),
            account: AccountId::parse(account)?,
            key_id: key_id.to_owned(),
            region,
        })
    }
}

impl AccessKeyId {
    fn parse(text: &str) -> Option<Self> {
        let is_fine = (16..=128).contains(&text.len())
            && text.starts_with("AKIA")
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        is_fine.then(|| Self(text.to_owned()))
    }

    /// The whole ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::RequestedKey;

    #[test]
    fn a_kms_key_is_given_by_its_arn_and_an_access_key_by_its_id() {
        for (text, expected) in [
            (
                "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "aws eu-west-1 222222222222 1234abcd-12ab-34cd-56ef-1234567890ab",
            ),
            (
                "arn:aws-cn:kms:cn-north-1:222222222222:key/mrk-00000000000000000000000000000001",
                "aws-cn cn-north-1 222222222222 mrk-00000000000000000000000000000001",
            ),
            ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
            ("", "nothing"),
            // Not the partition of the Region.
            ("arn:aws:kms:cn-north-1:222222222222:key/1", "nothing"),
            ("arn:aws:kms:eu-west-1:222222222222:alias/orders", "nothing"),
            ("arn:aws:kms:eu-west-1:222222222222:key/", "nothing"),
            ("arn:aws:kms:eu-west-1:222222222222:key/a b", "nothing"),
            ("arn:aws:kms:eu-west-1:22222222222:key/1", "nothing"),
            ("arn:aws:kms::222222222222:key/1", "nothing"),
            ("arn:aws:s3:eu-west-1:222222222222:key/1", "nothing"),
            ("arn:aws:kms:eu-west-1:222222222222:key/1:2", "nothing"),
            ("1234abcd-12ab-34cd-56ef-1234567890ab", "nothing"),
            ("alias/orders", "nothing"),
            ("ASIAIOSFODNN7EXAMPLE", "nothing"),
            ("AKIAIOSFODNN7EXAMPL\u{c9}", "nothing"),
            ("AKIASHORT", "nothing"),
        ] {
            let parsed = match RequestedKey::parse(text) {
                Some(RequestedKey::KmsKey(arn)) => format!(
                    "{} {} {} {}",
                    arn.partition, arn.region, arn.account, arn.key_id
                ),
                Some(RequestedKey::AccessKey(id)) => id.as_str().to_owned(),
                None => "nothing".to_owned(),
            };
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
