//! `changes.csv`: one row for each key that differs from the last run, those that
//! are gone included.

use jiff::Timestamp;

use super::{Changes, GoneKey};
use crate::{
    files::csv_text::{self, text},
    judge::{change::Change, judged_key::JudgedKey},
    model::{account::AccountId, time::to_seconds},
};

/// The columns of `changes.csv`.
pub const COLUMNS: [&str; 17] = [
    "scan_date",
    "account_id",
    "account_name",
    "region",
    "kind",
    "key_id",
    "name",
    "owner",
    "change",
    "verdict",
    "previous_verdict",
    "state",
    "previous_state",
    "last_used_at",
    "idle_days",
    "first_flagged_on",
    "detail",
];

/// What `change` says of a key that is not there any more.
pub(crate) const GONE: &str = "gone";

/// A key that differs.
enum Different<'a> {
    Listed(&'a JudgedKey, Change),
    Gone(&'a GoneKey),
}

/// `changes.csv`: the header and a line for each key that differs, sorted as
/// `keys.csv` is.
pub(crate) fn to_csv(keys: &[JudgedKey], changes: &Changes, scan_date: &str) -> Vec<u8> {
    let listed = keys
        .iter()
        .filter_map(|judged| match judged.history.change {
            None | Some(Change::Same) => None,
            Some(change) => Some(Different::Listed(judged, change)),
        });
    let gone = changes.gone.iter().map(Different::Gone);
    let mut different: Vec<Different<'_>> = listed.chain(gone).collect();
    different.sort_by(|a, b| a.order().cmp(&b.order()));
    csv_text::file(&COLUMNS, different.iter().map(|key| key.record(scan_date)))
}

impl Different<'_> {
    fn order(&self) -> (AccountId, &str, &'static str, &str) {
        match self {
            Self::Listed(judged, _) => {
                let key = &judged.key;
                let kind = key.kind.as_str();
                (key.account.id, judged.region(), kind, &key.key_id)
            }
            Self::Gone(GoneKey { key, .. }) => {
                let kind = key.kind.as_str();
                (key.account.id, &key.region, kind, &key.key_id)
            }
        }
    }

    fn record(&self, scan_date: &str) -> [String; COLUMNS.len()] {
        match self {
            Self::Listed(judged, change) => listed(judged, *change, scan_date),
            Self::Gone(gone) => self::gone(gone, scan_date),
        }
    }
}

fn listed(judged: &JudgedKey, change: Change, scan_date: &str) -> [String; COLUMNS.len()] {
    let key = &judged.key;
    let optional = |free: Option<&str>| text(free.unwrap_or_default());
    let moment = |at: Option<Timestamp>| at.map(to_seconds).unwrap_or_default();
    let previous = judged.history.previous.as_deref();
    [
        scan_date.to_owned(),
        key.account.id.to_string(),
        text(&key.account.name),
        judged.region().to_owned(),
        key.kind.as_str().to_owned(),
        text(&key.key_id),
        text(&key.names.join(";")),
        optional(key.owner.as_deref()),
        change.as_str().to_owned(),
        judged.judgement.verdict.as_str().to_owned(),
        previous.map_or("", |last| last.verdict.as_str()).to_owned(),
        optional(key.state.as_deref()),
        optional(previous.map(|last| &*last.state)),
        moment(judged.last_use().map(|used| used.at)),
        csv_text::optional(judged.judgement.idle_days),
        csv_text::optional(judged.history.first_flagged_on),
        text(&judged.detail()),
    ]
}

fn gone(GoneKey { key, why }: &GoneKey, scan_date: &str) -> [String; COLUMNS.len()] {
    let nothing = String::new;
    [
        scan_date.to_owned(),
        key.account.id.to_string(),
        text(&key.account.name),
        text(&key.region),
        key.kind.as_str().to_owned(),
        text(&key.key_id),
        text(&key.name),
        text(&key.owner),
        GONE.to_owned(),
        nothing(),
        key.verdict.as_str().to_owned(),
        nothing(),
        text(&key.state),
        nothing(),
        nothing(),
        csv_text::optional(key.first_flagged_on),
        why.as_str().to_owned(),
    ]
}
