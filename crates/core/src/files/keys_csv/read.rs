//! `keys.csv` read back.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::{IDLE, IN_USE, NOT_KNOWN, NOT_REPORTED};
use crate::{
    files::{
        csv_text::text,
        damage::Damage,
        gap_cell::{self, KeyGaps},
        table::Row,
    },
    judge::{
        history::{Change, History},
        judged_key::JudgedKey,
        multi_region::RestOfSet,
        price,
        recommendation::Recommendation,
        verdict::{Judgement, Verdict},
    },
    model::{
        account::Account,
        before_deletion::BeforeDeletion,
        cause::Cause,
        dependents::Dependents,
        gap::Gap,
        key_policy::Guard,
        layout::ReportFile,
        reading::{KeyKind, KeyReading, LastUse, Manager, MultiRegion, MultiRegionRole, Usage},
        refused_uses::{RefusedUse, RefusedUses},
        region::{GLOBAL, Region},
        secret,
    },
};

/// Reads the rows of one night, one after the other. The age of a key, and the previous verdict and
/// state of one that differs, are not in the file.
#[derive(Debug, Default)]
pub(crate) struct KeyRows {
    /// The date of the night; `None` before the first row where any is taken.
    pub(crate) scan_date: Option<Date>,
    last: Option<(Arc<Account>, Arc<str>)>,
}

impl KeyRows {
    /// Takes the rows of one day only.
    pub(crate) fn of(day: Date) -> Self {
        Self {
            scan_date: Some(day),
            last: None,
        }
    }

    /// Reads a row. What columns would hold that the file lacks is not known, and counts as not
    /// known.
    ///
    /// # Errors
    /// The row is not as this version writes it, or of another night than those before.
    pub(crate) fn read(&mut self, row: Row<'_>) -> Result<JudgedKey, Damage> {
        row.is_of(*self.scan_date.get_or_insert(row.scan_date()?))?;
        // Rows of an account are adjacent, and share its name and path.
        let (account, ou_path) = match self.last.take() {
            Some((account, ou_path)) if is_of(row, &account, &ou_path) => (account, ou_path),
            _ => account(row)?,
        };
        self.last = Some((Arc::clone(&account), Arc::clone(&ou_path)));
        let judged = JudgedKey {
            ou_path,
            judgement: Judgement {
                verdict: row.cell("verdict").word(&Verdict::ALL, Verdict::as_str)?,
                idle_days: row.cell("idle_days").number::<u32>()?.map(i64::from),
            },
            age_days: None,
            recommendation: row
                .cell("recommendation")
                .word(&Recommendation::ALL, Recommendation::as_str)?,
            monthly_cents: cents(row)?,
            history: history(row)?,
            rest_of_set: rest_of_set(row)?.map(Box::new),
            key: key(row, account)?,
        };
        match row.cell("flagged").truth()? == judged.is_flagged() {
            true => Ok(judged),
            false => Err(row.cell("flagged").damage(format_args!(
                "{}, by verdict and exempt",
                judged.is_flagged()
            ))),
        }
    }
}

