//! Reading one KMS key.

use std::sync::Arc;

use aws_sdk_kms::types::{
    KeyManagerType, KeyMetadata, MultiRegionConfiguration, MultiRegionKeyType, Tag,
};
use jiff::Timestamp;
use keycensus_core::{
    key_policy::{Guard, guard_days},
    reading::{Gap, KeyKind, KeyReading, Manager, MultiRegion, MultiRegionRole, Usage},
    settings::Switch,
    verdict::{is_pending_deletion, judge},
};

use crate::{cell::Cell, stop::NoTimeLeft, usage::timestamp};

/// A key as ListKeys returns it.
pub(crate) struct Listed {
    pub(crate) key_id: String,
    pub(crate) arn: String,
}

impl Listed {
    /// The key with this ID, which no listing has told.
    pub(crate) fn named(key_id: &str) -> Self {
        Self {
            key_id: key_id.to_owned(),
            arn: String::new(),
        }
    }
}

/// A key that was read. Boxed, because thousands wait for the rest of their cell.
pub(crate) type ReadKey = Box<KeyReading>;

/// Reads a key: what KMS says of it, its tags, its last use, and where nobody uses
/// it, what its rotations add to its price.
pub(crate) async fn read_key(cell: &Cell<'_>, listed: Listed) -> ReadKey {
    // What is waited for is boxed, and the key made only when KMS has described it:
    // tens of thousands of keys wait here.
    let described = cell
        .stop
        .or(Box::pin(cell.kms.describe(&listed.key_id, cell.now)))
        .await;
    let mut key = unknown(cell, listed);
    match described {
        Err(NoTimeLeft) => key.usage = Usage::Unreadable(Gap::NoTimeLeft),
        Ok(Ok(metadata)) => describe(&mut key, *metadata),
        Ok(Err(error)) => {
            error.log_gap("a key could not be read");
            key.usage = Usage::Unreadable(error.gap());
        }
    }
    if key.manager == Some(Manager::Customer) {
        Box::pin(read_customer_key(cell, &mut key)).await;
    }
    cell.progress.key_read();
    cell.kms.requests.key_done();
    key
}

/// A key of which nothing is known yet but that it is listed.
fn unknown(cell: &Cell<'_>, listed: Listed) -> ReadKey {
    Box::new(KeyReading {
        account: Arc::clone(cell.account),
        region: Some(cell.region.clone()),
        kind: KeyKind::KmsKey,
        key_id: listed.key_id,
        arn: listed.arn,
        names: Vec::new(),
        owner: None,
        exemption: None,
        manager: None,
        state: None,
        created_at: None,
        usage: Usage::NotAsked,
        told_at: None,
        tags_gap: None,
        multi_region: None,
        rotations: None,
        before_deletion: None,
    })
}

fn describe(key: &mut KeyReading, metadata: KeyMetadata) {
    key.manager = Some(match metadata.key_manager {
        Some(KeyManagerType::Aws) => Manager::Aws,
        _ => Manager::Customer,
    });
    key.state = metadata.key_state.map(|state| state.as_str().to_owned());
    key.created_at = metadata.creation_date.and_then(timestamp);
    key.multi_region = metadata.multi_region_configuration.and_then(multi_region);
    if let Some(arn) = metadata.arn {
        key.arn = arn;
    }
    if let Some(date) = metadata.deletion_date.and_then(timestamp) {
        key.before_deletion.get_or_insert_default().deletion_date = Some(date);
    }
}

/// The set of multi-Region keys that a key belongs to, where KMS says so in full.
fn multi_region(told: MultiRegionConfiguration) -> Option<Box<MultiRegion>> {
    let role = match told.multi_region_key_type? {
        MultiRegionKeyType::Primary => MultiRegionRole::Primary,
        MultiRegionKeyType::Replica => MultiRegionRole::Replica,
        _ => return None,
    };
    let replicas = told.replica_keys.unwrap_or_default();
    Some(Box::new(MultiRegion {
        role,
        primary_region: told.primary_key?.region?,
        replica_regions: replicas.into_iter().filter_map(|key| key.region).collect(),
    }))
}

