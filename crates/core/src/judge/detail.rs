//! What `detail` of `keys.csv` says of a key where the verdict alone does not say
//! it, and how that is read back.

use jiff::Timestamp;

use crate::{
    judge::{
        judged_key::JudgedKey,
        multi_region::{self, RestOfSet},
    },
    model::{
        cause::Cause,
        gap::Gap,
        reading::{DISABLED, Usage},
        time::to_seconds,
    },
};

const BETWEEN: &str = "; ";
const CREDENTIAL_REPORT: &str = "credential report of ";
const TAGS_NOT_KNOWN: &str = ": owner and exemption not known";
const DEPENDENTS_NOT_KNOWN: &str = ": dependents not known in full";
const EXEMPT: &str = "exempt: ";
const ALREADY_DISABLED: &str = "already disabled";

/// What a detail says, beside what other columns say too.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Detail {
    /// Why its usage could not be read.
    pub(crate) usage_gap: Option<Gap>,
    /// When the credential report that told its last use was generated.
    pub(crate) told_at: Option<Timestamp>,
    /// Why owner and exemption are not known.
    pub(crate) tags_gap: Option<Gap>,
    /// Why not all that depends on it is known, where it was asked.
    pub(crate) dependents_gaps: Vec<Gap>,
    /// Why it is exempt.
    pub(crate) exemption: Option<String>,
    /// What the rest of its set of multi-Region keys says; nothing of a set that
    /// is idle as a whole.
    pub(crate) rest_of_set: Option<RestOfSet>,
}

/// The detail of a key; free text.
pub(crate) fn told(judged: &JudgedKey) -> String {
    let key = &judged.key;
    let mut parts = Vec::new();
    if let Usage::Unreadable(gap) = &key.usage {
        parts.push(gap.to_string());
    }
    if let (Some(told_at), Some(_)) = (key.told_at, judged.judgement.idle_days) {
        parts.push(format!("{CREDENTIAL_REPORT}{}", to_seconds(told_at)));
    }
    if let Some(gap) = &key.tags_gap {
        parts.push(format!("{gap}{TAGS_NOT_KNOWN}"));
    }
    if judged.is_flagged() && key.state.as_deref() == Some(DISABLED) {
        parts.push(ALREADY_DISABLED.to_owned());
    }
    let dependents = key.dependents().into_iter();
    for gap in dependents.flat_map(|found| &found.gaps) {
        let told = format!("{gap}{DEPENDENTS_NOT_KNOWN}");
        if !parts.contains(&told) {
            parts.push(told);
        }
    }
    // Either may have in it what stands between parts, and so is the last; only a
    // flagged key has the first, and no exempt one is flagged.
    parts.extend(multi_region::told(judged));
    if let Some(reason) = &key.exemption {
        parts.push(format!("{EXEMPT}{reason}"));
    }
    parts.join(BETWEEN)
}

/// Reads a detail; nothing where it is not as [`told`] words it. `usage_cause` is the
/// recorded cause of the usage gap; of the others none is recorded.
pub(crate) fn read(told: &str, usage_cause: Option<Cause>) -> Option<Detail> {
    let mut detail = Detail::default();
    let mut rest = told;
    while !rest.is_empty() {
        if let Some(reason) = rest.strip_prefix(EXEMPT) {
            detail.exemption = Some(reason.to_owned());
            break;
        }
        detail.rest_of_set = multi_region::read(rest);
        if detail.rest_of_set.is_some() {
            break;
        }
        let (part, after) = rest.split_once(BETWEEN).unwrap_or((rest, ""));
        rest = after;
        if let Some(at) = part.strip_prefix(CREDENTIAL_REPORT) {
            detail.told_at = Some(at.parse().ok()?);
        } else if let Some(gap) = part.strip_suffix(TAGS_NOT_KNOWN) {
            detail.tags_gap = Some(Gap::parse(gap, None)?);
        } else if let Some(gap) = part.strip_suffix(DEPENDENTS_NOT_KNOWN) {
            detail.dependents_gaps.push(Gap::parse(gap, None)?);
        } else if part != ALREADY_DISABLED {
            detail.usage_gap = Some(Gap::parse(part, usage_cause)?);
        }
    }
    Some(detail)
}

#[cfg(test)]
mod tests {
    use super::{Detail, read};
    use crate::{
        judge::multi_region::RestOfSet,
        model::{cause::Cause, gap::Gap, reading::MultiRegionRole},
    };

    #[test]
    fn every_part_of_a_detail_is_read_back() {
        let denied = Gap::unanswered(
            "kms:ListResourceTags",
            "AccessDeniedException",
            Cause::REFUSED,
        );
        let cases = [
            ("", Detail::default()),
            (
                "no time left; kms:ListResourceTags AccessDeniedException: owner and exemption not known",
                Detail {
                    usage_gap: Some(Gap::NoTimeLeft),
                    tags_gap: Some(denied.clone()),
                    ..Detail::default()
                },
            ),
            (
                "credential report of 2026-11-21T01:00:00Z; already disabled",
                Detail {
                    told_at: Some("2026-11-21T01:00:00Z".parse().unwrap()),
                    ..Detail::default()
                },
            ),
            (
                "already disabled; no time left: dependents not known in full; \
                 kms:ListGrants AccessDeniedException: dependents not known in full; \
                 multi-Region key idle; its set is not known",
                Detail {
                    dependents_gaps: vec![
                        Gap::NoTimeLeft,
                        Gap::unanswered("kms:ListGrants", "AccessDeniedException", Cause::REFUSED),
                    ],
                    rest_of_set: Some(RestOfSet::NotTold),
                    ..Detail::default()
                },
            ),
            (
                "exempt: audit; already disabled",
                Detail {
                    exemption: Some("audit; already disabled".to_owned()),
                    ..Detail::default()
                },
            ),
            (
                "already disabled; replica idle; set in use in eu-west-1, us-east-1",
                Detail {
                    rest_of_set: Some(RestOfSet::InUse {
                        role: MultiRegionRole::Replica,
                        regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
                    }),
                    ..Detail::default()
                },
            ),
            (
                "primary idle; whether the set is in use in eu-west-1 is not known",
                Detail {
                    rest_of_set: Some(RestOfSet::NotKnown {
                        role: MultiRegionRole::Primary,
                        regions: vec!["eu-west-1".to_owned()],
                    }),
                    ..Detail::default()
                },
            ),
            (
                "multi-Region key idle; its set is not known",
                Detail {
                    rest_of_set: Some(RestOfSet::NotTold),
                    ..Detail::default()
                },
            ),
        ];
        for (told, detail) in cases {
            assert_eq!(read(told, None), Some(detail), "{told}");
        }
    }

    #[test]
    fn what_nobody_writes_is_not_read() {
        for told in [
            "bored",
            "credential report of yesterday",
            "exempted: audit",
            "replica idle; set in use elsewhere too",
        ] {
            assert_eq!(read(told, None), None, "{told}");
        }
    }
}
