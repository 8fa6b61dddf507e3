//! Writes HTML reports of made-up organizations into the folder given, to look at
//! and to test in a browser:
//! `cargo run -p keycensus-core --example report_page target/html`.

use std::{fs, path::PathBuf, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use keycensus_core::{
    judge::{
        changes::ChangeCounts,
        last_run::{LastRun, NoLastRun},
        summary::RunFacts,
        trend::{Night, Trend},
        whole_report::WholeReport,
    },
    model::{
        access_key::{ROOT_USER, none_recorded, root_key_id},
        account::{Account, AccountId},
        before_deletion::BeforeDeletion,
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        dependents::Dependents,
        gap::Gap,
        key_policy::Guard,
        kind::Family,
        organization_reading::Reading,
        reading::{KeyKind, KeyReading, LastUse, Manager, Usage},
        refused_uses::{RefusedUse, RefusedUses},
        region::Region,
    },
    render::{html, limits::LIMITS},
};

const REGIONS: [&str; 6] = [
    "eu-west-1",
    "eu-central-1",
    "us-east-1",
    "us-west-2",
    "ap-south-1",
    "ap-southeast-2",
];
const NAMES: [&str; 6] = [
    "payments",
    "ledger",
    "search",
    "archive",
    "exports",
    "gift-cards-2022",
];
const OPERATIONS: [&str; 5] = [
    "Decrypt",
    "GenerateDataKey",
    "Encrypt",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
];
const OWNERS: [&str; 4] = ["payments", "storefront", "data", "platform-security"];
/// What people could write into a name or a tag to do harm.
const HOSTILE: [&str; 9] = [
    "<script>window.__pwned = true; alert(1)</script>",
    "\"><img src=x onerror=\"window.__pwned=true\">",
    "'-alert(1)-' onmouseover='window.__pwned=true'",
    "</td></table></style></script><svg onload=window.__pwned=true>",
    "\u{202E}gpj.exe\u{2028}\u{0}\u{1b}[2J",
    "{{ 7 * 7 }}${7*7}&lt;b&gt;",
    "javascript:window.__pwned=true",
    "=HYPERLINK(\"https://example.com\",\"open\")",
    "a-name-without-any-place-to-break-it-which-goes-on-for-a-hundred-characters-and-then-for-some-more-of-them",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    fs::create_dir_all(&folder)?;
    let changes = ChangeCounts {
        compared_with: Some("2026-11-20".to_owned()),
        first_census: None,
        first_census_cause: None,
        new: 7,
        newly_flagged: 3,
        needed_again: 1,
        used_again: 2,
        state_changed: 1,
        gone: 4,
        unseen: 0,
    };
    for (name, organization, changes) in [
        ("empty", Organization::new(0, 0), None),
        ("small", Organization::new(8, 120), Some(&changes)),
        ("large", Organization::new(180, 11_000), Some(&changes)),
        ("hostile", Organization::new(9, 150).hostile(), None),
    ] {
        let first = LastRun::None(NoLastRun::Missing);
        let mut report = WholeReport::new(&run(), organization.reading, &first, &LIMITS);
        report.summary.report.keys_csv =
            "s3://keycensus-reports/keycensus/keys/date=2026-11-21/keys.csv".to_owned();
        if let Some(changes) = changes {
            report.summary.changes = changes.clone();
            report.report = report.report.clone().after(nights(&report));
        }
        fs::write(folder.join(format!("{name}.html")), html::page(&report))?;
    }
    Ok(())
}

/// The 90 nights up to tonight, with fewer flagged keys each, but for three without a census. On some,
/// not all was read.
fn nights(report: &WholeReport) -> Trend {
    let Some(tonight) = report.trend.nights().last() else {
        return Trend::default();
    };
    let nights = (0..90_u64).filter(|ago| ![31, 32, 60].contains(ago));
    let nights = nights.map(|ago| Night {
        date: tonight
            .date
            .saturating_sub(jiff::Span::new().days(ago as i64)),
        flagged: tonight.flagged + (ago * tonight.flagged + ago * 7 % 5 * 40) / 200,
        flagged_cents: tonight.flagged_cents * (100 + ago) / 100,
        gaps: if ago % 23 < 3 { 2 + ago % 3 } else { 0 },
        ..tonight.clone()
    });
    nights.fold(Trend::default(), Trend::with)
}

fn run() -> RunFacts {
    RunFacts {
        run_id: "11112222-3333-4444-5555-666677778888".to_owned(),
        now: now(),
        stale_after_days: 90,
        rotate_after_days: 90,
        member_role: "KeycensusReader".to_owned(),
        watch_days: 30,
        dependents: keycensus_core::settings::Switch::On,
        aws_managed: keycensus_core::settings::Switch::Off,
        read: keycensus_core::settings::ReadMode::All,
        read_again_days: 7,
        exempt_tag: "keycensus:exempt".to_owned(),
        owner_tags: vec!["owner".to_owned()],
        kinds: Family::ALL.into(),
    }
}

fn now() -> Timestamp {
    Timestamp::constant(1_795_226_407, 0)
}

fn days_ago(days: usize) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days as i64)
}

