//! IAM's credential report: one CSV for the root user and all users of an account
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>).
//!
//! It has no access key IDs and at most two keys of each user, so it only shows which users have no
//! keys; it is the only source for passwords and for the root user's keys. When it was generated is not in its text
//! but in the response of GetCredentialReport.
//!
//! A report may be cut, damaged, or have new columns. It always parses; what is not certain is
//! reported as not known.

use std::collections::{BTreeMap, BTreeSet};

mod cells;
mod passwords;
mod record;
mod root;
mod slot;
mod users;

pub use passwords::{Password, PasswordUse, UserPassword};
pub use root::{LastUsed, RootGap, RootKey, RootKeyState};
use users::ReportedUser;
pub use users::UserKeys;

/// The access keys and passwords of a credential report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialReport {
    /// The root user's access keys, by number, or why they are not known.
    pub root: Result<Vec<RootKey>, RootGap>,
    /// The root user's password, `None` where the report shows none, or why it is not known.
    pub root_password: Result<Option<Password>, RootGap>,
    /// The IDs of the accounts that the ARNs of intact records name: the report's own
    /// account, unless it is damaged or made up.
    pub accounts: BTreeSet<String>,
    /// Whether every record is intact. A report that was cut between two records looks whole:
    /// compare its users with the listing of users.
    pub is_whole: bool,
    users: BTreeMap<String, ReportedUser>,
}

impl CredentialReport {
    /// Reads a report's text, as GetCredentialReport gives it.
    #[must_use]
    pub fn parse(content: &[u8]) -> Self {
        let table = record::Table::parse(content);
        Self {
            root: root::keys(&table),
            root_password: root::password(&table),
            accounts: table.accounts(),
            is_whole: table.is_whole(),
            users: users::read(&table),
        }
    }

    /// Whether `user` has access keys. Not known for a user of whom there is no intact record.
    #[must_use]
    pub fn keys_of(&self, user: &str) -> UserKeys {
        let reported = self.users.get(user);
        reported.map_or(UserKeys::Unknown, |user| user.keys)
    }

    /// Whether `user` has a password. Not known for a user of whom there is no intact record.
    #[must_use]
    pub fn password_of(&self, user: &str) -> &UserPassword {
        let reported = self.users.get(user);
        reported.map_or(&UserPassword::Unknown, |user| &user.password)
    }

    /// A user's ARN. `None`: the report does not have it, or no such user.
    #[must_use]
    pub fn arn_of(&self, user: &str) -> Option<&str> {
        self.users.get(user)?.arn.as_deref()
    }

    /// The names of the users with an intact record, sorted; the root user is none of them.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
