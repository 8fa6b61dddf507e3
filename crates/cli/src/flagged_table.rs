//! The table of flagged keys.

use keycensus_core::judge::{judged_key::JudgedKey, price::dollars, report::Report};

use crate::{
    columns::{Side, table},
    key_words,
};

/// Every flagged key, longest idle first.
pub(crate) fn render(report: &Report) -> String {
    let rows: Vec<_> = report.findings.all_flagged.iter().map(row).collect();
    if rows.is_empty() {
        return "No key is flagged.\n".to_owned();
    }
    let headings = [
        ("DAYS IDLE", Side::Right),
        ("ACCOUNT", Side::Left),
        ("REGION", Side::Left),
        ("KEY", Side::Left),
        ("OWNER", Side::Left),
        ("WHAT TO DO", Side::Left),
        ("USD A MONTH", Side::Right),
    ];
    format!(
        "FLAGGED KEYS: {}, longest idle first\n{}",
        rows.len(),
        table(headings, &rows)
    )
}

fn row(judged: &JudgedKey) -> [String; 7] {
    let key = &judged.key;
    [
        judged.judgement.idle_days.unwrap_or(0).to_string(),
        key_words::account(&key.account),
        judged.region().to_owned(),
        key_words::key(key.kind, &key.names.join(";"), &key.key_id),
        key_words::owner(key.owner.as_deref().unwrap_or_default()),
        key_words::words(judged.recommendation.as_str()),
        judged.monthly_cents.map(dollars).unwrap_or_default(),
    ]
}
