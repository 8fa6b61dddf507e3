//! Calls of neighbours. They are not simulated as time passes: a call to a quota that they share counts theirs first.

use std::time::Duration;

use crate::{
    aws::{
        operation::Operation,
        request_rates::{Group, quota},
    },
    log::calls::account_number,
    world::Neighbour,
};

/// Every neighbour of a world, by the quota that it uses.
#[derive(Debug)]
pub(super) struct Neighbourhood(Vec<(Group, Neighbour)>);

/// One neighbour's calls to one quota.
#[derive(Debug)]
pub(super) struct Arrivals {
    every: f64,
    count: u32,
}

impl Neighbourhood {
    pub(super) fn new(neighbours: &[Neighbour]) -> Self {
        let known = neighbours.iter().filter_map(|neighbour| {
            let operation = Operation::ALL
                .into_iter()
                .find(|operation| operation.name() == neighbour.operation)?;
            let (group, _) = quota(operation).filter(|_| neighbour.rps > 0.0)?;
            Some((group, neighbour.clone()))
        });
        Self(known.collect())
    }

    /// The neighbours that share one quota of one account and Region.
    pub(super) fn of(&self, group: Group, account: u64, region: &str) -> Vec<Arrivals> {
        let sharing = self.0.iter().filter(|(used, neighbour)| {
            let here = |id: &String| account_number(id) == account;
            *used == group
                && neighbour.account.as_ref().is_none_or(here)
                && neighbour.region.as_ref().is_none_or(|name| name == region)
        });
        sharing
            .map(|(_, neighbour)| Arrivals {
                every: 1.0 / neighbour.rps,
                count: 0,
            })
            .collect()
    }
}

impl Arrivals {
    /// The first call comes when the simulator starts.
    fn next(&self) -> Duration {
        Duration::try_from_secs_f64(f64::from(self.count) * self.every).unwrap_or(Duration::MAX)
    }
}

/// The earliest call of all neighbours until `until` that was not returned yet.
pub(super) fn next(neighbours: &mut [Arrivals], until: Duration) -> Option<Duration> {
    let first = neighbours
        .iter_mut()
        .min_by_key(|arrivals| arrivals.next())?;
    let arrival = first.next();
    if arrival > until {
        return None;
    }
    first.count += 1;
    Some(arrival)
}
