//! Accounts of an organization.

use std::fmt;

use serde::Serialize;

/// The ID of an AWS account: exactly 12 ASCII digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; Self::DIGITS]);

impl AccountId {
    const DIGITS: usize = 12;

    /// Reads an account ID, or nothing when `text` is not exactly 12 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; Self::DIGITS] = text.as_bytes().try_into().ok()?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then_some(Self(digits))
    }

    /// The 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AccountId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An account as the organization describes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// Its ID.
    pub id: AccountId,
    /// Its friendly name; free text that the account's owner chose.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::AccountId;

    #[test]
    fn an_account_id_is_exactly_twelve_digits() {
        for (text, is_id) in [
            ("123456789012", true),
            ("000000000000", true),
            ("12345678901", false),
            ("1234567890123", false),
            ("12345678901a", false),
            ("１23456789012", false),
            ("", false),
        ] {
            assert_eq!(AccountId::parse(text).is_some(), is_id, "{text:?}");
        }
    }
}
