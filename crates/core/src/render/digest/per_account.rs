//! The messages of one account each: what a team that looks after an account
//! reads, and subscribes to by the account's ID or its owner.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;

use super::{
    Attribute, Digest,
    access_keys::UNUSED_ACCESS_KEYS,
    changed::new_since,
    dependents::looked_for,
    kms_keys::{UNUSED_KMS_KEYS, sets_text},
    message,
    page::Page,
    report_locations::report_locations,
    root_keys::root_keys,
    wording::{account_text, counted, days, dollars, grouped, kinds_text, since_text},
};
use crate::{
    judge::{judged_key::JudgedKey, multi_region::MultiRegionCounts, report::Report},
    model::{
        account::Account,
        plain_text::{one_line, without_links},
    },
    settings::{DigestPer, Settings},
};

// How many bytes of a JSON string each section may fill up to, as for the organization's digest.
const NEW_END: usize = 8_192;
const ROOT_KEYS_END: usize = 14_336;
const ACCESS_KEYS_END: usize = 36_864;
const KMS_KEYS_END: usize = 61_440;

/// The longest owner that is sent: the longest value of a tag
/// (<https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>).
const OWNER_CHARACTERS: usize = 256;
/// SNS's limit for a subject, less one: it wants fewer than 100 characters.
const SUBJECT_BYTES: usize = 99;

/// The message of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDigest {
    /// The account.
    pub account: Arc<Account>,
    /// What to send.
    pub digest: Digest,
}

/// The message of each account that has flagged keys, where the settings ask for
/// such; each is composed when it is asked for.
pub fn per_account<'a>(
    settings: &'a Settings,
    report: &'a Report,
) -> impl Iterator<Item = AccountDigest> + use<'a> {
    let is_asked_for = match settings.digest_per {
        DigestPer::Organization => false,
        DigestPer::Account => true,
    };
    report
        .keys
        .chunk_by(|a, b| a.key.account.id == b.key.account.id)
        .filter(move |_| is_asked_for)
        .filter_map(|keys| {
            let flagged: Vec<&JudgedKey> = keys.iter().filter(|key| key.is_flagged()).collect();
            AccountFindings::of(flagged)
        })
        .map(|account| account.compose(report))
}

/// An account's flagged keys, of which there is one at least, in numbers too.
struct AccountFindings<'a> {
    account: &'a Arc<Account>,
    flagged: Vec<&'a JudgedKey>,
    newly_flagged: u64,
    monthly_cents: u64,
    multi_region: MultiRegionCounts,
    owner: String,
}

impl<'a> AccountFindings<'a> {
    fn of(flagged: Vec<&'a JudgedKey>) -> Option<Self> {
        let account = &flagged.first()?.key.account;
        let new = flagged.iter().filter(|key| key.is_newly_flagged());
        let cents = flagged.iter().filter_map(|key| key.monthly_cents);
        Some(Self {
            account,
            newly_flagged: new.count() as u64,
            monthly_cents: cents.sum(),
            multi_region: MultiRegionCounts::of(JudgedKey::of_sets(flagged.iter().copied())),
            owner: owner(&flagged),
            flagged,
        })
    }

    fn compose(self, report: &Report) -> AccountDigest {
        let text = self.text(report);
        let flagged = self.flagged.len() as u64;
        AccountDigest {
            digest: Digest {
                subject: self.subject(report),
                message: message(&text, &self.machine(report)),
                text,
                attributes: vec![
                    Attribute::string("account_id", self.account.id.as_str()),
                    Attribute::string("owner", &self.owner),
                    Attribute::number("flagged", flagged),
                    Attribute::number("newly_flagged", self.newly_flagged),
                ],
            },
            account: Arc::clone(self.account),
        }
    }

    fn text(&self, report: &Report) -> String {
        let compared_with = report.changes.compared_with;
        let sets = sets_text(self.multi_region);
        let mut page = Page::default();
        page.line(&self.headline(report));
        new_since(&mut page, &self.flagged, compared_with, NEW_END);
        root_keys(&mut page, self.flagged.iter().copied(), ROOT_KEYS_END);
        UNUSED_ACCESS_KEYS.write(&mut page, &self.flagged, None, ACCESS_KEYS_END);
        UNUSED_KMS_KEYS.write(&mut page, &self.flagged, sets.as_deref(), KMS_KEYS_END);
        looked_for(&mut page, report, &self.flagged);
        report_locations(&mut page, report);
        page.text
    }

    fn headline(&self, report: &Report) -> String {
        let (keys, kinds) = kinds_text(self.flagged.iter().copied());
        let account = account_text(self.account);
        let days = days(report.summary.stale_after_days.into());
        let new = match since_text(report.changes.compared_with) {
            Some(since) if self.newly_flagged == 0 => format!("none new {since}, "),
            Some(since) => format!("{} new {since}, ", grouped(self.newly_flagged)),
            None => String::new(),
        };
        let cost = dollars(self.monthly_cents);
        format!(
            "{keys} of {account} unused for {days} or more{kinds}, {new}{cost} USD a month at list price."
        )
    }

    /// The number of keys, and the account by as much of its name as is ASCII and fits.
    fn subject(&self, report: &Report) -> String {
        let keys = counted(self.flagged.len() as u64, "key", "keys");
        let days = days(report.summary.stale_after_days.into());
        let id = self.account.id;
        let mut subject = format!("Keycensus: {keys} unused for {days} or more in {id}");
        let room = SUBJECT_BYTES.saturating_sub(subject.len() + 1);
        let name: String = without_links(&self.account.name)
            .chars()
            .filter(|c| matches!(c, ' '..='~'))
            .take(room)
            .collect();
        if !name.trim().is_empty() {
            subject.push(' ');
            subject.push_str(name.trim());
        }
        subject
    }

    /// What programs read.
    fn machine(&self, report: &Report) -> String {
        let summary = &report.summary;
        json!({
            "schema": 1,
            "run_id": summary.run_id,
            "scanned_at": summary.scanned_at,
            "stale_after_days": summary.stale_after_days,
            "account_id": self.account.id,
            "account_name": self.account.name,
            "owner": self.owner,
            "flagged": self.flagged.len(),
            "newly_flagged": self.newly_flagged,
            "monthly_cost_usd_flagged": self.monthly_cents as f64 / 100.0,
            "report": summary.report,
        })
        .to_string()
    }
}

/// The most frequent owner of `flagged` keys, of several the first by name; `none`
/// where no key has one.
fn owner(flagged: &[&JudgedKey]) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let owners = flagged.iter().filter_map(|key| key.key.owner.as_deref());
    for owner in owners.filter(|owner| !owner.is_empty()) {
        *counts.entry(owner).or_default() += 1;
    }
    // The last of several maxima counts, so the names go backwards.
    let most_frequent = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    match most_frequent {
        Some((owner, _)) => one_line(owner).chars().take(OWNER_CHARACTERS).collect(),
        None => "none".to_owned(),
    }
}
