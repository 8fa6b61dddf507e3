//! The section of service-specific credentials to replace.

use super::{
    page::Page,
    wording::{account_text, days, grouped, key_text, owner_text},
};
use crate::{
    judge::{judged_key::JudgedKey, recommendation::Recommendation, report::Report},
    model::{layout::ReportFile, time::utc_date},
};

pub(super) const KEYS_LISTED: usize = 20;

/// Writes which credentials are old or never expire, the oldest first.
pub(super) fn service_credentials(page: &mut Page, report: &Report, limit: usize) {
    let credentials = &report.findings.service_credentials;
    if credentials.all() == 0 {
        return;
    }
    page.heading(&format!(
        "SERVICE-SPECIFIC CREDENTIALS TO REPLACE: {}, oldest first",
        grouped(credentials.all())
    ));
    page.line("AWS does not record whether they are used.");
    let entries = credentials.iter().map(entry);
    page.list_or_count(
        entries,
        credentials.all(),
        KEYS_LISTED,
        limit,
        ReportFile::KeysCsv,
    );
}

fn entry(judged: &JudgedKey) -> String {
    let age = days(judged.age_days.unwrap_or(0));
    let expiry = match judged.key.expires_at {
        Some(at) => format!("expires on {}", utc_date(at)),
        None => "never expires".to_owned(),
    };
    let advice = match judged.recommendation {
        Recommendation::SetExpiry => "replace it by one that expires",
        _ => "replace it",
    };
    let account = account_text(&judged.key.account);
    let owner = owner_text(judged.key.owner.as_deref());
    let name = key_text(judged);
    format!("- {age} old, {expiry}: {name}; {account}{owner}; {advice}")
}
