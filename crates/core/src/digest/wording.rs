//! How the digest words what occurs in several of its sections: counts,
//! strangers' text, accounts, and last uses.

use crate::{
    access_key,
    account::Account,
    changes::ComparedWith,
    key_row::JudgedKey,
    last_run::KnownKey,
    plain_text::without_links,
    reading::{KeyKind, LastUse, Usage},
    time::utc_date,
    verdict::Verdict,
};

/// How much of a name is told.
pub(crate) const NAME_CHARACTERS: usize = 60;
/// How much of a path or an explanation is told.
pub(crate) const PATH_CHARACTERS: usize = 100;

/// `1 key`, `2 keys`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{n} {many}"),
    }
}

/// `1 day`, `2 days`.
pub(crate) fn days(n: i64) -> String {
    counted(n.unsigned_abs(), "day", "days")
}

/// `free` on one line, without links, and at most `characters` long.
pub(crate) fn shortened(free: &str, characters: usize) -> String {
    let line = without_links(free);
    if line.chars().count() <= characters {
        return line;
    }
    let mut short: String = line.chars().take(characters.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// What people call a key: `alias/orders and 2 more aliases, eu-west-1`,
/// `deploy-bot, key …WXYZ`, `root_access_key_1`.
pub(super) fn key_told(judged: &JudgedKey) -> String {
    let key = &judged.key;
    let names = key.names.iter().map(String::as_str);
    named(key.kind, names, &key.key_id, judged.region())
}

/// [`key_told`] of a key of an earlier report.
pub(super) fn known_key_told(key: &KnownKey) -> String {
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
    }
}

/// `; owner payments`; nothing where there is none.
pub(super) fn owner_told(owner: Option<&str>) -> String {
    match owner {
        None | Some("") => String::new(),
        Some(owner) => format!("; owner {}", shortened(owner, NAME_CHARACTERS)),
    }
}

/// `since 2026-11-20`, where there is something to compare with.
pub(super) fn since_told(compared_with: ComparedWith) -> Option<String> {
    match compared_with {
        ComparedWith::Nothing(_) => None,
        ComparedWith::LastRun(Some(date)) => Some(format!("since {date}")),
        ComparedWith::LastRun(None) => Some("since the last census".to_owned()),
    }
}

/// `222222222222 payments-prod`.
pub(super) fn account_told(account: &Account) -> String {
    let name = shortened(&account.name, NAME_CHARACTERS);
    format!("{} {name}", account.id)
}

/// The last use of a flagged key, or that there is none.
pub(crate) fn last_use_told(judged: &JudgedKey) -> String {
    match (&judged.key.usage, judged.judgement.verdict) {
        (Usage::Recorded(last_use), _) => recorded_use_told(last_use),
        (Usage::NoneRecorded { tracked_since, .. }, Verdict::UnusedSinceTracking) => format!(
            "no use since tracking began on {}; an earlier use cannot be excluded",
            utc_date(*tracked_since)
        ),
        _ => "never used since it was created".to_owned(),
    }
}

/// `last Decrypt on 2026-05-23`, `last use on 2026-05-23, s3 in eu-west-1`.
pub(crate) fn recorded_use_told(last_use: &LastUse) -> String {
    let name = |free: &str| shortened(free, NAME_CHARACTERS);
    let operation = last_use.operation.as_deref().unwrap_or("use");
    let place = match (&last_use.service, &last_use.region) {
        (Some(service), Some(region)) => format!(", {} in {}", name(service), name(region)),
        (Some(service), None) => format!(", {}", name(service)),
        (None, Some(region)) => format!(", in {}", name(region)),
        (None, None) => String::new(),
    };
    format!(
        "last {} on {}{place}",
        name(operation),
        utc_date(last_use.at)
    )
}
