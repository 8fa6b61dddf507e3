//! `keys.csv` read back.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;

use super::{
    Damage,
    changes::{Identity, identity},
    table::{Row, rows},
};
use crate::{
    judge::{
        change::{Change, History, Previous},
        detail::{self, Detail},
        judged_key::{COLUMNS, JudgedKey},
        multi_region::RestOfSet,
        price,
        recommendation::Recommendation,
        verdict::{Judgement, Verdict},
    },
    model::{
        account::Account,
        before_deletion::BeforeDeletion,
        dependents::Dependents,
        gap::Gap,
        key_policy::Guard,
        layout::ReportFile,
        reading::{KeyKind, KeyReading, LastUse, Manager, Usage},
        region::{GLOBAL, Region},
        time::{date, idle_days},
    },
};

/// Reads the keys of a run of `now`, with what was said `before` of those that differ.
pub(super) fn read(
    csv: &[u8],
    now: Timestamp,
    before: &HashMap<Identity, Previous>,
) -> Result<Vec<JudgedKey>, Damage> {
    let day = date(now);
    let mut last: Option<(Arc<Account>, Arc<str>)> = None;
    rows(ReportFile::KeysCsv, csv, &COLUMNS, |row| {
        row.is_of(day)?;
        // Rows of an account stand together, and share what is said of it.
        let (account, ou_path) = match last.take() {
            Some((account, ou_path)) if is_of(row, &account, &ou_path) => (account, ou_path),
            _ => account(row)?,
        };
        last = Some((Arc::clone(&account), Arc::clone(&ou_path)));
        let detail = detail(row)?;
        let rest_of_set = rest_of_set(row, detail.rest_of_set.clone())?;
        let key = key(row, account, detail)?;
        let judged = JudgedKey {
            ou_path,
            judgement: Judgement {
                verdict: row.cell("verdict").word(&Verdict::ALL, Verdict::as_str)?,
                idle_days: row.cell("idle_days").number()?,
            },
            age_days: key.created_at.map(|created| idle_days(created, now)),
            recommendation: row
                .cell("recommendation")
                .word(&Recommendation::ALL, Recommendation::as_str)?,
            monthly_cents: cents(row)?,
            history: history(row, before)?,
            rest_of_set: rest_of_set.map(Box::new),
            key,
        };
        match row.cell("flagged").truth()? == judged.is_flagged() {
            true => Ok(judged),
            false => Err(row.cell("flagged").damage(format_args!(
                "{}, by verdict and exempt",
                judged.is_flagged()
            ))),
        }
    })
}

fn is_of(row: Row<'_>, account: &Account, ou_path: &str) -> bool {
    row.cell("account_id").text == account.id.as_str()
        && row.cell("account_name").free() == account.name
        && row.cell("ou_path").free() == ou_path
}

fn account(row: Row<'_>) -> Result<(Arc<Account>, Arc<str>), Damage> {
    let account = Account {
        id: row.account_id()?,
        name: row.cell("account_name").free().to_owned(),
    };
    Ok((Arc::new(account), row.cell("ou_path").free().into()))
}

fn detail(row: Row<'_>) -> Result<Detail, Damage> {
    let cell = row.cell("detail");
    let read = detail::read(cell.free(), row.gap_cause()?).ok_or_else(|| {
        cell.damage("what this version of Keycensus says, or the file is of another one")
    })?;
    row.agrees_with(read.usage_gap.as_ref())?;
    Ok(read)
}

fn key(row: Row<'_>, account: Arc<Account>, detail: Detail) -> Result<KeyReading, Damage> {
    let free = |column| row.cell(column).free().to_owned();
    let optional = |column| row.cell(column).optional_free();
    let region = row.cell("region");
    let created_at = row.cell("created_at").moment()?;
    let is_exempt = row.cell("exempt").truth()?;
    if is_exempt != detail.exemption.is_some() {
        let right =
            "as exempt is: with \"exempt: \" and the reason for a key that is, and for no other";
        return Err(row.cell("detail").damage(right));
    }
    Ok(KeyReading {
        account,
        region: match region.text {
            GLOBAL => None,
            _ => Some(region.parsed(Region::parse, "a Region or global")?),
        },
        kind: row.cell("kind").word(&KeyKind::ALL, KeyKind::as_str)?,
        key_id: free("key_id"),
        arn: free("arn"),
        names: match row.cell("name").free() {
            "" => Vec::new(),
            names => names.split(';').map(str::to_owned).collect(),
        },
        owner: optional("owner"),
        exemption: detail.exemption,
        manager: row
            .cell("manager")
            .optional_word(&Manager::ALL, Manager::as_str)?,
        state: optional("state"),
        created_at,
        usage: match (
            used(row)?,
            row.cell("tracked_since").moment()?,
            detail.usage_gap,
        ) {
            (Some(last_use), _, _) => Usage::Recorded(last_use),
            (None, Some(tracked_since), _) => Usage::NoneRecorded {
                tracked_since,
                created_at,
            },
            (None, None, Some(gap)) => Usage::Unreadable(gap),
            (None, None, None) => Usage::NotAsked,
        },
        told_at: detail.told_at,
        tags_gap: detail.tags_gap,
        multi_region: None,
        rotations: None,
        before_deletion: before_deletion(row, detail.dependents_gaps)?,
    })
}

