//! The worlds that are measured, and the time in which no program could do them.

use keycensus_sim::{
    Generator, World,
    world::{Account, AccountState, Key, KeyManager, KeyState, Neighbour, Stall},
};

/// GetKeyLastUsage requests a second in an account and Region.
pub(crate) const RATE: f64 = 5.0;
/// ListAccounts: requests a second, and how many at once.
const LIST_ACCOUNTS: (f64, f64) = (8.0, 12.0);
const ACCOUNTS_A_PAGE: usize = 20;

/// A world and what it is to show.
pub(crate) struct Bench {
    pub(crate) name: &'static str,
    pub(crate) world: World,
    /// What is left of [`RATE`] beside neighbours.
    pub(crate) rate_left: f64,
}

fn generated(accounts: usize, regions: usize, keys: usize, users_per_account: usize) -> World {
    let mut world = Generator {
        accounts,
        regions,
        keys,
        users_per_account,
        seed: 1,
        refusals: false,
        ..Generator::default()
    }
    .generate();
    (world.latency_ms, world.jitter_ms) = (20, 20);
    world
}

/// One account and Region of so many customer managed keys, and no other key.
pub(crate) fn one_cell(keys: usize) -> World {
    with_one_cell(generated(2, 1, 0, 0), keys)
}

/// As many accounts and keys as the largest organizations have.
pub(crate) fn large() -> World {
    let mut large = generated(5_000, 17, 200_000, 10);
    (large.latency_ms, large.jitter_ms) = (4, 4);
    large
}

/// As many accounts, and 1,000,000 keys.
pub(crate) fn of_a_million_keys() -> World {
    generated(5_000, 17, 1_000_000, 10)
}

/// Every world.
pub(crate) fn benches() -> Vec<Bench> {
    let plain = |name, world| Bench {
        name,
        world,
        rate_left: RATE,
    };
    let mut far = generated(10, 3, 500, 5);
    (far.latency_ms, far.jitter_ms) = (300, 50);
    let mut shared = generated(10, 3, 1_000, 5);
    shared.neighbours = vec![Neighbour::new("kms:GetKeyLastUsage", 2.0)];
    let mut stalling = generated(10, 3, 1_000, 5);
    stalling.stalls = stalls();
    vec![
        plain("S", generated(10, 3, 500, 5)),
        plain("M", generated(500, 17, 20_000, 5)),
        plain("L", large()),
        plain("skewed", with_one_cell(generated(10, 3, 500, 5), 4_400)),
        Bench {
            name: "neighbours",
            world: shared,
            rate_left: RATE - 2.0,
        },
        plain("latency", far),
        plain("stalls", stalling),
    ]
}

/// KMS stalls: for three seconds three times a minute, and for parts of a second more
/// often.
fn stalls() -> Vec<Stall> {
    [
        (5_000, 3_000, 20_000),
        (2_000, 400, 7_000),
        (3_500, 900, 13_000),
    ]
    .map(|(from_ms, for_ms, every_ms)| Stall {
        service: Some("kms".to_owned()),
        from_ms,
        for_ms,
        every_ms: Some(every_ms),
        ..Stall::default()
    })
    .into()
}

/// One cell of so many keys, among others where there are any.
fn with_one_cell(mut world: World, keys: usize) -> World {
    if let Some(account) = world.accounts.iter_mut().rfind(|a| is_entered(a)) {
        let region = account.regions[0].clone();
        account.keys.retain(|key| key.region != region);
        account.keys.extend((0..keys).map(|n| Key {
            id: format!("44440000-0000-4000-8000-{n:012}"),
            ..Key::new(region.clone())
        }));
    }
    world
}

/// The time in which no program could do it: for each account, until its page of
/// ListAccounts can be there, its chain of calls, and its longest cell at the rate
/// that is left. IAM's rates are not documented, so its cell counts with the time
/// that a credential report takes and with its chain of calls. While anything stalls,
/// nothing is done.
pub(crate) fn bound(world: &World, rate_left: f64) -> f64 {
    let latency = (world.latency_ms as f64 + world.jitter_ms as f64 / 2.0) / 1_000.0;
    // GetCallerIdentity, HeadBucket; AssumeRole, ListRegions, ListKeys,
    // DescribeKey, GetKeyLastUsage; two times three files.
    let round_trips = 2.0 + 5.0 + 6.0;
    let mut longest: f64 = 0.0;
    for (n, account) in world
        .accounts
        .iter()
        .enumerate()
        .filter(|(_, a)| is_entered(a))
    {
        let pages = (n / ACCOUNTS_A_PAGE + 1) as f64;
        let listed = (pages * latency).max((pages - LIST_ACCOUNTS.1) / LIST_ACCOUNTS.0);
        let cell = account.regions.iter().map(|region| {
            let keys = account.keys.iter();
            keys.filter(|key| key.region == *region && is_read(key))
                .count()
        });
        // The first request of a cell need not wait.
        let reading = (cell.max().unwrap_or(0) as f64 - 1.0).max(0.0) / rate_left;
        let credential_report = match account.users.is_empty() {
            true => 0.0,
            false => account.credential_report.takes_ms as f64 / 1_000.0,
        };
        longest = longest.max(listed + round_trips * latency + reading.max(credential_report));
    }
    with_stalls(world, longest)
}

/// When so many seconds have passed in which nothing stalls.
fn with_stalls(world: &World, seconds: f64) -> f64 {
    let goes_on = |at_ms: &u64| {
        world
            .stalls
            .iter()
            .all(|stall| stall.end_ms(*at_ms).is_none())
    };
    let passed = (0..).filter(goes_on).nth((seconds * 1_000.0) as usize);
    passed.unwrap_or_default() as f64 / 1_000.0
}

/// Whether the census can enter an account.
pub(crate) fn is_entered(account: &Account) -> bool {
    account.state == AccountState::Active && !account.role.is_empty()
}

/// Whether a key's last usage is to be read.
pub(crate) fn is_read(key: &Key) -> bool {
    key.manager == KeyManager::Customer
        && !matches!(
            key.state,
            KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
        )
}
