//! The first of the seeded worlds; `make soak` runs thousands.

use tests::soak::broken_promises;

const SEEDS: u64 = 300;

#[test]
fn the_first_seeded_worlds_with_random_faults_keep_every_promise() {
    let mut failed = Vec::new();
    for seed in 0..SEEDS {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let broken = runtime.block_on(broken_promises(seed));
        if !broken.is_empty() {
            failed.push(format!(
                "make soak SEEDS=1 FIRST={seed}: {}",
                broken.join("; ")
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
