//! Arbitrary readings for property tests, with untrusted text in every name and tag.

use std::sync::Arc;

use jiff::Timestamp;
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
};

use crate::{
    judge::summary::RunFacts,
    model::{
        access_key::{ROOT_USER, none_recorded},
        account::{Account, AccountId},
        before_deletion::BeforeDeletion,
        cause::{Cause, PolicyKind, Refusal},
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        dependents::{Dependents, grantee},
        gap::Gap,
        key_policy::Guard,
        kind::Family,
        organization_reading::Reading,
        plain_text::hostile,
        reading::{KeyKind, KeyReading, LastUse, Manager, MultiRegion, MultiRegionRole, Usage},
        refused_uses::{RefusedUse, RefusedUses},
        region::Region,
        secret,
    },
    settings::{ReadMode, Switch},
};

/// Untrusted text: any text, often of the hostile corpus.
pub(crate) fn free_text() -> impl Strategy<Value = String> {
    let hostile = || prop::sample::select(hostile::texts());
    prop_oneof![
        any::<String>(),
        "[=+@\t\r-][ -~]{0,12}",
        "[\",;\n\r'\\\\]{1,6}",
        hostile(),
        (hostile(), hostile()).prop_map(|(first, last)| first + &last),
        Just("x".repeat(300)),
    ]
}

fn account() -> impl Strategy<Value = Arc<Account>> {
    (100_000_000_000_u64..100_000_000_006, free_text()).prop_map(|(id, name)| {
        Arc::new(Account {
            id: AccountId::parse(&id.to_string()).unwrap(),
            name,
        })
    })
}

fn region() -> impl Strategy<Value = Region> {
    prop::sample::select(vec!["eu-west-1", "us-east-1", "ap-south-1"])
        .prop_map(|name| Region::parse(name).unwrap())
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (1_700_000_000_i64..1_800_000_000).prop_map(|s| Timestamp::from_second(s).unwrap())
}

fn gap() -> impl Strategy<Value = Gap> {
    (free_text(), cause())
        .prop_map(|(code, cause)| Gap::unanswered("kms:GetKeyLastUsage", &code, cause))
}

fn cause() -> impl Strategy<Value = Cause> {
    let kinds = PolicyKind::ALL.map(Some).into_iter().chain([None]);
    let denies = kinds.map(|kind| Cause::Refused(Refusal::ExplicitDeny(kind)));
    let causes: Vec<Cause> = Cause::ALL.into_iter().chain(denies).collect();
    prop::sample::select(causes)
}

fn usage() -> impl Strategy<Value = Usage> {
    prop_oneof![
        Just(Usage::NotRead),
        gap().prop_map(Usage::Unreadable),
        option::of(moment()).prop_map(none_recorded),
        (moment(), option::of(moment())).prop_map(|(tracked_since, created_at)| {
            Usage::NoneRecorded {
                tracked_since,
                created_at,
            }
        }),
        (
            moment(),
            option::of(free_text()),
            option::of(free_text()),
            option::of(free_text()),
            option::of(moment())
        )
            .prop_map(|(at, operation, service, region, tracked_since)| {
                Usage::Recorded(LastUse {
                    at,
                    operation,
                    service,
                    region,
                    cloudtrail_event_id: None,
                    kms_request_id: None,
                    tracked_since,
                })
            }),
    ]
}

/// The kind, the Region and the beginning of the ID of a key.
fn identity() -> impl Strategy<Value = (KeyKind, Option<Region>, String)> {
    prop_oneof![
        (region(), "(mrk-)?[a-f0-9]{8}").prop_map(|(region, id)| (
            KeyKind::KmsKey,
            Some(region),
            id
        )),
        "AKIA[A-Z2-7]{10}".prop_map(|id| (KeyKind::IamAccessKey, None, id)),
        Just((KeyKind::RootAccessKey, None, "root_access_key_".to_owned())),
        "[a-z]{4}".prop_map(|name| (KeyKind::IamPassword, None, name)),
        Just((KeyKind::RootPassword, None, ROOT_USER.to_owned())),
        "ACCA[A-Z2-7]{17}".prop_map(|id| (KeyKind::ServiceCredential, None, id)),
        (region(), "[a-z]{4}(-of-set)?-[a-f0-9]{6}").prop_map(|(region, id)| (
            KeyKind::Secret,
            Some(region),
            id
        )),
    ]
}

