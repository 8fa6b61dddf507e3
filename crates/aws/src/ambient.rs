//! What this machine says of how to reach AWS: profile, Region, credentials, network.

use aws_config::{
    BehaviorVersion, SdkConfig,
    profile::{ProfileFileCredentialsProvider, ProfileSet},
    provider_config::ProviderConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::{
    os_shim_internal::{Env, Fs},
    region::Region,
};
use keycensus_core::settings::SettingsError;

use crate::network::Network;

/// The profile that is used when none is named.
const DEFAULT_PROFILE: &str = "default";

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

/// The profile that is used.
#[derive(Debug)]
pub(crate) struct Profile {
    spelling: &'static str,
    set: ProfileSet,
}

impl Profile {
    const ARGUMENT: &str = "--profile";
    const VARIABLE: &str = "AWS_PROFILE";

    async fn read(argument: Option<String>, env: &Env) -> Result<Self, SettingsError> {
        let variable = env.get(Self::VARIABLE).ok();
        let (spelling, name) = match argument {
            Some(name) => (Self::ARGUMENT, Some(name)),
            None => (Self::VARIABLE, variable.filter(|name| !name.is_empty())),
        };
        let name = name.unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
        let (disk, usual_files) = (Fs::real(), Default::default());
        let set = aws_config::profile::load(&disk, env, &usual_files, Some(name.into()));
        let set = set.await.map_err(|error| {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            SettingsError::Surroundings(format!("{error}{cause}: mend {}", files(env)))
        })?;
        let profile = Self { spelling, set };
        profile.is_there(env)?;
        Ok(profile)
    }

    fn is_there(&self, env: &Env) -> Result<(), SettingsError> {
        let name = self.name();
        if name == DEFAULT_PROFILE || self.set.get_profile(name).is_some() {
            return Ok(());
        }
        let likeness = |other: &str| strsim::normalized_damerau_levenshtein(other, name);
        let closest = self
            .set
            .profiles()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let right = match closest {
            Some(closest) => format!("did you mean {closest}?"),
            None => "there is no profile at all".to_owned(),
        };
        Err(SettingsError::Refused {
            spelling: self.spelling.to_owned(),
            text: name.to_owned(),
            problem: format!("there is no such profile in {}: {right}", files(env)),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.set.selected_profile()
    }

    /// A property of it.
    pub(crate) fn get(&self, property: &str) -> Option<&str> {
        self.set.get(property).filter(|value| !value.is_empty())
    }

    fn is_argument(&self) -> bool {
        self.spelling == Self::ARGUMENT
    }
}

/// Where profiles are.
fn files(env: &Env) -> String {
    let file = |variable, usual: &str| env.get(variable).unwrap_or_else(|_| usual.to_owned());
    format!(
        "{} or {}",
        file("AWS_CONFIG_FILE", "~/.aws/config"),
        file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    )
}
