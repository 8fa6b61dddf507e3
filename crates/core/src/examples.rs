//! Keys, coverage and reports for tests, which override what matters to them.

use std::sync::Arc;

use crate::{
    arbitrary::run,
    files,
    judge::{
        judged_key::{JudgedKey, Thresholds},
        last_run::{LastRun, NoLastRun},
        summary::RunFacts,
        trend::Night,
        whole_report::WholeReport,
    },
    model::{
        access_key::{ROOT_USER, root_key_id, tracked_since},
        account::{Account, AccountId},
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        layout::ReportFile,
        manifest::FileFacts,
        organization_reading::Reading,
        password::recorded,
        reading::{KeyKind, KeyReading, LastUse, Manager, MultiRegion, MultiRegionRole, Usage},
        region::Region,
        secret,
    },
    render::{
        digest::{AccountDigest, per_account},
        limits::LIMITS,
    },
    settings::Settings,
};

pub(crate) fn account(n: u64, name: &str) -> Arc<Account> {
    Arc::new(Account {
        id: AccountId::parse(&format!("{n:012}")).unwrap(),
        name: name.to_owned(),
    })
}

/// A night with 40 keys, so many of which are flagged.
pub(crate) fn night(date: &str, flagged: u64) -> Night {
    Night {
        date: date.parse().unwrap(),
        keys: 40,
        flagged,
        flagged_cents: 100 * flagged,
        gaps: 0,
        kinds: Default::default(),
        stale_after_days: 90,
    }
}

/// Nothing to compare with.
pub(crate) const FIRST_CENSUS: LastRun = LastRun::None(NoLastRun::Missing);

/// A KMS key that was last used at `used`.
pub(crate) fn kms_key(account: &Arc<Account>, n: usize, used: &str) -> KeyReading {
    KeyReading {
        account: account.clone(),
        region: Region::parse("eu-west-1"),
        kind: KeyKind::KmsKey,
        key_id: format!("key-{n:06}"),
        arn: String::new(),
        names: vec![format!("alias/orders-{n:06}")],
        owner: Some("orders".to_owned()),
        exemption: None,
        manager: Some(Manager::Customer),
        state: Some("Enabled".to_owned()),
        created_at: None,
        usage: Usage::Recorded(LastUse {
            at: used.parse().unwrap(),
            operation: Some("Decrypt".to_owned()),
            service: None,
            region: None,
            cloudtrail_event_id: None,
            kms_request_id: None,
            tracked_since: None,
        }),
        expires_at: None,
        usage_read_at: None,
        tags_gap: None,
        multi_region: None,
        rotations: None,
        before_deletion: None,
    }
}

/// A user's active access key, a year old, that was last used at `used`.
pub(crate) fn access_key(account: &Arc<Account>, user: &str, n: usize, used: &str) -> KeyReading {
    let created_at = Some("2025-11-21T02:00:07Z".parse().unwrap());
    KeyReading {
        account: account.clone(),
        region: None,
        kind: KeyKind::IamAccessKey,
        key_id: format!("AKIA2222333344{n:06}"),
        arn: format!("arn:aws:iam::{}:user/{user}", account.id),
        names: vec![user.to_owned()],
        owner: Some("ci".to_owned()),
        exemption: None,
        manager: Some(Manager::Customer),
        state: Some("Active".to_owned()),
        created_at,
        usage: Usage::Recorded(LastUse {
            at: used.parse().unwrap(),
            operation: None,
            service: Some("s3".to_owned()),
            region: Some("eu-west-1".to_owned()),
            cloudtrail_event_id: None,
            kms_request_id: None,
            tracked_since: Some(tracked_since(created_at)),
        }),
        expires_at: None,
        usage_read_at: None,
        tags_gap: None,
        multi_region: None,
        rotations: None,
        before_deletion: None,
    }
}

