//! The settings of a run, parsed from text.
//!
//! Every setting has one name. In the environment it is `KEYCENSUS_STALE_AFTER_DAYS`, an event as
//! `stale_after_days`, the command line as `--stale-after-days`; all three go through
//! [`Settings::read`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    model::{
        account::AccountId, kind::Family, manifest::FileFacts, reading::KeyKind, region::Region,
        words::words,
    },
    settings::{event_bus::EventBus, report_encryption::ReportEncryption, topic_arn::TopicArn},
};

pub mod event_bus;
pub mod invocation;
mod parse;
pub mod report_encryption;
mod spec;
pub mod stage;
pub mod topic_arn;

pub use spec::{SETTINGS, SettingSpec};

/// The prefix of every setting in the environment.
pub const ENVIRONMENT_PREFIX: &str = "KEYCENSUS_";

/// The settings of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Bucket for reports.
    pub report_bucket: Option<String>,
    /// Key prefix in the bucket, without a slash at either end.
    pub report_prefix: String,
    /// The encryption that is asked for with each object of a report.
    pub report_encryption: ReportEncryption,
    /// Topic for the digest; without one no digest is sent.
    pub topic_arn: Option<TopicArn>,
    /// Name, with path if any, of the role in every member account.
    pub member_role: String,
    /// External ID sent with AssumeRole.
    pub external_id: Option<String>,
    /// T: from how many idle days a key is unused.
    pub stale_after_days: u32,
    /// Age in days from which an access key in use should be rotated.
    pub rotate_after_days: u32,
    /// Whether to look for what depends on keys that are flagged or pending deletion.
    pub dependents: Switch,
    /// For how many days a disabled key is to be watched before its deletion is recommended.
    pub watch_days: u32,
    /// Whether to read the key policy of every customer's key.
    pub audit_guard: Switch,
    /// Whether to look for refused uses of keys that are disabled or pending deletion.
    pub refused_uses: Switch,
    /// Whether to read the last use of KMS keys that AWS manages.
    pub aws_managed: Switch,
    /// Of which keys the last use is read.
    pub read: ReadMode,
    /// In how many days every last use is read at least once.
    pub read_again_days: u32,
    /// What to read.
    pub kinds: BTreeSet<Family>,
    /// The Regions to read; `None`: those enabled in each account.
    pub regions: Option<BTreeSet<Region>>,
    /// The accounts to read; `None`: all.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Accounts not to read.
    pub exclude_accounts: BTreeSet<AccountId>,
    /// Organizational units or roots to read, at any depth; `None`: all.
    pub organizational_units: Option<BTreeSet<String>>,
    /// GetKeyLastUsage requests a second to spend per account and Region.
    pub last_usage_rps: f64,
    /// When to send a digest.
    pub digest: DigestMode,
    /// Whether accounts get a message of their own beside the digest.
    pub digest_per: DigestPer,
    /// Topic for the short form of the digest, which a chat channel shows; without one none is sent.
    pub chat_topic_arn: Option<TopicArn>,
    /// Bus for events; without one no events are put.
    pub event_bus: Option<EventBus>,
    /// Whether to import findings into Security Hub.
    pub security_hub: Switch,
    /// The tag that exempts a key.
    pub exempt_tag: String,
    /// The tags that may name an owner, the first present counts.
    pub owner_tags: Vec<String>,
}

impl Settings {
    /// The SHA-256 of all settings, in lower-case hexadecimal digits: what was read with others is
    /// not of the same census.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        FileFacts::of(format!("{self:?}").as_bytes()).sha256
    }

    /// Whether refused uses of KMS keys are looked for.
    #[must_use]
    pub fn reads_refused_uses(&self) -> bool {
        self.refused_uses == Switch::On && self.kinds.contains(&Family::Kms)
    }

    /// Whether anything is read in each Region.
    #[must_use]
    pub fn reads_regions(&self) -> bool {
        let mut kinds = KeyKind::ALL.into_iter();
        kinds.any(|kind| !kind.is_of_iam() && self.reads(kind))
    }

    /// Whether anything is read of IAM.
    #[must_use]
    pub fn reads_iam(&self) -> bool {
        let mut kinds = KeyKind::ALL.into_iter();
        kinds.any(|kind| kind.is_of_iam() && self.reads(kind))
    }

    /// Whether keys of a kind are read.
    #[must_use]
    pub fn reads(&self, kind: KeyKind) -> bool {
        self.kinds.contains(&kind.family())
    }
}

/// Whether to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// Do it.
    On,
    /// Do not.
    Off,
}

/// Of which keys the last use is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadMode {
    /// Of all.
    #[default]
    All,
    /// Of those whose verdict could differ from the last report's, and of every other from time to
    /// time.
    Due,
}

words!(ReadMode {
    All = "all",
    Due = "due",
});

/// When to send a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestMode {
    /// After every run.
    Always,
    /// When there are flagged keys, root access keys or coverage gaps.
    Findings,
    /// When something differs from the last run.
    Changes,
    /// Never.
    Never,
}

impl DigestMode {
    /// The word for it in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Findings => "findings",
            Self::Changes => "changes",
            Self::Never => "never",
        }
    }
}

/// What there is one message for, when a digest is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestPer {
    /// The organization.
    Organization,
    /// The organization, and each account with flagged keys.
    Account,
}

