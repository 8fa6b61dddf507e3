//! A key, as a part has it.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    files::gap_cell::GapJson,
    model::{
        account::Account,
        before_deletion::BeforeDeletion,
        dependents::Dependents,
        gap::Gap,
        key_policy::Guard,
        reading::{KeyKind, KeyReading, LastUse, Manager, MultiRegion, MultiRegionRole, Usage},
        refused_uses::{RefusedUse, RefusedUses},
        region::Region,
    },
};

/// A key. What it does not have is left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRecord<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Cow<'a, str>>,
    kind: Cow<'a, str>,
    key_id: Cow<'a, str>,
    arn: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exemption: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manager: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    usage: UsageRecord<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage_read_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tags_gap: Option<GapJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    multi_region: Option<MultiRegionRecord<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotations: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before_deletion: Option<BeforeDeletionRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum UsageRecord<'a> {
    NotRead,
    Recorded(LastUseRecord<'a>),
    NoneRecorded {
        tracked_since: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        created_at: Option<Timestamp>,
    },
    Unreadable(GapJson),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastUseRecord<'a> {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cloudtrail_event_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_request_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracked_since: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MultiRegionRecord<'a> {
    role: Cow<'a, str>,
    primary_region: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replica_regions: Vec<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BeforeDeletionRecord<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deletion_date: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dependents: Option<DependentsRecord<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_uses: Option<RefusedUsesRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedUsesRecord<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<(Timestamp, Cow<'a, str>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap: Option<GapJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DependentsRecord<'a> {
    ebs_volumes: u64,
    ebs_snapshots: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    grants: BTreeMap<Cow<'a, str>, u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapJson>,
}

impl<'a> KeyRecord<'a> {
    pub(super) fn new(key: &'a KeyReading) -> Self {
        Self {
            region: key.region.as_ref().map(|region| region.as_str().into()),
            kind: key.kind.as_str().into(),
            key_id: (&key.key_id).into(),
            arn: (&key.arn).into(),
            names: texts(&key.names),
            owner: optional(key.owner.as_deref()),
            exemption: optional(key.exemption.as_deref()),
            manager: key.manager.map(|manager| manager.as_str().into()),
            state: optional(key.state.as_deref()),
            created_at: key.created_at,
            expires_at: key.expires_at,
            usage: UsageRecord::new(&key.usage),
            usage_read_at: key.usage_read_at,
            tags_gap: key.tags_gap.as_ref().map(GapJson::new),
            multi_region: key.multi_region.as_deref().map(MultiRegionRecord::new),
            rotations: key.rotations,
            before_deletion: key
                .before_deletion
                .as_deref()
                .map(BeforeDeletionRecord::new),
        }
    }

    /// The key, which is one of `account`; `None` where it is not as this version writes it.
    pub(super) fn read(self, account: &Arc<Account>) -> Option<KeyReading> {
        Some(KeyReading {
            account: Arc::clone(account),
            region: match self.region {
                Some(region) => Some(Region::parse(&region)?),
                None => None,
            },
            kind: KeyKind::parse(&self.kind)?,
            key_id: self.key_id.into_owned(),
            arn: self.arn.into_owned(),
            names: owned_texts(self.names),
            owner: owned(self.owner),
            exemption: owned(self.exemption),
            manager: match self.manager {
                Some(manager) => Some(Manager::parse(&manager)?),
                None => None,
            },
            state: owned(self.state),
            created_at: self.created_at,
            expires_at: self.expires_at,
            usage: self.usage.read()?,
            usage_read_at: self.usage_read_at,
            tags_gap: match self.tags_gap {
                Some(gap) => Some(gap.gap()?),
                None => None,
            },
            multi_region: match self.multi_region {
                Some(set) => Some(Box::new(set.read()?)),
                None => None,
            },
            rotations: self.rotations,
            before_deletion: match self.before_deletion {
                Some(found) => Some(Box::new(found.read()?)),
                None => None,
            },
        })
    }
}

impl<'a> UsageRecord<'a> {
    fn new(usage: &'a Usage) -> Self {
        match usage {
            Usage::NotRead => Self::NotRead,
            Usage::Recorded(last_use) => Self::Recorded(LastUseRecord {
                at: last_use.at,
                operation: optional(last_use.operation.as_deref()),
                service: optional(last_use.service.as_deref()),
                region: optional(last_use.region.as_deref()),
                cloudtrail_event_id: optional(last_use.cloudtrail_event_id.as_deref()),
                kms_request_id: optional(last_use.kms_request_id.as_deref()),
                tracked_since: last_use.tracked_since,
            }),
            Usage::NoneRecorded {
                tracked_since,
                created_at,
            } => Self::NoneRecorded {
                tracked_since: *tracked_since,
                created_at: *created_at,
            },
            Usage::Unreadable(gap) => Self::Unreadable(GapJson::new(gap)),
        }
    }

    fn read(self) -> Option<Usage> {
        Some(match self {
            Self::NotRead => Usage::NotRead,
            Self::Recorded(last_use) => Usage::Recorded(LastUse {
                at: last_use.at,
                operation: owned(last_use.operation),
                service: owned(last_use.service),
                region: owned(last_use.region),
                cloudtrail_event_id: owned(last_use.cloudtrail_event_id),
                kms_request_id: owned(last_use.kms_request_id),
                tracked_since: last_use.tracked_since,
            }),
            Self::NoneRecorded {
                tracked_since,
                created_at,
            } => Usage::NoneRecorded {
                tracked_since,
                created_at,
            },
            Self::Unreadable(gap) => Usage::Unreadable(gap.gap()?),
        })
    }
}

impl<'a> MultiRegionRecord<'a> {
    fn new(set: &'a MultiRegion) -> Self {
        Self {
            role: set.role.as_str().into(),
            primary_region: (&set.primary_region).into(),
            replica_regions: texts(&set.replica_regions),
        }
    }

    fn read(self) -> Option<MultiRegion> {
        Some(MultiRegion {
            role: MultiRegionRole::parse(&self.role)?,
            primary_region: self.primary_region.into_owned(),
            replica_regions: owned_texts(self.replica_regions),
        })
    }
}

impl<'a> BeforeDeletionRecord<'a> {
    fn new(found: &'a BeforeDeletion) -> Self {
        Self {
            deletion_date: found.deletion_date,
            guard: found.guard.map(|guard| guard.to_string()),
            dependents: found.dependents.as_ref().map(|found| DependentsRecord {
                ebs_volumes: found.ebs_volumes,
                ebs_snapshots: found.ebs_snapshots,
                grants: found
                    .grants
                    .iter()
                    .map(|(grantee, n)| (grantee.into(), *n))
                    .collect(),
                gaps: found.gaps.iter().map(GapJson::new).collect(),
            }),
            refused_uses: found.refused_uses.as_ref().map(|found| RefusedUsesRecord {
                count: found.count,
                last: found.last.as_ref().map(|last| (last.at, (&last.by).into())),
                gap: found.gap.as_ref().map(GapJson::new),
            }),
        }
    }

    fn read(self) -> Option<BeforeDeletion> {
        Some(BeforeDeletion {
            deletion_date: self.deletion_date,
            guard: match self.guard {
                Some(guard) => Some(Guard::parse(&guard)?),
                None => None,
            },
            dependents: match self.dependents {
                Some(found) => Some(found.read()?),
                None => None,
            },
            refused_uses: match self.refused_uses {
                Some(found) => Some(found.read()?),
                None => None,
            },
        })
    }
}

impl RefusedUsesRecord<'_> {
    fn read(self) -> Option<RefusedUses> {
        Some(RefusedUses {
            count: self.count,
            last: self.last.map(|(at, by)| RefusedUse {
                at,
                by: by.into_owned(),
            }),
            gap: match self.gap {
                Some(gap) => Some(gap.gap()?),
                None => None,
            },
        })
    }
}

impl DependentsRecord<'_> {
    fn read(self) -> Option<Dependents> {
        let grants = self.grants.into_iter();
        let gaps = self.gaps.into_iter().map(GapJson::gap);
        Some(Dependents {
            ebs_volumes: self.ebs_volumes,
            ebs_snapshots: self.ebs_snapshots,
            grants: grants
                .map(|(grantee, n)| (grantee.into_owned(), n))
                .collect(),
            gaps: gaps.collect::<Option<Vec<Gap>>>()?,
        })
    }
}

fn optional(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(Cow::Borrowed)
}

fn owned(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(Cow::into_owned)
}

fn texts(texts: &[String]) -> Vec<Cow<'_, str>> {
    texts.iter().map(Cow::from).collect()
}

fn owned_texts(texts: Vec<Cow<'_, str>>) -> Vec<String> {
    texts.into_iter().map(Cow::into_owned).collect()
}