struct Organization {
    reading: Reading,
}

impl Organization {
    /// Accounts with so many keys between them. Every seventh was not entered.
    fn new(accounts: usize, keys: usize) -> Self {
        let mut reading = Reading::default();
        let accounts: Vec<_> = (0..accounts).filter_map(account).collect();
        for (n, account) in accounts.iter().enumerate() {
            reading
                .ou_paths
                .insert(account.id, format!("Root/Prod/Unit {}", n % 5));
            reading.coverage.extend(coverage(n, account));
        }
        let entered: Vec<_> = (0..accounts.len()).filter(|n| n % 7 != 6).collect();
        for n in 0..keys {
            // Squared, so that some accounts have many keys and others few.
            let share = n * 7919 % 1_000;
            let account = entered[share * share * entered.len() / 1_000_000];
            reading.keys.push(key(n, &accounts[account]));
        }
        Self { reading }
    }

    /// The same with hostile text wherever a stranger can write.
    fn hostile(mut self) -> Self {
        let text = |n: usize| HOSTILE[n % HOSTILE.len()].to_owned();
        for (n, key) in self.reading.keys.iter_mut().enumerate() {
            key.account = Arc::new(Account {
                id: key.account.id,
                name: text(n),
            });
            key.names = vec![text(n + 1)];
            key.owner = Some(text(n + 2));
            key.state = Some(text(n + 3));
            if let Usage::Recorded(last_use) = &mut key.usage {
                last_use.operation = Some(text(n + 4));
            }
            if n % 5 == 0 {
                key.key_id = format!("{}{n}", text(n));
            }
        }
        for (n, path) in self.reading.ou_paths.values_mut().enumerate() {
            *path = text(n);
        }
        for (n, row) in self.reading.coverage.iter_mut().enumerate() {
            row.account = row.account.as_ref().map(|account| {
                Arc::new(Account {
                    id: account.id,
                    name: text(n),
                })
            });
            row.detail = text(n);
            row.gap = Some(Gap::unanswered("kms:ListKeys", &text(n + 1), Cause::Fault));
        }
        self
    }
}

fn account(n: usize) -> Option<Arc<Account>> {
    Some(Arc::new(Account {
        id: AccountId::parse(&format!("{:012}", 111_111_111_111 + n * 1_234_567))?,
        name: format!("{}-{}", NAMES[n % NAMES.len()], ["prod", "dev"][n / 6 % 2]),
    }))
}

fn coverage(n: usize, account: &Arc<Account>) -> Vec<CoverageRow> {
    let row = |scope, status, gap: Option<Gap>| {
        if status == CoverageStatus::Unreachable {
            return CoverageRow::unlisted(account, scope, status, gap, "");
        }
        let listed = CellKeys {
            listed: 12,
            is_whole: true,
            unreadable: u64::from(status == CoverageStatus::Partial),
        };
        CoverageRow::of_cell(account, scope, status, listed, gap.as_slice(), "")
    };
    if n % 7 == 6 {
        let gap = Gap::unanswered("sts:AssumeRole", "AccessDenied", Cause::REFUSED);
        return vec![row(
            Scope::WholeAccount,
            CoverageStatus::Unreachable,
            Some(gap),
        )];
    }
    let mut rows = vec![row(
        Scope::Cell {
            region: None,
            kind: KeyKind::IamAccessKey,
        },
        CoverageStatus::Scanned,
        None,
    )];
    for (at, region) in REGIONS.iter().enumerate().take(6 - n % 2) {
        let (status, gap) = match (n + at) % 9 {
            4 => (
                CoverageStatus::Partial,
                Some(Gap::unanswered(
                    "kms:GetKeyLastUsage",
                    "AccessDeniedException",
                    Cause::REFUSED,
                )),
            ),
            7 => (
                CoverageStatus::Denied,
                Some(Gap::unanswered(
                    "kms:ListKeys",
                    "AccessDeniedException",
                    Cause::REFUSED,
                )),
            ),
            _ => (CoverageStatus::Scanned, None),
        };
        let scope = Scope::Cell {
            region: Region::parse(region),
            kind: KeyKind::KmsKey,
        };
        rows.push(row(scope, status, gap));
    }
    rows
}

