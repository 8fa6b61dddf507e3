//! The section of root users who signed in: nobody should.

use super::{
    page::Page,
    wording::{account_text, days, grouped},
};
use crate::{
    judge::{judged_key::JudgedKey, report::Report},
    model::{layout::ReportFile, time::utc_date},
};

pub(super) const ACCOUNTS_LISTED: usize = 40;

/// Writes when root users signed in, the latest first.
pub(super) fn root_sign_ins(page: &mut Page, report: &Report, limit: usize) {
    let sign_ins = &report.findings.root_sign_ins;
    if sign_ins.all() == 0 {
        return;
    }
    page.heading(&format!(
        "ROOT USERS WHO SIGNED IN: {}",
        grouped(sign_ins.all())
    ));
    page.line(&format!(
        "Less than {} ago: {}. Nobody should sign in as a root user.",
        days(report.summary.stale_after_days.into()),
        grouped(report.findings.recent_root_sign_ins)
    ));
    let entries = sign_ins.iter().filter_map(entry);
    page.list_or_count(
        entries,
        sign_ins.all(),
        ACCOUNTS_LISTED,
        limit,
        ReportFile::KeysCsv,
    );
}

fn entry(judged: &JudgedKey) -> Option<String> {
    let last_use = judged.last_use()?;
    let ago = match judged.judgement.idle_days {
        None | Some(0) => "less than a day".to_owned(),
        Some(idle_days) => days(idle_days),
    };
    let account = account_text(&judged.key.account);
    let date = utc_date(last_use.at);
    Some(format!("- {account}: last sign-in on {date}, {ago} ago"))
}
