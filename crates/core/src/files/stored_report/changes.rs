//! `changes.csv` and `unseen.csv` read back.

use std::{collections::HashMap, sync::Arc};

use jiff::civil::Date;

use super::{
    Damage,
    table::{Row, rows},
};
use crate::{
    files::last_run::KnownKey,
    judge::{
        change::{Change, Previous},
        changes::{CHANGES_COLUMNS, GONE, GoneKey, UNSEEN_COLUMNS, WhyGone},
        verdict::Verdict,
    },
    model::{
        account::{Account, AccountId},
        layout::ReportFile,
        reading::KeyKind,
    },
};

/// What names a key in the files: account, Region, kind and key ID, as they stand.
pub(super) type Identity = (AccountId, String, KeyKind, String);

/// What `changes.csv` says that `keys.csv` does not.
#[derive(Default)]
pub(super) struct ToldChanges {
    pub(super) gone: Vec<GoneKey>,
    /// What was said before of keys that are there and differ; nothing of new ones.
    pub(super) previous: HashMap<Identity, Previous>,
}

pub(super) fn read(csv: &[u8], day: Date) -> Result<ToldChanges, Damage> {
    let mut told = ToldChanges::default();
    rows(ReportFile::ChangesCsv, csv, &CHANGES_COLUMNS, |row| {
        row.is_of(day)?;
        if row.cell("change").text == GONE {
            told.gone.push(gone(row)?);
            return Ok(());
        }
        let change = row.cell("change").word(&Change::ALL, Change::as_str)?;
        if change != Change::New {
            let previous = Previous {
                verdict: verdict(row, "previous_verdict")?,
                state: row.cell("previous_state").text.into(),
            };
            told.previous.insert(identity(row)?, previous);
        }
        Ok(())
    })?;
    Ok(told)
}

/// What names the key of a row.
pub(super) fn identity(row: Row<'_>) -> Result<Identity, Damage> {
    Ok((
        row.account_id()?,
        row.cell("region").text.to_owned(),
        row.cell("kind").word(&KeyKind::ALL, KeyKind::as_str)?,
        row.cell("key_id").text.to_owned(),
    ))
}

pub(super) fn read_unseen(csv: &[u8]) -> Result<Vec<KnownKey>, Damage> {
    rows(ReportFile::UnseenCsv, csv, &UNSEEN_COLUMNS, |row| {
        let is_flagged = row.cell("flagged").truth()?;
        Ok(KnownKey {
            is_flagged,
            state: row.cell("state").text.to_owned(),
            verdict: verdict(row, "verdict")?,
            last_seen_on: row.cell("last_seen_on").date()?,
            disabled_since: row.cell("disabled_since").date()?,
            ..known(row)?
        })
    })
}

fn gone(row: Row<'_>) -> Result<GoneKey, Damage> {
    let verdict = verdict(row, "previous_verdict")?;
    let known = known(row)?;
    Ok(GoneKey {
        key: KnownKey {
            // Whoever was flagged has a date since when, and whoever has one and
            // was not could not be read.
            is_flagged: verdict.says_unused() && known.first_flagged_on.is_some(),
            state: row.cell("previous_state").text.to_owned(),
            verdict,
            ..known
        },
        why: row.cell("detail").word(&WhyGone::ALL, WhyGone::as_str)?,
    })
}

/// What both files say of a known key. Its texts stay as they stand in the file.
fn known(row: Row<'_>) -> Result<KnownKey, Damage> {
    let (id, region, kind, key_id) = identity(row)?;
    Ok(KnownKey {
        account: Arc::new(Account {
            id,
            name: row.cell("account_name").text.to_owned(),
        }),
        region,
        kind,
        key_id,
        name: row.cell("name").text.to_owned(),
        owner: row.cell("owner").text.to_owned(),
        state: String::new(),
        verdict: Verdict::Unreadable,
        is_flagged: false,
        first_flagged_on: row.cell("first_flagged_on").date()?,
        disabled_since: None,
        last_seen_on: None,
    })
}

fn verdict(row: Row<'_>, column: &'static str) -> Result<Verdict, Damage> {
    row.cell(column).word(&Verdict::ALL, Verdict::as_str)
}
