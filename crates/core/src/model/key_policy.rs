//! Key policies: for how long after its last use a key is guarded against being disabled and
//! deleted.
//!
//! The guard is a `Deny` of `kms:DisableKey` and `kms:ScheduleKeyDeletion` under the condition key
//! `kms:TrailingDaysWithoutKeyUsage`
//! (<https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-trailing-days-without-key-usage>).
//! [`guard_days`] evaluates the guard of a policy, [`guard_statement`] writes one.

use std::fmt;

use thiserror::Error;

mod condition;
mod days;
mod element;
pub mod guard_statement;
mod json;
mod merge;
mod pattern;
mod principal;
mod statement;

pub use merge::{Change, MAX_KEY_POLICY_BYTES, MergeError, Merged, merge};

use days::Days;
use principal::Reach;
use statement::Statement;

/// The actions that a guard must deny, both of them.
pub(crate) const GUARDED_ACTIONS: [&str; 2] = ["kms:ScheduleKeyDeletion", "kms:DisableKey"];

/// The condition key of a guard: whole days since the key's last use, rounded down;
/// since its creation, or since tracking began, if none is recorded. KMS gives it a
/// value in every request for a guarded action.
pub(crate) const TRAILING_DAYS: &str = "kms:TrailingDaysWithoutKeyUsage";

/// Whom a key policy keeps from disabling and deleting its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// The policy denies at least one of the two actions to no principal. A guard of less than one
    /// day counts as none.
    Unguarded,
    /// Disabling and deleting are denied to some, or under further conditions.
    Partial(GuardPeriod),
    /// Disabling and deleting are denied to everyone.
    Everyone(GuardPeriod),
}

/// How long after its last use a key is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuardPeriod {
    /// While it has been unused for at most so many whole days; never 0.
    Days(u64),
    /// However long it has been unused: the policy denies the actions outright.
    Always,
}

/// Why a text is not a key policy.
#[derive(Debug, Error)]
pub enum MalformedPolicy {
    /// It is not JSON, or has an element twice, which IAM refuses.
    #[error("it is not JSON that IAM accepts: {0}")]
    Json(#[from] serde_json::Error),
    /// A part of it does not match IAM's grammar.
    #[error("{location}: {problem}")]
    Grammar {
        /// Where: `statement 2`.
        location: String,
        /// What is wrong: `Effect is neither Allow nor Deny`.
        problem: String,
    },
}

/// The guard that a key policy holds, evaluated as IAM does.
///
/// `key_arn` is the key's own; in its policy, `*` stands for it. Where the policy denies up to
/// different ages, the guard is the largest age up to which every day is covered for both actions:
/// `NumericLessThanEquals` 90 is 90 days, `NumericLessThan` 90 is 89. It is [`Guard::Everyone`] as
/// soon as everyone is denied for one day or more, even if some are denied for longer.
///
/// # Errors
/// A policy that IAM would not accept, or that cannot be evaluated; such a policy never counts as
/// [`Guard::Unguarded`].
pub fn guard_days(policy_json: &str, key_arn: &str) -> Result<Guard, MalformedPolicy> {
    let statements = statement::of_policy(policy_json)?;
    let denied = |reaches: &[Reach]| {
        let [first, second] =
            GUARDED_ACTIONS.map(|action| denied_days(&statements, action, key_arn, reaches));
        guard_period(&first.and(&second))
    };
    if let Some(period) = denied(&[Reach::Everyone]) {
        return Ok(Guard::Everyone(period));
    }
    Ok(denied(&[Reach::Everyone, Reach::Some]).map_or(Guard::Unguarded, Guard::Partial))
}

/// The ages in days at which statements of one of these reaches deny `action`.
fn denied_days(statements: &[Statement], action: &str, key_arn: &str, reaches: &[Reach]) -> Days {
    statements
        .iter()
        .filter(|statement| statement.denies(action, key_arn) && reaches.contains(&statement.reach))
        .fold(Days::NONE, |days, statement| days.or(&statement.days))
}

fn guard_period(days: &Days) -> Option<GuardPeriod> {
    match days.last_from_zero()? {
        Days::ENDLESS => Some(GuardPeriod::Always),
        0 => None,
        days => Some(GuardPeriod::Days(days)),
    }
}

impl Guard {
    /// The guard that the files have `text` for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let period = |text: &str| match text {
            "always" => Some(GuardPeriod::Always),
            days => match days.parse() {
                Ok(0) | Err(_) => None,
                Ok(days) => Some(GuardPeriod::Days(days)),
            },
        };
        match text.strip_prefix("partial:") {
            Some(text) => period(text).map(Self::Partial),
            None if text == "0" => Some(Self::Unguarded),
            None => period(text).map(Self::Everyone),
        }
    }

    /// The denial that keeps everyone from disabling and deleting a key that has been unused for so
    /// many days; `idle_days` is `None` where that is not known. `None`: there is none.
    pub(crate) fn describe(self, idle_days: Option<u64>) -> Option<String> {
        let Self::Everyone(period) = self else {
            return None;
        };
        let denial = "its key policy denies disabling and deleting it";
        match period {
            GuardPeriod::Always => Some(denial.to_owned()),
            GuardPeriod::Days(days) if idle_days.is_none_or(|idle| idle <= days) => Some(format!(
                "{denial} until it is unused for more than {days} days"
            )),
            GuardPeriod::Days(_) => None,
        }
    }
}

/// As the files have it: `0`, `365`, `always`, `partial:365`, `partial:always`.
impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unguarded => f.write_str("0"),
            Self::Partial(period) => write!(f, "partial:{period}"),
            Self::Everyone(period) => write!(f, "{period}"),
        }
    }
}

impl fmt::Display for GuardPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}"),
            Self::Always => f.write_str("always"),
        }
    }
}

#[cfg(test)]
mod tests;