/// Tags, guard and last use of a customer's key, at the same time.
async fn read_customer_key(cell: &Cell<'_>, key: &mut KeyReading) {
    let is_pending_deletion = key.state.as_deref().is_some_and(is_pending_deletion);
    let usage = async {
        match is_pending_deletion {
            true => Usage::NotAsked,
            false => usage(cell, &key.key_id, key.created_at).await,
        }
    };
    let tags = cell.stop.or(Box::pin(cell.kms.tags(&key.key_id)));
    let guard = Box::pin(guard(cell, key));
    let (tags, guard, usage) = tokio::join!(tags, guard, usage);
    key.usage = usage;
    if guard.is_some() {
        key.before_deletion.get_or_insert_default().guard = guard;
    }
    match tags {
        Err(NoTimeLeft) => key.tags_gap = Some(Gap::NoTimeLeft),
        Ok(Ok(tags)) => {
            key.owner = first_of(&tags, &cell.settings.owner_tags);
            key.exemption = first_of(&tags, std::slice::from_ref(&cell.settings.exempt_tag));
        }
        Ok(Err(error)) => {
            error.log_gap("a key's tags could not be read");
            key.tags_gap = Some(error.gap());
        }
    }
    let judgement = judge(key, cell.settings.stale_after_days, cell.now);
    if judgement.verdict.says_unused() && key.exemption.is_none() {
        key.rotations = rotations(cell, &key.key_id).await;
    }
}

/// How the key policy guards a key, where that is to be read. `None` where it is not,
/// or could not be.
async fn guard(cell: &Cell<'_>, key: &KeyReading) -> Option<Guard> {
    if cell.settings.audit_guard == Switch::Off {
        return None;
    }
    let policy = match cell.stop.or(cell.kms.policy(&key.key_id)).await {
        Ok(Ok(policy)) => policy,
        Ok(Err(error)) => {
            error.log_gap("how a key is guarded is not known");
            return None;
        }
        Err(NoTimeLeft) => return None,
    };
    match guard_days(&policy, &key.arn) {
        Ok(guard) => Some(guard),
        // What is wrong with it could show what is in it.
        Err(_) => {
            tracing::warn!(
                account.id = %key.account.id,
                aws.region = %cell.region,
                "how a key is guarded is not known: its key policy cannot be evaluated"
            );
            None
        }
    }
}

/// How often a key that is to be reported was rotated, because rotations cost.
/// `None` where that could not be read; the price then leaves them out.
pub(crate) async fn rotations(cell: &Cell<'_>, key_id: &str) -> Option<u32> {
    match cell.stop.or(Box::pin(cell.kms.rotations(key_id))).await {
        Ok(Ok(rotations)) => Some(rotations),
        // A key whose material KMS cannot rotate.
        Ok(Err(error)) if &*error.code == "UnsupportedOperationException" => Some(0),
        Ok(Err(error)) => {
            error.log_gap("what a key's rotations cost is not known");
            None
        }
        Err(NoTimeLeft) => None,
    }
}

/// The value of the first of `keys` that is among `tags`.
fn first_of(tags: &[Tag], keys: &[String]) -> Option<String> {
    let value = |key: &String| tags.iter().find(|tag| tag.tag_key() == key);
    keys.iter()
        .find_map(value)
        .map(|tag| tag.tag_value().to_owned())
}

/// When a key was used last, at the cell's pace.
pub(crate) async fn usage(cell: &Cell<'_>, key_id: &str, created_at: Option<Timestamp>) -> Usage {
    let usage = cell.kms.last_usage(key_id, created_at, cell.now);
    match cell.stop.or(Box::pin(usage)).await {
        Err(NoTimeLeft) => Usage::Unreadable(Gap::NoTimeLeft),
        Ok(Ok(usage)) => usage,
        Ok(Err(error)) => {
            error.log_gap("a key's last usage could not be read");
            Usage::Unreadable(error.gap())
        }
    }
}
