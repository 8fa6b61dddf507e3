//! The digest: what a person reads on a phone the next morning.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    judge::{
        findings::limits::{ByAccountLimits, Limits},
        report::Report,
        summary::{DigestOutcome, Summary},
    },
    model::reading::KeyKind,
    settings::{DigestMode, Settings},
};

mod access_keys;
mod all_keys;
mod changed;
pub(crate) mod dependents;
mod flagged;
pub(crate) mod headline;
mod idle_settings;
mod kms_keys;
mod month_ago;
pub(crate) mod needed;
pub(crate) mod not_seen;
mod page;
mod passwords;
pub(crate) mod pending_deletion;
mod per_account;
mod previous_runs;
mod remedies;
pub(crate) mod report_locations;
mod root_keys;
mod root_sign_ins;
mod rotation;
mod secrets;
mod security_hub;
mod service_credentials;
mod text;
mod unused;
pub(crate) mod wording;

pub use per_account::{AccountDigest, count_per_account, per_account};
pub use remedies::remedy_of;

use wording::days;

/// The most that the digest shows of each list.
pub(super) const LIMITS: Limits = Limits {
    flagged: 0,
    newly_flagged: changed::KEYS_LISTED,
    by_account: ByAccountLimits {
        keys: flagged::KEYS_LISTED,
        of_account: flagged::KEYS_LISTED_PER_ACCOUNT,
        first_entry: unused::first_entry_bytes,
    },
    root_keys: root_keys::KEYS_LISTED,
    needed: needed::KEYS_LISTED,
    pending_deletion: pending_deletion::KEYS_LISTED,
    to_rotate: rotation::FEW,
    service_credentials: service_credentials::KEYS_LISTED,
    all_service_credentials: 0,
    changed: changed::KEYS_LISTED,
    gone: changed::KEYS_LISTED,
    unseen: 0,
    gaps: not_seen::GAPS_LISTED,
    idle_settings: idle_settings::ROWS_LISTED,
    cells: 0,
};

/// SNS's limit for a subject: it wants fewer
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
const SUBJECT_BYTES: usize = 100;

/// SNS's limit for a message with its attributes, in bytes
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
pub const SNS_MESSAGE_BYTES: usize = 262_144;

/// A message as SNS takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// ASCII, one line, under 100 characters.
    pub subject: String,
    /// The text that a person reads.
    pub text: String,
    /// A JSON object for `MessageStructure=json`: the text for people (`default`, `email`), the
    /// summary for programs (`sqs`, `lambda`, `https`, `http`).
    pub message: String,
    /// For subscription filters.
    pub attributes: Vec<Attribute>,
}

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// SNS's word for its type: `Number` or `String`.
    pub data_type: String,
    /// Its value.
    pub value: String,
}

impl Attribute {
    fn number(name: &str, value: u64) -> Self {
        Self {
            name: name.to_owned(),
            data_type: "Number".to_owned(),
            value: value.to_string(),
        }
    }

    fn string(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            data_type: "String".to_owned(),
            value: value.to_owned(),
        }
    }
}

/// Whether to send a digest, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Send it.
    Send {
        /// Why.
        reason: String,
    },
    /// Do not.
    DoNotSend {
        /// Why not.
        reason: String,
    },
}

impl Decision {
    /// The summary's entry for a digest that was not sent, or not yet.
    #[must_use]
    pub fn before_sending(&self) -> DigestOutcome {
        let reason = match self {
            Self::Send { reason } => format!("{reason}; sent after this file was written"),
            Self::DoNotSend { reason } => reason.clone(),
        };
        DigestOutcome {
            message_id: None,
            reason,
            ..DigestOutcome::default()
        }
    }
}

/// Decides whether to send a digest.
#[must_use]
pub fn decide(settings: &Settings, summary: &Summary) -> Decision {
    let mode = settings.digest;
    if settings.topic_arn.is_none() && settings.chat_topic_arn.is_none() {
        return Decision::DoNotSend {
            reason: "no topic is set".to_owned(),
        };
    }
    match (mode, findings(summary)) {
        (DigestMode::Never, _) => Decision::DoNotSend {
            reason: "the digest is set to never".to_owned(),
        },
        (DigestMode::Always, _) => Decision::Send {
            reason: "the digest is set to always".to_owned(),
        },
        (DigestMode::Changes, _) => match differences(summary) {
            Some(reason) => Decision::Send { reason },
            None => Decision::DoNotSend {
                reason: "nothing differs from the last run, and coverage is complete".to_owned(),
            },
        },
        (DigestMode::Findings, Some(reason)) => Decision::Send { reason },
        (DigestMode::Findings, None) => Decision::DoNotSend {
            reason: "no flagged keys, no root access keys, no key that somebody still needs, and coverage is complete"
                .to_owned(),
        },
    }
}

