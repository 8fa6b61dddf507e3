//! What is left of a quota.

use std::time::Duration;

use crate::{aws::request_rates::Rate, world::QuotaModel};

/// What is left of one quota, in either model.
#[derive(Debug)]
pub(super) enum Allowance {
    Bucket { tokens: f64, filled: Duration },
    Window { second: u64, used: u32 },
}

impl Allowance {
    /// All of it, at the moment the simulator starts.
    pub(super) fn full(model: QuotaModel, rate: Rate) -> Self {
        match model {
            // A burst above the rate is a bucket's: windows have none.
            QuotaModel::FixedWindow if rate.burst == rate.per_second => {
                Self::Window { second: 0, used: 0 }
            }
            QuotaModel::Off | QuotaModel::TokenBucket | QuotaModel::FixedWindow => Self::Bucket {
                tokens: f64::from(rate.burst),
                filled: Duration::ZERO,
            },
        }
    }

    /// Takes one call from the quota at this moment, if it is not used up.
    pub(super) fn take(&mut self, rate: Rate, at: Duration) -> bool {
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
