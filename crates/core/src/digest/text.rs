//! The digest's text. The first line is the answer; every list is cut to fit,
//! never in the middle of an entry, with a count of what was left out.

use super::shortened;
use crate::{
    coverage::{CoverageRow, CoverageStatus, Scope, explanation},
    key_row::JudgedKey,
    price::dollars,
    reading::Usage,
    report::Report,
    settings::{Kind, Settings},
    summary::Summary,
    time::utc_date,
    verdict::Verdict,
};

/// How many bytes the text may take inside a JSON string. SNS counts it twice
/// (`default` and `email`), and the summary four times beside it; twice this is
/// half of what SNS takes.
const TEXT_BYTES: usize = 65_536;
/// What is kept free for the sections below the flagged keys.
const TAIL_BYTES: usize = 24_576;
const KEYS_LISTED: usize = 200;
const KEYS_LISTED_PER_ACCOUNT: usize = 25;
const GAPS_LISTED: usize = 40;
const NAME_CHARACTERS: usize = 60;
const PATH_CHARACTERS: usize = 100;

pub(super) fn compose(settings: &Settings, report: &Report) -> String {
    let mut page = Page::default();
    page.line(&answer(report));
    flagged_keys(&mut page, report);
    everything_else(&mut page, &report.summary, report);
    not_seen(&mut page, settings, report);
    where_it_is(&mut page, report);
    page.text
}

/// `1 key`, `2 keys`.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{n} {many}"),
    }
}

/// Text with the size it takes inside a JSON string.
#[derive(Default)]
struct Page {
    text: String,
    json_bytes: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.json_bytes += json_bytes(line);
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line("");
        self.line(heading);
    }

    fn has_room_for(&self, lines: &[String], limit: usize) -> bool {
        let more: usize = lines.iter().map(|line| json_bytes(line)).sum();
        self.json_bytes + more <= limit
    }
}

/// The bytes of a line and its line break inside a JSON string.
fn json_bytes(line: &str) -> usize {
    let escapes = line.bytes().filter(|b| matches!(b, b'"' | b'\\')).count();
    line.len() + escapes + r"\n".len()
}

fn answer(report: &Report) -> String {
    let summary = &report.summary;
    let keys = counted(summary.keys.flagged, "key", "keys");
    let days = counted(summary.stale_after_days.into(), "day", "days");
    let mut answer = match summary.keys.flagged {
        0 => format!("No key unused for {days} or more"),
        _ => {
            let accounts = by_account(report).len() as u64;
            let accounts = counted(accounts, "account", "accounts");
            let cost = dollars((summary.keys.monthly_cost_usd_flagged * 100.0).round() as u64);
            format!(
                "{keys} unused for {days} or more in {accounts}, {cost} USD a month at list price"
            )
        }
    };
    let coverage = &summary.coverage;
    let accounts = coverage.accounts.scanned + coverage.accounts.unreachable;
    if coverage.complete {
        answer.push_str(&format!(
            "; all of {} read",
            counted(accounts, "account", "accounts")
        ));
    }
    if coverage.accounts.unreachable > 0 {
        let unreachable = coverage.accounts.unreachable;
        answer.push_str(&format!(
            "; {unreachable} of {accounts} accounts could not be entered"
        ));
    }
    if coverage.cells.with_gaps() > 0 {
        let cells = counted(
            coverage.cells.with_gaps(),
            "Region of an account",
            "Regions of accounts",
        );
        answer.push_str(&format!("; {cells} could not be read in full"));
    }
    answer.push('.');
    answer
}

