//! Looking for what depends on those keys of a cell that are flagged or will be
//! deleted: the volumes, snapshots and grants.
//!
//! It goes on beside the reading of keys, begins with the first key that asks, and takes
//! nothing of the pace of GetKeyLastUsage. Volumes and snapshots are listed once a
//! cell, for all keys; grants are asked for key by key.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use keycensus_core::{
    judge::flagged::AssessedKey,
    model::{dependents::Dependents, gap::Gap, reading::KeyReading},
    settings::Switch,
};

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

/// A search for what depends on keys of a cell.
pub(crate) struct Search<'a> {
    context: KeyContext<'a>,
    rate_limit: Arc<RateLimit>,
    /// Keys whose grants are not asked for yet.
    queue: VecDeque<Asking>,
    asking: FuturesUnordered<BoxFuture<'a, Granted>>,
    counting: BoxFuture<'a, (Counted, Counted)>,
    /// Volumes and snapshots, when they are counted.
    counted: Option<(Counted, Counted)>,
    /// Keys whose volumes and snapshots are not counted yet.
    waiting: VecDeque<Granted>,
}

impl<'a> Search<'a> {
    /// A search without a key.
    pub(crate) fn new(context: KeyContext<'a>, ec2: Ec2<'a>) -> Self {
        Self {
            context,
            rate_limit: Arc::new(RateLimit::new(GRANTS_RPS)),
            queue: VecDeque::new(),
            asking: FuturesUnordered::new(),
            counting: Box::pin(volumes_and_snapshots(context, ec2)),
            counted: None,
            waiting: VecDeque::new(),
        }
    }

    /// Asks for one more key.
    pub(crate) fn ask(&mut self, key: Asking) {
        self.queue.push_back(key);
    }

    /// The next key whose dependents are known, by its ID; `None` where none is asked for.
    /// Cancel-safe: what was found stays until it is given.
    pub(crate) async fn next(&mut self) -> Option<(String, Dependents)> {
        loop {
            while self.asking.len() < KEYS_AT_ONCE
                && let Some(key) = self.queue.pop_front()
            {
                let rate_limit = Arc::clone(&self.rate_limit);
                let grants = grants_of(self.context, rate_limit, key);
                self.asking.push(Box::pin(grants));
            }
            if let Some((volumes, snapshots)) = &self.counted
                && let Some(granted) = self.waiting.pop_front()
            {
                return Some(dependents(volumes, snapshots, granted));
            }
            tokio::select! {
                // In this order, so that a seed of `make soak` replays its run.
                biased;
                both = &mut self.counting, if self.counted.is_none() => self.counted = Some(both),
                Some(granted) = self.asking.next() => self.waiting.push_back(granted),
                else => return None,
            }
        }
    }
}

async fn volumes_and_snapshots(context: KeyContext<'_>, ec2: Ec2<'_>) -> (Counted, Counted) {
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

async fn grants_of(context: KeyContext<'_>, rate_limit: Arc<RateLimit>, key: Asking) -> Granted {
    let mut by_grantee = BTreeMap::new();
    let end = context
        .deadline
        .or(context
            .kms
            .grants(&rate_limit, &key.key_id, &mut by_grantee))
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
