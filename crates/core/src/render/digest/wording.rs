//! Texts of several sections of the digest: counts, untrusted text, accounts, and last uses.

pub(crate) use crate::model::plain_text::shortened;
use crate::{
    judge::{
        changes::ComparedWith, findings::flagged::KindCounts, judged_key::JudgedKey,
        key_state::why_by_hand, known_keys::KnownKey, recommendation::Recommendation, secret,
        summary::Summary, verdict::Verdict,
    },
    model::{
        access_key,
        account::Account,
        plain_text::without_links,
        reading::{KeyKind, LastUse, Usage},
        time::utc_date,
    },
    settings::ReadMode,
};

/// The longest name that is shown.
pub(crate) const NAME_CHARACTERS: usize = 60;
/// The longest path or explanation that is shown.
pub(crate) const PATH_CHARACTERS: usize = 100;

/// `1 key`, `12,345 keys`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(n)),
    }
}

/// `12,345`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Cents as dollars: `12,345.00`.
pub(crate) fn dollars(cents: u64) -> String {
    format!("{}.{:02}", grouped(cents / 100), cents % 100)
}

/// `1 day`, `4231 days`.
pub(crate) fn days(n: i64) -> String {
    match n {
        1 => "1 day".to_owned(),
        _ => format!("{n} days"),
    }
}

/// How many keys these are and of which kinds: `14 KMS keys` and nothing more, or
/// `21 keys` and ` (14 KMS keys, 5 access keys, 2 root access keys)`.
pub(super) fn kinds_text(counts: KindCounts) -> (String, String) {
    let kinds = counts.into_iter().zip(KeyKind::ALL).filter(|(n, _)| *n > 0);
    let kinds = kinds.map(|(n, kind)| {
        let (one, many) = kind.names();
        counted(n, one, many)
    });
    let kinds: Vec<String> = kinds.collect();
    match kinds.as_slice() {
        [kind] => (kind.clone(), String::new()),
        kinds => {
            let keys = counted(counts.iter().sum(), "key", "keys");
            (keys, format!(" ({})", kinds.join(", ")))
        }
    }
}

/// `alias/orders, eu-west-1; 222222222222 payments-prod; owner payments`.
pub(crate) fn key_line(judged: &JudgedKey) -> String {
    let (name, account) = (key_text(judged), account_text(&judged.key.account));
    let owner = owner_text(judged.key.owner.as_deref());
    format!("{name}; {account}{owner}")
}

/// What people call a key: `alias/orders and 2 more aliases, eu-west-1`,
/// `deploy-bot, key …WXYZ`, `root_access_key_1`, `anna, password`, `prod/db, secret, eu-west-1`,
/// `anna, bedrock.amazonaws.com, credential …WXYZ`.
pub(crate) fn key_text(judged: &JudgedKey) -> String {
    let key = &judged.key;
    let names = key.names.iter().map(String::as_str);
    named(key.kind, names, &key.key_id, judged.region())
}

/// [`key_text`] of a key of an earlier report.
pub(crate) fn known_key_text(key: &KnownKey) -> String {
    let names = key.name.split(';').filter(|name| !name.is_empty());
    named(key.kind, names, &key.key_id, &key.region)
}

fn named<'a>(
    kind: KeyKind,
    mut names: impl Iterator<Item = &'a str>,
    key_id: &str,
    region: &str,
) -> String {
    let first = names.next().map(|name| shortened(name, NAME_CHARACTERS));
    match kind {
        KeyKind::KmsKey => {
            let region = shortened(region, NAME_CHARACTERS);
            match (first, names.count()) {
                (None, _) => format!("no alias, {region}"),
                (Some(name), 0) => format!("{name}, {region}"),
                (Some(name), more) => {
                    let more = counted(more as u64, "more alias", "more aliases");
                    format!("{name} and {more}, {region}")
                }
            }
        }
        KeyKind::IamAccessKey => {
            let id = without_links(&access_key::shortened(key_id));
            format!("{}, key {id}", first.unwrap_or_default())
        }
        KeyKind::RootAccessKey => shortened(key_id, NAME_CHARACTERS),
        KeyKind::IamPassword | KeyKind::RootPassword => {
            format!("{}, password", first.unwrap_or_default())
        }
        KeyKind::ServiceCredential => {
            let id = without_links(&access_key::shortened(key_id));
            let others = names.map(|name| shortened(name, NAME_CHARACTERS));
            let mut names: Vec<String> = first.into_iter().chain(others).collect();
            // The user before the service, whatever their letters.
            names.sort_by_key(|name| name.ends_with(".amazonaws.com"));
            format!("{}, credential {id}", names.join(", "))
        }
        KeyKind::Secret => {
            let region = shortened(region, NAME_CHARACTERS);
            format!("{}, secret, {region}", first.unwrap_or_default())
        }
    }
}