fn before_deletion(n: usize) -> Option<BeforeDeletion> {
    let some = |every: usize, of: u64| if n.is_multiple_of(every) { of } else { 0 };
    let mut dependents = Dependents {
        ebs_volumes: some(3, 4),
        ebs_snapshots: some(6, 31),
        ..Dependents::default()
    };
    if n.is_multiple_of(4) {
        dependents.grants.insert("rds.amazonaws.com".to_owned(), 2);
    }
    if n.is_multiple_of(10) {
        dependents.gaps.push(Gap::NoTimeLeft);
    }
    Some(BeforeDeletion {
        deletion_date: (n % 80 == 16).then(|| now() + SignedDuration::from_hours(200)),
        guard: Guard::parse(["0", "365", "partial:90", "0", "always"][n % 5]),
        dependents: Some(dependents),
        refused_uses: (n % 80 == 16).then(|| RefusedUses {
            count: Some(n as u64),
            last: Some(RefusedUse {
                at: days_ago(1),
                by: format!("arn:aws:iam::222222222222:role/{}", NAMES[n % NAMES.len()]),
            }),
            gap: None,
        }),
    })
}

fn key(n: usize, account: &Arc<Account>) -> KeyReading {
    let kind = match n % 40 {
        13 => KeyKind::RootAccessKey,
        33 => KeyKind::ServiceCredential,
        21 => KeyKind::IamPassword,
        9 => KeyKind::Secret,
        n if n % 5 == 3 => KeyKind::IamAccessKey,
        _ => KeyKind::KmsKey,
    };
    let idle = (n * 7919 % 1_009) * (n * 104_729 % 1_013) / 1_700;
    let created_at = Some(days_ago(idle + n % 400));
    let name = format!("{}-{n:05}", NAMES[n * 31 % NAMES.len()]);
    let user = format!("arn:aws:iam::{}:user/{name}", account.id);
    let (region, key_id, name, arn) = match kind {
        KeyKind::KmsKey => (
            Region::parse(REGIONS[n * n % 5]),
            format!("{:08x}-1b9d-4086-bac5-e5a8ac8eb546", n * 40_503),
            format!("alias/{name}"),
            String::new(),
        ),
        KeyKind::IamAccessKey => (None, format!("AKIA22223333{n:08}"), name, user),
        KeyKind::RootAccessKey => (None, root_key_id(1), ROOT_USER.to_owned(), user),
        KeyKind::IamPassword => (None, name.clone(), name, user),
        KeyKind::RootPassword => (None, ROOT_USER.to_owned(), ROOT_USER.to_owned(), user),
        KeyKind::ServiceCredential => (None, format!("ACCA22223333{n:09}"), name, user),
        KeyKind::Secret => (
            Region::parse(REGIONS[n % 5]),
            format!("{name}-a1b2c3"),
            name,
            String::new(),
        ),
    };
    let word = |word: &str| Some(word.to_owned());
    let is_kms = kind == KeyKind::KmsKey;
    KeyReading {
        account: account.clone(),
        region,
        kind,
        key_id,
        arn,
        names: match kind {
            KeyKind::KmsKey if n % 11 == 5 => vec![],
            KeyKind::ServiceCredential => vec![name, "bedrock.amazonaws.com".to_owned()],
            _ => vec![name],
        },
        owner: (!n.is_multiple_of(6)).then(|| OWNERS[n % OWNERS.len()].to_owned()),
        exemption: (n % 29 == 7).then(|| "legal hold".to_owned()),
        manager: Some(Manager::Customer),
        state: word(match (is_kms, n % 8) {
            (true, 0) if n % 40 == 16 => "PendingDeletion",
            (true, 0) => "Disabled",
            (true, _) => "Enabled",
            (false, 0) => "Inactive",
            (false, _) => "Active",
        }),
        created_at,
        usage: match n % 10 {
            _ if kind == KeyKind::ServiceCredential => Usage::NotRead,
            1 => none_recorded(created_at),
            2 => Usage::NoneRecorded {
                tracked_since: days_ago(212),
                created_at: Some(days_ago(900)),
            },
            6 if n.is_multiple_of(4) => Usage::Unreadable(Gap::unanswered(
                "kms:GetKeyLastUsage",
                "AccessDeniedException",
                Cause::REFUSED,
            )),
            _ => Usage::Recorded(LastUse {
                at: days_ago(idle),
                operation: is_kms.then(|| OPERATIONS[n % OPERATIONS.len()].to_owned()),
                service: (!is_kms).then(|| "s3".to_owned()),
                region: (!is_kms).then(|| "eu-west-1".to_owned()),
                cloudtrail_event_id: None,
                kms_request_id: None,
                tracked_since: None,
            }),
        },
        expires_at: (n % 80 == 33).then(|| now() + SignedDuration::from_hours(24 * 41)),
        usage_read_at: None,
        multi_region: None,
        rotations: None,
        before_deletion: before_deletion(n).filter(|_| is_kms).map(Box::new),
        tags_gap: None,
    }
}
