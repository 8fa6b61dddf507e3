//! The first of the seeded worlds; `make soak` runs thousands.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tests::soak::play;

const SEEDS: u64 = 300;
/// Worlds at a time: they share nothing.
const THREADS: usize = 2;

#[test]
fn the_first_seeded_worlds_with_random_faults_keep_every_promise() {
    // Some take several times as long as others: each thread takes the next that nobody has.
    let (next, failed) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let take = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEEDS {
                break;
            }
            if let Some(failure) = failure(seed) {
                failed.lock().unwrap().push(failure);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(take);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What did not hold in the world of `seed`.
fn failure(seed: u64) -> Option<String> {
    let broken = play(seed).broken;
    let failure = || format!("make soak SEEDS=1 FIRST={seed}: {}", broken.join("; "));
    (!broken.is_empty()).then(failure)
}

#[test]
fn a_seed_replays_its_run_call_by_call() {
    for seed in 0..5 {
        let (first, again) = (play(seed).calls, play(seed).calls);
        let same = first.iter().zip(&again).take_while(|(a, b)| a == b).count();
        assert_eq!(first.get(same), again.get(same), "seed {seed}, call {same}");
        assert!(!first.is_empty());
    }
}
