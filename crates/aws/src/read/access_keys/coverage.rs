//! What is said of the coverage of an account's IAM cell: of its access keys and passwords.

use std::{collections::BTreeSet, sync::Arc};

use keycensus_core::model::{
    account::Account,
    coverage::{
        CellKeys, CoverageRow, CoverageStatus, Scope, describe_exemption_gaps, describe_gaps,
    },
    credential_report::CredentialReport,
    gap::Gap,
    kind::Family,
    reading::{KeyKind, KeyReading},
};

use crate::{
    deadline::unanswered::Unanswered,
    read::access_keys::{
        credential_report::GeneratedReport, passwords::PasswordsReading, user::ListedKeys,
    },
    services::iam::GET_CREDENTIAL_REPORT,
};

/// The cell of access keys of an account.
pub(super) const CELL: Scope = Scope::Cell {
    region: None,
    kind: KeyKind::IamAccessKey,
};

/// What the reading of a cell rests on.
pub(crate) struct CellSources<'a> {
    pub(crate) report: Result<GeneratedReport, Unanswered>,
    /// How listing the users ended.
    pub(crate) listing: Result<(), Unanswered>,
    /// How listing the keys ended, for each user who was asked about.
    pub(crate) users: Vec<(String, Result<ListedKeys, Unanswered>)>,
    /// The passwords of a report, where they are to be read.
    pub(crate) passwords: Option<PasswordsReading>,
    /// How listing service-specific credentials ended, where they are to be read.
    pub(crate) credentials: Option<Result<(), Unanswered>>,
    /// What is to be read.
    pub(crate) kinds: &'a BTreeSet<Family>,
}

/// The coverage row of the cell in which `keys` were found.
///
/// `exemption_gaps` are those of flagged keys of which it is not known whether they are
/// exempt.
pub(crate) fn coverage(
    account: &Arc<Account>,
    found: CellSources<'_>,
    keys: &[&KeyReading],
    exemption_gaps: &[&Gap],
) -> CoverageRow {
    let reads = |kind| found.kinds.contains(&kind);
    let mut gaps: Vec<Gap> = Vec::new();
    let mut details: Vec<String> = Vec::new();
    match (&found.listing, &found.report) {
        (Err(listing), Err(report)) if keys.is_empty() => {
            return nothing_known(account, listing, report);
        }
        (Err(listing), _) => {
            details.push(format!("{}: not all users are known", listing.gap()));
            gaps.push(listing.gap());
        }
        (Ok(()), _) => {}
    }
    match &found.report {
        Err(report) => {
            let not_known = match (reads(Family::Iam), reads(Family::Passwords)) {
                (_, false) => "root access keys",
                (true, true) => "root access keys and passwords",
                (false, true) => "passwords",
            };
            details.push(format!("{}: {not_known} not known", report.gap()));
            gaps.push(report.gap());
        }
        Ok(GeneratedReport { report, .. }) => {
            if let (true, Err(why)) = (reads(Family::Iam), &report.root) {
                details.push(format!("{why}: root access keys not known"));
                gaps.push(Gap::unreadable_answer(GET_CREDENTIAL_REPORT));
            }
            if let (true, Err(why)) = (reads(Family::Passwords), &report.root_password) {
                details.push(format!("{why}: its password not known"));
                gaps.push(Gap::unreadable_answer(GET_CREDENTIAL_REPORT));
            }
            if reads(Family::Iam) && !report.is_whole {
                details.push(
                    "the credential report is damaged: users were asked about one by one"
                        .to_owned(),
                );
            }
        }
    }
    users(&found.users, &mut gaps, &mut details);
    if let Some(passwords) = &found.passwords {
        of_passwords(passwords, &mut gaps, &mut details);
    }
    if let Some(Err(listing)) = &found.credentials {
        let gap = listing.gap();
        details.push(format!("{gap}: service-specific credentials not known"));
        gaps.push(gap);
    }
    let is_root_known = |report: &CredentialReport| {
        (!reads(Family::Iam) || report.root.is_ok())
            && (!reads(Family::Passwords) || report.root_password.is_ok())
    };
    let is_whole = found.listing.is_ok()
        && matches!(&found.report, Ok(generated) if is_root_known(&generated.report))
        && found.users.iter().all(|(_, listed)| listed.is_ok())
        && found.passwords.iter().all(|found| found.unknown.is_empty())
        && found.credentials.iter().all(Result::is_ok);
    let unreadable: Vec<&Gap> = keys.iter().filter_map(|key| key.usage_gap()).collect();
    if !unreadable.is_empty() {
        details.insert(0, describe_gaps(unreadable.iter().copied()));
    }
    details.extend(untagged(keys.iter().copied()));
    if !exemption_gaps.is_empty() {
        details.push(describe_exemption_gaps(exemption_gaps.iter().copied()));
    }
    let are_keys_known = unreadable.is_empty() && exemption_gaps.is_empty();
    let status = match are_keys_known {
        true if gaps.is_empty() => CoverageStatus::Scanned,
        true if gaps.iter().all(|gap| *gap == Gap::NoTimeLeft) => {
            // The row says so itself.
            let prefix = format!("{}: ", Gap::NoTimeLeft);
            for detail in &mut details {
                if let Some(what) = detail.strip_prefix(&prefix) {
                    *detail = what.to_owned();
                }
            }
            CoverageStatus::Deferred
        }
        _ => CoverageStatus::Partial,
    };
    let of_keys = unreadable.iter().chain(exemption_gaps).copied();
    let of_keys: BTreeSet<Gap> = of_keys.cloned().collect();
    let gaps: Vec<Gap> = of_keys.into_iter().chain(gaps).collect();
    let listed = CellKeys {
        is_whole,
        listed: keys.len() as u64,
        unreadable: unreadable.len() as u64,
    };
    CoverageRow::of_cell(account, CELL, status, listed, &gaps, &details.join("; "))
}

