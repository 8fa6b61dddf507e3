//! Where flagged keys and gaps are: accounts by Region.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::words::{AccountName, counted_if_any, grouped, region_text, words};
use crate::{
    judge::report::Report,
    model::{
        account::{Account, AccountId},
        coverage::{CoverageStatus, Scope},
    },
};

const ACCOUNTS_SHOWN: usize = 40;
/// From how many flagged keys on a cell gets the next darker colour.
type Levels = [u64; 5];
const FEW: Levels = [1, 2, 5, 10, 25];
const MANY: Levels = [1, 5, 20, 50, 100];

/// The accounts with something flagged or missing, and the Regions where it is.
pub(super) struct HeatMap {
    pub(super) regions: Vec<String>,
    pub(super) rows: Vec<HeatRow>,
    /// What was left out; empty where nothing was.
    pub(super) accounts_left_out: String,
    /// Regions of these accounts with nothing to see; empty where there are none.
    pub(super) regions_left_out: String,
    pub(super) legend: Vec<HeatCell>,
}

/// One account.
pub(super) struct HeatRow {
    pub(super) account: AccountName,
    /// One for each Region; none where the account was not entered.
    pub(super) cells: Vec<HeatCell>,
}

/// One account in one Region.
pub(super) struct HeatCell {
    /// Its colours.
    pub(super) class: String,
    /// What it shows.
    pub(super) text: String,
    /// Further text for screen readers; empty where there is none.
    pub(super) spoken: String,
}

#[derive(Default)]
struct Row<'a> {
    account: Option<&'a Account>,
    entered: bool,
    cells: BTreeMap<&'a str, Cell>,
}

#[derive(Default)]
struct Cell {
    flagged: u64,
    gap: Option<CoverageStatus>,
}

impl Cell {
    fn is_quiet(&self) -> bool {
        self.flagged == 0 && self.gap.is_none()
    }
}

impl Row<'_> {
    /// How much there is to look at: flagged keys, then gaps. An account that was
    /// not entered is the largest gap of all.
    fn weight(&self) -> (u64, usize) {
        let flagged = self.cells.values().map(|cell| cell.flagged).sum();
        let gaps = self.cells.values().filter(|cell| cell.gap.is_some());
        (
            flagged,
            if self.entered {
                gaps.count()
            } else {
                usize::MAX
            },
        )
    }
}

impl HeatMap {
    pub(super) fn of(report: &Report) -> Self {
        let mut rows: Vec<(AccountId, Row)> = rows(report).into_iter().collect();
        rows.retain(|(_, row)| row.weight() > (0, 0));
        rows.sort_by_key(|(_, row)| Reverse(row.weight()));
        let accounts_left_out = rows.len().saturating_sub(ACCOUNTS_SHOWN) as u64;
        rows.truncate(ACCOUNTS_SHOWN);

        let cells = || rows.iter().flat_map(|(_, row)| &row.cells);
        let all: BTreeSet<&str> = cells().map(|(region, _)| *region).collect();
        let shown: BTreeSet<&str> = cells()
            .filter(|(_, cell)| !cell.is_quiet())
            .map(|(region, _)| *region)
            .collect();
        let most = cells().map(|(_, cell)| cell.flagged).max();
        let levels = if most >= Some(MANY[4]) { &MANY } else { &FEW };
        Self {
            regions: shown.iter().map(|region| (*region).to_owned()).collect(),
            rows: rows
                .iter()
                .filter_map(|(_, row)| heat_row(row, &shown, levels))
                .collect(),
            accounts_left_out: counted_if_any(accounts_left_out, "more account", "more accounts"),
            regions_left_out: counted_if_any(
                (all.len() - shown.len()) as u64,
                "other Region",
                "other Regions",
            ),
            legend: legend(levels),
        }
    }
}

/// The column of Regions that are not known.
const OTHER_REGIONS: &str = "other Regions";

fn rows(report: &Report) -> BTreeMap<AccountId, Row<'_>> {
    let mut rows: BTreeMap<AccountId, Row> = BTreeMap::new();
    for covered in &report.coverage {
        let Some(account) = &covered.account else {
            continue;
        };
        let region = match &covered.scope {
            Scope::WholeAccount if covered.status.is_gap() => {
                rows.entry(account.id).or_default().account = Some(account);
                continue;
            }
            Scope::WholeAccount => continue,
            Scope::EveryRegion { .. } => OTHER_REGIONS,
            Scope::Cell { region, .. } => region_text(region.as_ref()),
        };
        let row = rows.entry(account.id).or_default();
        row.account = Some(account);
        row.entered = true;
        let cell = row.cells.entry(region).or_default();
        // Two kinds may share a Region: the worse of them is shown.
        let gap = covered.status.is_gap().then_some(covered.status);
        cell.gap = cell.gap.max(gap);
    }
    for judged in report.flagged() {
        let row = rows.entry(judged.key.account.id).or_default();
        row.account = Some(&judged.key.account);
        row.entered = true;
        row.cells.entry(judged.region()).or_default().flagged += 1;
    }
    rows
}

fn heat_row(row: &Row, regions: &BTreeSet<&str>, levels: &Levels) -> Option<HeatRow> {
    let cell = |region: &&str| cell_text(row.cells.get(region), levels);
    Some(HeatRow {
        account: AccountName::of(row.account?),
        cells: if row.entered {
            regions.iter().map(cell).collect()
        } else {
            Vec::new()
        },
    })
}

fn cell_text(cell: Option<&Cell>, levels: &Levels) -> HeatCell {
    let Some(cell) = cell else {
        return heat_cell("absent", "–", "not read: not asked for");
    };
    let colour = colour(cell.flagged, levels);
    match (cell.gap, cell.flagged) {
        (None, 0) => heat_cell("clear", "0", ""),
        (None, n) => heat_cell(&colour, &grouped(n), ""),
        (Some(status), 0) => heat_cell("gap", "", &words(status.as_str())),
        (Some(status), n) => heat_cell(
            &format!("gap {colour}"),
            &grouped(n),
            &words(status.as_str()),
        ),
    }
}

fn heat_cell(class: &str, text: &str, spoken: &str) -> HeatCell {
    HeatCell {
        class: class.to_owned(),
        text: text.to_owned(),
        spoken: spoken.to_owned(),
    }
}

fn colour(flagged: u64, levels: &Levels) -> String {
    format!(
        "level-{}",
        levels.partition_point(|level| *level <= flagged)
    )
}

/// One cell of every colour.
fn legend(levels: &Levels) -> Vec<HeatCell> {
    let mut legend = vec![heat_cell("clear", "0", "")];
    for (n, from) in levels.iter().copied().enumerate() {
        let text = match levels.get(n + 1) {
            Some(next) if next - from == 1 => from.to_string(),
            Some(next) => format!("{from}–{}", next - 1),
            None => format!("{from}+"),
        };
        legend.push(heat_cell(&colour(from, levels), &text, ""));
    }
    legend
}

#[cfg(test)]
mod tests;
