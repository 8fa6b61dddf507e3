//! A section of flagged keys: grouped by account, worst first, cut to fit.

use super::{
    page::Page,
    wording::{PATH_CHARACTERS, account_text, counted, grouped, shortened},
};
use crate::{
    judge::{findings::by_account::ByAccount, judged_key::JudgedKey},
    model::reading::KeyKind,
};

/// How many keys are listed.
pub(super) const KEYS_LISTED: usize = 200;
/// How many keys of one account are listed where there are several accounts.
pub(super) const KEYS_LISTED_PER_ACCOUNT: usize = 25;

/// A section of flagged keys of one kind.
pub(super) struct Section {
    pub(super) kind: KeyKind,
    pub(super) heading: &'static str,
    /// What one and several keys that were left out are called, with their verb.
    pub(super) left_out: (&'static str, &'static str),
    /// One key's entry, in a few short lines.
    pub(super) entry: fn(&JudgedKey) -> Vec<String>,
}

impl Section {
    /// Writes flagged `keys` of its kind after the sentence `lead` about them.
    pub(super) fn write(
        &self,
        page: &mut Page,
        keys: &ByAccount,
        lead: Option<&str>,
        limit: usize,
    ) {
        let count = grouped(keys.keys());
        page.heading(&format!("{}: {count}, longest idle first", self.heading));
        if let Some(lead) = lead {
            page.line(lead);
        }
        let mut listed = 0;
        for account in keys.accounts() {
            let mut listed_here = 0;
            for key in account.keys.iter().take(keys.at_most()) {
                let entry = match listed_here {
                    0 => self.first_entry(key),
                    _ => (self.entry)(key),
                };
                if listed == KEYS_LISTED || !page.has_room_for(&entry, limit) {
                    break;
                }
                entry.iter().for_each(|line| page.line(line));
                listed += 1;
                listed_here += 1;
            }
            if listed_here > 0 && listed_here < account.all {
                let more = grouped((account.all - listed_here) as u64);
                page.line(&format!("- and {more} more in this account"));
            }
        }
        let left_out = keys.keys() - listed as u64;
        if left_out > 0 {
            page.line("");
            let left_out = counted(left_out, self.left_out.0, self.left_out.1);
            page.line(&format!(
                "{left_out} not listed here; keys.csv has every one."
            ));
        }
    }

    /// The entry of the first key that is listed of an account, with the account's heading.
    pub(super) fn first_entry(&self, judged: &JudgedKey) -> Vec<String> {
        let mut entry = (self.entry)(judged);
        entry.splice(0..0, [String::new(), account_heading(judged)]);
        entry
    }
}

fn account_heading(judged: &JudgedKey) -> String {
    let mut heading = account_text(&judged.key.account);
    if !judged.ou_path.is_empty() {
        heading.push_str(&format!(
            " ({})",
            shortened(&judged.ou_path, PATH_CHARACTERS)
        ));
    }
    heading
}
