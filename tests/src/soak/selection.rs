//! What settings select is what is read, and a name that selects nothing is in the coverage.

use keycensus_sim::{
    World,
    world::{Account, AccountState},
};
use serde_json::Value;

use super::Row;
use crate::Scenario;

/// The names in a setting that is a list; none where it selects everything.
fn names<'a>(scenario: &'a Scenario, variable: &str) -> Vec<&'a str> {
    let mut environment = scenario.environment.iter();
    let found = environment.find(|(name, _)| name == variable);
    let text = found.map_or("", |(_, text)| text);
    text.split(',').filter(|name| !name.is_empty()).collect()
}

/// Whether the settings ask for a Region.
pub(super) fn has_region(scenario: &Scenario, region: &str) -> bool {
    let named = names(scenario, "KEYCENSUS_REGIONS");
    named.is_empty() || named.contains(&region)
}

/// Whether the settings ask for an account, and it is active.
pub(super) fn has_account(scenario: &Scenario, account: &Account) -> bool {
    let named = names(scenario, "KEYCENSUS_ORGANIZATIONAL_UNITS");
    let above = above(scenario.aws.world(), account);
    let is_selected = named.is_empty() || above.iter().any(|unit| named.contains(unit));
    account.state == AccountState::Active && is_selected
}

/// The units above an account, and the root.
fn above<'a>(world: &'a World, account: &'a Account) -> Vec<&'a str> {
    let mut above = vec![account.parent.as_str()];
    let parent_of = |id: &str| world.organizational_units.iter().find(|unit| unit.id == id);
    while let Some(unit) = above.last().and_then(|id| parent_of(id)) {
        above.push(&unit.parent);
    }
    above
}

/// Whether a row is of something that was to be read and was not.
pub(super) fn is_gap(row: &Row) -> bool {
    !["scanned", "skipped"].contains(&&*row["status"])
}

pub(super) fn is_covered(
    scenario: &Scenario,
    coverage: &[Row],
    summary: &Value,
    broken: &mut Vec<String>,
) {
    let world = scenario.aws.world();
    if summary["coverage"]["complete"] == coverage.iter().any(is_gap) {
        broken.push("complete and gaps disagree".to_owned());
    }
    for account in &world.accounts {
        let is_asked_for = has_account(scenario, account);
        for row in coverage
            .iter()
            .filter(|row| row["account_id"] == account.id)
        {
            let of_account = row.values(["kind", "status"]);
            if is_asked_for && of_account == ["*", "skipped"] {
                broken.push(format!("account {} is left out", account.id));
            }
            if !is_asked_for && of_account[0] != "*" {
                broken.push(format!("account {} is read", account.id));
            }
        }
    }
    for unit in names(scenario, "KEYCENSUS_ORGANIZATIONAL_UNITS") {
        let mut units = world.organizational_units.iter();
        let exists = unit == world.organization.root || units.any(|one| one.id == unit);
        let mut rows = coverage.to_vec();
        rows.retain(|row| row["account_id"].is_empty() && row["detail"].contains(unit));
        if !exists && !rows.iter().any(is_gap) {
            broken.push(format!("{unit} is not there, and passed over"));
        }
        let is_not_found = |row: &Row| row["error_code"] == "OrganizationalUnitNotFound";
        if exists && rows.iter().any(is_not_found) {
            broken.push(format!("{unit} is there, and not found"));
        }
    }
}
