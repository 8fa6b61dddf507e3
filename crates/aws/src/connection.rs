//! The connection to AWS that all accounts and Regions share: one HTTP client,
//! one pool of connections, one limit of requests in flight.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

pub use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{
    error::metadata::ProvideErrorMetadata, retry::RetryConfig, timeout::TimeoutConfig,
};
use keycensus_core::{region::Region, settings::SettingsError, summary::CallCounts};

use crate::{
    account_management::AccountManagement,
    call_error::{CallError, Failure, Place},
    calls::Calls,
    ec2,
    endpoint::Endpoint,
    in_flight::{InFlight, Permit, Urgency},
    operations::client,
    sts::Sts,
};

/// How many requests may be in flight at once. Lambda has 1,024 file
/// descriptors; idle connections take some of the rest.
pub(crate) const REQUESTS_IN_FLIGHT: usize = 448;
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(12);
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// The connection to AWS.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    region: Region,
    in_flight: InFlight,
    calls: Calls,
    account_management: AccountManagement,
    sts: Sts,
    kms: Clients<aws_sdk_kms::Client>,
    ec2: Clients<Arc<ec2::client::Client>>,
    iam: OnceLock<(aws_sdk_iam::Client, Arc<Endpoint>)>,
}

/// The clients of a service, one a Region.
type Clients<C> = Mutex<BTreeMap<Region, (C, Arc<Endpoint>)>>;

impl Aws {
    /// Connects with `config`, whose retries and time limits are replaced by
    /// the census's own. Makes no call.
    ///
    /// # Errors
    /// `config` names no Region.
    pub fn new(config: SdkConfig) -> Result<Self, SettingsError> {
        let region = config.region().map(AsRef::as_ref).unwrap_or_default();
        let region = Region::parse(region).ok_or_else(|| {
            SettingsError::Surroundings(format!(
                "the AWS Region to run in is {region:?}: set AWS_REGION, --region or a region in the profile to one such as eu-west-1"
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
        Ok(Self {
            account_management: AccountManagement::new(&config),
            sts: Sts::new(&config, &region),
            config,
            region,
            in_flight: InFlight::new(REQUESTS_IN_FLIGHT),
            calls: Calls::default(),
            kms: Mutex::default(),
            ec2: Mutex::default(),
            iam: OnceLock::new(),
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

    /// Account Management, for all accounts.
    pub(crate) fn account_management(&self) -> &AccountManagement {
        &self.account_management
    }

    /// STS, for all accounts.
    pub(crate) fn sts(&self) -> &Sts {
        &self.sts
    }

    /// KMS in a Region. There is one client a Region, for all accounts: whose
    /// credentials a call is made with is said in the call.
    pub(crate) fn kms(&self, region: &Region) -> (aws_sdk_kms::Client, Arc<Endpoint>) {
        let mut endpoints = self.kms.lock().unwrap_or_else(|e| e.into_inner());
        let endpoint = endpoints.entry(region.clone()).or_insert_with(|| {
            let region = aws_sdk_kms::config::Region::new(region.to_string());
            let client = client!(aws_sdk_kms, &self.config, region(region));
            (client, Arc::new(Endpoint::new()))
        });
        endpoint.clone()
    }

    /// EC2 in a Region, for all accounts.
    pub(crate) fn ec2(&self, region: &Region) -> (Arc<ec2::client::Client>, Arc<Endpoint>) {
        let mut endpoints = self.ec2.lock().unwrap_or_else(|e| e.into_inner());
        let endpoint = endpoints.entry(region.clone()).or_insert_with(|| {
            let client = ec2::client::Client::new(&self.config, region);
            (Arc::new(client), Arc::new(Endpoint::new()))
        });
        endpoint.clone()
    }

    /// IAM, which has one endpoint for all Regions of a partition; the Region
    /// its requests are signed for.
    pub(crate) fn iam(&self) -> (aws_sdk_iam::Client, Arc<Endpoint>, Region) {
        let region = self.region.partition_default();
        let (client, endpoint) = self.iam.get_or_init(|| {
            let region = aws_sdk_iam::config::Region::new(region.to_string());
            let client = client!(aws_sdk_iam, &self.config, region(region));
            (client, Arc::new(Endpoint::new()))
        });
        (client.clone(), Arc::clone(endpoint), region)
    }

    /// Waits until one more request may be in flight.
    pub(crate) async fn permit(&self, urgency: Urgency) -> Permit {
        self.in_flight.permit(urgency).await
    }

    /// Makes one request when it may be in flight, and counts it.
    pub(crate) async fn send<T, E, F>(
        &self,
        operation: &'static str,
        place: &Place,
        request: impl FnOnce() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let permit = self.permit(Urgency::FIRST).await;
        self.send_with(permit, operation, place, request).await
    }

    /// Makes one request for which there is a permit already, and counts it.
    pub(crate) async fn send_with<T, E, F>(
        &self,
        permit: Permit,
        operation: &'static str,
        place: &Place,
        request: impl FnOnce() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.calls.sent(operation);
        // Boxed, because the SDK's futures are large and most callers wait.
        let answer = Box::pin(request()).await;
        drop(permit);
        answer.map_err(|error| {
            let error = CallError::new(operation, place, error);
            if error.failure == Failure::Throttled {
                self.calls.throttled(operation);
            }
            error
        })
    }

    /// How often each operation was called so far.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, CallCounts> {
        self.calls.snapshot()
    }
}
