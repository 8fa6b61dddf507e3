//! The reading of the whole organization, put together from what was kept.

use std::sync::Arc;

use keycensus_core::{
    files::census_plan::CensusPlan,
    model::{
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        organization_reading::Reading,
        partial_reading::PartialReading,
    },
    settings::Settings,
};

use crate::{
    parts::index::Index, plan::selection::regions_enabled_nowhere, read::named_regions,
    run::RunContext,
};

/// What was read of the accounts of `plan`. An account that was not begun counts as out of time.
pub(crate) async fn reading(
    at: RunContext<'_>,
    settings: &Settings,
    plan: CensusPlan,
    index: &Index,
) -> Reading {
    let mut all = Reading::default();
    for account in &plan.accounts {
        let reading = index.load(at.aws, at.destination, account).await;
        let reading = reading.unwrap_or_else(|| {
            let status = CoverageStatus::Deferred;
            let no_time = Some(Gap::NoTimeLeft);
            let scope = Scope::WholeAccount;
            PartialReading::cut(CoverageRow::unlisted(account, scope, status, no_time, ""))
        });
        let (mut keys, mut coverage) = reading.finish(&Arc::clone(account));
        named_regions::say_what_is_not_enabled(account, settings, &mut coverage);
        all.keys.append(&mut keys);
        all.coverage.append(&mut coverage);
    }
    all.coverage
        .extend(regions_enabled_nowhere(settings, &all.coverage));
    all.coverage.extend(plan.left_out);
    all.ou_paths = plan.ou_paths;
    all
}