fn multi_region() -> impl Strategy<Value = MultiRegion> {
    let role = prop::sample::select(MultiRegionRole::ALL.to_vec());
    let region = || region().prop_map(|region| region.to_string());
    (role, region(), vec(region(), 0..3)).prop_map(|(role, primary_region, replica_regions)| {
        MultiRegion {
            role,
            primary_region,
            replica_regions,
        }
    })
}

fn before_deletion() -> impl Strategy<Value = BeforeDeletion> {
    let grantee = free_text().prop_map(|name| grantee(Some(&name), None).to_owned());
    let grants = btree_map(grantee, 1_u64..3, 0..2);
    let dependents = (0_u64..3, 0_u64..3, grants, vec(gap(), 0..2)).prop_map(
        |(ebs_volumes, ebs_snapshots, grants, gaps)| Dependents {
            ebs_volumes,
            ebs_snapshots,
            grants,
            gaps,
        },
    );
    let guard = prop::sample::select(vec!["0", "365", "always", "partial:90"]);
    (
        option::of(moment()),
        option::of(guard),
        option::of(dependents),
        option::of(refused_uses()),
    )
        .prop_map(
            |(deletion_date, guard, dependents, refused_uses)| BeforeDeletion {
                deletion_date,
                guard: guard.and_then(Guard::parse),
                dependents,
                refused_uses,
            },
        )
}

fn refused_uses() -> impl Strategy<Value = RefusedUses> {
    let last = || (moment(), free_text()).prop_map(|(at, by)| RefusedUse { at, by });
    prop_oneof![
        (0_u64..9, option::of(last()), option::weighted(0.2, gap())).prop_map(
            |(count, last, gap)| RefusedUses {
                count: Some(count),
                last,
                gap,
            },
        ),
        (option::of(last()), gap()).prop_map(|(last, gap)| RefusedUses::unread(last, gap)),
    ]
}

fn key() -> impl Strategy<Value = KeyReading> {
    let identity = (account(), identity());
    let state = prop_oneof![
        option::of(free_text()),
        prop::sample::select(vec![
            "Enabled",
            "Disabled",
            "PendingDeletion",
            "Active",
            "Inactive"
        ])
        .prop_map(|word| Some(word.to_owned())),
    ];
    let words = (
        vec(free_text(), 0..4),
        option::of(free_text()),
        option::weighted(0.1, free_text()),
        state,
    );
    let moments = (option::of(moment()), option::of(moment()));
    let manager = prop_oneof![
        6 => Just(Some(Manager::Customer)),
        1 => Just(Some(Manager::Aws)),
        1 => Just(None),
    ];
    let gap = option::weighted(0.1, gap());
    (
        identity,
        words,
        manager,
        usage(),
        moments,
        gap,
        option::of(multi_region()),
        option::of(before_deletion()),
    )
        .prop_map(
            |(
                (account, (kind, region, key_id)),
                (names, owner, exemption, state),
                manager,
                usage,
                (created_at, usage_read_at),
                tags_gap,
                set,
                before_deletion,
            )| {
                KeyReading {
                    arn: format!("arn:aws:kms:eu-west-1:{}:key/{key_id}", account.id),
                    multi_region: set
                        .filter(|_| key_id.starts_with("mrk-") || key_id.contains("-of-set-"))
                        .map(Box::new),
                    account,
                    region,
                    kind,
                    key_id,
                    names,
                    owner,
                    exemption,
                    manager,
                    state,
                    created_at,
                    usage_read_at: usage_read_at.filter(|_| is_known(&usage)),
                    expires_at: created_at.filter(|_| kind == KeyKind::ServiceCredential),
                    usage: match kind {
                        KeyKind::Secret => usage_of_secret(usage, created_at),
                        KeyKind::ServiceCredential => Usage::NotRead,
                        _ => usage,
                    },
                    tags_gap,
                    rotations: None,
                    before_deletion: before_deletion
                        .filter(|_| kind == KeyKind::KmsKey)
                        .map(Box::new),
                }
            },
        )
}

