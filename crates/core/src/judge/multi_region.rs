//! Multi-Region keys judged as sets.
//!
//! AWS records the use of each key of a set apart, so a replica can look unused
//! while the set is what everybody relies on
//! (<https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>).

use std::collections::HashMap;

use serde::Serialize;

use crate::{
    judge::{judged_key::JudgedKey, verdict::Verdict},
    model::{
        account::AccountId,
        reading::{MultiRegion, MultiRegionRole},
    },
};

/// What the other keys of a set say about a flagged one. Regions are sorted.
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
    /// KMS did not say which other keys are in the set.
    NotTold,
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

/// Says of each flagged key of a set what the rest of its set says.
pub(crate) fn judge_sets(keys: &mut [JudgedKey]) {
    let rests: Vec<(usize, RestOfSet)> = {
        let sets = sets(keys);
        let flagged = keys.iter().enumerate().filter(|(_, key)| key.is_flagged());
        flagged
            .filter_map(|(at, judged)| {
                let members = sets.get(&set_of(judged)?)?;
                let rest = match judged.key.multi_region.as_deref() {
                    Some(set) => rest_of_set(judged, set, members),
                    None => RestOfSet::NotTold,
                };
                Some((at, rest))
            })
            .collect()
    };
    for (at, rest) in rests {
        if let Some(judged) = keys.get_mut(at) {
            judged.rest_of_set = Some(Box::new(rest));
        }
    }
}

/// Counts the sets and keys of which [`judge_sets`] has said something.
pub(crate) fn count<'a>(keys: impl IntoIterator<Item = &'a JudgedKey>) -> MultiRegionCounts {
    let mut idle_sets: Vec<_> = Vec::new();
    let mut idle_replicas = 0;
    for judged in keys {
        match judged.rest_of_set.as_deref() {
            Some(RestOfSet::Idle) => idle_sets.extend(set_of(judged)),
            Some(RestOfSet::InUse { .. } | RestOfSet::NotKnown { .. } | RestOfSet::NotTold) => {
                idle_replicas += 1
            }
            None => {}
        }
    }
    idle_sets.sort_unstable();
    idle_sets.dedup();
    MultiRegionCounts {
        idle_sets: idle_sets.len() as u64,
        idle_replicas,
    }
}

const NOT_TOLD: &str = "multi-Region key idle; its set is not known";

/// `replica idle; set in use in eu-west-1`. Nothing of a set that is idle as a
/// whole, which the verdicts say already.
pub(crate) fn told(judged: &JudgedKey) -> Option<String> {
    match judged.rest_of_set.as_deref()? {
        RestOfSet::Idle => None,
        RestOfSet::InUse { role, regions } => Some(format!(
            "{} idle; set in use in {}",
            role.as_str(),
            regions.join(", ")
        )),
        RestOfSet::NotKnown { role, regions } => Some(format!(
            "{} idle; whether the set is in use in {} is not known",
            role.as_str(),
            regions.join(", ")
        )),
        RestOfSet::NotTold => Some(NOT_TOLD.to_owned()),
    }
}

/// Reads what [`told`] says; nothing where it is something else.
pub(crate) fn read(told: &str) -> Option<RestOfSet> {
    if told == NOT_TOLD {
        return Some(RestOfSet::NotTold);
    }
    let (role, rest) = told.split_once(" idle; ")?;
    let role = MultiRegionRole::ALL
        .into_iter()
        .find(|known| known.as_str() == role)?;
    let listed = |regions: &str| regions.split(", ").map(str::to_owned).collect();
    if let Some(regions) = rest.strip_prefix("set in use in ") {
        let regions = listed(regions);
        return Some(RestOfSet::InUse { role, regions });
    }
    let regions = rest.strip_prefix("whether the set is in use in ")?;
    let regions = listed(regions.strip_suffix(" is not known")?);
    Some(RestOfSet::NotKnown { role, regions })
}

/// The keys of each set, by account and the ID that they share.
fn sets(keys: &[JudgedKey]) -> HashMap<(AccountId, &str), Vec<&JudgedKey>> {
    let mut sets: HashMap<_, Vec<&JudgedKey>> = HashMap::new();
    for judged in keys {
        if let Some(set) = set_of(judged) {
            sets.entry(set).or_default().push(judged);
        }
    }
    sets
}

fn set_of(judged: &JudgedKey) -> Option<(AccountId, &str)> {
    let set = judged.key.multi_region_set()?;
    Some((judged.key.account.id, set))
}

fn rest_of_set(judged: &JudgedKey, set: &MultiRegion, members: &[&JudgedKey]) -> RestOfSet {
    let others = || {
        members
            .iter()
            .filter(|other| other.region() != judged.region())
    };
    let mut in_use = Vec::new();
    let mut not_known = Vec::new();
    for other in others() {
        match other.judgement.verdict {
            Verdict::InUse => in_use.push(other.region().to_owned()),
            // Too young to say is not idle, either.
            Verdict::Unreadable | Verdict::Undecided => not_known.push(other.region().to_owned()),
            Verdict::Stale
            | Verdict::NeverUsed
            | Verdict::UnusedSinceTracking
            | Verdict::PendingDeletion
            | Verdict::AwsManaged => {}
        }
    }
    let regions = set.replica_regions.iter().chain([&set.primary_region]);
    let is_read =
        |region: &str| region == judged.region() || others().any(|other| other.region() == region);
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
