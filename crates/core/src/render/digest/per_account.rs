//! The messages of one account each: what a team that looks after an account
//! reads, and subscribes to by the account's ID or its owner.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;

use super::{
    Attribute, Digest,
    changed::new_since,
    headline::needed_text,
    message,
    needed::needed,
    needed_in_subject,
    page::Page,
    report_locations::report_locations,
    root_keys::root_keys,
    unused::{About, unused},
    wording::{account_text, counted, days, dollars, grouped, kinds_text, since_text},
};
use crate::{
    judge::{
        findings::{flagged::Flagged, is_inactive, needed::NeededKeys, top::Top},
        judged_account::JudgedAccount,
        judged_key::JudgedKey,
        multi_region::MultiRegionCounts,
        report::Report,
    },
    model::{
        account::Account,
        plain_text::{one_line, without_links},
        reading::KeyKind,
    },
    render::limits::LIMITS,
    settings::{DigestPer, Settings},
};

// How many bytes of a JSON string each section may fill up to, as for the organization's digest.
const NEEDED_END: usize = 6_144;
const NEW_END: usize = 8_192;
const ROOT_KEYS_END: usize = 14_336;

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

/// The message of an account, if it has flagged keys or such that somebody still needs, and the settings ask
/// for such messages.
#[must_use]
pub fn per_account(
    settings: &Settings,
    report: &Report,
    account: &JudgedAccount,
) -> Option<AccountDigest> {
    match settings.digest_per {
        DigestPer::Organization => None,
        DigestPer::Account => AccountFindings::of(account).map(|found| found.compose(report)),
    }
}

/// How many accounts have such a message.
#[must_use]
pub fn count_per_account(settings: &Settings, report: &Report) -> u64 {
    match settings.digest_per {
        DigestPer::Organization => 0,
        DigestPer::Account => report.findings.accounts_to_act_on(),
    }
}

/// An account's flagged keys and those that somebody still needs, of which there is one at least, in numbers
/// too.
struct AccountFindings<'a> {
    account: &'a Arc<Account>,
    keys: u64,
    needed: NeededKeys,
    flagged: Flagged,
    root_keys: Top<bool, JudgedKey>,
    monthly_cents: u64,
    multi_region: MultiRegionCounts,
    owner: String,
}

impl<'a> AccountFindings<'a> {
    fn of(account: &'a JudgedAccount) -> Option<Self> {
        let to_act_on = account.keys.iter();
        let to_act_on = to_act_on.filter(|judged| judged.is_flagged() || judged.is_needed());
        let to_act_on: Vec<&JudgedKey> = to_act_on.collect();
        let first = to_act_on.first()?;
        let keys: Vec<&JudgedKey> = account.flagged().collect();
        let mut needed = NeededKeys::new(LIMITS.needed);
        to_act_on.iter().for_each(|judged| needed.add(judged));
        let mut flagged = Flagged::new(&LIMITS);
        flagged.add(&keys);
        let mut root_keys = Top::new(LIMITS.root_keys);
        let of_root = keys
            .iter()
            .filter(|judged| judged.key.kind == KeyKind::RootAccessKey);
        of_root
            .for_each(|judged| root_keys.offer(is_inactive(judged), || JudgedKey::clone(judged)));
        Some(Self {
            account: &first.key.account,
            keys: keys.len() as u64,
            needed,
            flagged,
            root_keys,
            monthly_cents: keys.iter().filter_map(|key| key.monthly_cents).sum(),
            multi_region: MultiRegionCounts::of(JudgedKey::of_sets(keys.iter().copied())),
            owner: owner(&to_act_on),
        })
    }

    fn compose(self, report: &Report) -> AccountDigest {
        let text = self.text(report);
        AccountDigest {
            digest: Digest {
                subject: self.subject(report),
                message: message(&text, &self.machine(report)),
                text,
                attributes: vec![
                    Attribute::string("account_id", self.account.id.as_str()),
                    Attribute::string("owner", &self.owner),
                    Attribute::number("flagged", self.keys),
                    Attribute::number("newly_flagged", self.flagged.new.all()),
                    Attribute::number("needed", self.needed.all()),
                ],
            },
            account: Arc::clone(self.account),
        }
    }

    fn text(&self, report: &Report) -> String {
        let compared_with = report.findings.compared_with;
        let flagged = &self.flagged;
        let mut page = Page::default();
        page.line(&self.headline(report));
        needed(&mut page, report, &self.needed, NEEDED_END);
        new_since(&mut page, flagged, compared_with, NEW_END);
        root_keys(&mut page, &self.root_keys, ROOT_KEYS_END);
        unused(
            &mut page,
            report,
            flagged,
            self.multi_region,
            About::Account,
        );
        report_locations(&mut page, report);
        page.text
    }

    fn headline(&self, report: &Report) -> String {
        let (keys, kinds) = kinds_text(self.flagged.by_kind);
        let account = account_text(self.account);
        let days = days(report.summary.stale_after_days.into());
        let new = self.flagged.new.all();
        let new = match since_text(report.findings.compared_with) {
            Some(since) if new == 0 => format!("none new {since}, "),
            Some(since) => format!("{} new {since}, ", grouped(new)),
            None => String::new(),
        };
        let cost = dollars(self.monthly_cents);
        let needed = match self.needed.all() {
            0 => String::new(),
            needed => format!("{}; ", needed_text(needed)),
        };
        format!(
            "{needed}{keys} of {account} unused for {days} or more{kinds}, {new}{cost} USD a month at list price."
        )
    }

    /// The number of keys, and the account by as much of its name as is ASCII and fits.
    fn subject(&self, report: &Report) -> String {
        let keys = counted(self.keys, "key", "keys");
        let days = days(report.summary.stale_after_days.into());
        let id = self.account.id;
        let needed = needed_in_subject(self.needed.all());
        let mut subject = format!("Keycensus: {needed}{keys} unused for {days} or more in {id}");
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
            "flagged": self.keys,
            "newly_flagged": self.flagged.new.all(),
            "needed": self.needed.all(),
            "monthly_cost_usd_flagged": self.monthly_cents as f64 / 100.0,
            "report": summary.report,
        })
        .to_string()
    }
}

/// The most frequent owner of `keys`, of several the first by name; `none` where no key has one.
fn owner(keys: &[&JudgedKey]) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let owners = keys.iter().filter_map(|key| key.key.owner.as_deref());
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