/// A root user's active access key, a year old, that was last used at `used`.
pub(crate) fn root_key(account: &Arc<Account>, number: u8, used: &str) -> KeyReading {
    KeyReading {
        kind: KeyKind::RootAccessKey,
        key_id: root_key_id(number),
        arn: format!("arn:aws:iam::{}:root", account.id),
        owner: None,
        usage_read_at: Some("2026-11-21T01:00:00Z".parse().unwrap()),
        ..access_key(account, ROOT_USER, 0, used)
    }
}

/// A user's password, a year old, that was last used at `used`.
pub(crate) fn password(account: &Arc<Account>, user: &str, used: &str) -> KeyReading {
    let of_user = access_key(account, user, 0, used);
    KeyReading {
        kind: KeyKind::IamPassword,
        key_id: user.to_owned(),
        state: None,
        usage: recorded(used.parse().unwrap(), of_user.created_at),
        usage_read_at: Some("2026-11-21T01:00:00Z".parse().unwrap()),
        ..of_user
    }
}

/// A root user's password that was last used at `used`.
pub(crate) fn root_password(account: &Arc<Account>, used: &str) -> KeyReading {
    KeyReading {
        kind: KeyKind::RootPassword,
        arn: format!("arn:aws:iam::{}:root", account.id),
        owner: None,
        created_at: None,
        usage: recorded(used.parse().unwrap(), None),
        ..password(account, ROOT_USER, used)
    }
}

/// A secret in eu-west-1, a year old, that was last retrieved on the day that began at `used`.
pub(crate) fn secret(account: &Arc<Account>, name: &str, used: &str) -> KeyReading {
    let key_id = format!("{name}-a1b2c3");
    KeyReading {
        kind: KeyKind::Secret,
        arn: format!(
            "arn:aws:secretsmanager:eu-west-1:{}:secret:{key_id}",
            account.id
        ),
        key_id,
        names: vec![name.to_owned()],
        state: None,
        usage: secret::recorded(used.parse().unwrap()),
        ..kms_key(account, 1, used)
    }
}

/// An active service-specific credential, a year old, that never expires.
pub(crate) fn service_credential(account: &Arc<Account>, user: &str, service: &str) -> KeyReading {
    KeyReading {
        kind: KeyKind::ServiceCredential,
        key_id: "ACCAEXAMPLE0EXAMPLE01".to_owned(),
        names: vec![user.to_owned(), service.to_owned()],
        usage: Usage::NotRead,
        ..access_key(account, user, 1, "2026-11-01T00:00:00Z")
    }
}

/// The same secret in another Region, of a set with its primary secret in `primary`.
pub(crate) fn of_set_of_secrets(secret: KeyReading, region: &str, primary: &str) -> KeyReading {
    KeyReading {
        arn: secret.arn.replace("eu-west-1", region),
        region: Region::parse(region),
        multi_region: Some(Box::new(MultiRegion {
            role: match region == primary {
                true => MultiRegionRole::Primary,
                false => MultiRegionRole::Replica,
            },
            primary_region: primary.to_owned(),
            replica_regions: Vec::new(),
        })),
        ..secret
    }
}

/// Flagged keys, and an account that could not be entered, where every text is `text`.
pub(crate) fn with_text_everywhere(text: &str) -> Reading {
    const IDLE_SINCE: &str = "2026-06-11T02:00:07Z";
    let owner = account(222_222_222_222, text);
    let mut key = kms_key(&owner, 1, IDLE_SINCE);
    key.names = vec![text.to_owned()];
    key.owner = Some(text.to_owned());
    key.state = Some(text.to_owned());
    if let Usage::Recorded(last_use) = &mut key.usage {
        last_use.operation = Some(text.to_owned());
    }
    let mut of_user = access_key(&owner, text, 2, IDLE_SINCE);
    of_user.state = Some(text.to_owned());
    let row = CoverageRow::unlisted(
        &account(333_333_333_333, text),
        Scope::WholeAccount,
        CoverageStatus::Unreachable,
        Some(Gap::unanswered("sts:AssumeRole", text, Cause::REFUSED)),
        text,
    );
    Reading {
        ou_paths: [(owner.id, text.to_owned())].into(),
        keys: vec![
            key,
            of_user,
            root_key(&owner, 1, IDLE_SINCE),
            password(&owner, text, IDLE_SINCE),
            root_password(&owner, IDLE_SINCE),
            secret(&owner, text, IDLE_SINCE),
        ],
        coverage: vec![row],
    }
}

