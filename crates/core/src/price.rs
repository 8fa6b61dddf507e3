//! What a key costs a month, by AWS's list price.

use crate::reading::{KeyKind, KeyReading, Manager};
use crate::verdict::is_pending_deletion;

/// US cents a month for a customer managed KMS key or replica, disabled keys
/// included (<https://aws.amazon.com/kms/pricing/>).
pub const KMS_KEY_MONTHLY_CENTS: u64 = 100;

/// US cents a month that `key` costs now: AWS managed keys, keys pending
/// deletion and access keys are free. `None` when it could not be read whose key it is.
#[must_use]
pub fn monthly_cents(key: &KeyReading) -> Option<u64> {
    match key.kind {
        KeyKind::KmsKey => match key.manager? {
            Manager::Aws => Some(0),
            Manager::Customer if key.state.as_deref().is_some_and(is_pending_deletion) => Some(0),
            Manager::Customer => Some(KMS_KEY_MONTHLY_CENTS),
        },
        KeyKind::IamAccessKey | KeyKind::RootAccessKey => Some(0),
    }
}

/// Cents as dollars with two decimals: `14.00`.
#[must_use]
pub fn dollars(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::dollars;

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
}
