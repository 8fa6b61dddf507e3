use super::{cost, flagged};
use crate::examples::{access_key, account, first_report, kms_key, with_keys};

const LONG_AGO: &str = "2026-01-01T00:00:00Z";
const YESTERDAY: &str = "2026-11-20T02:00:07Z";

#[test]
fn accounts_are_ranked_by_flagged_keys_and_by_what_those_cost() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let report = first_report(with_keys(vec![
        kms_key(&one, 1, LONG_AGO),
        kms_key(&one, 2, YESTERDAY),
        access_key(&two, "ci", 3, LONG_AGO),
        access_key(&two, "ci", 4, LONG_AGO),
    ]));

    let flagged = flagged(&report);
    let rows: Vec<_> = flagged
        .rows
        .iter()
        .map(|row| format!("{} {} {}", row.account.name, row.value, row.bar))
        .collect();
    assert_eq!(rows, ["two 2 100.00", "one 1 50.00"]);

    // Access keys cost nothing.
    let cost = cost(&report);
    let rows: Vec<_> = cost
        .rows
        .iter()
        .map(|row| format!("{} {} of {}", row.account.name, row.value, row.whole))
        .collect();
    assert_eq!(rows, ["one 1.00 of 2.00"]);
    assert_eq!(cost.total, "1.00");
}

#[test]
fn what_is_cut_is_shown_with_its_sum() {
    let keys = (0..23).flat_map(|n| {
        let account = account(n, "any");
        [1, 2].map(|key| kms_key(&account, key, LONG_AGO))
    });
    let report = first_report(with_keys(keys.collect()));
    assert_eq!(flagged(&report).rows.len(), 20);
    assert_eq!(flagged(&report).left_out, "6 more in 3 accounts");
    assert_eq!(cost(&report).left_out, "6.00 more in 3 accounts");
    assert_eq!(cost(&report).total, "46.00");
}
