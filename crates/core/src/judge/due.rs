//! Which keys a run has to ask AWS about, where the last run's report is known.
//!
//! A key that was used on day D is in use until D + T, whatever happens: until then its last use need
//! not be read. Everything else could have another verdict, flag or change than in the last report,
//! and is read.

use jiff::Timestamp;

use crate::{
    judge::{
        judged_key::JudgedKey,
        verdict::{Verdict, judge},
    },
    model::{
        manifest::{Manifest, ReadSettings},
        plain_text::line_breaks_as_spaces,
        reading::{KeyReading, Manager},
        time::to_seconds,
    },
    settings::Settings,
};

const SECONDS_A_DAY: i64 = 86_400;

/// What decides whether a key of the last report is to be read again.
#[derive(Debug, Clone, Copy)]
pub struct DueRule {
    now: Timestamp,
    stale_after_days: u32,
    read_again_days: u32,
    /// When the last run began.
    last_run_at: Timestamp,
}

impl DueRule {
    /// The rule of a run that begins at `now`, after the `last` one. `None`: everything is read, because
    /// T was lowered, the tags that count have changed, or the last report is older than T / 2, of a
    /// later moment, or of an earlier version.
    #[must_use]
    pub fn new(settings: &Settings, now: Timestamp, last: &Manifest) -> Option<Self> {
        let ReadSettings {
            stale_after_days,
            exempt_tag,
            owner_tags,
        } = last.settings.as_ref()?;
        let age = now.as_second() - last.scanned_at.as_second();
        let threshold = i64::from(settings.stale_after_days) * SECONDS_A_DAY;
        let is_usable = settings.stale_after_days >= *stale_after_days
            && settings.exempt_tag == *exempt_tag
            && settings.owner_tags == *owner_tags
            && age >= 0
            && age * 2 <= threshold;
        is_usable.then_some(Self {
            now,
            stale_after_days: settings.stale_after_days,
            read_again_days: settings.read_again_days,
            last_run_at: last.scanned_at,
        })
    }

    /// Whether the last use and the tags of `key` are to be read. It is as it was listed or described
    /// in this run; `last` is what the last report has of it.
    #[must_use]
    pub fn is_usage_due(&self, key: &KeyReading, last: &JudgedKey) -> bool {
        let in_use = |verdict| verdict == Verdict::InUse;
        let is_still_in_use = || judge(&last.key, self.stale_after_days, self.now).verdict;
        !in_use(last.judgement.verdict)
            || last.key.tags_gap.is_some()
            || !is_same(key, &last.key)
            || !in_use(is_still_in_use())
            || self.is_read_again(&last.key, last.key.usage_read_at)
    }

    /// Whether the tags of the user who has the password `key`, whose last use was read, are to be
    /// read: if it would be flagged, they are.
    #[must_use]
    pub fn are_tags_due(&self, key: &KeyReading, last: &JudgedKey) -> bool {
        let verdict = judge(key, self.stale_after_days, self.now).verdict;
        verdict != Verdict::InUse
            || last.key.tags_gap.is_some()
            || key.created_at.map(to_seconds) != last.key.created_at.map(to_seconds)
            || self.is_read_again(&last.key, Some(self.last_run_at))
    }

    /// Whether a key that AWS managed is to be described, although an alias that AWS reserves names it.
    #[must_use]
    pub fn is_description_due(&self, last: &JudgedKey) -> bool {
        last.judgement.verdict != Verdict::AwsManaged
            || self.is_read_again(&last.key, Some(self.last_run_at))
    }

    /// Whether the last use of `key`, which AWS manages, is to be read: where it would be, were the key a
    /// customer's.
    #[must_use]
    pub fn is_usage_due_of_aws_managed(&self, key: &KeyReading, last: &JudgedKey) -> bool {
        let of_customer = KeyReading {
            manager: Some(Manager::Customer),
            ..last.key.clone()
        };
        let verdict = judge(&of_customer, self.stale_after_days, self.now).verdict;
        verdict != Verdict::InUse
            || !is_same(key, &last.key)
            || self.is_read_again(&last.key, last.key.usage_read_at)
    }

    /// Whether a night has come since `read_at` on which the key is read whatever it was. Each key has
    /// one such night in `read_again_days`, by its Region and ID, so that they are spread evenly.
    fn is_read_again(&self, key: &KeyReading, read_at: Option<Timestamp>) -> bool {
        let Some(read_at) = read_at.filter(|at| *at <= self.now) else {
            return true;
        };
        let days = i64::from(self.read_again_days.max(1));
        let id = key.region_or_global().bytes().chain(key.key_id.bytes());
        let own_day = (fnv_1a(id) % days.unsigned_abs()).cast_signed();
        let round =
            |at: Timestamp| (at.as_second().div_euclid(SECONDS_A_DAY) + own_day).div_euclid(days);
        round(read_at) != round(self.now)
    }
}

/// Whether state and creation are those of the last report. What is not known may be another.
fn is_same(key: &KeyReading, last: &KeyReading) -> bool {
    let state = key.state.as_deref().map(line_breaks_as_spaces);
    let created_at = key.created_at.map(to_seconds);
    state.is_some()
        && state.as_deref() == last.state.as_deref()
        && created_at.is_some()
        && created_at == last.created_at.map(to_seconds)
}

impl KeyReading {
    /// Takes over last use and tags from the last report, which read them then or took them over itself.
    pub fn take_over(&mut self, last: Self) {
        self.usage = last.usage;
        self.usage_read_at = last.usage_read_at;
        self.owner = last.owner;
        self.exemption = last.exemption;
    }
}

/// The FNV-1a hash of some bytes, which is the same in every version
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
pub(crate) fn fnv_1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