/// What is wrong with a file that has two rows for a key.
pub(crate) fn appears_twice(judged: &JudgedKey) -> Damage {
    let (key_id, account) = (&judged.key.key_id, judged.key.account.id);
    let problem = format!("{key_id} of account {account} appears twice");
    Damage::of(ReportFile::KeysCsv, problem)
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

fn key(row: Row<'_>, account: Arc<Account>) -> Result<KeyReading, Damage> {
    let free = |column| row.cell(column).free().to_owned();
    let optional = |column| row.cell(column).optional_free();
    let region = row.cell("region");
    let created_at = row.cell("created_at").timestamp()?;
    let kind = row.cell("kind").word(&KeyKind::ALL, KeyKind::as_str)?;
    let gaps = gaps(row)?;
    let usage = match kind {
        KeyKind::Secret => usage_of_secret(row, created_at, gaps.usage)?,
        _ => usage(row, created_at, gaps.usage)?,
    };
    Ok(KeyReading {
        account,
        region: match region.text {
            GLOBAL => None,
            _ => Some(region.parsed(Region::parse, "a Region or global")?),
        },
        kind,
        key_id: free("key_id"),
        arn: free("arn"),
        names: match row.cell("name").free() {
            "" => Vec::new(),
            names => names.split(';').map(str::to_owned).collect(),
        },
        owner: optional("owner"),
        exemption: exemption(row)?,
        manager: row
            .cell("manager")
            .optional_word(&Manager::ALL, Manager::as_str)?,
        state: optional("state"),
        created_at,
        expires_at: row.cell("expires_at").timestamp()?,
        usage_read_at: match &usage {
            Usage::Recorded(_) | Usage::NoneRecorded { .. } => {
                row.cell("usage_read_at").timestamp()?
            }
            Usage::NotRead | Usage::Unreadable(_) => None,
        },
        usage,
        tags_gap: gaps.tags,
        multi_region: match kind {
            KeyKind::Secret => set_of_secret(row)?,
            _ => None,
        },
        rotations: None,
        before_deletion: before_deletion(row, gaps.dependents, gaps.refused_uses)?,
    })
}

fn gaps(row: Row<'_>) -> Result<KeyGaps, Damage> {
    let cell = row.cell("gaps");
    let gaps = gap_cell::read_of_key(cell.free())
        .ok_or_else(|| cell.damage("empty or a list of gaps, as a census writes it"))?;
    if !row.has("gaps") {
        // Any detail of an earlier version may mean that tags were not read.
        let may_lack_tags = !row.cell("detail").text.is_empty();
        let unknown = || Gap::unanswered("keycensus:Plan", "OlderReport", Cause::UnreadableAnswer);
        return Ok(KeyGaps {
            tags: may_lack_tags.then(unknown),
            ..gaps
        });
    }
    let cause = gaps.usage.as_ref().map_or("", |gap| gap.cause().as_str());
    let cell = row.cell("gap_cause");
    match cell.text == cause {
        true => Ok(gaps),
        false => {
            Err(cell.damage("the cause of the gap of usage in gaps, and empty where there is none"))
        }
    }
}

/// Why the key is exempt; `None` where it is not.
fn exemption(row: Row<'_>) -> Result<Option<String>, Damage> {
    let reason = row.cell("exempt_reason");
    match row.cell("exempt").truth()? {
        true => Ok(Some(reason.free().to_owned())),
        false if reason.text.is_empty() => Ok(None),
        false => Err(reason.damage("empty, where exempt is false")),
    }
}

fn usage(row: Row<'_>, created_at: Option<Timestamp>, gap: Option<Gap>) -> Result<Usage, Damage> {
    let tracked_since = row.cell("tracked_since").timestamp()?;
    Ok(match (used(row)?, tracked_since, gap) {
        (Some(last_use), _, _) => Usage::Recorded(last_use),
        (None, Some(tracked_since), _) => Usage::NoneRecorded {
            tracked_since,
            created_at,
        },
        (None, None, Some(gap)) => Usage::Unreadable(gap),
        (None, None, None) => Usage::NotRead,
    })
}

/// The usage of a secret: since when retrievals are recorded is not known.
fn usage_of_secret(
    row: Row<'_>,
    created_at: Option<Timestamp>,
    gap: Option<Gap>,
) -> Result<Usage, Damage> {
    Ok(match (usage(row, None, gap)?, created_at) {
        (Usage::NotRead, Some(created_at)) => secret::none_recorded(created_at),
        (usage, _) => usage,
    })
}

/// The set of a secret, where it is of one. Only its own role is in the file.
fn set_of_secret(row: Row<'_>) -> Result<Option<Box<MultiRegion>>, Damage> {
    if row.cell("multi_region_set").text.is_empty() {
        return Ok(None);
    }
    let role = row.cell("multi_region_role");
    Ok(Some(Box::new(MultiRegion {
        role: role.word(&MultiRegionRole::ALL, MultiRegionRole::as_str)?,
        primary_region: String::new(),
        replica_regions: Vec::new(),
    })))
}

/// What was read for the deletion, with the gaps of its dependents and refused uses.
fn before_deletion(
    row: Row<'_>,
    gaps: Vec<Gap>,
    refused_gap: Option<Gap>,
) -> Result<Option<Box<BeforeDeletion>>, Damage> {
    let guard = row.cell("guard_days");
    let read = BeforeDeletion {
        deletion_date: row.cell("deletion_date").timestamp()?,
        guard: match guard.text {
            "" => None,
            _ => Some(guard.parsed(
                Guard::parse,
                "a number of days, always, or partial: and one of these",
            )?),
        },
        dependents: dependents(row, gaps)?,
        refused_uses: refused_uses(row, refused_gap)?,
    };
    Ok((read != BeforeDeletion::default()).then(|| Box::new(read)))
}

/// What was found of refused uses; `None` where they were not looked for.
fn refused_uses(row: Row<'_>, gap: Option<Gap>) -> Result<Option<RefusedUses>, Damage> {
    let by = row.cell("refused_last_by");
    let last = row.cell("refused_last_at").timestamp()?;
    if last.is_none() && !by.text.is_empty() {
        return Err(by.damage("empty, where refused_last_at is empty"));
    }
    let read = RefusedUses {
        count: row.cell("refused_uses").number()?,
        last: last.map(|at| RefusedUse {
            at,
            by: by.free().to_owned(),
        }),
        gap,
    };
    Ok((read != RefusedUses::default()).then_some(read))
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
    if was_asked && text(read.checked()) == checked.text {
        return Ok(Some(read));
    }
    match !was_asked && read == Dependents::default() {
        true => Ok(None),
        false => Err(checked.damage("as dependents and gaps say")),
    }
}

fn used(row: Row<'_>) -> Result<Option<LastUse>, Damage> {
    let optional = |column| row.cell(column).optional_free();
    let Some(at) = row.cell("last_used_at").timestamp()? else {
        return Ok(None);
    };
    Ok(Some(LastUse {
        at,
        operation: optional("last_operation"),
        service: optional("last_service"),
        region: optional("last_used_region"),
        cloudtrail_event_id: optional("cloudtrail_event_id"),
        kms_request_id: optional("kms_request_id"),
        tracked_since: row.cell("tracked_since").timestamp()?,
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

/// The rest of a flagged key's set.
fn rest_of_set(row: Row<'_>) -> Result<Option<RestOfSet>, Damage> {
    let set = row.cell("multi_region_set");
    if !["", row.cell("key_id").text].contains(&set.text) {
        return Err(set.damage("empty or the key's ID"));
    }
    let word = row.cell("rest_of_set");
    let regions = || {
        let regions = row.cell("rest_of_set_regions").free().split(';');
        regions.map(str::to_owned).collect()
    };
    let role = || {
        let role = row.cell("multi_region_role");
        role.word(&MultiRegionRole::ALL, MultiRegionRole::as_str)
    };
    let is_flagged = row.cell("flagged").truth()?;
    let is_of_set = !set.text.is_empty() || row.cell("key_id").text.starts_with("mrk-");
    let rest = match word.text {
        // The file is of a version without the column.
        "" if is_of_set && is_flagged && !row.has("rest_of_set") => {
            return Ok(Some(RestOfSet::NotReported));
        }
        "" => None,
        IDLE => Some(RestOfSet::Idle),
        NOT_REPORTED => Some(RestOfSet::NotReported),
        IN_USE => Some(RestOfSet::InUse {
            role: role()?,
            regions: regions(),
        }),
        NOT_KNOWN => Some(RestOfSet::NotKnown {
            role: role()?,
            regions: regions(),
        }),
        _ => {
            let words = [IDLE, IN_USE, NOT_KNOWN, NOT_REPORTED].join(", ");
            return Err(word.damage(format_args!("empty or one of {words}")));
        }
    };
    match rest.is_some() == (is_flagged && !set.text.is_empty()) {
        true => Ok(rest),
        false => {
            Err(word.damage("given for a flagged key of a multi-Region set, and for no other"))
        }
    }
}

/// The history. The previous verdict and state of a key that differs are in `changes.csv`.
fn history(row: Row<'_>) -> Result<History, Damage> {
    Ok(History {
        change: row
            .cell("change")
            .optional_word(&Change::ALL, Change::as_str)?,
        first_flagged_on: row.cell("first_flagged_on").date()?,
        disabled_since: row.cell("disabled_since").date()?,
        previous: None,
        last: None,
    })
}
