//! The table of flagged keys.

use askama::Template;

use super::words::{AccountName, breakable, grouped, key_id_text, kind_text, words};
use crate::{
    judge::{detail, judged_key::JudgedKey, price::dollars, report::Report, verdict::Verdict},
    model::{reading::Usage, time::utc_date},
    render::{
        console,
        digest::{
            dependents::{deleted_grants_text, dependents_text},
            wording::{NAME_CHARACTERS, PATH_CHARACTERS, by_hand_text, shortened},
        },
    },
};

/// How many flagged keys the page shows.
pub const KEYS_SHOWN: usize = 5_000;
/// What the rows may take, in bytes, so that the page stays under 3 MB however much untrusted text
/// has to be escaped.
const ROWS_BYTES: usize = 2_500_000;
/// How much of an owner is shown.
const OWNER_CHARACTERS: usize = 40;

/// The flagged keys, longest idle first, cut to fit.
pub(super) struct KeyTable {
    /// Rows as HTML.
    pub(super) rows: Vec<String>,
    /// `14`.
    pub(super) flagged: String,
    /// `14`, of the rows.
    pub(super) shown: String,
    /// How many are not shown; empty where all are.
    pub(super) left_out: String,
}

/// One row. Its cells, their paragraphs and itself end where the next begins, as HTML allows: with
/// thousands of rows, end tags would be a tenth of the page.
#[derive(Template)]
#[template(path = "key_row.html")]
struct KeyRow {
    account: AccountName,
    region: String,
    name: String,
    key_id: String,
    link: Option<String>,
    kind: &'static str,
    owner: String,
    idle_days: i64,
    /// Days since it was created; empty where that is not known.
    age_days: String,
    /// The date of the last use, or that there is none.
    last_used: String,
    /// What it was used for, in parts between which a line may break; none where that is not known.
    last_use: Vec<String>,
    verdict: String,
    /// The `detail` of `keys.csv`, in parts between which a line may break.
    detail: Vec<String>,
    recommendation: String,
    /// Why that is recommended, in such parts; none where the verdict is the reason.
    advice: Vec<String>,
    cost: String,
}

impl KeyTable {
    pub(super) fn of(report: &Report) -> Self {
        let keys = &report.findings.all_flagged;
        let mut bytes = 0;
        let rows: Vec<String> = keys
            .iter()
            .take(KEYS_SHOWN)
            // Text and numbers go into a String, which cannot fail.
            .map(|judged| KeyRow::of(judged).render().unwrap_or_default())
            .take_while(|row| {
                bytes += row.len();
                bytes <= ROWS_BYTES
            })
            .collect();
        let left_out = keys.all() - rows.len() as u64;
        Self {
            shown: grouped(rows.len() as u64),
            rows,
            flagged: grouped(keys.all()),
            left_out: match left_out {
                0 => String::new(),
                n => grouped(n),
            },
        }
    }
}

impl KeyRow {
    fn of(judged: &JudgedKey) -> Self {
        let key = &judged.key;
        Self {
            account: AccountName::of(&key.account),
            region: judged.region().to_owned(),
            name: shortened(&key.names.join(", "), NAME_CHARACTERS),
            key_id: key_id_text(judged),
            link: console::link(key),
            kind: kind_text(key.kind),
            owner: shortened(key.owner.as_deref().unwrap_or(""), OWNER_CHARACTERS),
            idle_days: judged.judgement.idle_days.unwrap_or(0),
            age_days: judged
                .age_days
                .map(|days| days.to_string())
                .unwrap_or_default(),
            last_used: last_used(judged),
            last_use: last_use(judged),
            verdict: words(judged.judgement.verdict.as_str()),
            detail: breakable(&shortened(&detail::describe(judged), PATH_CHARACTERS)),
            recommendation: words(judged.recommendation.as_str()),
            advice: advice(judged),
            cost: judged.monthly_cents.map(dollars).unwrap_or_default(),
        }
    }
}

/// Why a key is to be checked by hand, what depends on it, and grants that no one can use.
fn advice(judged: &JudgedKey) -> Vec<String> {
    let dependents = judged.key.dependents();
    let parts = [
        by_hand_text(judged),
        dependents.and_then(dependents_text),
        dependents.and_then(deleted_grants_text),
    ];
    let advice = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    breakable(&shortened(&advice, 2 * PATH_CHARACTERS))
}

/// The date, so that it sorts; shorter than in the digest, because the verdict is beside it.
fn last_used(judged: &JudgedKey) -> String {
    match (&judged.key.usage, judged.judgement.verdict) {
        (Usage::Recorded(last_use), _) => utc_date(last_use.at),
        (Usage::NoneRecorded { tracked_since, .. }, Verdict::UnusedSinceTracking) => {
            format!("none since {}", utc_date(*tracked_since))
        }
        _ => "none".to_owned(),
    }
}

/// The operation, the service and the Region of the last use.
fn last_use(judged: &JudgedKey) -> Vec<String> {
    let Usage::Recorded(last_use) = &judged.key.usage else {
        return Vec::new();
    };
    let words = [&last_use.operation, &last_use.service, &last_use.region];
    let words = words.into_iter().flatten();
    let words: Vec<String> = words
        .map(|word| shortened(word, OWNER_CHARACTERS))
        .collect();
    breakable(&words.join(" "))
}
