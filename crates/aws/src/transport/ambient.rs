//! What this machine says of how to reach AWS: profile, Region, credentials, network.

use aws_config::{
    BehaviorVersion, SdkConfig, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::{os_shim_internal::Env, region::Region};
use keycensus_core::settings::SettingsError;

use crate::transport::{network::Network, profile::Profile};

/// What the command line chooses of it, as `--profile` and `--region` of the AWS CLI do
/// (<https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The profile. Its credentials come before those in the environment.
    pub profile: Option<String>,
    /// The Region.
    pub region: Option<String>,
}

/// The ambient configuration: credentials (environment, profile, SSO, `aws login`,
/// credential process, Lambda's role), Region, endpoints, proxy and CA bundle. Makes no
/// call to a service of AWS.
///
/// # Errors
/// There is no such profile, its file cannot be read, or the proxy or the CA bundle is
/// none.
pub async fn ambient_config(chosen: Chosen) -> Result<SdkConfig, SettingsError> {
    let env = Env::real();
    let profile = Profile::read(chosen.profile, &env).await?;
    let network = Network::read(&env, &profile)?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(network.client())
        .profile_name(profile.name());
    if let Some(region) = chosen.region {
        loader = loader.region(Region::new(region));
    }
    let loaded = loader.load().await;
    let mut config = loaded.to_builder();
    if loaded.endpoint_url().is_some() {
        config.set_http_client(Some(network.client_of_one_endpoint()));
    }
    if profile.is_argument() {
        config.set_credentials_provider(Some(of_profile(&profile, &loaded)));
    }
    Ok(config.build())
}

/// Credentials of a profile and of nothing else: a profile that the command line names
/// comes before the environment's keys, as in the AWS CLI.
fn of_profile(profile: &Profile, config: &SdkConfig) -> SharedCredentialsProvider {
    let mut sources = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(http_client) = config.http_client() {
        sources = sources.with_http_client(http_client);
    }
    let credentials = ProfileFileCredentialsProvider::builder()
        .configure(&sources)
        .profile_name(profile.name())
        .build();
    SharedCredentialsProvider::new(credentials)
}
