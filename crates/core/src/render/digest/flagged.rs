//! A section of flagged keys: grouped by account, worst first, cut to fit.

use std::cmp::Reverse;

use super::{
    page::Page,
    wording::{PATH_CHARACTERS, account_text, counted, grouped, shortened},
};
use crate::{judge::judged_key::JudgedKey, model::reading::KeyKind};

const KEYS_LISTED: usize = 200;
/// How many keys of one account are listed where there are several accounts.
const KEYS_LISTED_PER_ACCOUNT: usize = 25;

/// A section of flagged keys of one kind.
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) kind: KeyKind,
    /// What one and several keys that were left out are called, with their verb.
    pub(super) left_out: (&'static str, &'static str),
    /// One key's entry, in a few short lines.
    pub(super) entry: fn(&JudgedKey) -> Vec<String>,
}

impl Section {
    /// Writes those of the `flagged` keys, sorted by account, that are of its kind, after the
    /// sentence `lead` about them.
    pub(super) fn write(
        &self,
        page: &mut Page,
        flagged: &[&JudgedKey],
        lead: Option<&str>,
        limit: usize,
    ) {
        let groups = by_account(flagged, self.kind);
        let at_most = match groups.len() {
            0 => return,
            1 => KEYS_LISTED,
            _ => KEYS_LISTED_PER_ACCOUNT,
        };
        let all = groups.iter().map(Vec::len).sum::<usize>();
        let count = grouped(all as u64);
        page.heading(&format!("{}: {count}, longest idle first", self.heading));
        if let Some(lead) = lead {
            page.line(lead);
        }
        let mut listed = 0;
        for group in &groups {
            let mut listed_here = 0;
            for key in group.iter().take(at_most) {
                let mut entry = (self.entry)(key);
                if listed_here == 0 {
                    entry.splice(0..0, [String::new(), account_heading(key)]);
                }
                if listed == KEYS_LISTED || !page.has_room_for(&entry, limit) {
                    break;
                }
                entry.iter().for_each(|line| page.line(line));
                listed += 1;
                listed_here += 1;
            }
            if listed_here > 0 && listed_here < group.len() {
                let more = grouped((group.len() - listed_here) as u64);
                page.line(&format!("- and {more} more in this account"));
            }
        }
        let left_out = all - listed;
        if left_out > 0 {
            page.line("");
            let left_out = counted(left_out as u64, self.left_out.0, self.left_out.1);
            page.line(&format!(
                "{left_out} not listed here; keys.csv has every one."
            ));
        }
    }
}

/// The flagged keys of one kind of each account, longest idle first; accounts by
/// their longest idle key.
fn by_account<'a>(flagged: &[&'a JudgedKey], kind: KeyKind) -> Vec<Vec<&'a JudgedKey>> {
    let idle = |key: &JudgedKey| Reverse(key.judgement.idle_days);
    let mut groups: Vec<Vec<&JudgedKey>> = Vec::new();
    for key in flagged.iter().copied().filter(|key| key.key.kind == kind) {
        match groups.last_mut() {
            Some(group) if group[0].key.account.id == key.key.account.id => group.push(key),
            _ => groups.push(vec![key]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|key| idle(key));
    }
    groups.sort_by_key(|group| idle(group[0]));
    groups
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
