//! The explanation of a verdict: `detail` of `keys.csv`.

use crate::{
    judge::{judged_key::JudgedKey, multi_region::RestOfSet},
    model::{
        kind::LastUseSource,
        reading::{DISABLED, Usage},
        time::to_seconds,
    },
};

/// The detail of a key; free text.
pub(crate) fn describe(judged: &JudgedKey) -> String {
    let key = &judged.key;
    let mut parts = Vec::new();
    if let Usage::Unreadable(gap) = &key.usage {
        parts.push(gap.to_string());
    }
    if let (Some(generated_at), Some(_)) = (key.usage_read_at, judged.judgement.idle_days)
        && key.kind.last_use_source() == LastUseSource::CredentialReport
    {
        parts.push(format!("credential report of {}", to_seconds(generated_at)));
    }
    if let Some(gap) = &key.tags_gap {
        parts.push(format!("{gap}: owner and exemption not known"));
    }
    if judged.is_flagged() && key.state.as_deref() == Some(DISABLED) {
        parts.push("already disabled".to_owned());
    }
    let dependents = key.dependents().into_iter();
    for gap in dependents.flat_map(|found| &found.gaps) {
        let part = format!("{gap}: dependents not known in full");
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if let Some(found) = key.refused_uses()
        && let Some(gap) = &found.gap
    {
        let known = match found.is_minimum() {
            true => "refused_uses is a minimum",
            false => "refused uses not known in full",
        };
        parts.push(format!("{gap}: {known}"));
    }
    parts.extend(judged.rest_of_set.as_deref().and_then(RestOfSet::describe));
    if let Some(reason) = &key.exemption {
        parts.push(format!("exempt: {reason}"));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::describe;
    use crate::{
        examples::{account, judged, kms_key, root_key},
        model::{
            access_key::none_recorded,
            cause::{Cause, Refusal},
            gap::Gap,
            reading::{KeyReading, Usage},
        },
    };

    const USED: &str = "2026-11-01T00:00:00Z";

    #[test]
    fn a_policy_that_denies_is_named_by_its_kind_alone() {
        let mut unread = kms_key(&account(2, "payments"), 1, USED);
        let refusal = Refusal::of_message(
            "User: arn:aws:sts::222222222222:assumed-role/R/s is not authorized to perform: \
             kms:GetKeyLastUsage with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p-1",
        );
        unread.usage = Usage::Unreadable(Gap::unanswered(
            "kms:GetKeyLastUsage",
            "AccessDeniedException",
            Cause::Refused(refusal),
        ));
        assert_eq!(
            describe(&judged(unread)),
            "kms:GetKeyLastUsage AccessDeniedException with an explicit deny in a service control policy"
        );
    }

    #[test]
    fn the_credential_report_is_named_where_a_verdict_rests_on_it() {
        let usage_read_at = Some("2026-11-21T01:00:00Z".parse().unwrap());
        let used = root_key(&account(2, "payments"), 1, USED);
        let detail = |usage| {
            let key = KeyReading {
                usage_read_at,
                usage,
                ..used.clone()
            };
            describe(&judged(key))
        };
        let report = "credential report of 2026-11-21T01:00:00Z";
        assert_eq!(detail(used.usage.clone()), report);
        assert_eq!(detail(none_recorded(used.created_at)), report);
        let gap = Gap::unreadable_answer("iam:GetCredentialReport");
        assert_eq!(
            detail(Usage::Unreadable(gap)),
            "iam:GetCredentialReport UnreadableAnswer"
        );
        assert_eq!(
            describe(&judged(KeyReading {
                usage_read_at: None,
                ..used.clone()
            })),
            ""
        );
        let exempt = KeyReading {
            usage_read_at,
            exemption: Some("legal".to_owned()),
            ..used
        };
        assert_eq!(
            describe(&judged(exempt)),
            format!("{report}; exempt: legal")
        );
    }
}
