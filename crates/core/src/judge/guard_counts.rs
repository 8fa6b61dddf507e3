//! How many KMS keys are guarded by their key policies against being disabled and
//! deleted soon after their last use.

use std::iter::Sum;

use crate::{
    judge::{judged_key::JudgedKey, verdict::Verdict},
    model::{
        key_policy::Guard,
        reading::{KeyKind, Manager},
    },
};

/// Customers' KMS keys that are not pending deletion, by how they are guarded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GuardCounts {
    /// Against everyone.
    pub guarded: u64,
    /// Against some, or under further conditions.
    pub partial: u64,
    /// Not at all.
    pub unguarded: u64,
    /// Their key policies were not read.
    pub not_read: u64,
}

impl GuardCounts {
    /// Counts a key, if it counts.
    pub(crate) fn add(&mut self, judged: &JudgedKey) {
        if counts_for_guard(judged) {
            match judged.key.guard() {
                Some(Guard::Everyone(_)) => self.guarded += 1,
                Some(Guard::Partial(_)) => self.partial += 1,
                Some(Guard::Unguarded) => self.unguarded += 1,
                None => self.not_read += 1,
            }
        }
    }

    /// These counts; `None` where no key policy was read, as in a census that does not audit them.
    #[must_use]
    pub fn if_read(self) -> Option<Self> {
        (self.all() > self.not_read).then_some(self)
    }

    /// All keys that count.
    #[must_use]
    pub fn all(self) -> u64 {
        self.guarded + self.partial + self.unguarded + self.not_read
    }
}

impl Sum for GuardCounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, counts| Self {
            guarded: sum.guarded + counts.guarded,
            partial: sum.partial + counts.partial,
            unguarded: sum.unguarded + counts.unguarded,
            not_read: sum.not_read + counts.not_read,
        })
    }
}

fn counts_for_guard(judged: &JudgedKey) -> bool {
    judged.key.kind == KeyKind::KmsKey
        && judged.key.manager == Some(Manager::Customer)
        && judged.judgement.verdict != Verdict::PendingDeletion
}

#[cfg(test)]
mod tests {
    use super::GuardCounts;
    use crate::{
        examples::{access_key, account, judged, kms_key},
        judge::judged_key::JudgedKey,
        model::{
            before_deletion::BeforeDeletion,
            key_policy::Guard,
            reading::{KeyReading, Manager},
        },
    };

    const USED: &str = "2026-11-01T00:00:00Z";

    fn guarded(guard: Option<&str>) -> KeyReading {
        let mut key = kms_key(&account(1, "one"), 1, USED);
        key.before_deletion = Some(Box::new(BeforeDeletion {
            guard: guard.and_then(Guard::parse),
            ..BeforeDeletion::default()
        }));
        key
    }

    fn counted(keys: &[JudgedKey]) -> Option<GuardCounts> {
        let mut counts = GuardCounts::default();
        keys.iter().for_each(|key| counts.add(key));
        counts.if_read()
    }

    #[test]
    fn keys_are_counted_by_their_guard_and_those_that_need_none_are_not() {
        let mut leaving = guarded(Some("0"));
        leaving.state = Some("PendingDeletion".to_owned());
        let mut of_aws = guarded(Some("0"));
        of_aws.manager = Some(Manager::Aws);
        let keys = [
            guarded(Some("365")),
            guarded(Some("always")),
            guarded(Some("partial:90")),
            guarded(Some("0")),
            guarded(None),
            leaving,
            of_aws,
            access_key(&account(1, "one"), "anna", 1, USED),
        ]
        .map(judged);
        let counts = counted(&keys).unwrap();
        let GuardCounts {
            guarded,
            partial,
            unguarded,
            not_read,
        } = counts;
        assert_eq!([guarded, partial, unguarded, not_read], [2, 1, 1, 1]);
        assert_eq!(counts.all(), 5);
    }

    #[test]
    fn nothing_is_counted_where_no_key_policy_was_read() {
        assert_eq!(counted(&[judged(guarded(None))]), None);
        assert_eq!(counted(&[]), None);
    }
}
