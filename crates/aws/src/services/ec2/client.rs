//! EC2's requests, as forms.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::{
    orchestrator::{HttpResponse, OrchestratorError},
    result::SdkError,
};
use aws_smithy_types::error::metadata::ErrorMetadata;
use keycensus_core::model::region::Region;

use super::answer::{self, Page};
use crate::transport::light_client::{LightClient, Service};

/// The version of EC2's API, since long before KMS.
const VERSION: &str = "2016-11-15";

pub(crate) const EC2: Service = Service {
    id: "EC2",
    name: "ec2",
    is_fips_in_govcloud: true,
    path: "/",
    content_type: "application/x-www-form-urlencoded",
};

/// EC2 in one Region.
#[derive(Debug)]
pub(crate) struct Client(LightClient);

impl Client {
    /// EC2 in `region`, as `config` says; makes no call.
    pub(crate) fn new(config: &SdkConfig, region: &Region) -> Self {
        Self(LightClient::new(&EC2, config, region))
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
        self.0.call(action, form, credentials, page).await
    }
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
