//! The connection to AWS that all accounts and Regions share: one configuration, one
//! limit of requests in flight, one count of calls, and STS, which lets into accounts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_config::SdkConfig;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use keycensus_core::{judge::summary::CallCounts, model::region::Region, settings::SettingsError};

use crate::transport::{
    call_error::{CallError, CallSite, Failure, SdkCall},
    calls::Calls,
    priority_semaphore::{
        Permit, PrioritySemaphore, Urgency,
        capacity::{Capacity, REQUESTS_IN_FLIGHT},
    },
    sts::Sts,
};

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(12);
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// The connection to AWS.
#[derive(Debug)]
pub struct Connection {
    config: SdkConfig,
    region: Region,
    capacity: Arc<Capacity>,
    in_flight: PrioritySemaphore,
    calls: Calls,
    sts: Sts,
}

impl Connection {
    /// Connects with `config`, whose retries and time limits are replaced by
    /// the census's own. Makes no call.
    ///
    /// # Errors
    /// `config` names no Region.
    pub(crate) fn new(config: SdkConfig) -> Result<Self, SettingsError> {
        let region = config.region().map(AsRef::as_ref).unwrap_or_default();
        let region = Region::parse(region).ok_or_else(|| {
            let what = match region {
                "" => "there is no AWS Region to run in".to_owned(),
                malformed => format!("the AWS Region to run in is {malformed:?}"),
            };
            SettingsError::Machine(format!(
                "{what}: set AWS_REGION, --region or a region in the profile to one such as eu-west-1"
            ))
        })?;
        let config = config
            .into_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .read_timeout(READ_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .build(),
            )
            .build();
        let capacity = Arc::default();
        Ok(Self {
            sts: Sts::new(&config, &region),
            config,
            region,
            in_flight: PrioritySemaphore::new(REQUESTS_IN_FLIGHT, &capacity),
            capacity,
            calls: Calls::default(),
        })
    }

    /// The configuration that every client is built from.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The Region the census runs in.
    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    /// STS, for all accounts.
    pub(crate) fn sts(&self) -> &Sts {
        &self.sts
    }

    /// How much may be under way at once.
    pub(crate) fn capacity(&self) -> &Arc<Capacity> {
        &self.capacity
    }

    /// Waits until one more request may be in flight.
    pub(crate) async fn permit(&self, urgency: Urgency) -> Permit {
        let permit = self.in_flight.permit(urgency).await;
        self.capacity.adjust().await;
        permit
    }

    /// Makes one request when it may be in flight, and counts it.
    pub(crate) async fn send<T, F: SdkCall<T>>(
        &self,
        operation: &'static str,
        site: &CallSite,
        request: impl FnOnce() -> F,
    ) -> Result<T, CallError> {
        let permit = self.permit(Urgency::FIRST).await;
        self.send_with(permit, operation, site, request).await
    }

    /// Makes one request for which there is a permit already, and counts it.
    pub(crate) async fn send_with<T, F: SdkCall<T>>(
        &self,
        permit: Permit,
        operation: &'static str,
        site: &CallSite,
        request: impl FnOnce() -> F,
    ) -> Result<T, CallError> {
        self.calls.sent(operation);
        // Boxed, because the SDK's futures are large and most callers wait.
        let answer = Box::pin(request()).await;
        drop(permit);
        answer.map_err(|error| {
            let error = CallError::new(operation, site, error);
            if error.failure == Failure::Throttled {
                self.calls.throttled(operation);
            }
            error
        })
    }

    /// Counts the calls of earlier invocations of the same run, too.
    pub(crate) fn add_calls(&self, earlier: &BTreeMap<String, CallCounts>) {
        self.calls.add(earlier);
    }

    /// How often each operation was called so far.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, CallCounts> {
        self.calls.snapshot()
    }
}
