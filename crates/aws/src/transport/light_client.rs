//! A service in one Region, for all accounts, without its SDK crate: put together from the parts that the SDK's own
//! clients are made of. For services of which an operation or two is called and whose crate takes long to compile.

use std::fmt::Debug;

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

use crate::transport::{answer::ShapeOfAnswer, operations::OnlyListed};

mod endpoint;

/// What differs between services.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its ID as the SDK has it: `EC2`.
    pub(crate) id: &'static str,
    /// What the names of its endpoints begin with, and what requests are signed for: `ec2`.
    pub(crate) name: &'static str,
    /// Whether its usual endpoint in GovCloud is the FIPS one, and has no other name
    /// (<https://aws.amazon.com/compliance/fips/>).
    pub(crate) is_fips_in_govcloud: bool,
    /// Where its requests go.
    pub(crate) path: &'static str,
    /// What its requests contain.
    pub(crate) content_type: &'static str,
}

/// A service in one Region.
#[derive(Debug)]
pub(crate) struct LightClient {
    service: &'static Service,
    config: SdkConfig,
    region: Region,
    /// The census's own credentials, and where they are kept between calls.
    own: Option<SharedIdentityResolver>,
    kept: SharedIdentityCache,
}

impl LightClient {
    /// `service` in `region`, as `config` says; makes no call.
    pub(crate) fn new(service: &'static Service, config: &SdkConfig, region: &Region) -> Self {
        let own = config.credentials_provider();
        Self {
            service,
            config: config.clone(),
            region: region.clone(),
            own: own.map(SharedIdentityResolver::new),
            kept: IdentityCache::lazy().build(),
        }
    }

    /// Makes one request, in the account that `credentials` are for; the census's
    /// own where there are none.
    pub(crate) async fn call<T: Debug + Send + Sync + 'static>(
        &self,
        operation_name: &'static str,
        body: String,
        credentials: Option<Credentials>,
        read: fn(&HttpResponse) -> Result<T, OrchestratorError<ErrorMetadata>>,
    ) -> Result<T, SdkError<ErrorMetadata, HttpResponse>> {
        let url = endpoint::url(self.service, &self.config, &self.region)
            .await
            .map_err(SdkError::construction_failure)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where a request is put together by hand, and only listed ones leave"
        )]
        let operation = Operation::builder();
        let mut operation = operation
            .service_name(self.service.id)
            .operation_name(operation_name)
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
        let service = self.service;
        operation
            .serializer(move |body: String| request(service, body))
            .deserializer(read)
            .build()
            .invoke(body)
            .await
    }

    /// What signs a request, and for whom.
    fn signature(&self, credentials: Option<Credentials>) -> StaticRuntimePlugin {
        let Service { name, .. } = *self.service;
        let mut config = Layer::new("signature");
        config.store_put(ApiMetadata::new(name, env!("CARGO_PKG_VERSION")));
        config.store_put(AuthSchemeOptionResolverParams::new(()));
        config.store_put(SigV4OperationSigningConfig {
            name: Some(SigningName::from_static(name)),
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
        let mut components = RuntimeComponentsBuilder::new("signature");
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

fn request(service: &Service, body: String) -> Result<HttpRequest, BoxError> {
    let length = body.len();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri(service.path)?;
    let headers = request.headers_mut();
    headers.insert("content-type", service.content_type);
    headers.insert("content-length", length.to_string());
    Ok(request)
}