fn is_known(usage: &Usage) -> bool {
    matches!(usage, Usage::Recorded(_) | Usage::NoneRecorded { .. })
}

/// A usage as one of a secret.
fn usage_of_secret(usage: Usage, created_at: Option<Timestamp>) -> Usage {
    match (usage, created_at) {
        (Usage::Recorded(last_use), _) => secret::recorded(last_use.at),
        (Usage::NoneRecorded { .. } | Usage::NotRead, Some(at)) => secret::none_recorded(at),
        (Usage::NoneRecorded { .. } | Usage::NotRead, None) => Usage::NotRead,
        (unreadable, _) => unreadable,
    }
}

fn coverage_row() -> impl Strategy<Value = CoverageRow> {
    let status = prop::sample::select(vec![
        CoverageStatus::Scanned,
        CoverageStatus::Partial,
        CoverageStatus::Denied,
        CoverageStatus::Failed,
        CoverageStatus::Unreachable,
        CoverageStatus::Skipped,
    ]);
    let cell = prop_oneof![
        region().prop_map(|region| Scope::Cell {
            region: Some(region),
            kind: KeyKind::KmsKey
        }),
        Just(Scope::Cell {
            region: None,
            kind: KeyKind::IamAccessKey
        }),
        Just(Scope::EveryRegion {
            kind: KeyKind::KmsKey
        }),
    ];
    let account = option::weighted(0.9, account());
    (account, cell, status, option::of(gap()), free_text()).prop_map(
        |(account, cell, status, gap, detail)| {
            let is_of_organization = account.is_none();
            let is_whole = matches!(
                status,
                CoverageStatus::Unreachable | CoverageStatus::Skipped
            );
            let scope = match is_of_organization || is_whole {
                true => Scope::WholeAccount,
                false => cell,
            };
            let gap = match status {
                CoverageStatus::Partial => gap.or(Some(Gap::NoTimeLeft)),
                _ => gap,
            };
            let listed = CellKeys {
                listed: 3,
                unreadable: 1,
                is_whole: true,
            };
            match (&account, &scope) {
                (Some(account), Scope::Cell { .. }) => {
                    let gaps: Vec<Gap> = gap.into_iter().collect();
                    CoverageRow::of_cell(account, scope, status, listed, &gaps, &detail)
                }
                (Some(account), _) => CoverageRow::unlisted(account, scope, status, gap, &detail),
                (None, _) => {
                    let gap = gap.unwrap_or(Gap::NoTimeLeft);
                    CoverageRow::of_organization(status, gap, &detail)
                }
            }
        },
    )
}

/// A reading in which every key has its own identity.
pub(crate) fn reading(keys: usize) -> impl Strategy<Value = Reading> {
    let ou_paths = btree_map(account().prop_map(|a| a.id), free_text(), 0..6);
    (vec(key(), 0..keys), vec(coverage_row(), 0..60), ou_paths).prop_map(
        |(mut keys, coverage, ou_paths)| {
            for (n, key) in keys.iter_mut().enumerate() {
                key.key_id.push_str(&format!("{n:06}"));
            }
            Reading {
                keys,
                coverage,
                ou_paths,
            }
        },
    )
}

/// A run with the usual threshold, at a time within the range of the keys'.
pub(crate) fn run() -> RunFacts {
    RunFacts {
        run_id: "11112222-3333-4444-5555-666677778888".to_owned(),
        now: "2026-11-21T02:00:07Z".parse().unwrap(),
        stale_after_days: 90,
        rotate_after_days: 90,
        member_role: "KeycensusReader".to_owned(),
        watch_days: 30,
        dependents: Switch::On,
        aws_managed: Switch::Off,
        read: ReadMode::All,
        read_again_days: 7,
        exempt_tag: "keycensus:exempt".to_owned(),
        owner_tags: vec!["owner".to_owned()],
        kinds: Family::ALL.into(),
    }
}
