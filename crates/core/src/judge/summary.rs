//! `summary.json`: the run in numbers, also what an invocation returns.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    judge::{changes::ChangeCounts, judged_key::Thresholds},
    model::{kind::Family, manifest::Files, previous_runs::PreviousRuns, time::to_seconds},
    settings::{ReadMode, Switch},
};

mod counts;

pub(crate) use counts::Counts;
pub use counts::{AccountCounts, CellCounts, CoverageCounts, KeyCounts};

/// The version of the summary's shape.
pub(crate) const SCHEMA: u32 = 1;

/// The run and the settings of its verdicts.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// OwnFields to the run.
    pub run_id: String,
    /// The moment the run began.
    pub now: Timestamp,
    /// T.
    pub stale_after_days: u32,
    /// Age in days from which an access key in use should be rotated.
    pub rotate_after_days: u32,
    /// Name, with path if any, of the role in every member account.
    pub member_role: String,
    /// For how many days a disabled KMS key is to be watched.
    pub watch_days: u32,
    /// Whether to look for what depends on KMS keys.
    pub dependents: Switch,
    /// Whether to read the last use of KMS keys that AWS manages.
    pub aws_managed: Switch,
    /// Of which keys the last use is read.
    pub read: ReadMode,
    /// In how many days every last use is read at least once.
    pub read_again_days: u32,
    /// The tag that exempts a key.
    pub exempt_tag: String,
    /// The tags that may name an owner.
    pub owner_tags: Vec<String>,
    /// What was read.
    pub kinds: BTreeSet<Family>,
}

/// The whole summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    schema: u32,
    /// OwnFields to the run.
    pub run_id: String,
    /// The moment the run began: `2026-11-21T02:00:07Z`.
    pub scanned_at: String,
    /// T.
    pub stale_after_days: u32,
    /// Age in days from which an access key in use should be rotated.
    pub rotate_after_days: u32,
    /// Name, with path if any, of the role in every member account.
    pub member_role: String,
    /// For how many days a disabled KMS key is to be watched.
    pub watch_days: u32,
    /// Whether it was looked for what depends on KMS keys.
    pub dependents: Switch,
    /// Whether the last use of KMS keys that AWS manages was read.
    pub aws_managed: Switch,
    /// Of which keys the last use was read.
    pub read: ReadMode,
    /// In how many days every last use is read at least once.
    pub read_again_days: u32,
    /// The tag that exempts a key.
    pub exempt_tag: String,
    /// The tags that may name an owner.
    pub owner_tags: Vec<String>,
    /// What was read, as the setting names it.
    pub kinds: BTreeSet<Family>,
    /// What was covered.
    pub coverage: CoverageCounts,
    /// What was found.
    pub keys: KeyCounts,
    /// What differs from the last run.
    pub changes: ChangeCounts,
    /// Where the report is.
    pub report: FileLocations,
    /// What the run's other files hold: only files that it names are of this run.
    pub files: Files,
    /// What the report includes about the runs before.
    pub previous: PreviousRuns,
    /// What became of the digest.
    pub digest: DigestOutcome,
    /// What became of the events.
    pub events: EventsOutcome,
    /// What became of the findings for Security Hub.
    pub security_hub: SecurityHubOutcome,
    /// What was asked of AWS, by `service:Operation`.
    pub calls: BTreeMap<String, CallCounts>,
    /// How long the run took until this was written, in milliseconds.
    pub elapsed_ms: u64,
}

/// Where the report's files of the day are: `s3://…`, or paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLocations {
    /// One row for each key.
    pub keys_csv: String,
    /// One row for each cell.
    pub coverage_csv: String,
    /// One row for each key that differs.
    pub changes_csv: String,
    /// One row for each unseen key.
    pub unseen_csv: String,
    /// One row for each night; empty where an earlier version wrote the report.
    #[serde(default)]
    pub trend_csv: String,
    /// This summary.
    pub summary_json: String,
    /// The HTML page.
    pub report_html: String,
}

/// What became of the digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestOutcome {
    /// SNS's ID of the message; `null` when none was sent, or not yet.
    pub message_id: Option<String>,
    /// Why it was or was not sent.
    pub reason: String,
    /// Whether it is not known if the message went out: there was no answer, or none
    /// with an ID. It is not sent again.
    #[serde(default)]
    pub may_be_lost: bool,
    /// What became of the messages of one account each.
    pub per_account: PerAccountOutcome,
    /// What became of the message for a chat channel.
    #[serde(default)]
    pub chat: ChatOutcome,
}