/// `; owner payments`; nothing where there is none.
pub(crate) fn owner_text(owner: Option<&str>) -> String {
    match owner {
        None | Some("") => String::new(),
        Some(owner) => format!("; owner {}", shortened(owner, NAME_CHARACTERS)),
    }
}

/// The line of a flagged key of which it is not known whether it is exempt.
pub(crate) fn exemption_text(judged: &JudgedKey) -> Option<String> {
    judged.exemption_gap()?;
    Some("  its tags could not be read: it may be exempt".to_owned())
}

/// `since 2026-11-20`, where there is something to compare with.
pub(crate) fn since_text(compared_with: ComparedWith) -> Option<String> {
    match compared_with {
        ComparedWith::Nothing(_) => None,
        ComparedWith::LastRun(Some(date)) => Some(format!("since {date}")),
        ComparedWith::LastRun(None) => Some("since the last census".to_owned()),
    }
}

/// `222222222222 payments-prod`.
pub(crate) fn account_text(account: &Account) -> String {
    let name = shortened(&account.name, NAME_CHARACTERS);
    format!("{} {name}", account.id)
}

/// Why a person has to look at a key, where that is recommended.
pub(crate) fn by_hand_text(judged: &JudgedKey) -> Option<String> {
    if judged.recommendation != Recommendation::CheckByHand {
        return None;
    }
    let key = &judged.key;
    if let Some(why) = secret::why_by_hand(key) {
        return Some(why.to_owned());
    }
    let state = key.state.as_deref();
    let state = state.map(|state| shortened(state, NAME_CHARACTERS));
    why_by_hand(key.kind, state.as_deref())
}

/// What a flagged key of a multi-Region set means for the set.
pub(crate) fn set_text(judged: &JudgedKey) -> Option<String> {
    let rest = judged.rest_of_set.as_deref()?;
    let idle = || "multi-Region set idle as a whole".to_owned();
    Some(rest.describe().unwrap_or_else(idle))
}

/// The last use of a flagged key, or that there is none.
pub(crate) fn last_use_text(judged: &JudgedKey) -> String {
    match (&judged.key.usage, judged.judgement.verdict) {
        (Usage::Recorded(last_use), _) => recorded_use_text(last_use),
        (Usage::NoneRecorded { tracked_since, .. }, _) if judged.key.kind == KeyKind::Secret => {
            format!(
                "no retrieval recorded since it was created on {}; an earlier one cannot be excluded",
                utc_date(*tracked_since)
            )
        }
        (Usage::NoneRecorded { tracked_since, .. }, Verdict::UnusedSinceTracking) => format!(
            "no use since tracking began on {}; an earlier use cannot be excluded",
            utc_date(*tracked_since)
        ),
        _ if judged.key.kind == KeyKind::IamPassword => "never used since it was set".to_owned(),
        _ => "never used since it was created".to_owned(),
    }
}

/// `text` with a capital letter at its beginning.
pub(crate) fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}

/// `last Decrypt on 2026-05-23`, `last use on 2026-05-23, s3 in eu-west-1`.
pub(crate) fn recorded_use_text(last_use: &LastUse) -> String {
    let name = |free: &str| shortened(free, NAME_CHARACTERS);
    let operation = last_use.operation.as_deref().unwrap_or("use");
    let target = match (&last_use.service, &last_use.region) {
        (Some(service), Some(region)) => format!(", {} in {}", name(service), name(region)),
        (Some(service), None) => format!(", {}", name(service)),
        (None, Some(region)) => format!(", in {}", name(region)),
        (None, None) => String::new(),
    };
    format!(
        "last {} on {}{target}",
        name(operation),
        utc_date(last_use.at)
    )
}

/// What a run says of last uses that did not read all of them.
pub(crate) fn not_all_read(summary: &Summary) -> Option<&'static str> {
    match summary.read {
        ReadMode::All => None,
        ReadMode::Due => Some(
            "A key in use was used at least as recently as shown: usage_read_at in keys.csv has when AWS reported it \
             (KEYCENSUS_READ=due).",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, dollars, grouped};

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (n, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(n), expected);
        }
        assert_eq!(counted(12_345, "key", "keys"), "12,345 keys");
        assert_eq!(dollars(1_234_505), "12,345.05");
    }
}