/// What is to be said of keys whose user's tags could not be read.
pub(super) fn untagged<'k>(keys: impl Iterator<Item = &'k KeyReading>) -> Option<String> {
    let untagged = keys.filter(|key| key.tags_gap.is_some()).count();
    (untagged > 0).then(|| format!("keys whose user's tags are not known: {untagged}"))
}

/// Neither users nor a report: no key of the cell is known.
fn nothing_known(account: &Arc<Account>, listing: &Unanswered, report: &Unanswered) -> CoverageRow {
    let more = match listing {
        Unanswered::NoTimeLeft => String::new(),
        Unanswered::Failed(_) => report.gap().to_string(),
    };
    let gap = listing.gap();
    let status = CoverageStatus::of_unlisted(gap.cause());
    CoverageRow::unlisted(account, CELL, status, Some(gap), &more)
}

/// How many users are named whose keys are not known.
const USERS_NAMED: usize = 5;

/// What is to be said of users whose keys were not listed.
fn users(
    users: &[(String, Result<ListedKeys, Unanswered>)],
    gaps: &mut Vec<Gap>,
    details: &mut Vec<String>,
) {
    let mut unknown: Vec<(Gap, &str)> = users
        .iter()
        .filter_map(|(name, listed)| Some((listed.as_ref().err()?.gap(), name.as_str())))
        .collect();
    unknown.sort();
    if let Some((first, _)) = unknown.first() {
        let names: Vec<&str> = unknown.iter().map(|(_, name)| *name).collect();
        details.push(format!(
            "{first}: users whose keys are not known: {}",
            named(&names)
        ));
        gaps.push(first.clone());
    }
    let deleted = users
        .iter()
        .filter(|(_, listed)| matches!(listed, Ok(ListedKeys::Deleted)))
        .count();
    if deleted > 0 {
        details.push(format!("users deleted during the census: {deleted}"));
    }
}

/// What is to be said of passwords.
fn of_passwords(found: &PasswordsReading, gaps: &mut Vec<Gap>, details: &mut Vec<String>) {
    let names: Vec<&str> = found.unknown.iter().map(String::as_str).collect();
    if !names.is_empty() {
        let gap = Gap::unreadable_answer(GET_CREDENTIAL_REPORT);
        details.push(format!(
            "{gap}: users of whom it is not known whether they have a password: {}",
            named(&names)
        ));
        gaps.push(gap);
    }
    if found.created_since > 0 {
        details.push(format!(
            "users created after the credential report, whose passwords are not in it: {}",
            found.created_since
        ));
    }
}

/// How many users these are, and the names of some: `7 (anna, ben and 5 more)`.
fn named(users: &[&str]) -> String {
    let first = users.iter().take(USERS_NAMED).copied();
    let first: Vec<&str> = first.collect();
    let more = match users.len().saturating_sub(USERS_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{} ({}{more})", users.len(), first.join(", "))
}
