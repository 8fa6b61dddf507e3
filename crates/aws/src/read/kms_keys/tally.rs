//! What the coverage row of a cell says of its keys, counted key by key.

use std::{collections::BTreeMap, iter::repeat_n};

use jiff::Timestamp;
use keycensus_core::{
    judge::flagged::AssessedKey,
    model::{
        coverage::{describe_exemption_gaps, describe_gaps},
        gap::Gap,
        reading::{KeyReading, Manager},
    },
    settings::{Settings, Switch},
};

/// What a coverage row says of the keys of a cell.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Keys that were listed.
    pub(crate) listed: u64,
    /// Why last uses could not be read, and of how many keys.
    usage_gaps: BTreeMap<Gap, usize>,
    /// Why it is not known whether flagged keys are exempt, and of how many keys.
    exemption_gaps: BTreeMap<Gap, usize>,
    untagged: u64,
    dependents_in_doubt: u64,
    refused_uses_in_doubt: u64,
    unaudited: u64,
}

impl Tally {
    /// Counts a key, judged at `now`.
    pub(crate) fn add(&mut self, key: &KeyReading, settings: &Settings, now: Timestamp) {
        self.listed += 1;
        let assessed = AssessedKey::new(key, settings.stale_after_days, now);
        for (gap, gaps) in [
            (key.missing_usage(), &mut self.usage_gaps),
            (assessed.exemption_gap(), &mut self.exemption_gaps),
        ] {
            if let Some(gap) = gap {
                *gaps.entry(gap.clone()).or_default() += 1;
            }
        }
        self.untagged += u64::from(key.tags_gap.is_some());
        let in_doubt = key.dependents().is_some_and(|found| !found.is_whole());
        self.dependents_in_doubt += u64::from(in_doubt);
        let refused_uses = key.refused_uses();
        let in_doubt = refused_uses.is_some_and(|found| found.gap.is_some());
        self.refused_uses_in_doubt += u64::from(in_doubt);
        // Whose key it is must be known before its policy is asked for.
        let is_unaudited = settings.audit_guard == Switch::On
            && key.manager == Some(Manager::Customer)
            && key.guard().is_none();
        self.unaudited += u64::from(is_unaudited);
    }

    /// How many keys could not be read.
    pub(crate) fn unreadable(&self) -> u64 {
        self.usage_gaps.values().sum::<usize>() as u64
    }

    /// Each gap once, sorted.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let all = self.usage_gaps.keys().chain(self.exemption_gaps.keys());
        let mut gaps: Vec<Gap> = all.cloned().collect();
        gaps.sort();
        gaps.dedup();
        gaps
    }

    /// The gaps in words, with what `more` there is to say, and what is not known of how many keys.
    pub(crate) fn describe(&self, more: Option<String>) -> Vec<String> {
        let each = |gaps| {
            let gaps: &BTreeMap<Gap, usize> = gaps;
            gaps.iter().flat_map(|(gap, keys)| repeat_n(gap, *keys))
        };
        let mut details = Vec::new();
        if !self.usage_gaps.is_empty() {
            details.push(describe_gaps(each(&self.usage_gaps)));
        }
        details.extend(more);
        for (keys, what) in [
            (self.untagged, "keys whose tags are not known"),
            (
                self.dependents_in_doubt,
                "keys whose dependents are not known in full",
            ),
            (
                self.refused_uses_in_doubt,
                "keys whose refused uses are not known in full",
            ),
            (self.unaudited, "keys whose key policy is not known"),
        ] {
            if keys > 0 {
                details.push(format!("{what}: {keys}"));
            }
        }
        if !self.exemption_gaps.is_empty() {
            details.push(describe_exemption_gaps(each(&self.exemption_gaps)));
        }
        details
    }
}
