//! AWS's request quotas, two models of how they are enforced, and the neighbours that share them.
//!
//! AWS publishes rates, not algorithms. A bucket that refills steadily is the usual guess; a window of one second is
//! the other, and throttles clients earlier that send bursts across a boundary.

mod allowance;
mod neighbours;

use std::{collections::HashMap, sync::Mutex, time::Duration};

use self::{
    allowance::Allowance,
    neighbours::{Arrivals, Neighbourhood},
};
use crate::{
    aws::{
        operation::Operation,
        request_rates::{Group, Rate, quota},
    },
    lock::lock,
    log::calls::Count,
    world::{Neighbour, QuotaModel},
};

/// The quotas of every account and Region.
#[derive(Debug)]
pub(crate) struct Quotas {
    model: QuotaModel,
    neighbourhood: Neighbourhood,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    shares: HashMap<(u64, Group), ByRegion>,
    by_neighbours: Count,
}

/// One quota's state in each Region that was called.
type ByRegion = Vec<(Box<str>, Share)>;

/// One quota of one account and Region, and the neighbours that use it.
#[derive(Debug)]
struct Share {
    allowance: Allowance,
    neighbours: Vec<Arrivals>,
}

impl Quotas {
    pub(crate) fn new(model: QuotaModel, neighbours: &[Neighbour]) -> Self {
        Self {
            model,
            neighbourhood: Neighbourhood::new(neighbours),
            spent: Mutex::default(),
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
        let mut spent = lock(&self.spent);
        let Spent {
            shares,
            by_neighbours,
        } = &mut *spent;
        let regions = shares.entry((account, group)).or_default();
        if let Some((_, share)) = regions.iter_mut().find(|(name, _)| **name == *region) {
            return share.take(rate, at, by_neighbours);
        }
        let mut share = Share {
            allowance: Allowance::full(self.model, rate),
            neighbours: self.neighbourhood.of(group, account, region),
        };
        let allowed = share.take(rate, at, by_neighbours);
        regions.push((region.into(), share));
        allowed
    }

    /// What neighbours have called and how much of it was throttled, up to the last call that shared a quota with them.
    pub(crate) fn neighbour_calls(&self) -> Count {
        lock(&self.spent).by_neighbours
    }
}

impl Share {
    /// As [`Allowance::take`], after what the neighbours have taken up to this moment.
    fn take(&mut self, rate: Rate, at: Duration, by_neighbours: &mut Count) -> bool {
        while let Some(arrival) = neighbours::next(&mut self.neighbours, at) {
            let allowed = self.allowance.take(rate, arrival);
            *by_neighbours += Count {
                sent: 1,
                throttled: u64::from(!allowed),
            };
        }
        self.allowance.take(rate, at)
    }
}

#[cfg(test)]
mod tests;
