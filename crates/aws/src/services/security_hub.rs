//! Security Hub in the scanner's account and Region, which findings are imported into.
//!
//! `aws-sdk-securityhub` is among the largest crates of the SDK, because of the hundreds of structures of its finding
//! format; this is one operation of it. So it is called by [`LightClient`].

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::{
    orchestrator::{HttpResponse, OrchestratorError},
    result::SdkError,
};
use aws_smithy_types::error::metadata::ErrorMetadata;
use keycensus_core::{model::region::Region, render::security_hub::Finding};
use serde::Deserialize;
use serde_json::Value;

use crate::transport::light_client::{LightClient, Service};

pub(crate) const BATCH_IMPORT_FINDINGS: &str = "securityhub:BatchImportFindings";

pub(crate) const SECURITY_HUB: Service = Service {
    id: "SecurityHub",
    name: "securityhub",
    is_fips_in_govcloud: false,
    path: "/findings/import",
    content_type: "application/json",
};

/// Security Hub in one Region.
#[derive(Debug)]
pub(crate) struct SecurityHub(LightClient);

/// What Security Hub answers
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportAnswer {
    pub(crate) success_count: u64,
    pub(crate) failed_count: u64,
    #[serde(default)]
    pub(crate) failed_findings: Vec<FailedFinding>,
}

/// A finding that was not imported.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailedFinding {
    pub(crate) id: String,
    pub(crate) error_code: String,
    #[serde(default)]
    pub(crate) error_message: String,
}

impl SecurityHub {
    /// Security Hub in `region`, as `config` says; makes no call.
    pub(crate) fn new(config: &SdkConfig, region: &Region) -> Self {
        Self(LightClient::new(&SECURITY_HUB, config, region))
    }

    /// Imports so many findings.
    pub(crate) async fn import(
        &self,
        findings: &[Finding],
    ) -> Result<ImportAnswer, SdkError<ErrorMetadata, HttpResponse>> {
        let findings: Vec<&str> = findings.iter().map(|finding| &*finding.asff).collect();
        let body = format!("{{\"Findings\":[{}]}}", findings.join(","));
        self.0.call("BatchImportFindings", body, None, read).await
    }
}

fn read(response: &HttpResponse) -> Result<ImportAnswer, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if !response.status().is_success() {
        let named = response.headers().get("x-amzn-errortype");
        return Err(OrchestratorError::operation(error(named, body)));
    }
    // Without a code, it is an answer that cannot be read.
    let unreadable = |_| OrchestratorError::operation(ErrorMetadata::builder().build());
    serde_json::from_slice(body).map_err(unreadable)
}

/// What an answer that is an error says: its code is in a header, or in the body, before a colon or after a `#`
/// (<https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>).
fn error(named: Option<&str>, body: &[u8]) -> ErrorMetadata {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: [&str; 2]| names.into_iter().find_map(|name| answer[name].as_str());
    let mut error = ErrorMetadata::builder();
    if let Some(code) = named.or_else(|| text(["__type", "code"])) {
        let code = code.split(':').next().unwrap_or_default();
        error = error.code(code.rsplit('#').next().unwrap_or_default());
    }
    // Security Hub writes it large.
    if let Some(message) = text(["Message", "message"]) {
        error = error.message(message);
    }
    error.build()
}

#[cfg(test)]
mod tests {
    use super::error;

    #[test]
    fn the_code_of_an_error_is_in_the_header_or_in_the_body() {
        let body = br#"{"Message": "Account 1 is not subscribed", "Code": "InvalidAccess"}"#;
        let named = Some("InvalidAccessException:http://internal.amazon.com/coral/");
        let found = error(named, body);
        assert_eq!(found.code(), Some("InvalidAccessException"));
        assert_eq!(found.message(), Some("Account 1 is not subscribed"));
        let found = error(
            None,
            br#"{"__type": "com.amazonaws#LimitExceededException", "message": "slow"}"#,
        );
        assert_eq!(found.code(), Some("LimitExceededException"));
        assert_eq!(found.message(), Some("slow"));
        assert_eq!(error(None, b"<html>").code(), None);
    }
}
