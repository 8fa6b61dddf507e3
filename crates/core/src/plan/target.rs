//! What a command can be about: keys whose names are of the form that AWS gives them.

use crate::judge::{
    judged_key::JudgedKey,
    key_state::{Operation, Outcome},
};
use crate::model::{reading::KeyKind, region::Region, service_credential::user_and_service};

/// A key as commands name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// A KMS key.
    KmsKey {
        region: Region,
        key_id: &'a str,
        arn: &'a str,
    },
    /// An access key of a user.
    AccessKey { user: &'a str, key_id: &'a str },
    /// The password of a user.
    Password { user: &'a str },
    /// A service-specific credential of a user.
    ServiceCredential { user: &'a str, key_id: &'a str },
    /// A secret.
    Secret { region: Region, arn: &'a str },
}

impl Target<'_> {
    /// What AWS does when the key, which is in `state`, is switched off.
    pub(super) fn switch_off(&self, state: &str) -> Outcome {
        match self {
            Self::KmsKey { .. } => Operation::DisableKey.outcome(state),
            Self::AccessKey { .. } | Self::ServiceCredential { .. } => {
                Operation::DeactivateAccessKey.outcome(state)
            }
            // It can only be deleted.
            Self::Password { .. } | Self::Secret { .. } => Outcome::NothingToDo,
        }
    }
}

/// What is wrong with the names of a key.
pub(super) type Malformed = &'static str;

/// What commands about the key of a row are about. What a root user has is none of it.
pub(super) fn of_row(row: &JudgedKey) -> Result<Target<'_>, Malformed> {
    match row.key.kind {
        KeyKind::KmsKey => kms_key(row),
        KeyKind::IamAccessKey => access_key(row),
        KeyKind::IamPassword => password(row),
        KeyKind::Secret => secret(row),
        KeyKind::ServiceCredential => service_credential(row),
        KeyKind::RootAccessKey => Err("no command can be about a root access key"),
        KeyKind::RootPassword => Err("no command can be about a root user's password"),
    }
}

fn kms_key(row: &JudgedKey) -> Result<Target<'_>, Malformed> {
    let key_id = row.key.key_id.as_str();
    let region = row.key.region.clone().ok_or("its Region is malformed")?;
    if !is_word(key_id, b"-", 1..=64) {
        return Err("its key ID is malformed");
    }
    let (partition, account) = (region.partition(), row.key.account.id);
    match row.key.arn == format!("arn:{partition}:kms:{region}:{account}:key/{key_id}") {
        true => Ok(Target::KmsKey {
            region,
            key_id,
            arn: &row.key.arn,
        }),
        false => Err("its ARN is not that of its account, Region and key ID"),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
fn access_key(row: &JudgedKey) -> Result<Target<'_>, Malformed> {
    let key_id = row.key.key_id.as_str();
    if !is_word(key_id, b"", 16..=128) {
        return Err("its access key ID is malformed");
    }
    user(row).map(|user| Target::AccessKey { user, key_id })
}

fn password(row: &JudgedKey) -> Result<Target<'_>, Malformed> {
    match user(row)? {
        user if user == row.key.key_id => Ok(Target::Password { user }),
        _ => Err("its ID is not its user's name"),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredentialMetadata.html>
fn service_credential(row: &JudgedKey) -> Result<Target<'_>, Malformed> {
    let key_id = row.key.key_id.as_str();
    if !is_word(key_id, b"_", 20..=128) {
        return Err("its ID is malformed");
    }
    let names = user_and_service(&row.key.names, &row.key.arn);
    let (user, _) = names.ok_or("its user's name is malformed")?;
    user_of(row, user).map(|user| Target::ServiceCredential { user, key_id })
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
fn secret(row: &JudgedKey) -> Result<Target<'_>, Malformed> {
    let key_id = row.key.key_id.as_str();
    let region = row.key.region.clone().ok_or("its Region is malformed")?;
    // Names of secrets that a service owns have an exclamation mark.
    if !is_word(key_id, b"/_+=.@-!", 1..=519) {
        return Err("its name is malformed");
    }
    let (partition, account) = (region.partition(), row.key.account.id);
    let expected = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{key_id}");
    match row.key.arn == expected {
        true => Ok(Target::Secret {
            region,
            arn: &row.key.arn,
        }),
        false => Err("its ARN is not that of its account, Region and name"),
    }
}

fn user(row: &JudgedKey) -> Result<&str, Malformed> {
    let [user] = row.key.names.as_slice() else {
        return Err("its user's name is malformed");
    };
    user_of(row, user)
}

/// The user of this name, if the key's ARN is the user's.
fn user_of<'a>(row: &JudgedKey, user: &'a str) -> Result<&'a str, Malformed> {
    if !is_word(user, b"_+=,.@-", 1..=64) {
        return Err("its user's name is malformed");
    }
    let of_account = format!(":iam::{}:user/", row.key.account.id);
    match row.key.arn.rsplit_once('/') {
        Some((before, name)) if name == user && format!("{before}/").contains(&of_account) => {
            Ok(user)
        }
        _ => Err("its ARN is not that of its account's user"),
    }
}

/// Whether `text` has letters, digits and `others` only.
fn is_word(text: &str, others: &[u8], length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
}

#[cfg(test)]
mod tests;
