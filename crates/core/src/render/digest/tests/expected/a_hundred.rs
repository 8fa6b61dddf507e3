//! A world of a hundred flagged keys.

use super::{IN_USE, named};
use crate::{
    examples::{access_key, account, of_set, root_key, scanned, with_coverage},
    model::{
        cause::Cause,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        organization_reading::Reading,
        reading::Usage,
    },
};

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// A hundred flagged keys, with each part that a digest can have: the night before and this one.
pub(super) fn a_hundred() -> (Reading, Reading) {
    let names = [
        "payments-prod",
        "storefront-prod",
        "data-platform",
        "legacy",
        "sandbox-anna",
    ];
    let accounts: Vec<_> = (2..)
        .zip(names)
        .map(|(n, name)| account(n * 111_111_111_111, name))
        .collect();
    let [payments, storefront, data, legacy, sandbox] = accounts.as_slice() else {
        unreachable!()
    };
    let mut keys = Vec::new();
    for n in 0..89 {
        let account = [payments, data, data, legacy, legacy, legacy][n % 6];
        let used = format!("2026-0{}-{:02}T11:00:00Z", 5 + n % 3, 1 + n % 28);
        let mut key = named(account, 100 + n, &format!("batch-{n}"), &used);
        key.owner = [Some("data"), Some("finance"), None][n % 3].map(str::to_owned);
        key.rotations = Some(n as u32 % 4);
        keys.push(key);
    }
    for n in 0..5 {
        keys.push(access_key(
            payments,
            &format!("deploy-{n}"),
            n,
            "2026-06-01T00:00:00Z",
        ));
        keys.push(access_key(data, &format!("etl-{n}"), 10 + n, IN_USE));
    }
    let replica = named(data, 300, "feature-store", "2026-05-05T00:00:00Z");
    keys.push(of_set(replica.clone(), "mrk-5d1f", "us-east-1", &REGIONS));
    keys.push(of_set(
        named(data, 300, "feature-store", IN_USE),
        "mrk-5d1f",
        "eu-west-1",
        &REGIONS,
    ));
    keys.push(of_set(replica.clone(), "mrk-77ab", "us-east-1", &REGIONS));
    keys.push(of_set(replica, "mrk-77ab", "eu-west-1", &REGIONS));
    keys.push(root_key(legacy, 1, "2026-11-02T00:00:00Z"));
    let coverage: Vec<_> = accounts
        .iter()
        .flat_map(|account| {
            [Some("eu-west-1"), Some("us-east-1"), None].map(|region| scanned(account, region))
        })
        .collect();
    let before = Reading {
        keys: [
            keys.clone(),
            vec![
                named(storefront, 400, "gift-cards-2022", "2026-05-20T00:00:00Z"),
                named(storefront, 401, "checkout", "2026-08-23T03:00:00Z"),
                named(storefront, 402, "coupons", "2026-05-20T00:00:00Z"),
                named(sandbox, 500, "tutorial", "2026-05-20T00:00:00Z"),
                access_key(payments, "contractor", 77, "2026-05-20T00:00:00Z"),
            ],
        ]
        .concat(),
        coverage: coverage.clone(),
        ..Reading::default()
    };
    let mut refused = named(payments, 600, "hsm-export", IN_USE);
    let gap = Gap::unanswered(
        "kms:GetKeyLastUsage",
        "AccessDeniedException",
        Cause::REFUSED,
    );
    refused.usage = Usage::Unreadable(gap.clone());
    keys.extend([
        named(storefront, 401, "checkout", "2026-08-23T01:00:00Z"),
        named(storefront, 402, "coupons", IN_USE),
        named(data, 403, "imported-2024", "2026-05-20T00:00:00Z"),
        access_key(data, "anna", 78, "2026-05-20T00:00:00Z"),
        refused,
    ]);
    let mut tonight = with_coverage(keys, coverage);
    tonight
        .coverage
        .retain(|row| row.account_id() != Some(sandbox.id));
    for row in &mut tonight.coverage {
        match &row.scope {
            Scope::Cell {
                region: Some(region),
                ..
            } if row.account_id() == Some(payments.id) => {
                if region.as_str() == "eu-west-1" {
                    row.status = CoverageStatus::Partial;
                    row.detail = format!("{gap} (1 key)");
                } else {
                    let gap =
                        Gap::unanswered("kms:ListKeys", "AccessDeniedException", Cause::REFUSED);
                    let scope = row.scope.clone();
                    *row = CoverageRow::unlisted(
                        payments,
                        scope,
                        CoverageStatus::Denied,
                        Some(gap),
                        "",
                    );
                }
            }
            Scope::Cell { region: None, .. } if row.account_id() == Some(storefront.id) => {
                *row = CoverageRow::unlisted(
                    storefront,
                    row.scope.clone(),
                    CoverageStatus::Deferred,
                    Some(Gap::NoTimeLeft),
                    "",
                );
            }
            _ => {}
        }
    }
    let denied = Gap::unanswered("sts:AssumeRole", "AccessDenied", Cause::REFUSED);
    tonight.coverage.push(CoverageRow::unlisted(
        sandbox,
        Scope::WholeAccount,
        CoverageStatus::Unreachable,
        Some(denied),
        &format!("role arn:aws:iam::{}:role/KeycensusReader", sandbox.id),
    ));
    (before, tonight)
}
