//! Looking for what depends on those keys of a cell that are flagged or will be
//! deleted: the volumes, snapshots and grants.
//!
//! It runs beside the reading of keys, begins with the first key that asks, and takes
//! nothing of the pace of GetKeyLastUsage. Volumes and snapshots are listed once a
//! cell, for all keys; grants are asked for key by key.

use std::collections::{BTreeMap, HashMap};

use futures_util::stream::{FuturesUnordered, StreamExt};
use keycensus_core::{
    judge::flagged::AssessedKey,
    model::{dependents::Dependents, gap::Gap, reading::KeyReading},
    settings::Switch,
};
use tokio::sync::mpsc;

use crate::{
    deadline::{NoTimeLeft, unanswered::answer_or_log},
    read::kms_keys::key::KeyContext,
    services::{
        ec2::{ByKey, Ec2},
        kms::GRANTS_RPS,
    },
    transport::{call_error::CallError, rate_limit::RateLimit},
};

/// How many keys are asked about at once: enough to keep the pace of ListGrants.
const KEYS_AT_ONCE: usize = 8;

/// What was found in a cell.
pub(crate) struct FoundDependents {
    volumes: Counted,
    snapshots: Counted,
    /// By key ID.
    grants: HashMap<String, Granted>,
}

/// Volumes or snapshots, and what kept the others from being counted.
#[derive(Default)]
struct Counted {
    by_key: ByKey,
    gap: Option<Gap>,
}

/// The grants of a key by who has them, and what kept the others from being counted.
struct Granted {
    by_grantee: BTreeMap<String, u64>,
    gap: Option<Gap>,
}

/// Whether what depends on a key that was read is to be looked for.
pub(crate) fn are_wanted(context: KeyContext<'_>, key: &KeyReading) -> bool {
    let assessed = AssessedKey::new(key, context.settings.stale_after_days, context.now);
    context.settings.dependents == Switch::On && assessed.dependents_matter()
}

/// Looks for what depends on the keys whose IDs come in, until no more can come;
/// `None` where none has. EC2 is connected to with the first.
pub(crate) async fn look_for<'e>(
    context: KeyContext<'_>,
    ec2: impl FnOnce() -> Ec2<'e>,
    mut wanted: mpsc::UnboundedReceiver<String>,
) -> Option<FoundDependents> {
    let first = wanted.recv().await?;
    // Boxed, because most of the thousands of cells never get here.
    Some(Box::pin(look(context, ec2(), first, wanted)).await)
}

async fn look(
    context: KeyContext<'_>,
    ec2: Ec2<'_>,
    first: String,
    wanted: mpsc::UnboundedReceiver<String>,
) -> FoundDependents {
    let (mut volumes, mut snapshots) = (Counted::default(), Counted::default());
    let (volumes_end, snapshots_end, grants) = tokio::join!(
        context.deadline.or(ec2.volumes(&mut volumes.by_key)),
        context.deadline.or(ec2.snapshots(&mut snapshots.by_key)),
        grants(context, first, wanted),
    );
    volumes.gap = gap(volumes_end, "not all EBS volumes are known");
    snapshots.gap = gap(snapshots_end, "not all EBS snapshots are known");
    FoundDependents {
        volumes,
        snapshots,
        grants,
    }
}

/// What an end of reading leaves unknown, which is logged.
fn gap(end: Result<Result<(), CallError>, NoTimeLeft>, what: &'static str) -> Option<Gap> {
    let unanswered = answer_or_log(end, what).err()?;
    Some(unanswered.gap())
}

async fn grants(
    context: KeyContext<'_>,
    first: String,
    mut wanted: mpsc::UnboundedReceiver<String>,
) -> HashMap<String, Granted> {
    let rate_limit = RateLimit::new(GRANTS_RPS);
    let mut asking = FuturesUnordered::new();
    asking.push(grants_of(context, &rate_limit, first));
    let mut found = HashMap::new();
    let mut may_come = true;
    loop {
        let has_room = asking.len() < KEYS_AT_ONCE;
        tokio::select! {
            // In this order, so that a seed of `make soak` replays its run.
            biased;
            next = wanted.recv(), if may_come && has_room => match next {
                Some(key_id) => asking.push(grants_of(context, &rate_limit, key_id)),
                None => may_come = false,
            },
            Some((key_id, granted)) = asking.next() => {
                found.insert(key_id, granted);
            }
            else => return found,
        }
    }
}

async fn grants_of(
    context: KeyContext<'_>,
    rate_limit: &RateLimit,
    key_id: String,
) -> (String, Granted) {
    let mut by_grantee = BTreeMap::new();
    let end = context
        .deadline
        .or(context.kms.grants(rate_limit, &key_id, &mut by_grantee))
        .await;
    let gap = gap(end, "not all grants of a key are known");
    (key_id, Granted { by_grantee, gap })
}

impl FoundDependents {
    /// What depends on a key that asked.
    pub(crate) fn of(&mut self, key: &KeyReading) -> Option<Dependents> {
        let granted = self.grants.remove(&key.key_id)?;
        let count = |counted: &Counted| counted.by_key.get(&key.arn).copied().unwrap_or(0);
        let gaps = [
            self.volumes.gap.clone(),
            self.snapshots.gap.clone(),
            granted.gap,
        ];
        Some(Dependents {
            ebs_volumes: count(&self.volumes),
            ebs_snapshots: count(&self.snapshots),
            grants: granted.by_grantee,
            gaps: gaps.into_iter().flatten().collect(),
        })
    }
}