/// What a person should look at, if anything. A root access key is a finding
/// even when it is in use.
fn findings(summary: &Summary) -> Option<String> {
    let mut findings = Vec::new();
    let needed = summary.keys.needed;
    if needed > 0 {
        findings.push(format!("keys that somebody still needs: {needed}"));
    }
    let flagged = summary.keys.flagged;
    if flagged > 0 {
        findings.push(format!("flagged keys: {flagged}"));
    }
    let root_keys = summary.keys.of_kind(KeyKind::RootAccessKey);
    if root_keys > 0 {
        findings.push(format!("root access keys: {root_keys}"));
    }
    if !summary.coverage.complete {
        findings.push("coverage is not complete".to_owned());
    }
    findings.extend(missing_before(summary));
    (!findings.is_empty()).then(|| findings.join(", "))
}

/// What differs from the last run, if anything; incomplete coverage counts as a difference.
fn differences(summary: &Summary) -> Option<String> {
    let changes = &summary.changes;
    let mut differences = Vec::new();
    if let Some(why) = &changes.first_census {
        differences.push(format!("the first census: {why}"));
    }
    for (what, n) in [
        ("new keys", changes.new),
        ("newly flagged keys", changes.newly_flagged),
        ("keys that somebody needs again", changes.needed_again),
        ("keys used again", changes.used_again),
        ("keys with another state", changes.state_changed),
        ("keys that are gone", changes.gone),
    ] {
        if n > 0 {
            differences.push(format!("{what}: {n}"));
        }
    }
    if !summary.coverage.complete {
        differences.push("coverage is not complete".to_owned());
    }
    differences.extend(missing_before(summary));
    (!differences.is_empty()).then(|| differences.join(", "))
}

/// That digests of earlier runs may be missing: no other digest may repeat them.
fn missing_before(summary: &Summary) -> Option<String> {
    let lost = summary.previous.lost_digests.as_ref()?;
    Some(format!(
        "digests that may not have been sent since {}: {}",
        lost.since,
        lost.digests + lost.account_digests
    ))
}

/// Composes the digest of a report.
#[must_use]
pub fn compose(report: &Report) -> Digest {
    let summary = &report.summary;
    let text = text::compose(report);
    let machine = String::from_utf8(summary.to_json()).unwrap_or_default();
    let message = message(&text, &machine);
    let coverage = if summary.coverage.complete {
        "complete"
    } else {
        "partial"
    };
    Digest {
        subject: subject(summary),
        text,
        message,
        attributes: vec![
            Attribute::number("flagged", summary.keys.flagged),
            Attribute::number("newly_flagged", summary.keys.newly_flagged),
            Attribute::number("needed", summary.keys.needed),
            Attribute::string("coverage", coverage),
        ],
    }
}

/// A JSON object for `MessageStructure=json`.
fn message(text: &str, machine: &str) -> String {
    json!({
        "default": text,
        "email": text,
        "sqs": machine,
        "lambda": machine,
        "https": machine,
        "http": machine,
    })
    .to_string()
}

/// What a subject says of keys that somebody still needs.
fn needed_in_subject(needed: u64) -> String {
    match needed {
        0 => String::new(),
        1 => "1 key still needed; ".to_owned(),
        n => format!("{n} keys still needed; "),
    }
}

/// SNS wants a subject of ASCII, on one line, under 100 characters. It has no untrusted text, and
/// numbers without commas.
pub(crate) fn subject(summary: &Summary) -> String {
    let keys = match summary.keys.flagged {
        1 => "1 key".to_owned(),
        n => format!("{n} keys"),
    };
    let days = days(summary.stale_after_days.into());
    let needed = needed_in_subject(summary.keys.needed);
    let root_keys = match summary.keys.of_kind(KeyKind::RootAccessKey) {
        0 => String::new(),
        1 => "; 1 root access key".to_owned(),
        n => format!("; {n} root access keys"),
    };
    let coverage = if summary.coverage.complete {
        ""
    } else {
        "; not all could be read"
    };
    let unused = format!("Keycensus: {needed}{keys} unused for {days} or more");
    // Of what does not fit, the text has the rest.
    let subjects = [
        format!("{unused}{root_keys}{coverage}"),
        format!("{unused}{coverage}"),
    ];
    let mut fitting = subjects
        .into_iter()
        .filter(|subject| subject.len() < SUBJECT_BYTES);
    fitting.next().unwrap_or(unused)
}

#[cfg(test)]
mod tests;
