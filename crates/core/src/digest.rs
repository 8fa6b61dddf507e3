//! The digest: what a person reads on a phone the next morning.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    reading::KeyKind,
    report::Report,
    settings::{DigestMode, Settings},
    summary::{DigestOutcome, Summary},
};

mod access_keys;
mod all_keys;
pub(crate) mod answer;
mod flagged;
mod kms_keys;
mod not_seen;
mod page;
mod root_keys;
mod rotation;
mod text;
pub(crate) mod wording;

use wording::counted;

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
    /// A JSON object for `MessageStructure=json`: the text for people
    /// (`default`, `email`), the summary for programs (`sqs`, `lambda`, `https`,
    /// `http`).
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
    /// What the summary says of a digest that was not sent, or not yet.
    #[must_use]
    pub fn before_sending(&self) -> DigestOutcome {
        let reason = match self {
            Self::Send { reason } => format!("{reason}; sent after this file was written"),
            Self::DoNotSend { reason } => reason.clone(),
        };
        DigestOutcome {
            message_id: None,
            reason,
        }
    }
}

/// Decides whether the run has something to tell.
#[must_use]
pub fn decide(settings: &Settings, summary: &Summary) -> Decision {
    let mode = settings.digest;
    if settings.topic_arn.is_none() {
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
        (DigestMode::Changes, _) => Decision::Send {
            reason: "there is no earlier run to compare with, so everything counts as changed"
                .to_owned(),
        },
        (DigestMode::Findings, Some(reason)) => Decision::Send { reason },
        (DigestMode::Findings, None) => Decision::DoNotSend {
            reason: "no flagged keys, no root access keys, and coverage is complete".to_owned(),
        },
    }
}

/// What a person should look at, if anything. A root access key is a finding
/// even when it is in use.
fn findings(summary: &Summary) -> Option<String> {
    let mut findings = Vec::new();
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
    (!findings.is_empty()).then(|| findings.join(", "))
}

/// Composes the digest of a report.
#[must_use]
pub fn compose(settings: &Settings, report: &Report) -> Digest {
    let summary = &report.summary;
    let text = text::compose(settings, report);
    let machine = String::from_utf8(summary.to_json()).unwrap_or_default();
    let message = json!({
        "default": text,
        "email": text,
        "sqs": machine,
        "lambda": machine,
        "https": machine,
        "http": machine,
    });
    let coverage = if summary.coverage.complete {
        "complete"
    } else {
        "partial"
    };
    Digest {
        subject: subject(summary),
        text,
        message: message.to_string(),
        attributes: vec![
            Attribute {
                name: "flagged".to_owned(),
                data_type: "Number".to_owned(),
                value: summary.keys.flagged.to_string(),
            },
            Attribute {
                name: "coverage".to_owned(),
                data_type: "String".to_owned(),
                value: coverage.to_owned(),
            },
        ],
    }
}

/// SNS wants a subject of ASCII, on one line, under 100 characters. It holds
/// nothing but numbers and words of ours.
fn subject(summary: &Summary) -> String {
    let keys = counted(summary.keys.flagged, "key", "keys");
    let days = counted(summary.stale_after_days.into(), "day", "days");
    let root_keys = match summary.keys.of_kind(KeyKind::RootAccessKey) {
        0 => String::new(),
        n => format!("; {}", counted(n, "root key", "root keys")),
    };
    let coverage = if summary.coverage.complete {
        ""
    } else {
        "; not everything could be read"
    };
    format!("Keycensus: {keys} unused for {days} or more{root_keys}{coverage}")
}

#[cfg(test)]
mod tests;
