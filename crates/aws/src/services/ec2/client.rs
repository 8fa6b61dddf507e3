//! EC2 in one Region, for all accounts, without its SDK crate.

use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_runtime::auth::{
    SigV4OperationSigningConfig,
    sigv4::{SCHEME_ID, SigV4AuthScheme},
};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::{identity::IdentityCache, orchestrator::operation::Operation};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{
            AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
            static_resolver::StaticAuthSchemeOptionResolver,
        },
        identity::{SharedIdentityCache, SharedIdentityResolver},
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        result::SdkError,
        runtime_components::RuntimeComponentsBuilder,
        runtime_plugin::StaticRuntimePlugin,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::Layer, error::metadata::ErrorMetadata};
use aws_types::{SigningName, region::Region as SdkRegion};
use keycensus_core::model::region::Region;

use super::{
    answer::{self, Page},
    endpoint,
};
use crate::transport::{answer::ShapeOfAnswer, operations::OnlyListed};

/// The version of EC2's API, since long before KMS.
const VERSION: &str = "2016-11-15";

/// EC2 in one Region.
#[derive(Debug)]
pub(crate) struct Client {
    config: SdkConfig,
    region: Region,
    /// The census's own credentials, and where they are kept between calls.
    own: Option<SharedIdentityResolver>,
    kept: SharedIdentityCache,
}

impl Client {
    /// EC2 in `region`, as `config` says; makes no call.
    pub(crate) fn new(config: &SdkConfig, region: &Region) -> Self {
        let own = config.credentials_provider();
        Self {
            config: config.clone(),
            region: region.clone(),
            own: own.map(SharedIdentityResolver::new),
            kept: IdentityCache::lazy().build(),
        }
    }

    /// Makes one request, in the account that `credentials` are for; the census's
    /// own where there are none.
    pub(crate) async fn call(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
        credentials: Option<Credentials>,
    ) -> Result<Page, SdkError<ErrorMetadata, HttpResponse>> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", action)
            .append_pair("Version", VERSION)
            .extend_pairs(parameters)
            .finish();
        let url = endpoint::url(&self.config, &self.region)
            .await
            .map_err(SdkError::construction_failure)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where a request is put together by hand, and only listed ones leave"
        )]
        let operation = Operation::builder();
        let mut operation = operation
            .service_name("EC2")
            .operation_name(action)
            .endpoint_url(&url)
            .no_retry()
            .interceptor(OnlyListed)
            .interceptor(ShapeOfAnswer)
            .interceptor(UserAgentInterceptor::new())
            .runtime_plugin(self.signature(credentials));
        if let Some(http_client) = self.config.http_client() {
            operation = operation.http_client(http_client);
        }
        if let Some(sleep) = self.config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(clock) = self.config.time_source() {
            operation = operation.time_source(clock);
        }
        if let Some(limits) = self.config.timeout_config() {
            operation = operation.timeout_config(limits.clone());
        }
        operation
            .serializer(request)
            .deserializer(page)
            .build()
            .invoke(form)
            .await
    }

    /// What signs a request, and for whom.
    fn signature(&self, credentials: Option<Credentials>) -> StaticRuntimePlugin {
        let mut config = Layer::new("EC2's signature");
        config.store_put(ApiMetadata::new("ec2", env!("CARGO_PKG_VERSION")));
        config.store_put(AuthSchemeOptionResolverParams::new(()));
        config.store_put(SigV4OperationSigningConfig {
            name: Some(SigningName::from_static("ec2")),
            region: Some(SdkRegion::new(self.region.to_string()).into()),
            ..SigV4OperationSigningConfig::default()
        });
        let (identity, cache) = match credentials {
            Some(credentials) => {
                let provider = SharedCredentialsProvider::new(credentials);
                let identity = SharedIdentityResolver::new(provider);
                (Some(identity), IdentityCache::no_cache())
            }
            None => (self.own.clone(), self.kept.clone()),
        };
        let mut components = RuntimeComponentsBuilder::new("EC2's signature");
        components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )));
        components.set_identity_cache(Some(cache));
        if let Some(identity) = identity {
            components.set_identity_resolver(SCHEME_ID, identity);
        }
        StaticRuntimePlugin::new()
            .with_config(config.freeze())
            .with_runtime_components(components)
    }
}

fn request(form: String) -> Result<HttpRequest, BoxError> {
    let length = form.len();
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.set_uri("/")?;
    let headers = request.headers_mut();
    headers.insert("content-type", "application/x-www-form-urlencoded");
    headers.insert("content-length", length.to_string());
    Ok(request)
}

fn page(response: &HttpResponse) -> Result<Page, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(answer::error(body)));
    }
    // Without a code, it is an answer that cannot be read.
    let unreadable = |_| OrchestratorError::operation(ErrorMetadata::builder().build());
    answer::page(body).map_err(unreadable)
}
