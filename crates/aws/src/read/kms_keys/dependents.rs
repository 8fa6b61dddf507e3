//! Looking for what depends on those keys of a cell that are flagged or will be
//! deleted: the volumes, snapshots and grants.
//!
//! It runs beside the reading of keys, begins with the first key that asks, and takes
//! nothing of the pace of GetKeyLastUsage. Volumes and snapshots are listed once a
//! cell, for all keys; grants are asked for key by key.

use std::collections::BTreeMap;

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

/// Volumes or snapshots, and what kept the others from being counted.
#[derive(Default)]
struct Counted {
    by_key: ByKey,
    gap: Option<Gap>,
}

/// A key that asks what depends on it.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) key_id: String,
    pub(crate) arn: String,
}

/// The grants of a key by who has them, and what kept the others from being counted.
struct Granted {
    key: Asking,
    by_grantee: BTreeMap<String, u64>,
    gap: Option<Gap>,
}

/// Whether what depends on a key that was read is to be looked for.
pub(crate) fn are_wanted(context: KeyContext<'_>, key: &KeyReading) -> bool {
    let assessed = AssessedKey::new(key, context.settings.stale_after_days, context.now);
    context.settings.dependents == Switch::On && assessed.dependents_matter()
}

/// Looks for what depends on the keys that come in, until no more can come, and gives what it finds
/// by key ID. EC2 is connected to with the first.
pub(crate) async fn look_for<'e>(
    context: KeyContext<'_>,
    ec2: impl FnOnce() -> Ec2<'e>,
    mut wanted: mpsc::UnboundedReceiver<Asking>,
    found: mpsc::UnboundedSender<(String, Dependents)>,
) {
    if let Some(first) = wanted.recv().await {
        // Boxed, because most of the thousands of cells never get here.
        Box::pin(look(context, ec2(), first, wanted, found)).await;
    }
}

async fn look(
    context: KeyContext<'_>,
    ec2: Ec2<'_>,
    first: Asking,
    mut wanted: mpsc::UnboundedReceiver<Asking>,
    found: mpsc::UnboundedSender<(String, Dependents)>,
) {
    let rate_limit = RateLimit::new(GRANTS_RPS);
    let mut asking = FuturesUnordered::new();
    asking.push(grants_of(context, &rate_limit, first));
    let mut may_come = true;
    let mut volumes_and_snapshots = std::pin::pin!(volumes_and_snapshots(context, &ec2));
    let mut counted = None;
    // Keys whose volumes and snapshots are not counted yet.
    let mut waiting = Vec::new();
    loop {
        let has_room = asking.len() < KEYS_AT_ONCE;
        tokio::select! {
            // In this order, so that a seed of `make soak` replays its run.
            biased;
            both = &mut volumes_and_snapshots, if counted.is_none() => counted = Some(both),
            next = wanted.recv(), if may_come && has_room => match next {
                Some(key) => asking.push(grants_of(context, &rate_limit, key)),
                None => may_come = false,
            },
            Some(granted) = asking.next() => waiting.push(granted),
            else => return,
        }
        if let Some((volumes, snapshots)) = &counted {
            for granted in waiting.drain(..) {
                // The other end listens until this one is dropped.
                let _ = found.send(dependents(volumes, snapshots, granted));
            }
        }
    }
}

async fn volumes_and_snapshots(context: KeyContext<'_>, ec2: &Ec2<'_>) -> (Counted, Counted) {
    let (mut volumes, mut snapshots) = (Counted::default(), Counted::default());
    let (volumes_end, snapshots_end) = tokio::join!(
        context.deadline.or(ec2.volumes(&mut volumes.by_key)),
        context.deadline.or(ec2.snapshots(&mut snapshots.by_key)),
    );
    volumes.gap = gap(volumes_end, "not all EBS volumes are known");
    snapshots.gap = gap(snapshots_end, "not all EBS snapshots are known");
    (volumes, snapshots)
}

/// What an end of reading leaves unknown, which is logged.
fn gap(end: Result<Result<(), CallError>, NoTimeLeft>, what: &'static str) -> Option<Gap> {
    let unanswered = answer_or_log(end, what).err()?;
    Some(unanswered.gap())
}

async fn grants_of(context: KeyContext<'_>, rate_limit: &RateLimit, key: Asking) -> Granted {
    let mut by_grantee = BTreeMap::new();
    let end = context
        .deadline
        .or(context.kms.grants(rate_limit, &key.key_id, &mut by_grantee))
        .await;
    Granted {
        key,
        by_grantee,
        gap: gap(end, "not all grants of a key are known"),
    }
}

fn dependents(volumes: &Counted, snapshots: &Counted, granted: Granted) -> (String, Dependents) {
    let Asking { key_id, arn } = granted.key;
    let count = |counted: &Counted| counted.by_key.get(&arn).copied().unwrap_or(0);
    let gaps = [volumes.gap.clone(), snapshots.gap.clone(), granted.gap];
    let found = Dependents {
        ebs_volumes: count(volumes),
        ebs_snapshots: count(snapshots),
        grants: granted.by_grantee,
        gaps: gaps.into_iter().flatten().collect(),
    };
    (key_id, found)
}
