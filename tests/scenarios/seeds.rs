//! The first of the seeded worlds; `make soak` runs thousands.

use std::thread;

use tests::soak::play;

const SEEDS: u64 = 300;
/// Worlds at a time: they share nothing.
const THREADS: u64 = 2;

#[test]
fn the_first_seeded_worlds_with_random_faults_keep_every_promise() {
    let share = |first: u64| (0..SEEDS).filter(move |seed| seed % THREADS == first);
    let threads: Vec<_> = (0..THREADS)
        .map(|first| thread::spawn(move || share(first).filter_map(failure).collect()))
        .collect();
    let failed: Vec<String> = threads
        .into_iter()
        .flat_map(|thread: thread::JoinHandle<Vec<String>>| thread.join().unwrap())
        .collect();
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
