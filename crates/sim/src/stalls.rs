//! Holds back what is sent to an endpoint that receives nothing.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::{Instant, sleep_until};

use crate::{
    operation::Service,
    state::State,
    wire::signature::{self, Scope},
    world::Stall,
};

impl State {
    /// Waits until the endpoint of a request receives something, and gives how long that took. Whoever does not sign is
    /// not held back.
    pub(crate) async fn receive(&self, headers: &HeaderMap) -> Duration {
        let mut held = Duration::ZERO;
        if self.world.stalls.is_empty() {
            return held;
        }
        let Ok(scope) = signature::read(headers) else {
            return held;
        };
        // Another stall may begin as one ends.
        while let Some(end) = self.end_of_stall(scope) {
            let began = Instant::now();
            sleep_until(end).await;
            held += began.elapsed();
        }
        held
    }

    fn end_of_stall(&self, scope: Scope<'_>) -> Option<Instant> {
        let at = self.clock.elapsed();
        let at_ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let stalls = self.world.stalls.iter();
        let ends = stalls.filter_map(|stall| stall.end_ms(at_ms).map(|end_ms| (stall, end_ms)));
        let end_ms = ends
            .filter(|(stall, _)| self.is_stalled(stall, scope))
            .map(|(_, end_ms)| end_ms)
            .max()?;
        Some(Instant::now() + Duration::from_millis(end_ms).saturating_sub(at))
    }

    fn is_stalled(&self, stall: &Stall, scope: Scope<'_>) -> bool {
        let is_of = |account: &String| {
            let service = Service::from_prefix(scope.service)?;
            let caller = self.sessions.authenticate(service, scope, self.clock.now());
            Some(caller.ok()?.account == *account)
        };
        stall
            .service
            .as_deref()
            .is_none_or(|name| name == scope.service)
            && stall
                .region
                .as_deref()
                .is_none_or(|name| name == scope.region)
            && stall
                .account
                .as_ref()
                .is_none_or(|account| is_of(account) == Some(true))
    }
}
