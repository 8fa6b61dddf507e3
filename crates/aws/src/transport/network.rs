//! The way to AWS: proxy, certificates, connections.

use std::time::Duration;

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::Env;
use keycensus_core::settings::SettingsError;

use crate::transport::{
    ca_bundle, priority_semaphore::capacity::REQUESTS_IN_FLIGHT, profile::Profile,
};

/// How many idle connections are kept for each of the about 22 endpoints.
const IDLE_CONNECTIONS_PER_ENDPOINT: usize = 22;
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The variables that name proxies, as the AWS CLI reads them: `NO_PROXY` names what is
/// reached without
/// (<https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html>).
const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// How AWS is reached from this machine.
#[derive(Debug)]
pub(crate) struct Network {
    trusted: TlsContext,
}

impl Network {
    /// Reads what the environment and the profile say.
    ///
    /// # Errors
    /// The proxy's URL is none, or the CA bundle has no certificate.
    pub(crate) fn read(env: &Env, profile: &Profile) -> Result<Self, SettingsError> {
        PROXIES
            .iter()
            .try_for_each(|variable| proxy(variable, env))?;
        let trusted = match ca_bundle::read(env, profile)? {
            Some(certificates) => TrustStore::empty().with_pem_certificate(certificates),
            None => TrustStore::default(),
        };
        let trusted = TlsContext::builder().with_trust_store(trusted).build();
        let trusted = trusted.map_err(|error| SettingsError::Machine(error.to_string()))?;
        Ok(Self { trusted })
    }

    /// Connections to many endpoints.
    pub(crate) fn client(&self) -> SharedHttpClient {
        self.connecting(IDLE_CONNECTIONS_PER_ENDPOINT)
    }

    /// Connections to one endpoint for everything, which may keep what all would have
    /// kept.
    pub(crate) fn client_of_one_endpoint(&self) -> SharedHttpClient {
        self.connecting(REQUESTS_IN_FLIGHT)
    }

    fn connecting(&self, idle_per_endpoint: usize) -> SharedHttpClient {
        let trusted = self.trusted.clone();
        // The SDK has no other way to a proxy that keeps its connectors, and with them
        // the connections.
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(trusted.clone())
                .proxy_config(ProxyConfig::from_env())
                .pool_idle_timeout(IDLE_TIMEOUT)
                .pool_max_idle_per_host(idle_per_endpoint);
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            connector.build()
        })
    }
}

/// Refuses a proxy that connections would go around without a word. Its URL may hold a
/// password, and is not repeated.
fn proxy(variable: &str, env: &Env) -> Result<(), SettingsError> {
    let url = env.get(variable).unwrap_or_default();
    let is_fine = |url: &str| ProxyConfig::all(url).is_ok();
    if url.is_empty()
        || is_fine(&url)
        || (!url.contains("://") && is_fine(&format!("http://{url}")))
    {
        return Ok(());
    }
    Err(SettingsError::Machine(format!(
        "{variable} is no URL of an HTTP proxy: give one such as http://proxy.example.com:3128"
    )))
}
