//! `changes.csv`: one row for each key that differs from the last run, those that
//! are gone included.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};

use crate::{
    files::{
        account_rows::OfAccount,
        csv_text::{self, text},
        damage::Damage,
        table::Row,
        unseen_csv::known,
    },
    judge::{
        changes::{GoneKey, GoneReason},
        detail,
        history::{Change, Previous},
        judged_account::JudgedAccount,
        judged_key::JudgedKey,
        known_keys::KnownKey,
        verdict::Verdict,
    },
    model::{account::AccountId, layout::ReportFile, reading::KeyKind, time::to_seconds},
};

/// The columns of `changes.csv`.
pub const COLUMNS: [&str; 18] = [
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
    "gone_because",
];

/// The value of `change` for a key that is gone.
const GONE: &str = "gone";

/// A key that differs.
enum ChangesRow<'a> {
    Listed(&'a JudgedKey, Change),
    Gone(&'a GoneKey),
}

/// A line for each key of an account that differs, sorted as `keys.csv` is.
pub(crate) fn rows(account: &JudgedAccount, scan_date: &str) -> Vec<u8> {
    let keys = account.keys.iter();
    let listed = keys.filter_map(|judged| match judged.history.change {
        None | Some(Change::Same) => None,
        Some(change) => Some(ChangesRow::Listed(judged, change)),
    });
    let gone = account.gone.iter().map(ChangesRow::Gone);
    let mut different: Vec<ChangesRow<'_>> = listed.chain(gone).collect();
    different.sort_by(|a, b| a.order().cmp(&b.order()));
    csv_text::lines(different.iter().map(|key| key.record(scan_date)))
}

impl ChangesRow<'_> {
    fn order(&self) -> (AccountId, &str, &'static str, &str) {
        match self {
            Self::Listed(judged, _) => judged.key.identity(),
            Self::Gone(GoneKey { key, .. }) => key.identity(),
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
        text(&detail::describe(judged)),
        String::new(),
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
        why.describe().to_owned(),
        why.as_str().to_owned(),
    ]
}

/// The identity of a key in the files: account, Region, kind and key ID.
type Identity = (AccountId, String, KeyKind, String);

/// A row that is read back: what `changes.csv` has and `keys.csv` has not.
pub(crate) enum StoredChange {
    /// A key that is gone.
    Gone(GoneKey),
    /// The previous verdict and state of a listed key.
    Differs(Identity, Previous),
    /// A new key of this account, of which nothing is known from before.
    New(AccountId),
}

impl OfAccount for StoredChange {
    fn account(&self) -> Option<AccountId> {
        Some(match self {
            Self::Gone(gone) => gone.key.account.id,
            Self::Differs((account, ..), _) => *account,
            Self::New(account) => *account,
        })
    }
}

/// Reads a row of a report of `day`.
///
/// # Errors
/// The row is not as this version writes it.
pub(crate) fn read(row: Row<'_>, day: Date) -> Result<StoredChange, Damage> {
    row.is_of(day)?;
    if row.cell("change").text == GONE {
        return read_gone(row).map(StoredChange::Gone);
    }
    let change = row.cell("change").word(&Change::ALL, Change::as_str)?;
    if change == Change::New {
        return row.account_id().map(StoredChange::New);
    }
    let key = known(row)?;
    let previous = Previous {
        verdict: previous_verdict(row)?,
        state: row.cell("previous_state").free().into(),
    };
    let identity = (key.account.id, key.region, key.kind, key.key_id);
    Ok(StoredChange::Differs(identity, previous))
}

/// The changes of an account.
#[derive(Debug, Default)]
pub(crate) struct StoredChanges {
    /// Keys that are gone.
    pub(crate) gone: Vec<GoneKey>,
    /// The previous verdict and state of listed keys that differ; none for new ones.
    previous: HashMap<Identity, Previous>,
}

impl StoredChanges {
    /// The changes in these rows.
    pub(crate) fn of(rows: Vec<StoredChange>) -> Self {
        let mut changes = Self::default();
        for row in rows {
            match row {
                StoredChange::Gone(gone) => changes.gone.push(gone),
                StoredChange::Differs(identity, previous) => {
                    changes.previous.insert(identity, previous);
                }
                StoredChange::New(_) => {}
            }
        }
        changes
    }

    /// Adds the previous verdict and state to a key that differs.
    ///
    /// # Errors
    /// There is no row for it.
    pub(crate) fn complete(&self, judged: &mut JudgedKey) -> Result<(), Damage> {
        let differs = !matches!(
            judged.history.change,
            None | Some(Change::New | Change::Same)
        );
        if !differs {
            return Ok(());
        }
        let (key, region) = (&judged.key, judged.region().to_owned());
        let identity = (key.account.id, region, key.kind, key.key_id.clone());
        let previous = self.previous.get(&identity).ok_or_else(|| {
            Damage::of(
                ReportFile::ChangesCsv,
                format!(
                    "there is no row for {} of account {}, which differs, as keys.csv says: the file is cut, or of \
                     another run",
                    key.key_id, key.account.id
                ),
            )
        })?;
        judged.history.previous = Some(Box::new(previous.clone()));
        Ok(())
    }
}

fn read_gone(row: Row<'_>) -> Result<GoneKey, Damage> {
    let verdict = previous_verdict(row)?;
    let known = known(row)?;
    Ok(GoneKey {
        key: KnownKey {
            // A key that was flagged has a date since when; one that has a date and was
            // not flagged could not be read.
            is_flagged: verdict.means_unused() && known.first_flagged_on.is_some(),
            state: row.cell("previous_state").free().to_owned(),
            verdict,
            ..known
        },
        why: row
            .cell("gone_because")
            .word(&GoneReason::ALL, GoneReason::as_str)?,
    })
}

fn previous_verdict(row: Row<'_>) -> Result<Verdict, Damage> {
    row.cell("previous_verdict")
        .word(&Verdict::ALL, Verdict::as_str)
}
