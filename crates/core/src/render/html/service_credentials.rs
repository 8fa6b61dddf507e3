//! Service-specific credentials, of which AWS records no use: by their age and when they expire.

use super::words::{AccountName, counted_if_any, key_id_text, words};
use crate::{
    judge::{judged_key::JudgedKey, recommendation::Recommendation, report::Report},
    model::{service_credential::user_and_service, time::utc_date},
    render::{
        console,
        digest::wording::{NAME_CHARACTERS, days, shortened},
    },
};

pub(crate) const KEYS_SHOWN: usize = 200;

/// The credentials, those to replace first, and of those the oldest.
pub(super) struct ServiceCredentials {
    pub(super) rows: Vec<CredentialRow>,
    /// How many are not shown; empty where all are.
    pub(super) left_out: String,
}

/// One credential.
pub(super) struct CredentialRow {
    /// The user; all its names where they do not say which is the user.
    pub(super) user: String,
    /// The service; empty where the names do not say which it is.
    pub(super) service: String,
    pub(super) key_id: String,
    pub(super) link: Option<String>,
    pub(super) account: AccountName,
    pub(super) owner: String,
    pub(super) state: String,
    pub(super) age: String,
    pub(super) expires: String,
    pub(super) recommendation: String,
    pub(super) is_to_replace: bool,
}

impl ServiceCredentials {
    pub(super) fn of(report: &Report) -> Self {
        let credentials = &report.findings.all_service_credentials;
        Self {
            rows: credentials.iter().take(KEYS_SHOWN).map(row).collect(),
            left_out: counted_if_any(
                credentials.all().saturating_sub(KEYS_SHOWN as u64),
                "more service-specific credential is",
                "more service-specific credentials are",
            ),
        }
    }
}

fn row(judged: &JudgedKey) -> CredentialRow {
    let key = &judged.key;
    let name = |name: &str| shortened(name, NAME_CHARACTERS);
    let (user, service) = match user_and_service(&key.names, &key.arn) {
        Some((user, service)) => (name(user), name(service)),
        None => (name(&key.names.join(", ")), String::new()),
    };
    CredentialRow {
        user,
        service,
        key_id: key_id_text(judged),
        link: console::link(key),
        account: AccountName::of(&key.account),
        owner: name(key.owner.as_deref().unwrap_or_default()),
        state: name(key.state.as_deref().unwrap_or("not known")),
        age: judged.age_days.map_or("not known".to_owned(), days),
        expires: key.expires_at.map_or("never".to_owned(), utc_date),
        recommendation: words(judged.recommendation.as_str()),
        is_to_replace: judged.recommendation != Recommendation::None,
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceCredentials;
    use crate::{
        examples::{account, first_report, service_credential, with_keys},
        render::html::page,
    };

    #[test]
    fn every_credential_is_shown_those_to_replace_first_with_age_and_expiry() {
        let payments = account(222_222_222_222, "payments");
        let credential = |user: &str, service: &str, created: &str, expires: Option<&str>| {
            let mut key = service_credential(&payments, user, service);
            key.created_at = Some(created.parse().unwrap());
            key.expires_at = expires.map(|at| at.parse().unwrap());
            key
        };
        let report = first_report(with_keys(vec![
            credential(
                "new",
                "bedrock.amazonaws.com",
                "2026-11-11T02:00:07Z",
                Some("2026-12-11T02:00:07Z"),
            ),
            credential("old", "bedrock.amazonaws.com", "2025-11-21T02:00:07Z", None),
            credential(
                "git",
                "codecommit.amazonaws.com",
                "2026-01-21T02:00:07Z",
                None,
            ),
        ]));
        let table = ServiceCredentials::of(&report);
        let rows: Vec<[&str; 5]> = table
            .rows
            .iter()
            .map(|row| {
                let expires = &*row.expires;
                [
                    &*row.user,
                    &*row.service,
                    &*row.age,
                    expires,
                    &*row.recommendation,
                ]
            })
            .collect();
        assert_eq!(
            rows,
            [
                [
                    "old",
                    "bedrock.amazonaws.com",
                    "365 days",
                    "never",
                    "set expiry"
                ],
                [
                    "git",
                    "codecommit.amazonaws.com",
                    "304 days",
                    "never",
                    "rotate"
                ],
                [
                    "new",
                    "bedrock.amazonaws.com",
                    "10 days",
                    "2026-12-11",
                    "none"
                ],
            ]
        );
        assert!(page(&report).contains("id=\"credentials\""));
        assert!(!page(&first_report(with_keys(vec![]))).contains("id=\"credentials\""));
    }
}