/// `key` as the member in `region` of a set in `regions`, the first of which has the primary.
pub(crate) fn of_set(mut key: KeyReading, id: &str, region: &str, regions: &[&str]) -> KeyReading {
    key.key_id = id.to_owned();
    key.region = Region::parse(region);
    let (primary, replicas) = regions.split_first().unwrap();
    key.multi_region = Some(Box::new(MultiRegion {
        role: match region == *primary {
            true => MultiRegionRole::Primary,
            false => MultiRegionRole::Replica,
        },
        primary_region: (*primary).to_owned(),
        replica_regions: replicas.iter().map(ToString::to_string).collect(),
    }));
    key
}

/// The usual thresholds.
pub(crate) const THRESHOLDS: Thresholds = Thresholds {
    stale_after_days: 90,
    rotate_after_days: 90,
    watch_days: 30,
};

/// A key judged by itself, when the run of [`run`] began.
pub(crate) fn judged(key: KeyReading) -> JudgedKey {
    JudgedKey::by_itself(key, &THRESHOLDS, run().now)
}

/// A cell of KMS keys in a Region, or, without one, of access keys.
pub(crate) fn cell(region: Option<&str>) -> Scope {
    Scope::Cell {
        kind: match region {
            Some(_) => KeyKind::KmsKey,
            None => KeyKind::IamAccessKey,
        },
        region: region.and_then(Region::parse),
    }
}

/// The coverage of a cell that was read whole, with one key.
pub(crate) fn scanned(account: &Arc<Account>, region: Option<&str>) -> CoverageRow {
    let one = CellKeys {
        listed: 1,
        unreadable: 0,
        is_whole: true,
    };
    CoverageRow::of_cell(account, cell(region), CoverageStatus::Scanned, one, &[], "")
}

/// A reading of these keys, without coverage.
pub(crate) fn with_keys(keys: Vec<KeyReading>) -> Reading {
    with_coverage(keys, Vec::new())
}

/// A reading of these keys and this coverage.
pub(crate) fn with_coverage(keys: Vec<KeyReading>, coverage: Vec<CoverageRow>) -> Reading {
    Reading {
        keys,
        coverage,
        ..Reading::default()
    }
}

/// The report of a run, compared with the `last` one.
pub(crate) fn report_of(run: &RunFacts, reading: Reading, last: &LastRun) -> WholeReport {
    WholeReport::new(run, reading, last, &LIMITS)
}

/// The message of each account.
pub(crate) fn account_digests(settings: &Settings, report: &WholeReport) -> Vec<AccountDigest> {
    let accounts = report.accounts.iter();
    let digests = accounts.filter_map(|account| per_account(settings, report, account));
    digests.collect()
}

/// The report of a first census, made at the time of [`run`].
pub(crate) fn first_report(reading: Reading) -> WholeReport {
    report_of(&run(), reading, &FIRST_CENSUS)
}

/// The report of a census at the time of [`run`], compared with the `last` one.
pub(crate) fn next_report(reading: Reading, last: &WholeReport) -> WholeReport {
    report_of(&run(), reading, &last_run(last))
}

/// Names the report's files in its summary.
pub(crate) fn name_files(report: &mut WholeReport) {
    let files = ReportFile::ALL.into_iter();
    let named = files.filter(|file| *file != ReportFile::SummaryJson);
    let named = named.map(|file| (file.name().to_owned(), FileFacts::of(&report.file(file))));
    report.report.summary.files = named.collect();
}

/// What the next run reads of a report.
pub(crate) fn last_run(report: &WholeReport) -> LastRun {
    let [keys, unseen] = [ReportFile::KeysCsv, ReportFile::UnseenCsv].map(|file| report.file(file));
    files::last_run::read(Some(&keys), Some(&unseen))
}
