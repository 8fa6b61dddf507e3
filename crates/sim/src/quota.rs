//! AWS's request quotas and two models of how they are enforced.
//!
//! AWS publishes rates, not algorithms. A bucket that refills steadily is the usual guess; a window of one second is
//! the other, and is harsher on clients that spend their calls in bursts across a boundary.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{operation::Operation, world::QuotaModel};

/// Requests a second, and how many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    per_second: u32,
    burst: u32,
}

/// A rate whose burst is one second's worth.
const fn steady(per_second: u32) -> Rate {
    Rate {
        per_second,
        burst: per_second,
    }
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
pub(crate) const GET_KEY_LAST_USAGE: Rate = steady(5);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
pub(crate) const DESCRIBE_KEY: Rate = steady(2000);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
pub(crate) const LIST_RESOURCE_TAGS: Rate = steady(2000);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
pub(crate) const LIST_KEYS: Rate = steady(500);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
pub(crate) const LIST_ALIASES: Rate = steady(500);
/// All STS calls together: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(crate) const STS: Rate = steady(600);
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub(crate) const LIST_ACCOUNTS: Rate = Rate {
    per_second: 8,
    burst: 12,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub(crate) const LIST_ACCOUNTS_FOR_PARENT: Rate = Rate {
    per_second: 5,
    burst: 8,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub(crate) const LIST_UNITS_FOR_PARENT: Rate = Rate {
    per_second: 6,
    burst: 10,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub(crate) const DESCRIBE_UNIT: Rate = Rate {
    per_second: 10,
    burst: 15,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub(crate) const LIST_PARENTS: Rate = Rate {
    per_second: 10,
    burst: 15,
};

/// Calls that share one quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group {
    /// An operation with a quota of its own.
    One(Operation),
    /// Every STS operation.
    Sts,
}

/// The quota an operation counts against, or `None` when the simulator sets no limit.
fn quota(operation: Operation) -> Option<(Group, Rate)> {
    let rate = match operation {
        Operation::GetCallerIdentity | Operation::AssumeRole => return Some((Group::Sts, STS)),
        Operation::GetKeyLastUsage => GET_KEY_LAST_USAGE,
        Operation::DescribeKey => DESCRIBE_KEY,
        Operation::ListResourceTags => LIST_RESOURCE_TAGS,
        Operation::ListKeys => LIST_KEYS,
        Operation::ListAliases => LIST_ALIASES,
        Operation::ListAccounts => LIST_ACCOUNTS,
        Operation::ListAccountsForParent => LIST_ACCOUNTS_FOR_PARENT,
        Operation::ListOrganizationalUnitsForParent => LIST_UNITS_FOR_PARENT,
        Operation::DescribeOrganizationalUnit => DESCRIBE_UNIT,
        Operation::ListParents => LIST_PARENTS,
        _ => return None,
    };
    Some((Group::One(operation), rate))
}

/// What is left of one quota, in either model.
#[derive(Debug)]
enum Allowance {
    Bucket { tokens: f64, filled: Duration },
    Window { second: u64, used: u32 },
}

impl Allowance {
    fn full(model: QuotaModel, rate: Rate, at: Duration) -> Self {
        match model {
            QuotaModel::FixedWindow => Self::Window {
                second: at.as_secs(),
                used: 0,
            },
            QuotaModel::Off | QuotaModel::TokenBucket => Self::Bucket {
                tokens: f64::from(rate.burst),
                filled: at,
            },
        }
    }

    fn take(&mut self, rate: Rate, at: Duration) -> bool {
        match self {
            Self::Bucket { tokens, filled } => {
                let refill = at.saturating_sub(*filled).as_secs_f64() * f64::from(rate.per_second);
                *tokens = (*tokens + refill).min(f64::from(rate.burst));
                *filled = at;
                // A refill of exactly one token may fall short of 1 by a rounding error.
                let allowed = *tokens >= 1.0 - 1e-9;
                if allowed {
                    *tokens -= 1.0;
                }
                allowed
            }
            Self::Window { second, used } => {
                if *second != at.as_secs() {
                    (*second, *used) = (at.as_secs(), 0);
                }
                let allowed = *used < rate.per_second;
                *used += u32::from(allowed);
                allowed
            }
        }
    }
}

/// One quota's state in each Region that was called.
type ByRegion = Vec<(Box<str>, Allowance)>;

/// The quotas of every account and Region.
#[derive(Debug)]
pub(crate) struct Quotas {
    model: QuotaModel,
    allowances: Mutex<HashMap<(u64, Group), ByRegion>>,
}

impl Quotas {
    pub(crate) fn new(model: QuotaModel) -> Self {
        Self {
            model,
            allowances: Mutex::default(),
        }
    }

    /// Whether a call at this moment (since the simulator started) is within its quota, which it then uses up.
    pub(crate) fn take(
        &self,
        operation: Operation,
        account: u64,
        region: &str,
        at: Duration,
    ) -> bool {
        let Some((group, rate)) = quota(operation).filter(|_| self.model != QuotaModel::Off) else {
            return true;
        };
        let mut allowances = self
            .allowances
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let regions = allowances.entry((account, group)).or_default();
        if let Some((_, allowance)) = regions.iter_mut().find(|(name, _)| **name == *region) {
            return allowance.take(rate, at);
        }
        let mut allowance = Allowance::full(self.model, rate, at);
        let allowed = allowance.take(rate, at);
        regions.push((region.into(), allowance));
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    const ACCOUNT: u64 = 222_222_222_222;

    /// How many of `calls` calls, one every `step`, are allowed.
    async fn allowed(model: QuotaModel, operation: Operation, calls: u32, step: Duration) -> u32 {
        let quotas = Quotas::new(model);
        let clock = Clock::starting_at(None);
        let mut allowed = 0;
        for _ in 0..calls {
            allowed += u32::from(quotas.take(operation, ACCOUNT, "eu-west-1", clock.elapsed()));
            tokio::time::sleep(step).await;
        }
        allowed
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_cut_at_the_bucket_size() {
        let none = Duration::ZERO;
        assert_eq!(
            allowed(
                QuotaModel::TokenBucket,
                Operation::GetKeyLastUsage,
                20,
                none
            )
            .await,
            5
        );
        assert_eq!(
            allowed(QuotaModel::TokenBucket, Operation::ListAccounts, 20, none).await,
            12
        );
        assert_eq!(
            allowed(QuotaModel::FixedWindow, Operation::ListAccounts, 20, none).await,
            8
        );
        assert_eq!(
            allowed(QuotaModel::Off, Operation::GetKeyLastUsage, 20, none).await,
            20
        );
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_the_rate_are_never_throttled_in_either_model() {
        let step = Duration::from_millis(200);
        for model in [QuotaModel::TokenBucket, QuotaModel::FixedWindow] {
            assert_eq!(
                allowed(model, Operation::GetKeyLastUsage, 100, step).await,
                100,
                "{model:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_twice_the_rate_are_halved_in_the_long_run() {
        let step = Duration::from_millis(100);
        for model in [QuotaModel::TokenBucket, QuotaModel::FixedWindow] {
            let allowed = allowed(model, Operation::GetKeyLastUsage, 1000, step).await;
            assert!(
                (500..=505).contains(&allowed),
                "{model:?} allowed {allowed}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_fixed_window_opens_anew_with_each_second_of_the_clock() {
        let quotas = Quotas::new(QuotaModel::FixedWindow);
        let take = |millis| {
            quotas.take(
                Operation::GetKeyLastUsage,
                ACCOUNT,
                "eu-west-1",
                Duration::from_millis(millis),
            )
        };
        assert!((0..5).all(|_| take(990)));
        assert!(!take(999));
        assert!((0..5).all(|_| take(1000)));
        assert!(!take(1001));
    }

    #[tokio::test(start_paused = true)]
    async fn accounts_regions_and_operations_have_their_own_quotas() {
        let quotas = Quotas::new(QuotaModel::TokenBucket);
        let spend = |operation, account, region| {
            (0..9)
                .filter(|_| quotas.take(operation, account, region, Duration::ZERO))
                .count()
        };
        assert_eq!(spend(Operation::GetKeyLastUsage, ACCOUNT, "eu-west-1"), 5);
        assert_eq!(spend(Operation::GetKeyLastUsage, ACCOUNT, "us-east-1"), 5);
        assert_eq!(spend(Operation::GetKeyLastUsage, 1, "eu-west-1"), 5);
        assert_eq!(spend(Operation::DescribeKey, ACCOUNT, "eu-west-1"), 9);
    }
}