/// The flagged keys of each account, longest idle first; accounts by their
/// longest idle key.
fn by_account(report: &Report) -> Vec<Vec<&JudgedKey>> {
    let idle = |key: &JudgedKey| std::cmp::Reverse(key.judgement.idle_days);
    let mut groups: Vec<Vec<&JudgedKey>> = Vec::new();
    for key in report.flagged() {
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

fn flagged_keys(page: &mut Page, report: &Report) {
    let groups = by_account(report);
    if groups.is_empty() {
        return;
    }
    page.heading("UNUSED KEYS, longest idle first");
    let limit = TEXT_BYTES - TAIL_BYTES;
    let mut listed = 0;
    for group in &groups {
        let account = &group[0].key.account;
        let mut heading = format!(
            "{} {}",
            account.id,
            shortened(&account.name, NAME_CHARACTERS)
        );
        if !group[0].ou_path.is_empty() {
            heading.push_str(&format!(
                " ({})",
                shortened(&group[0].ou_path, PATH_CHARACTERS)
            ));
        }
        let mut listed_here = 0;
        for key in group.iter().take(KEYS_LISTED_PER_ACCOUNT) {
            let mut entry = told(key);
            if listed_here == 0 {
                entry.splice(0..0, [String::new(), heading.clone()]);
            }
            if listed == KEYS_LISTED || !page.has_room_for(&entry, limit) {
                break;
            }
            entry.iter().for_each(|line| page.line(line));
            listed += 1;
            listed_here += 1;
        }
        if listed_here > 0 && listed_here < group.len() {
            let more = group.len() - listed_here;
            page.line(&format!("- and {more} more in this account"));
        }
    }
    let left_out = report.summary.keys.flagged.saturating_sub(listed as u64);
    if left_out > 0 {
        page.line("");
        let left_out = counted(left_out, "unused key is", "unused keys are");
        page.line(&format!(
            "{left_out} not listed here; keys.csv has every one."
        ));
    }
}

/// One flagged key, in two or three short lines.
fn told(judged: &JudgedKey) -> Vec<String> {
    let key = &judged.key;
    let days = counted(
        judged.judgement.idle_days.unwrap_or(0).unsigned_abs(),
        "day",
        "days",
    );
    let name = match key.names.as_slice() {
        [] => "no alias".to_owned(),
        [name] => shortened(name, NAME_CHARACTERS),
        [name, more @ ..] => {
            format!(
                "{} and {}",
                shortened(name, NAME_CHARACTERS),
                counted(more.len() as u64, "more alias", "more aliases")
            )
        }
    };
    let mut why = match (&key.usage, judged.judgement.verdict) {
        (Usage::Recorded(last_use), _) => {
            let operation = last_use.operation.as_deref().unwrap_or("use");
            format!(
                "last {} on {}",
                shortened(operation, NAME_CHARACTERS),
                utc_date(last_use.at)
            )
        }
        (Usage::NoneRecorded { tracked_since, .. }, Verdict::UnusedSinceTracking) => format!(
            "no use since tracking began on {}; an earlier use cannot be excluded",
            utc_date(*tracked_since)
        ),
        _ => "never used since it was created".to_owned(),
    };
    if let Some(state) = key.state.as_deref().filter(|state| *state != "Enabled") {
        why.push_str(&format!("; {}", shortened(state, NAME_CHARACTERS)));
    }
    let mut lines = vec![
        format!("- {days}: {name}, {}", judged.region()),
        format!("  {why}"),
        format!("  key {}", shortened(&key.key_id, NAME_CHARACTERS)),
    ];
    if let Some(owner) = &key.owner {
        lines.push(format!("  owner {}", shortened(owner, NAME_CHARACTERS)));
    }
    lines
}

fn everything_else(page: &mut Page, summary: &Summary, report: &Report) {
    let count = |verdict: Verdict| {
        summary
            .keys
            .by_verdict
            .get(verdict.as_str())
            .copied()
            .unwrap_or(0)
    };
    let exempt = report
        .keys
        .iter()
        .filter(|k| k.key.exemption.is_some())
        .count();
    page.heading(&format!("ALL KEYS: {}", summary.keys.total));
    for (what, n) in [
        ("unused and flagged", summary.keys.flagged),
        ("in use", count(Verdict::InUse)),
        (
            "too young or tracked too briefly to say",
            count(Verdict::Undecided),
        ),
        ("pending deletion", count(Verdict::PendingDeletion)),
        ("managed by AWS", count(Verdict::AwsManaged)),
        ("could not be read", count(Verdict::Unreadable)),
        ("exempt by tag", exempt as u64),
    ] {
        if n > 0 {
            page.line(&format!("- {n} {what}"));
        }
    }
}

fn not_seen(page: &mut Page, settings: &Settings, report: &Report) {
    let mut gaps: Vec<&CoverageRow> = report
        .coverage
        .iter()
        .filter(|row| row.status.is_gap())
        .collect();
    let reads_iam = settings.kinds.contains(&Kind::Iam);
    if gaps.is_empty() && !reads_iam {
        return;
    }
    page.heading("WHAT COULD NOT BE SEEN");
    if reads_iam {
        page.line("- IAM access keys and root access keys: this version reads KMS keys only");
    }
    gaps.sort_by_key(|row| {
        (
            row.status != CoverageStatus::Unreachable,
            row.account.id,
            row.scope.clone(),
        )
    });
    let mut listed = 0;
    for row in gaps.iter().take(GAPS_LISTED) {
        let line = gap_told(row);
        if !page.has_room_for(std::slice::from_ref(&line), TEXT_BYTES - TAIL_BYTES / 4) {
            break;
        }
        page.line(&line);
        listed += 1;
    }
    if listed < gaps.len() {
        let more = counted((gaps.len() - listed) as u64, "gap", "gaps");
        page.line(&format!("- and {more} more; coverage.csv has every one"));
    }
    if !gaps.is_empty() {
        page.line(
            "Nothing is said about keys that could not be seen: they may or may not be in use.",
        );
    }
}

fn gap_told(row: &CoverageRow) -> String {
    let name = shortened(&row.account.name, NAME_CHARACTERS);
    let place = match &row.scope {
        Scope::WholeAccount => format!("{} {name}", row.account.id),
        Scope::Cell { region, .. } => format!("{} {name}, {region}", row.account.id),
    };
    let what = match (row.status, row.keys) {
        (CoverageStatus::Unreachable, _) => "account not entered".to_owned(),
        (CoverageStatus::Partial, Some(keys)) => {
            format!(
                "{} of {} not read",
                keys.unreadable,
                counted(keys.listed, "key", "keys")
            )
        }
        (status, _) => status.as_str().to_owned(),
    };
    let why = shortened(&explanation(row), 2 * PATH_CHARACTERS);
    if why.is_empty() {
        format!("- {place}: {what}")
    } else {
        format!("- {place}: {what}: {why}")
    }
}

fn where_it_is(page: &mut Page, report: &Report) {
    let summary = &report.summary;
    page.heading("THE WHOLE REPORT");
    page.line(&summary.report.keys_csv);
    page.line(&summary.report.coverage_csv);
    page.line("");
    page.line(&format!(
        "Census of {}, run {}. No key was changed.",
        summary.scanned_at, summary.run_id
    ));
    page.line("Unused is not unneeded: disable a key and watch before you delete it.");
}
