//! Stalls: delays requests to an endpoint that receives nothing for a while.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::{Instant, sleep_until};

use crate::{
    aws::operation::Service,
    state::State,
    wire::signature::{self, Scope},
    world::Stall,
};

/// Waits until the endpoint of a request receives it, and returns how long that took. An unsigned request does not wait.
pub(crate) async fn wait(state: &State, headers: &HeaderMap) -> Duration {
    let mut held = Duration::ZERO;
    if state.world.stalls.is_empty() {
        return held;
    }
    let Ok(scope) = signature::read(headers) else {
        return held;
    };
    // Another stall may begin as one ends.
    while let Some(end) = end_of_stall(state, scope) {
        let began = Instant::now();
        sleep_until(end).await;
        held += began.elapsed();
    }
    held
}

fn end_of_stall(state: &State, scope: Scope<'_>) -> Option<Instant> {
    let at = state.clock.elapsed();
    let at_ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
    let stalls = state.world.stalls.iter();
    let end_ms = stalls
        .filter(|stall| is_stalled(state, stall, scope))
        .filter_map(|stall| stall.end_ms(at_ms))
        .max()?;
    Some(Instant::now() + Duration::from_millis(end_ms).saturating_sub(at))
}

/// Whether a stall is about the service, Region and account of a request.
fn is_stalled(state: &State, stall: &Stall, scope: Scope<'_>) -> bool {
    let account_is = |account: &String| {
        let service = Service::from_prefix(scope.service)?;
        let caller = state
            .sessions
            .authenticate(service, scope, state.clock.now());
        Some(caller.ok()?.account == *account)
    };
    let is = |wanted: &Option<String>, given: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted == given)
    };
    is(&stall.service, scope.service)
        && is(&stall.region, scope.region)
        && stall
            .account
            .as_ref()
            .is_none_or(|account| account_is(account) == Some(true))
}
