//! What is kept is enough: digest and page say the same as if everything were kept.

use std::sync::Arc;

use proptest::prelude::*;

use super::limits::{ByAccountLimits, Limits};
use crate::{
    arbitrary::{reading, run},
    examples::{
        FIRST_CENSUS, access_key, account, cell, first_report, kms_key, last_run, report_of,
        root_key, scanned, with_keys,
    },
    judge::{last_run::LastRun, whole_report::WholeReport},
    model::{
        account::Account,
        before_deletion::BeforeDeletion,
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        dependents::Dependents,
        gap::Gap,
        organization_reading::Reading,
        reading::{KeyKind, KeyReading},
    },
    render::{digest::compose, html, limits::LIMITS},
};

const LONG: &str = "a name that takes more room than is left at the end of the section";

/// The first line in which what is said of a reading differs where everything is kept.
fn difference(reading: Reading, last: &LastRun) -> Option<String> {
    let said = |limits: &Limits| {
        let report = WholeReport::new(&run(), reading.clone(), last, limits);
        format!("{}\n{}", compose(&report).text, html::page(&report))
    };
    let (ours, all) = (said(&LIMITS), said(&Limits::NONE));
    let mut lines = ours.lines().zip(all.lines());
    let differ = lines.find(|(ours, all)| ours != all);
    match differ {
        Some((ours, all)) => Some(format!("{ours}\n{all}")),
        None => (ours != all).then(|| "one is longer".to_owned()),
    }
}

/// Numbers that look like any, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// A name of any length up to `n`.
    fn name(&mut self, n: u64) -> String {
        "x\"".repeat(self.below(n / 2) as usize + 1)
    }

    /// One of few days.
    fn day(&mut self) -> String {
        let (month, day) = (4 + self.below(2), 1 + self.below(3));
        format!("2026-{month:02}-{day:02}T00:00:00Z")
    }

    fn key(&mut self, account: &Arc<Account>, n: usize) -> KeyReading {
        let used = match self.below(6) {
            0 => "2026-11-20T00:00:00Z".to_owned(),
            _ => self.day(),
        };
        let mut key = match self.below(20) {
            0 => root_key(account, n as u8, &used),
            1..8 => access_key(account, &self.name(100), n, &used),
            _ => kms_key(account, n, &used),
        };
        key.names = vec![self.name(100)];
        key.owner = Some(self.name(100));
        key.created_at = Some(self.day().replace("2026", "2024").parse().unwrap());
        let states = ["Enabled", "Disabled", "PendingDeletion", "Inactive"];
        let state = self.below(12) as usize;
        key.state = states.get(state).map(ToString::to_string).or(key.state);
        let gap = Gap::unanswered("kms:ListGrants", ["A", "B"][state % 2], Cause::Fault);
        key.before_deletion = key.region.is_some().then(|| {
            Box::new(BeforeDeletion {
                deletion_date: Some(self.day().replace("2026", "2027").parse().unwrap()),
                guard: None,
                dependents: Some(Dependents {
                    gaps: vec![gap],
                    ..Dependents::default()
                }),
                refused_uses: None,
            })
        });
        key
    }

    fn row(&mut self, account: &Arc<Account>) -> CoverageRow {
        let scope = cell(Some(["eu-west-1", "us-east-1"][self.below(2) as usize]));
        let gap = Some(Gap::unanswered("kms:ListKeys", "Odd", Cause::Fault));
        let name = self.name(400);
        let unlisted = |scope, status| CoverageRow::unlisted(account, scope, status, gap, &name);
        match self.below(6) {
            0 => unlisted(scope, CoverageStatus::Failed),
            1 => unlisted(Scope::WholeAccount, CoverageStatus::Unreachable),
            2 => unlisted(Scope::WholeAccount, CoverageStatus::Skipped),
            3 => CoverageRow::of_cell(
                account,
                scope,
                CoverageStatus::Partial,
                CellKeys {
                    listed: 3,
                    unreadable: 1,
                    is_whole: true,
                },
                &[Gap::NoTimeLeft],
                &name,
            ),
            _ => scanned(account, Some("eu-west-1")),
        }
    }

    /// Two nights of so many accounts with up to so many keys each.
    fn nights(&mut self, accounts: u64, keys: u64) -> [Reading; 2] {
        let mut nights = [Reading::default(), Reading::default()];
        for n in 0..accounts {
            let account = account(n, &self.name(120));
            for n in 0..self.below(keys) as usize {
                let key = self.key(&account, n);
                let mut later = self.key(&account, n);
                later.kind = key.kind;
                later.region.clone_from(&key.region);
                later.key_id.clone_from(&key.key_id);
                let is_there = self.below(8);
                if is_there != 0 {
                    nights[0].keys.push(key);
                }
                if is_there != 1 {
                    nights[1].keys.push(later);
                }
            }
            nights[1].coverage.push(self.row(&account));
            nights[1].coverage.push(self.row(&account));
        }
        nights
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_kept_of_any_report_is_enough(before in reading(12), tonight in reading(60)) {
        let before = report_of(&run(), before, &FIRST_CENSUS);
        prop_assert_eq!(difference(tonight.clone(), &FIRST_CENSUS), None);
        prop_assert_eq!(difference(tonight, &last_run(&before)), None);
    }

    #[test]
    fn what_is_kept_of_many_accounts_is_enough(seed in any::<u64>(), accounts in 1_u64..500) {
        let [before, tonight] = Dice(seed).nights(accounts, 4);
        let before = report_of(&run(), before, &FIRST_CENSUS);
        prop_assert_eq!(difference(tonight, &last_run(&before)), None);
    }
}

