//! The key to explain: a KMS key, a secret, a user or a root user by its ARN; an access key or a
//! service-specific credential by its ID.

use crate::model::{account::AccountId, region::Region, secret};

/// What is accepted, in words that fit after "give".
pub const ACCEPTS: &str = "the ARN of a KMS key, such as arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab, the ARN of a secret, for a password the ARN of its IAM user or root user, or the ID of a user's access key or service-specific credential, such as AKIAIOSFODNN7EXAMPLE; of an alias, ask AWS which key it is of (aws kms describe-key)";

/// The key to explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedKey {
    /// A KMS key.
    KmsKey(KmsKeyArn),
    /// A secret of Secrets Manager.
    Secret(SecretArn),
    /// The password of an IAM user or root user.
    Password(PasswordArn),
    /// An access key of a user.
    AccessKey(AccessKeyId),
    /// A service-specific credential of a user.
    ServiceCredential(CredentialId),
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

/// The ARN of a secret, with its Region and account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretArn {
    /// As for [`KmsKeyArn`].
    pub partition: &'static str,
    /// The Region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
    /// All of it.
    pub text: String,
}

/// The ARN of an IAM user or root user, by which a password is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordArn {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// The account.
    pub account: AccountId,
    /// The user's name; `None` for the root user.
    pub user: Option<String>,
}

/// The ID of a service-specific credential: 20 to 128 letters and digits that begin with `ACCA`
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialId(String);

/// The ID of a lasting access key: 16 to 128 letters and digits that begin with `AKIA`.
/// Temporary ones (`ASIA…`) belong to no user
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKeyId(String);

impl RequestedKey {
    /// Parses a key's ARN or ID; `None` when `text` is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let secret = || SecretArn::parse(text).map(Self::Secret);
        let password = || PasswordArn::parse(text).map(Self::Password);
        let access_key = || AccessKeyId::parse(text).map(Self::AccessKey);
        let credential = || CredentialId::parse(text).map(Self::ServiceCredential);
        let kms_key = KmsKeyArn::parse(text).map(Self::KmsKey);
        kms_key
            .or_else(secret)
            .or_else(password)
            .or_else(access_key)
            .or_else(credential)
    }

    /// The partition and account of its ARN; `None` of what is given by its ID.
    #[must_use]
    pub fn partition_and_account(&self) -> Option<(&str, AccountId)> {
        match self {
            Self::KmsKey(arn) => Some((arn.partition, arn.account)),
            Self::Secret(arn) => Some((arn.partition, arn.account)),
            Self::Password(arn) => Some((&arn.partition, arn.account)),
            Self::AccessKey(_) | Self::ServiceCredential(_) => None,
        }
    }
}

impl SecretArn {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(7, ':');
        let mut part = || parts.next();
        let ("arn", partition, "secretsmanager") = (part()?, part()?, part()?) else {
            return None;
        };
        let (region, account) = (Region::parse(part()?)?, AccountId::parse(part()?)?);
        let is_fine = part()? == "secret"
            && secret::id_of_arn(text).is_some()
            && region.partition() == partition;
        is_fine.then(|| Self {
            partition: region.partition(),
            account,
            text: text.to_owned(),
            region,
        })
    }
}

impl PasswordArn {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts[..] else {
            return None;
        };
        let user = match resource.strip_prefix("user/") {
            // What stands before the name is the user's path.
            Some(path) => Some(path.rsplit('/').next()?),
            None if resource == "root" => None,
            None => return None,
        };
        let is_fine = user != Some("") && partition.starts_with("aws");
        is_fine.then_some(())?;
        Some(Self {
            partition: partition.to_owned(),
            account: AccountId::parse(account)?,
            user: user.map(str::to_owned),
        })
    }
}

impl CredentialId {
    fn parse(text: &str) -> Option<Self> {
        let is_fine = (20..=128).contains(&text.len())
            && text.starts_with("ACCA")
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        is_fine.then(|| Self(text.to_owned()))
    }

    /// The whole ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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
    fn what_has_an_arn_is_given_by_that_and_other_credentials_by_their_id() {
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
            (
                "arn:aws:secretsmanager:eu-west-1:222222222222:secret:prod/db-AbCdEf",
                "secret of 222222222222 in eu-west-1",
            ),
            (
                "arn:aws:secretsmanager:eu-west-1:222222222222:secret:",
                "nothing",
            ),
            (
                "arn:aws:secretsmanager:cn-north-1:222222222222:secret:a-AbCdEf",
                "nothing",
            ),
            (
                "arn:aws:iam::222222222222:user/anna",
                "password of anna in 222222222222",
            ),
            (
                "arn:aws-us-gov:iam::222222222222:user/ops/eu/anna@example.com",
                "password of anna@example.com in 222222222222",
            ),
            (
                "arn:aws:iam::222222222222:root",
                "password of root in 222222222222",
            ),
            ("arn:aws:iam::222222222222:user/", "nothing"),
            ("arn:aws:iam::222222222222:role/anna", "nothing"),
            ("ACCAIOSFODNN7EXAMPLE", "credential ACCAIOSFODNN7EXAMPLE"),
            ("ACCASHORT", "nothing"),
        ] {
            let parsed = match RequestedKey::parse(text) {
                Some(RequestedKey::KmsKey(arn)) => format!(
                    "{} {} {} {}",
                    arn.partition, arn.region, arn.account, arn.key_id
                ),
                Some(RequestedKey::Secret(arn)) => {
                    format!("secret of {} in {}", arn.account, arn.region)
                }
                Some(RequestedKey::Password(arn)) => {
                    let user = arn.user.as_deref().unwrap_or("root");
                    format!("password of {user} in {}", arn.account)
                }
                Some(RequestedKey::AccessKey(id)) => id.as_str().to_owned(),
                Some(RequestedKey::ServiceCredential(id)) => format!("credential {}", id.as_str()),
                None => "nothing".to_owned(),
            };
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
