//! What a key costs a month, by AWS's list price.

use crate::judge::verdict::is_pending_deletion;
use crate::model::{
    kind::KeyResource,
    reading::{KeyReading, Manager},
};

/// US cents a month for a customer managed KMS key or replica, disabled keys
/// included (<https://aws.amazon.com/kms/pricing/>).
pub const KMS_KEY_MONTHLY_CENTS: u64 = 100;

/// US cents a month that a rotation of such a key adds, for the first
/// [`ROTATIONS_PRICED`] of them (<https://aws.amazon.com/kms/pricing/>).
pub const ROTATION_MONTHLY_CENTS: u64 = 100;

/// How many rotations add to a key's price; later ones are free
/// (<https://aws.amazon.com/kms/pricing/>).
pub const ROTATIONS_PRICED: u32 = 2;

/// US cents a month for a secret or a replica of one, whoever manages it
/// (<https://aws.amazon.com/secrets-manager/pricing/>).
pub const SECRET_MONTHLY_CENTS: u64 = 40;

/// US cents a month that `key` costs now, not less than without the rotations
/// that are not known: AWS managed keys, keys pending
/// deletion, and all credentials of IAM users and root users are free. `None` when it could not be read whose key it is.
#[must_use]
pub fn monthly_cents(key: &KeyReading) -> Option<u64> {
    match key.kind.resource() {
        KeyResource::KmsKey => match key.manager? {
            Manager::Aws => Some(0),
            Manager::Customer if key.state.as_deref().is_some_and(is_pending_deletion) => Some(0),
            Manager::Customer => {
                let rotations = key.rotations.unwrap_or(0).min(ROTATIONS_PRICED);
                Some(KMS_KEY_MONTHLY_CENTS + u64::from(rotations) * ROTATION_MONTHLY_CENTS)
            }
        },
        KeyResource::IamUser | KeyResource::RootUser => Some(0),
        KeyResource::Secret => Some(SECRET_MONTHLY_CENTS),
    }
}

/// Cents as dollars with two decimals: `14.00`.
#[must_use]
pub fn dollars(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// US cents of dollars with two decimals; a spreadsheet leaves zeros at the end out.
#[must_use]
pub(crate) fn cents(dollars: &str) -> Option<u64> {
    let number = |digits: &str| -> Option<u64> {
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse().ok())?
    };
    let (dollars, cents) = match dollars.split_once('.') {
        Some((dollars, cents)) if cents.len() == 1 => (dollars, number(cents)? * 10),
        Some((dollars, cents)) if cents.len() == 2 => (dollars, number(cents)?),
        Some(_) => return None,
        None => (dollars, 0),
    };
    number(dollars)?.checked_mul(100)?.checked_add(cents)
}

#[cfg(test)]
mod tests {
    use super::{cents, dollars, monthly_cents};
    use crate::{
        examples::{access_key, account, kms_key, of_set_of_secrets, secret},
        model::reading::Manager,
    };

    const USED: &str = "2026-05-01T00:00:00Z";

    #[test]
    fn the_first_two_rotations_of_a_key_are_paid_for_and_later_ones_are_free() {
        for (rotations, cents) in [
            (None, 100),
            (Some(0), 100),
            (Some(1), 200),
            (Some(2), 300),
            (Some(3), 300),
            (Some(u32::MAX), 300),
        ] {
            let mut key = kms_key(&account(1, "one"), 1, USED);
            key.rotations = rotations;
            assert_eq!(monthly_cents(&key), Some(cents), "{rotations:?}");
        }
    }

    #[test]
    fn keys_that_aws_manages_or_will_delete_and_access_keys_are_free_however_often_rotated() {
        let mut key = kms_key(&account(1, "one"), 1, USED);
        key.rotations = Some(2);
        let mut aws_managed = key.clone();
        aws_managed.manager = Some(Manager::Aws);
        let mut pending_deletion = key.clone();
        pending_deletion.state = Some("PendingDeletion".to_owned());
        let mut replica_to_go = key.clone();
        replica_to_go.state = Some("PendingReplicaDeletion".to_owned());
        let access_key = access_key(&account(1, "one"), "anna", 1, USED);
        for free in [aws_managed, pending_deletion, replica_to_go, access_key] {
            assert_eq!(monthly_cents(&free), Some(0), "{free:?}");
        }
        let mut unread = key;
        unread.manager = None;
        assert_eq!(monthly_cents(&unread), None);
    }

    #[test]
    fn every_secret_and_every_replica_of_one_is_paid_for() {
        let one = secret(&account(1, "one"), "prod/db", USED);
        let mut owned = one.clone();
        owned.manager = Some(Manager::Aws);
        let replica = of_set_of_secrets(one.clone(), "eu-west-1", "us-east-1");
        for secret in [one, owned, replica] {
            assert_eq!(monthly_cents(&secret), Some(40));
        }
    }

    #[test]
    fn dollars_have_two_decimals() {
        for (cents, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (100, "1.00"),
            (123_456, "1234.56"),
        ] {
            assert_eq!(dollars(cents), text);
        }
    }

    #[test]
    fn dollars_are_read_back_also_without_their_last_zeros() {
        for (text, read) in [
            ("0.00", Some(0)),
            ("1234.56", Some(123_456)),
            ("14.5", Some(1450)),
            ("1", Some(100)),
            ("1.", None),
            ("1.+5", None),
            ("+1", None),
            ("1.000", None),
            (".5", None),
            ("", None),
            ("one", None),
        ] {
            assert_eq!(cents(text), read, "{text}");
        }
    }
}
