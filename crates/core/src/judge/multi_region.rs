//! Multi-Region keys, and secrets with their replicas, judged as sets.
//!
//! AWS records the use of each of a set apart, so a replica can look unused while the set is in
//! use
//! (<https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>).

use std::{
    collections::{HashMap, HashSet},
    ops::AddAssign,
};

use serde::Serialize;

use crate::{
    judge::{flagged::AssessedKey, verdict::Verdict},
    model::{
        account::AccountId,
        reading::{KeyKind, KeyReading, MultiRegion, MultiRegionRole},
    },
};

/// Whether the rest of a flagged key's set is in use. Regions are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestOfSet {
    /// No other key of the set is in use: the set is idle as a whole.
    Idle,
    /// The set is in use.
    InUse {
        /// What the flagged key is in the set.
        role: MultiRegionRole,
        /// Where the set is in use.
        regions: Vec<String>,
    },
    /// No use of the set is known, but not that there is none.
    NotKnown {
        /// What the flagged key is in the set.
        role: MultiRegionRole,
        /// Where that is not known.
        regions: Vec<String>,
    },
    /// The members of the set are not known: DescribeKey failed, or an earlier version wrote
    /// the report.
    NotReported,
}

/// Flagged multi-Region keys, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MultiRegionCounts {
    /// Sets that are idle as a whole.
    pub idle_sets: u64,
    /// Flagged keys, primaries included, of sets that are in use in another
    /// Region, or of which that is not known.
    pub idle_replicas: u64,
}

impl RestOfSet {
    /// `replica idle; set in use in eu-west-1`. `None` for a set that is idle as a whole, as the
    /// verdicts of its keys show.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        match self {
            Self::Idle => None,
            Self::InUse { role, regions } => Some(format!(
                "{} idle; set in use in {}",
                role.as_str(),
                regions.join(", ")
            )),
            Self::NotKnown { role, regions } => Some(format!(
                "{} idle; whether the set is in use in {} is not known",
                role.as_str(),
                regions.join(", ")
            )),
            Self::NotReported => Some("multi-Region key idle; its set is not known".to_owned()),
        }
    }
}

/// Completes the sets of the secrets of an account, which are sorted: a primary secret may not say
/// that it is one, and then only its replicas do.
pub(crate) fn complete_sets_of_secrets(keys: &mut [KeyReading]) {
    let is_of_set = |key: &&KeyReading| key.kind == KeyKind::Secret && key.multi_region.is_some();
    let primaries: HashSet<(String, String)> = keys
        .iter()
        .filter(is_of_set)
        .filter_map(|key| {
            let set = key.multi_region.as_deref()?;
            Some((set.primary_region.clone(), key.key_id.clone()))
        })
        .collect();
    for key in keys {
        let place = (key.region_or_global().to_owned(), key.key_id.clone());
        if key.kind == KeyKind::Secret && key.multi_region.is_none() && primaries.contains(&place) {
            key.multi_region = Some(Box::new(MultiRegion {
                role: MultiRegionRole::Primary,
                primary_region: place.0,
                replica_regions: Vec::new(),
            }));
        }
    }
}

/// The rest of its set for each key; `None` for one that is not flagged or in no set.
pub(crate) fn rests_of_sets(keys: &[AssessedKey<'_>]) -> Vec<Option<RestOfSet>> {
    let sets = sets(keys);
    let rest = |assessed: &AssessedKey<'_>| {
        let members = sets.get(&set_of(assessed.key)?)?;
        Some(match assessed.key.multi_region.as_deref() {
            Some(set) => rest_of_set(assessed.key, set, members),
            None => RestOfSet::NotReported,
        })
    };
    let rests = keys.iter().map(|assessed| match assessed.is_flagged() {
        true => rest(assessed),
        false => None,
    });
    rests.collect()
}

impl MultiRegionCounts {
    /// Counts flagged keys of the sets of an account, each with the rest of its set.
    pub(crate) fn of<'a>(keys: impl IntoIterator<Item = (&'a KeyReading, &'a RestOfSet)>) -> Self {
        let mut idle_sets: Vec<_> = Vec::new();
        let mut idle_replicas = 0;
        for (key, rest) in keys {
            match rest {
                RestOfSet::Idle => idle_sets.extend(set_of(key)),
                RestOfSet::InUse { .. } | RestOfSet::NotKnown { .. } | RestOfSet::NotReported => {
                    idle_replicas += 1
                }
            }
        }
        idle_sets.sort_unstable();
        idle_sets.dedup();
        Self {
            idle_sets: idle_sets.len() as u64,
            idle_replicas,
        }
    }
}

impl AddAssign for MultiRegionCounts {
    fn add_assign(&mut self, other: Self) {
        self.idle_sets += other.idle_sets;
        self.idle_replicas += other.idle_replicas;
    }
}

/// The keys of each set, by account and the ID that they share.
fn sets<'a, 'k>(
    keys: &'a [AssessedKey<'k>],
) -> HashMap<(AccountId, &'k str), Vec<&'a AssessedKey<'k>>> {
    let mut sets: HashMap<_, Vec<_>> = HashMap::new();
    for assessed in keys {
        if let Some(set) = set_of(assessed.key) {
            sets.entry(set).or_default().push(assessed);
        }
    }
    sets
}

fn set_of(key: &KeyReading) -> Option<(AccountId, &str)> {
    Some((key.account.id, key.multi_region_set()?))
}

fn rest_of_set(key: &KeyReading, set: &MultiRegion, members: &[&AssessedKey<'_>]) -> RestOfSet {
    let region = key.region_or_global();
    let others = || {
        let members = members.iter();
        members.filter(|other| other.key.region_or_global() != region)
    };
    let mut in_use = Vec::new();
    let mut not_known = Vec::new();
    for other in others() {
        let elsewhere = other.key.region_or_global().to_owned();
        match other.judgement.verdict {
            Verdict::InUse => in_use.push(elsewhere),
            // An undecided key is not idle, either.
            Verdict::Unreadable | Verdict::Undecided => not_known.push(elsewhere),
            Verdict::Stale
            | Verdict::NeverUsed
            | Verdict::UnusedSinceTracking
            | Verdict::PendingDeletion
            | Verdict::AwsManaged
            | Verdict::NotRecorded => {}
        }
    }
    let regions = set.replica_regions.iter().chain([&set.primary_region]);
    let is_read =
        |of: &str| of == region || others().any(|other| other.key.region_or_global() == of);
    not_known.extend(regions.filter(|region| !is_read(region)).cloned());
    let sorted = |mut regions: Vec<String>| {
        regions.sort();
        regions.dedup();
        regions
    };
    let role = set.role;
    match (in_use.is_empty(), not_known.is_empty()) {
        (false, _) => RestOfSet::InUse {
            role,
            regions: sorted(in_use),
        },
        (true, false) => RestOfSet::NotKnown {
            role,
            regions: sorted(not_known),
        },
        (true, true) => RestOfSet::Idle,
    }
}

#[cfg(test)]
mod tests;
