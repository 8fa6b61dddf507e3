//! Where the world comes from: a file or the generator.

use std::{fs, path::PathBuf};

use clap::Args;
use keycensus_sim::{
    Generator, World,
    world::{Moment, QuotaModel},
};

use super::ProgramError;

/// Where the world comes from.
#[derive(Debug, Args)]
pub(crate) struct WorldSource {
    /// World file; without it a world is generated.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["accounts", "regions", "keys", "users_per_account", "secrets_per_account", "service_credentials_per_user", "seed"])]
    world: Option<PathBuf>,
    /// Accounts of the generated organization.
    #[arg(long, default_value_t = 20)]
    accounts: usize,
    /// Regions of the generated organization.
    #[arg(long, default_value_t = 4)]
    regions: usize,
    /// Customer managed keys of the generated organization, in all active accounts together.
    #[arg(long, default_value_t = 500)]
    keys: usize,
    /// IAM users in every active account of the generated organization.
    #[arg(long, default_value_t = 5)]
    users_per_account: usize,
    /// Secrets in every active account of the generated organization; their replicas come on top.
    #[arg(long, default_value_t = 0)]
    secrets_per_account: usize,
    /// The most service-specific credentials of a user of the generated organization.
    #[arg(long, default_value_t = 0)]
    service_credentials_per_user: usize,
    /// Seed of the generated organization: the same seed gives the same one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Start the clock at this time (such as 2026-11-21T02:00:00Z) instead of the world's or the machine's.
    #[arg(long, value_name = "TIME")]
    now: Option<Moment>,
    /// Begin this much earlier (such as 24h), with a world in which nothing has happened yet of what happened since.
    #[arg(long, value_name = "TIME")]
    clock_back: Option<Moment>,
    /// Enforce AWS's request quotas, whatever the world file says.
    #[arg(long)]
    quotas: bool,
}

impl WorldSource {
    /// The world.
    #[expect(
        clippy::disallowed_methods,
        reason = "a generated world follows the machine's clock"
    )]
    pub(crate) fn world(&self) -> Result<World, ProgramError> {
        let machine = jiff::Timestamp::now();
        let now = self.now.map(|moment| moment.resolve(machine));
        let mut world = match &self.world {
            Some(path) => {
                let shown = path.display().to_string();
                let text = fs::read_to_string(path).map_err(|source| ProgramError::Read {
                    path: shown.clone(),
                    source,
                })?;
                World::parse(&text).map_err(|error| ProgramError::World {
                    path: shown,
                    message: error.to_string(),
                })?
            }
            None => {
                let generator = Generator {
                    accounts: self.accounts,
                    regions: self.regions,
                    keys: self.keys,
                    users_per_account: self.users_per_account,
                    secrets_per_account: self.secrets_per_account,
                    service_credentials_per_user: self.service_credentials_per_user,
                    seed: self.seed,
                    now: now.unwrap_or(machine),
                    ..Generator::default()
                };
                let mut world = generator.generate();
                world.now = None;
                world
            }
        };
        world.now = now.or(world.now);
        if let Some(back) = self.clock_back {
            let now = world.now.unwrap_or(machine);
            world = world.earlier(now, now.duration_since(back.resolve(now)));
        }
        if self.quotas && world.quotas == QuotaModel::Off {
            world.quotas = QuotaModel::TokenBucket;
        }
        Ok(world)
    }
}
