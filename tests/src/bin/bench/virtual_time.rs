//! Runs in the simulator's virtual time.

use keycensus_sim::{World, world::QuotaModel};
use tests::Scenario;

use crate::worlds::{is_entered, is_read};

/// What a run in virtual time came to.
pub(crate) struct Virtual {
    pub(crate) makespan_s: f64,
    pub(crate) calls_per_key: f64,
    pub(crate) throttled_share: f64,
}

/// Runs a world under a model of AWS's quotas.
pub(crate) fn in_virtual_time(world: &World, model: QuotaModel) -> Virtual {
    let mut world = world.clone();
    world.quotas = model;
    world.now = tests::NOW.parse().ok();
    world.log = false;
    // The simulator's clock starts with it, so it must start inside.
    let (run, makespan_ms) = tests::in_virtual_time(async {
        let run = Scenario::in_world(world).run().await;
        let makespan_ms = run.aws.elapsed_ms();
        (run, makespan_ms)
    });
    let _ = run.summary();
    let calls = run.aws.calls();
    let count = |operation: &str| calls.sent(operation) as f64;
    let keys = run.aws.world().keys();
    let keys = keys.filter(|(account, key)| is_entered(account) && is_read(key));
    Virtual {
        makespan_s: makespan_ms as f64 / 1_000.0,
        calls_per_key: count("kms:GetKeyLastUsage") / keys.count() as f64,
        throttled_share: calls.throttled("kms:GetKeyLastUsage") as f64
            / count("kms:GetKeyLastUsage"),
    }
}
