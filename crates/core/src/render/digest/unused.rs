//! The sections of flagged keys, one after the other.

use super::{
    access_keys::UNUSED_ACCESS_KEYS,
    dependents::looked_for,
    flagged::Section,
    kms_keys::{UNUSED_KMS_KEYS, sets_text},
    page::{Page, json_bytes},
    passwords::UNUSED_PASSWORDS,
    secrets::UNUSED_SECRETS,
};
use crate::{
    judge::{
        findings::flagged::Flagged, judged_key::JudgedKey, multi_region::MultiRegionCounts,
        report::Report,
    },
    model::reading::KeyKind,
};

/// How many bytes of a JSON string each section may fill up to, in the digest of the organization
/// and in that of one account.
const SECTIONS: [(Section, [usize; 2]); 4] = [
    (UNUSED_ACCESS_KEYS, [28_672, 36_864]),
    (UNUSED_PASSWORDS, [34_816, 43_008]),
    (UNUSED_KMS_KEYS, [43_008, 61_440]),
    (UNUSED_SECRETS, [46_080, 65_536]),
];

/// What a digest is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    Organization,
    Account,
}

/// Writes the sections of the `flagged` keys, of whose KMS keys so many are of sets.
pub(super) fn unused(
    page: &mut Page,
    report: &Report,
    flagged: &Flagged,
    sets: MultiRegionCounts,
    about: About,
) {
    for (section, [of_organization, of_account]) in &SECTIONS {
        let end = match about {
            About::Organization => *of_organization,
            About::Account => *of_account,
        };
        let is_of_kms_keys = section.kind == KeyKind::KmsKey;
        let lead = sets_text(sets).filter(|_| is_of_kms_keys);
        if let Some(keys) = flagged.by_account(section.kind) {
            section.write(page, keys, lead.as_deref(), end);
        }
        if is_of_kms_keys {
            looked_for(page, report, flagged);
        }
    }
}

/// What the first key that is listed of an account takes, in bytes; 0 for a kind without a section.
pub(super) fn first_entry_bytes(judged: &JudgedKey) -> usize {
    let mut sections = SECTIONS.iter().map(|(section, _)| section);
    let section = sections.find(|section| section.kind == judged.key.kind);
    let entry = section.map(|section| section.first_entry(judged));
    let lines = entry.into_iter().flatten();
    lines.map(|line| json_bytes(&line)).sum()
}

#[cfg(test)]
mod tests {
    use super::SECTIONS;
    use crate::model::reading::KeyKind;

    #[test]
    fn each_kind_that_can_be_flagged_has_a_section_and_root_access_keys_have_their_own() {
        let of_sections = SECTIONS.map(|(section, _)| section.kind);
        for kind in KeyKind::ALL {
            let has_section = of_sections.contains(&kind) || kind == KeyKind::RootAccessKey;
            assert_eq!(has_section, kind.can_be_flagged(), "{kind:?}");
        }
    }
}
