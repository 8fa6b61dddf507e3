//! The run in a few large numbers.

use super::words::{dollars, grouped};
use crate::{
    judge::{findings::IdleCounts, report::Report},
    model::{kind::Family, reading::KeyKind},
    render::digest::wording::days,
};

/// One number with what it is of.
pub(super) struct Number {
    pub(super) label: &'static str,
    pub(super) value: String,
    /// A note below it.
    pub(super) note: String,
    /// Whether it needs attention.
    pub(super) is_finding: bool,
}

pub(super) fn numbers(report: &Report) -> Vec<Number> {
    let mut numbers = vec![
        flagged(report),
        cost(report),
        coverage(report),
        keys(report),
    ];
    let kinds = &report.summary.kinds;
    if report.findings.reads_iam && kinds.contains(&Family::Iam) {
        numbers.extend([root_keys(report), to_rotate(report)]);
    }
    if report.findings.root_sign_ins.all() > 0 {
        numbers.push(root_sign_ins(report));
    }
    if kinds.contains(&Family::ServiceCredentials) {
        numbers.push(service_credentials(report));
    }
    numbers
}

fn flagged(report: &Report) -> Number {
    let mut parts = Vec::new();
    for kind in KeyKind::ALL {
        let n = report.findings.flagged.of_kind(kind);
        let (one, many) = kind.names();
        if n > 0 {
            let kind = if n == 1 { one } else { many };
            parts.push(format!("{} {kind}", grouped(n)));
        }
    }
    let flagged = report.summary.keys.flagged;
    Number {
        label: "Flagged keys",
        value: grouped(flagged),
        note: if parts.is_empty() {
            "among the keys that were read".to_owned()
        } else {
            parts.join(", ")
        },
        is_finding: flagged > 0,
    }
}

fn cost(report: &Report) -> Number {
    let cents = report.summary.keys.flagged_cents();
    Number {
        label: "Cost of flagged keys",
        value: dollars(cents),
        note: "USD a month, at list price".to_owned(),
        is_finding: cents > 0,
    }
}

fn coverage(report: &Report) -> Number {
    let coverage = &report.summary.coverage;
    let accounts = coverage.accounts.scanned + coverage.accounts.unreachable;
    let cells = coverage.cells.scanned + coverage.cells.with_gaps();
    Number {
        label: "Accounts entered",
        value: format!(
            "{} of {}",
            grouped(coverage.accounts.scanned),
            grouped(accounts)
        ),
        note: if coverage.complete {
            "everything in them was read".to_owned()
        } else {
            format!(
                "{} of their {} cells read in full",
                grouped(coverage.cells.scanned),
                grouped(cells)
            )
        },
        is_finding: !coverage.complete,
    }
}

fn keys(report: &Report) -> Number {
    let keys = &report.summary.keys;
    let read = report.findings.idle_age.values().map(IdleCounts::all);
    Number {
        label: "Keys listed",
        value: grouped(keys.total),
        note: format!("{} of them with a last use read", grouped(read.sum())),
        is_finding: false,
    }
}

fn root_keys(report: &Report) -> Number {
    let count = report.summary.keys.of_kind(KeyKind::RootAccessKey);
    Number {
        label: "Root access keys",
        value: grouped(count),
        note: "there should be none".to_owned(),
        is_finding: count > 0,
    }
}

fn root_sign_ins(report: &Report) -> Number {
    let recent = report.findings.recent_root_sign_ins;
    Number {
        label: "Root users who signed in",
        value: grouped(recent),
        note: format!(
            "in the last {}; nobody should",
            days(report.summary.stale_after_days.into())
        ),
        is_finding: recent > 0,
    }
}

fn service_credentials(report: &Report) -> Number {
    let count = report.findings.service_credentials.all();
    Number {
        label: "Service-specific credentials to replace",
        value: grouped(count),
        note: "old, or without an expiry".to_owned(),
        is_finding: count > 0,
    }
}

fn to_rotate(report: &Report) -> Number {
    let count = report.findings.to_rotate.all();
    Number {
        label: "Access keys to rotate",
        value: grouped(count),
        note: "in use, and old".to_owned(),
        is_finding: count > 0,
    }
}
