//! Where flagged keys and gaps are: accounts by Region.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{AccountName, counted_if_any, grouped, words};
use crate::judge::{
    findings::cells::{AccountCells, RegionCell},
    report::Report,
};

pub(crate) const ACCOUNTS_SHOWN: usize = 40;
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

impl HeatMap {
    pub(super) fn of(report: &Report) -> Self {
        let accounts = &report.findings.cells;
        let accounts_left_out = accounts.all().saturating_sub(ACCOUNTS_SHOWN as u64);
        let rows: Vec<_> = accounts.iter().take(ACCOUNTS_SHOWN).map(Row::of).collect();

        let cells = || rows.iter().flat_map(|row| &row.cells);
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
                .map(|row| heat_row(row, &shown, levels))
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

/// An account with its cells by the column that each is in.
struct Row<'a> {
    account: &'a AccountCells,
    cells: BTreeMap<&'a str, RegionCell>,
}

impl<'a> Row<'a> {
    fn of(account: &'a AccountCells) -> Self {
        let cells = account
            .regions
            .iter()
            .map(|(region, cell)| match &**region {
                "*" => (OTHER_REGIONS, *cell),
                region => (region, *cell),
            });
        Self {
            account,
            cells: cells.collect(),
        }
    }
}

fn heat_row(row: &Row, regions: &BTreeSet<&str>, levels: &Levels) -> HeatRow {
    let cell = |region: &&str| cell_text(row.cells.get(region), levels);
    HeatRow {
        account: AccountName::of(&row.account.account),
        cells: match row.account.is_entered {
            true => regions.iter().map(cell).collect(),
            false => Vec::new(),
        },
    }
}

fn cell_text(cell: Option<&RegionCell>, levels: &Levels) -> HeatCell {
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