#[test]
fn what_is_kept_of_a_large_organization_with_many_ties_is_enough() {
    let [before, tonight] = Dice(7).nights(1_500, 16);
    let before = report_of(&run(), before, &FIRST_CENSUS);
    let last = last_run(&before);
    assert_eq!(difference(tonight.clone(), &last), None);
    // There is more of everything than is kept.
    let report = report_of(&run(), tonight, &last);
    let findings = &report.findings;
    for (all, limit) in [
        (findings.all_flagged.all(), LIMITS.flagged),
        (findings.flagged.new.all(), LIMITS.newly_flagged),
        (findings.root_keys.all(), LIMITS.root_keys),
        (findings.pending_deletion.all(), LIMITS.pending_deletion),
        (findings.to_rotate.all(), LIMITS.to_rotate),
        (findings.gone.all(), LIMITS.gone),
        (findings.gaps.all(), LIMITS.gaps),
        (findings.idle_settings.all(), LIMITS.idle_settings),
        (findings.cells.all(), LIMITS.cells),
    ] {
        assert!(all > limit as u64, "{all} of {limit}");
    }
    let ByAccountLimits { of_account, .. } = LIMITS.by_account;
    for kind in [KeyKind::KmsKey, KeyKind::IamAccessKey] {
        let keys = findings.flagged.by_account(kind).unwrap();
        assert!(keys.accounts().count() > LIMITS.by_account.keys);
        assert!(keys.accounts().count() < 1_300);
        assert!(
            keys.accounts()
                .all(|account| account.keys.len() <= of_account)
        );
    }
}

#[test]
fn an_account_far_down_is_listed_if_its_entry_is_the_first_for_which_there_is_room() {
    let day: jiff::civil::Date = "2024-01-01".parse().unwrap();
    let mut keys = Vec::new();
    for n in 0..400 {
        let is_short = n == 350;
        let account = account(n, if is_short { "short" } else { LONG });
        let used = day + jiff::Span::new().days(n as i64);
        let mut key = kms_key(&account, 1, &format!("{used}T00:00:00Z"));
        if !is_short {
            key.names = vec![LONG.to_owned()];
        }
        keys.push(key);
    }
    let text = compose(&first_report(with_keys(keys.clone()))).text;
    assert!(text.contains("000000000350 short"), "{text}");
    assert!(!text.contains("000000000200 "), "{text}");
    assert_eq!(difference(with_keys(keys), &FIRST_CENSUS), None);
}