/// What the row says of a deletion, with what could not be asked of its dependents.
fn before_deletion(row: Row<'_>, gaps: Vec<Gap>) -> Result<Option<Box<BeforeDeletion>>, Damage> {
    let guard = row.cell("guard_days");
    let read = BeforeDeletion {
        deletion_date: row.cell("deletion_date").moment()?,
        guard: match guard.text {
            "" => None,
            _ => Some(guard.parsed(
                Guard::parse,
                "a number of days, always, or partial: and one of these",
            )?),
        },
        dependents: dependents(row, gaps)?,
    };
    Ok((read != BeforeDeletion::default()).then(|| Box::new(read)))
}

fn dependents(row: Row<'_>, gaps: Vec<Gap>) -> Result<Option<Dependents>, Damage> {
    let checked = row.cell("dependents_checked");
    let was_asked = !checked.text.is_empty() && (checked.text != "no" || !gaps.is_empty());
    let found = row.cell("dependents");
    let read = Dependents {
        gaps,
        ..found.parsed(
            |_| Dependents::parse(found.free()),
            "what was found, such as ebs_volumes=3;grants=iam:1",
        )?
    };
    if was_asked && read.checked() == checked.free() {
        return Ok(Some(read));
    }
    match !was_asked && read == Dependents::default() {
        true => Ok(None),
        false => Err(checked.damage("as dependents and detail say")),
    }
}

fn used(row: Row<'_>) -> Result<Option<LastUse>, Damage> {
    let optional = |column| row.cell(column).optional_free();
    let Some(at) = row.cell("last_used_at").moment()? else {
        return Ok(None);
    };
    Ok(Some(LastUse {
        at,
        operation: optional("last_operation"),
        service: optional("last_service"),
        region: optional("last_used_region"),
        cloudtrail_event_id: optional("cloudtrail_event_id"),
        kms_request_id: optional("kms_request_id"),
        tracked_since: row.cell("tracked_since").moment()?,
    }))
}

/// Dollars with two decimals as cents.
fn cents(row: Row<'_>) -> Result<Option<u64>, Damage> {
    let cell = row.cell("monthly_cost_usd");
    match cell.text {
        "" => Ok(None),
        _ => cell.parsed(price::cents, "dollars such as 1.00").map(Some),
    }
}

/// What the rest of a flagged key's set says: `told`, or nothing, which says that
/// the set is idle.
fn rest_of_set(row: Row<'_>, told: Option<RestOfSet>) -> Result<Option<RestOfSet>, Damage> {
    let set = row.cell("multi_region_set");
    let is_flagged = row.cell("flagged").truth()?;
    if !["", row.cell("key_id").text].contains(&set.text) {
        return Err(set.damage("empty or the key's ID"));
    }
    match (set.text.is_empty(), is_flagged) {
        (false, true) => Ok(Some(told.unwrap_or(RestOfSet::Idle))),
        _ => Ok(None),
    }
}

fn history(row: Row<'_>, before: &HashMap<Identity, Previous>) -> Result<History, Damage> {
    let change = row
        .cell("change")
        .optional_word(&Change::ALL, Change::as_str)?;
    let previous = match change {
        None | Some(Change::New | Change::Same) => None,
        Some(_) => match before.get(&identity(row)?) {
            Some(previous) => Some(Box::new(previous.clone())),
            None => {
                return Err(row.damage(
                    "changes.csv has no row for this key, which differs: it is cut, or of another run"
                        .to_owned(),
                ));
            }
        },
    };
    Ok(History {
        change,
        first_flagged_on: row.cell("first_flagged_on").date()?,
        disabled_since: row.cell("disabled_since").date()?,
        previous,
    })
}
