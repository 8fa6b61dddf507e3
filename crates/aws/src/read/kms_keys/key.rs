//! Reading one KMS key.

use std::sync::Arc;

use aws_sdk_kms::types::{
    KeyManagerType, KeyMetadata, MultiRegionConfiguration, MultiRegionKeyType,
};
use jiff::Timestamp;
use keycensus_core::{
    judge::verdict::{is_pending_deletion, judge},
    model::{
        account::Account,
        gap::Gap,
        key_policy::{Guard, guard_days},
        reading::{KeyKind, KeyReading, Manager, MultiRegion, MultiRegionRole, Usage},
        region::Region,
    },
    settings::{Settings, Switch},
};

use crate::{
    deadline::{Deadline, unanswered::answer_or_log},
    read::{last_night::LastCell, tags::first_of},
    services::kms::Kms,
    transport::timestamps::timestamp,
};

/// What a key is read with.
#[derive(Clone, Copy)]
pub(crate) struct KeyContext<'a> {
    pub(crate) kms: &'a Kms<'a>,
    pub(crate) account: &'a Arc<Account>,
    pub(crate) region: &'a Region,
    pub(crate) settings: &'a Settings,
    pub(crate) deadline: &'a Deadline,
    /// The moment the run began.
    pub(crate) now: Timestamp,
    /// What the last report has of the cell; `None`: all of it is read.
    pub(crate) last: Option<&'a LastCell>,
}

/// A key as ListKeys returns it.
pub(crate) struct ListedKeyId {
    pub(crate) key_id: String,
    pub(crate) arn: String,
}

/// A key that was read. Boxed, because thousands wait for the rest of their context.
pub(crate) type ReadKey = Box<KeyReading>;

/// Reads a key: its metadata, its tags, its last use, and for one that is not used, what its
/// rotations add to its price.
pub(crate) async fn read_key(context: KeyContext<'_>, listed: ListedKeyId) -> ReadKey {
    // What is waited for is boxed, and the key made only when KMS has described it:
    // tens of thousands of keys wait here.
    let described = context
        .deadline
        .or(Box::pin(context.kms.describe(&listed.key_id, context.now)))
        .await;
    let mut key = unknown(context, listed);
    match answer_or_log(described, "a key could not be read") {
        Ok(metadata) => describe(&mut key, *metadata),
        Err(unanswered) => key.usage = Usage::Unreadable(unanswered.gap()),
    }
    if key.manager == Some(Manager::Customer) {
        Box::pin(read_customer_key(context, &mut key)).await;
    }
    key
}

/// A key that AWS manages, as the last report has it, if its names show that it need not be
/// described.
pub(crate) fn managed_by_aws(
    context: KeyContext<'_>,
    listed: &ListedKeyId,
    names: &[String],
) -> Option<ReadKey> {
    let ListedKeyId { key_id, arn } = listed;
    let listed = ListedKeyId {
        key_id: key_id.clone(),
        arn: arn.clone(),
    };
    let key = context
        .last?
        .managed_by_aws(&unknown(context, listed), names)?;
    Some(Box::new(key))
}

/// A key that there was no time left to read.
pub(crate) fn unread_key(context: KeyContext<'_>, listed: ListedKeyId) -> ReadKey {
    let mut key = unknown(context, listed);
    key.usage = Usage::Unreadable(Gap::NoTimeLeft);
    key
}