/// What became of the message for a chat channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatOutcome {
    /// ARN of the topic that it is for; `null` where none is to be sent.
    pub topic_arn: Option<String>,
    /// SNS's ID of the message; `null` when none was sent, or not yet.
    pub message_id: Option<String>,
    /// Whether it was not sent.
    pub failed: bool,
    /// Whether it is not known if the message went out. It is not sent again.
    pub may_be_lost: bool,
}

/// What became of the messages of one account each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerAccountOutcome {
    /// Messages sent.
    pub sent: u64,
    /// Messages that were not sent.
    pub failed: u64,
    /// Messages of which it is not known whether they went out.
    #[serde(default)]
    pub may_be_lost: u64,
}

impl DigestOutcome {
    /// How many messages were not sent or may not have been, those of one account each and that for a chat
    /// channel included.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let of_accounts = self.per_account.failed + self.per_account.may_be_lost;
        let to_chat = self.chat.failed || self.chat.may_be_lost;
        u64::from(self.may_be_lost) + of_accounts + u64::from(to_chat)
    }
}

/// What became of the events. Where there are fewer put and failed than due, they are
/// yet to be put, or a run ended while it put them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsOutcome {
    /// Name or ARN of the event bus; `null` where none is named.
    pub bus: Option<String>,
    /// Events that there are to put.
    pub due: u64,
    /// Those of them that EventBridge has taken.
    pub put: u64,
    /// Those of them that it has not confirmed.
    pub failed: u64,
    /// The failed ones by error code; `NoTimeLeft` where there was no time to ask.
    pub errors: BTreeMap<String, u64>,
}

/// What became of the findings for Security Hub. Where there are fewer imported and failed than there are, they are
/// yet to be imported, or a run ended while it imported them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityHubOutcome {
    /// ARN of the product that they are imported for; `null` where none are to be imported.
    pub product_arn: Option<String>,
    /// Findings that there are, of what was found.
    pub active: u64,
    /// Findings to archive: what was found before does not hold any more. Those that earlier runs could not archive are
    /// counted once they are looked up.
    pub archived: u64,
    /// Those of both that Security Hub has taken.
    pub imported: u64,
    /// Those of both that it has not confirmed.
    pub failed: u64,
    /// The failed ones by error code; `NoTimeLeft` where there was no time to ask.
    pub errors: BTreeMap<String, u64>,
}

impl SecurityHubOutcome {
    /// How many findings there are to import.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.active + self.archived
    }

    /// How many of them it is not known of what became of them.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.due().saturating_sub(self.imported + self.failed)
    }
}

/// How often an operation was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounts {
    /// Requests sent, retries included.
    pub sent: u64,
    /// Those of them that AWS throttled.
    pub throttled: u64,
}

impl RunFacts {
    /// The thresholds of verdicts and recommendations.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        Thresholds {
            stale_after_days: self.stale_after_days,
            rotate_after_days: self.rotate_after_days,
            watch_days: self.watch_days,
        }
    }
}

impl Summary {
    /// What was found and covered. Where the report is, its files, the runs before, the digest, the
    /// events, the findings for Security Hub, the calls and the time are not known yet: they are empty.
    #[must_use]
    pub(crate) fn of(run: &RunFacts, counts: &Counts) -> Self {
        Self {
            schema: SCHEMA,
            run_id: run.run_id.clone(),
            scanned_at: to_seconds(run.now),
            stale_after_days: run.stale_after_days,
            rotate_after_days: run.rotate_after_days,
            member_role: run.member_role.clone(),
            watch_days: run.watch_days,
            dependents: run.dependents,
            aws_managed: run.aws_managed,
            read: run.read,
            read_again_days: run.read_again_days,
            exempt_tag: run.exempt_tag.clone(),
            owner_tags: run.owner_tags.clone(),
            kinds: run.kinds.clone(),
            coverage: counts.coverage.clone(),
            keys: counts.keys.clone(),
            changes: counts.changes.clone(),
            report: FileLocations::default(),
            files: Files::new(),
            previous: PreviousRuns::default(),
            digest: DigestOutcome::default(),
            events: EventsOutcome::default(),
            security_hub: SecurityHubOutcome::default(),
            calls: BTreeMap::new(),
            elapsed_ms: 0,
        }
    }

    /// The summary as a value.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        // Plain maps with text keys and finite numbers always serialize.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The file: JSON with a line break at its end.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Plain maps with text keys and finite numbers always serialize.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}
