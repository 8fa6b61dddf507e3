//! The short form of the digest for a chat channel: a custom notification of Amazon Q Developer in chat
//! applications, schema 1.0, which it shows in Slack and Microsoft Teams
//! (<https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>).
//!
//! It has the answer, what somebody still needs, what is new, and a link to the report. It has no markdown of its
//! own, because Slack and Teams read different ones, and untrusted text can make none ([`markdown`]).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    judge::{changes::ComparedWith, judged_key::JudgedKey, report::Report},
    model::reading::KeyKind,
    render::digest::{
        headline::headline,
        needed::{refused_text, state_text, what_to_run},
        report_locations::console_page,
        subject,
        wording::{days, grouped, key_line, shortened, since_text},
    },
};

mod markdown;

use markdown::as_plain_text;

/// How many keys each list shows.
const KEYS_LISTED: usize = 5;
/// The longest entry of a list, in characters.
const ENTRY_CHARACTERS: usize = 220;
/// The longest description, in characters: Slack shows 3,000 of a section's text
/// (<https://docs.slack.dev/reference/block-kit/blocks/section-block>). AWS documents no limit.
const DESCRIPTION_CHARACTERS: usize = 2_900;

/// A custom notification.
#[derive(Debug, Serialize)]
struct Notification {
    version: &'static str,
    source: &'static str,
    id: String,
    content: Content,
    metadata: Metadata,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_steps: Vec<String>,
    keywords: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    thread_id: String,
    summary: String,
    event_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_resources: Vec<String>,
    additional_context: BTreeMap<&'static str, String>,
}

/// Composes the message of a report: JSON, as it is published.
#[must_use]
pub fn compose(report: &Report) -> String {
    let summary = &report.summary;
    let coverage = match summary.coverage.complete {
        true => "complete",
        false => "partial",
    };
    let subject = subject(summary);
    let notification = Notification {
        version: "1.0",
        source: "custom",
        id: as_plain_text(&summary.run_id),
        content: Content {
            text_type: "client-markdown",
            title: subject.clone(),
            description: description(report),
            next_steps: next_steps(report),
            keywords: vec!["keycensus", coverage],
        },
        metadata: Metadata {
            thread_id: format!("keycensus-{}", report.scan_date),
            summary: subject,
            event_type: "keycensus-digest",
            related_resources: related_resources(report),
            additional_context: BTreeMap::from([
                ("needed", summary.keys.needed.to_string()),
                ("flagged", summary.keys.flagged.to_string()),
                ("newly_flagged", summary.keys.newly_flagged.to_string()),
                ("coverage", coverage.to_owned()),
            ]),
        },
    };
    // A struct of texts always serializes.
    serde_json::to_string(&notification).unwrap_or_default()
}

/// The keys that the message lists: those that somebody still needs, and those that are new.
fn listed(report: &Report) -> impl Iterator<Item = &JudgedKey> {
    let findings = &report.findings;
    let needed = findings.needed.iter().take(KEYS_LISTED);
    needed.chain(findings.flagged.new.iter().take(KEYS_LISTED))
}

fn description(report: &Report) -> String {
    let findings = &report.findings;
    let link = match console_page(report) {
        Some(url) => format!("Report: {url}"),
        None => match report.summary.report.report_html.as_str() {
            "" => String::new(),
            location => format!("Report: {}", as_plain_text(location)),
        },
    };
    let mut text = Text {
        text: as_plain_text(&headline(report)),
        characters_left: DESCRIPTION_CHARACTERS.saturating_sub(link.chars().count() + 2),
    };
    text.characters_left = text
        .characters_left
        .saturating_sub(text.text.chars().count());
    let needed = &findings.needed;
    let entries = needed.iter().map(|judged| needed_entry(judged, report));
    text.list("Still needed", needed.all(), entries);
    let new = &findings.flagged.new;
    let entries = new.iter().map(new_entry);
    text.list(&new_heading(findings.compared_with), new.all(), entries);
    if !link.is_empty() {
        text.text.push_str("\n\n");
        text.text.push_str(&link);
    }
    text.text
}

fn new_heading(compared_with: ComparedWith) -> String {
    match since_text(compared_with) {
        Some(since) => format!("New {since}"),
        // Everything is new in the first census.
        None => "Unused the longest".to_owned(),
    }
}

fn needed_entry(judged: &JudgedKey, report: &Report) -> String {
    let refused = judged.key.refused_uses().and_then(refused_text);
    let refused = refused.unwrap_or_default();
    format!(
        "{}; {refused}; {}",
        key_line(judged),
        state_text(judged, report)
    )
}

fn new_entry(judged: &JudgedKey) -> String {
    let idle = days(judged.judgement.idle_days.unwrap_or(0));
    format!("{idle}: {}", key_line(judged))
}

/// Text with what is left of its length.
struct Text {
    text: String,
    characters_left: usize,
}

impl Text {
    /// Adds as many entries as there is room for, and how many of `all` are left out.
    fn list(&mut self, heading: &str, all: u64, entries: impl Iterator<Item = String>) {
        /// Room for the line that counts what is left out.
        const MORE: usize = 40;
        if all == 0 {
            return;
        }
        self.push(&format!("\n\n{heading}: {}", grouped(all)), 0);
        let mut shown = 0;
        for entry in entries.take(KEYS_LISTED) {
            let entry = as_plain_text(&shortened(&entry, ENTRY_CHARACTERS));
            if !self.push(&format!("\n• {entry}"), MORE) {
                break;
            }
            shown += 1;
        }
        let more = all.saturating_sub(shown);
        if shown > 0 && more > 0 {
            self.push(&format!("\n• and {} more", grouped(more)), 0);
        }
    }

    /// Adds text if so many characters are left after it.
    fn push(&mut self, text: &str, reserve: usize) -> bool {
        let characters = text.chars().count();
        if characters + reserve > self.characters_left {
            return false;
        }
        self.characters_left -= characters;
        self.text.push_str(text);
        true
    }
}

/// What to do first.
fn next_steps(report: &Report) -> Vec<String> {
    let summary = &report.summary;
    let needed = report.findings.needed.iter().take(KEYS_LISTED);
    let mut steps: Vec<String> = needed
        .map(|judged| as_plain_text(&what_to_run(judged)))
        .collect();
    let root_keys = summary.keys.of_kind(KeyKind::RootAccessKey);
    if root_keys > 0 {
        steps.push(format!("Remove root access keys: {}", grouped(root_keys)));
    }
    if summary.keys.flagged > 0 {
        steps.push(
            "Disable or deactivate what is unused, and watch before you delete it: the report has every key".to_owned(),
        );
    }
    if !summary.coverage.complete {
        steps.push("See in the report what could not be read, and why".to_owned());
    }
    steps
}

fn related_resources(report: &Report) -> Vec<String> {
    let arns =
        listed(report).map(|judged| as_plain_text(&shortened(&judged.key.arn, ENTRY_CHARACTERS)));
    let mut arns: Vec<String> = arns.filter(|arn| !arn.is_empty()).collect();
    arns.dedup();
    arns
}

#[cfg(test)]
mod tests;
