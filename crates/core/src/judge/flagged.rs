//! Which keys are flagged, and what else has to be known of those.

use jiff::Timestamp;

use crate::{
    judge::verdict::{Judgement, Verdict, judge},
    model::{
        gap::Gap,
        reading::{KeyKind, KeyReading},
    },
};

/// A key with its verdict, which is all that a recommendation and a history start from.
#[derive(Debug, Clone, Copy)]
pub struct AssessedKey<'a> {
    /// The key as it was read.
    pub key: &'a KeyReading,
    /// Its verdict.
    pub judgement: Judgement,
}

impl<'a> AssessedKey<'a> {
    /// Judges `key` at `now`.
    #[must_use]
    pub fn new(key: &'a KeyReading, stale_after_days: u32, now: Timestamp) -> Self {
        Self {
            key,
            judgement: judge(key, stale_after_days, now),
        }
    }

    /// Whether its verdict says that it is unused, it is not exempt, and its kind can be flagged.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.judgement.verdict.means_unused()
            && self.key.exemption.is_none()
            && self.key.kind.can_be_flagged()
    }

    /// The gap that leaves it unknown whether the key, which is flagged, is exempt; `None` for a
    /// key that is not flagged, or whose tags were read. A root user has no tags.
    #[must_use]
    pub fn exemption_gap(&self) -> Option<&'a Gap> {
        let gap = self.key.tags_gap.as_ref();
        gap.filter(|_| self.is_flagged())
    }

    /// Whether it matters what depends on it: it is flagged, or will be deleted.
    #[must_use]
    pub fn dependents_matter(&self) -> bool {
        let is_to_go = self.is_flagged() || self.judgement.verdict == Verdict::PendingDeletion;
        self.key.kind == KeyKind::KmsKey && is_to_go
    }
}