impl DigestPer {
    /// The word for it in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Account => "account",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            report_bucket: None,
            report_prefix: "keycensus".to_owned(),
            report_encryption: ReportEncryption::Bucket,
            topic_arn: None,
            member_role: "KeycensusReader".to_owned(),
            external_id: None,
            stale_after_days: 90,
            rotate_after_days: 90,
            dependents: Switch::On,
            watch_days: 30,
            audit_guard: Switch::Off,
            refused_uses: Switch::On,
            aws_managed: Switch::Off,
            read: ReadMode::All,
            read_again_days: 7,
            kinds: BTreeSet::from([Family::Kms, Family::Iam, Family::Passwords]),
            regions: None,
            accounts: None,
            exclude_accounts: BTreeSet::new(),
            organizational_units: None,
            last_usage_rps: 5.0,
            digest: DigestMode::Findings,
            digest_per: DigestPer::Organization,
            chat_topic_arn: None,
            event_bus: None,
            security_hub: Switch::Off,
            exempt_tag: "keycensus:exempt".to_owned(),
            owner_tags: ["owner", "Owner", "team", "Team"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

/// Where a setting was written, which decides its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An environment variable: `KEYCENSUS_STALE_AFTER_DAYS`.
    Environment,
    /// A field of the invocation's event: `stale_after_days`.
    Event,
    /// A flag of the command line: `--stale-after-days`.
    CommandLine,
}

impl Source {
    /// The setting `name` as it is spelled in this source.
    #[must_use]
    pub fn spelling(self, name: &str) -> String {
        match self {
            Self::Environment => format!("{ENVIRONMENT_PREFIX}{}", name.to_ascii_uppercase()),
            Self::Event => name.to_owned(),
            Self::CommandLine => format!("--{}", name.replace('_', "-")),
        }
    }
}

/// One setting as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub source: Source,
    /// The setting's name, lower case: `stale_after_days`.
    pub name: String,
    /// Its text. Empty text sets the setting back to its default.
    pub text: String,
}

impl Written {
    /// The settings of an environment: every variable that begins with [`ENVIRONMENT_PREFIX`].
    pub fn from_environment(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> impl Iterator<Item = Self> {
        variables.into_iter().filter_map(|(variable, text)| {
            let name = variable.strip_prefix(ENVIRONMENT_PREFIX)?;
            Some(Self {
                source: Source::Environment,
                name: name.to_ascii_lowercase(),
                text,
            })
        })
    }
}

/// A setting that does not exist or is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// No setting has that name.
    #[error("there is no setting {spelling}: did you mean {closest}?")]
    Unknown {
        /// As it was written.
        spelling: String,
        /// The setting with the closest name, spelled for the same place.
        closest: String,
    },
    /// The text is not what the setting accepts.
    #[error("{spelling} is {text:?}: give {accepts}")]
    Malformed {
        /// As it was written.
        spelling: String,
        /// Its text.
        text: String,
        /// What it accepts.
        accepts: &'static str,
    },
    /// A setting that must be there is not.
    #[error("{spelling} is not set: give {accepts}")]
    Missing {
        /// As it would be written.
        spelling: String,
        /// What it accepts.
        accepts: &'static str,
    },
    /// It is well formed, but AWS or the file system does not accept it.
    #[error("{spelling} is {text:?}: {problem}")]
    Refused {
        /// As it is written in settings.
        spelling: String,
        /// Its text.
        text: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// The event of an invocation is not one that a run understands.
    #[error("{0}")]
    Event(String),
    /// The AWS configuration of this machine, such as its profile, Region, proxy or
    /// certificates, cannot be used.
    #[error("{0}")]
    Machine(String),
    /// It is not known which account the AWS credentials belong to.
    #[error("{0}")]
    Credentials(String),
}

impl SettingsError {
    /// A well-formed setting that AWS or the file system does not accept, spelled as in `source`.
    #[must_use]
    pub fn refused(
        source: Source,
        name: &str,
        text: impl ToString,
        problem: impl Into<String>,
    ) -> Self {
        Self::Refused {
            spelling: source.spelling(name),
            text: text.to_string(),
            problem: problem.into(),
        }
    }
}

impl Settings {
    /// Reads settings in the order given, later ones overriding earlier ones,
    /// on top of the defaults.
    ///
    /// # Errors
    /// The first setting that does not exist or does not hold.
    pub fn read(written: impl IntoIterator<Item = Written>) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        for one in written {
            let spec = spec::find(&one.name).ok_or_else(|| unknown(&one))?;
            let text = one.text.trim();
            if text.is_empty() {
                (spec.reset)(&mut settings, &Self::default());
            } else {
                (spec.set)(&mut settings, text).ok_or_else(|| SettingsError::Malformed {
                    spelling: one.source.spelling(spec.name),
                    text: one.text.clone(),
                    accepts: spec.accepts,
                })?;
            }
        }
        Ok(settings)
    }

    /// The bucket for reports.
    ///
    /// # Errors
    /// None is set; the error spells the setting as `source` does.
    pub fn required_bucket(&self, source: Source) -> Result<&str, SettingsError> {
        self.report_bucket
            .as_deref()
            .ok_or_else(|| SettingsError::Missing {
                spelling: source.spelling("report_bucket"),
                accepts: spec::find("report_bucket").map_or("", |spec| spec.accepts),
            })
    }
}

fn unknown(written: &Written) -> SettingsError {
    let closest = SETTINGS
        .iter()
        .max_by(|a, b| {
            let closeness = |spec: &SettingSpec| {
                strsim::normalized_damerau_levenshtein(spec.name, &written.name)
            };
            closeness(a).total_cmp(&closeness(b))
        })
        .map_or("", |spec| spec.name);
    SettingsError::Unknown {
        spelling: written.source.spelling(&written.name),
        closest: written.source.spelling(closest),
    }
}

#[cfg(test)]
mod tests;