/// A key of which nothing is known yet but that it is listed.
fn unknown(context: KeyContext<'_>, listed: ListedKeyId) -> ReadKey {
    let region = Some(context.region.clone());
    let ListedKeyId { key_id, arn } = listed;
    Box::new(KeyReading::listed(
        context.account,
        region,
        KeyKind::KmsKey,
        key_id,
        arn,
    ))
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
fn multi_region(configuration: MultiRegionConfiguration) -> Option<Box<MultiRegion>> {
    let role = match configuration.multi_region_key_type? {
        MultiRegionKeyType::Primary => MultiRegionRole::Primary,
        MultiRegionKeyType::Replica => MultiRegionRole::Replica,
        _ => return None,
    };
    let replicas = configuration.replica_keys.unwrap_or_default();
    Some(Box::new(MultiRegion {
        role,
        primary_region: configuration.primary_key?.region?,
        replica_regions: replicas.into_iter().filter_map(|key| key.region).collect(),
    }))
}

/// Tags, guard and last use of a customer's key, at the same time; of one that is in use by the last
/// report and need not be read, the guard.
async fn read_customer_key(context: KeyContext<'_>, key: &mut KeyReading) {
    if let Some(last) = context.last.and_then(|cell| cell.usage_of(key)) {
        let guard = Box::pin(guard(context, key)).await;
        if guard.is_some() {
            key.before_deletion.get_or_insert_default().guard = guard;
        }
        key.take_over(last);
        return;
    }
    let is_pending_deletion = key.state.as_deref().is_some_and(is_pending_deletion);
    let usage = async {
        match is_pending_deletion {
            true => Usage::NotRead,
            false => usage(context, &key.key_id, key.created_at).await,
        }
    };
    let tags = context.deadline.or(Box::pin(context.kms.tags(&key.key_id)));
    let guard = Box::pin(guard(context, key));
    let (tags, guard, usage) = tokio::join!(tags, guard, usage);
    key.usage = usage;
    if guard.is_some() {
        key.before_deletion.get_or_insert_default().guard = guard;
    }
    match answer_or_log(tags, "a key's tags could not be read") {
        Ok(tags) => {
            let tags = tags.iter().map(|tag| (tag.tag_key(), tag.tag_value()));
            key.owner = first_of(tags.clone(), &context.settings.owner_tags);
            key.exemption = first_of(tags, std::slice::from_ref(&context.settings.exempt_tag));
        }
        Err(unanswered) => key.tags_gap = Some(unanswered.gap()),
    }
    let judgement = judge(key, context.settings.stale_after_days, context.now);
    if judgement.verdict.means_unused() && key.exemption.is_none() {
        key.rotations = rotations(context, &key.key_id).await;
    }
}

/// How the key policy guards a key, where that is to be read. `None` where it is not,
/// or could not be.
async fn guard(context: KeyContext<'_>, key: &KeyReading) -> Option<Guard> {
    if context.settings.audit_guard == Switch::Off {
        return None;
    }
    let policy = context.deadline.or(context.kms.policy(&key.key_id)).await;
    let policy = answer_or_log(policy, "how a key is guarded is not known").ok()?;
    match guard_days(&policy, &key.arn) {
        Ok(guard) => Some(guard),
        // What is wrong with it could show what is in it.
        Err(_) => {
            tracing::warn!(
                account.id = %key.account.id,
                aws.region = %context.region,
                "how a key is guarded is not known: its key policy cannot be evaluated"
            );
            None
        }
    }
}

/// How often a key that is to be reported was rotated, because rotations cost.
/// `None` where that could not be read; the price then leaves them out.
pub(crate) async fn rotations(context: KeyContext<'_>, key_id: &str) -> Option<u32> {
    let rotations = context.deadline.or(Box::pin(context.kms.rotations(key_id)));
    match rotations.await {
        // A key whose material KMS cannot rotate.
        Ok(Err(error)) if &*error.code == "UnsupportedOperationException" => Some(0),
        rotations => answer_or_log(rotations, "what a key's rotations cost is not known").ok(),
    }
}

/// When a key was used last, at the cell's pace.
pub(crate) async fn usage(
    context: KeyContext<'_>,
    key_id: &str,
    created_at: Option<Timestamp>,
) -> Usage {
    let usage = context.kms.last_usage(key_id, created_at, context.now);
    let usage = context.deadline.or(Box::pin(usage)).await;
    answer_or_log(usage, "a key's last usage could not be read")
        .unwrap_or_else(|unanswered| Usage::Unreadable(unanswered.gap()))
}
