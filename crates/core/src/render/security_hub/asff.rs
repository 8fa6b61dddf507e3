//! The AWS Security Finding Format, as far as these findings use it
//! (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>).

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Finding, Product,
    finding_type::{FindingType, RecordState},
};
use crate::model::{
    hex::hex, kind::KeyResource, plain_text::one_line, reading::KeyKind, region::GLOBAL,
    time::to_seconds,
};

// The longest texts that Security Hub takes, in characters (same page). Texts are kept within as many
// bytes, which are characters at least.
const ID: usize = 512;
const TITLE: usize = 256;
const DESCRIPTION: usize = 1_024;
const RECOMMENDATION: usize = 512;
const RESOURCE_ID: usize = 1_024;
/// A value of `ProductFields` may have 2,048.
const PRODUCT_FIELD: usize = 512;
/// The partitions that a resource can name; of one in another, none is named
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Resource.html>).
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// A finding before it is JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Asff<'a> {
    schema_version: &'static str,
    id: String,
    product_arn: &'a str,
    product_name: &'static str,
    company_name: &'static str,
    generator_id: String,
    aws_account_id: &'a str,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_observed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_observed_at: Option<String>,
    title: String,
    description: String,
    remediation: Remediation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
    product_fields: BTreeMap<&'static str, String>,
    resources: Vec<Resource>,
    record_state: &'static str,
    finding_provider_fields: FindingProviderFields<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Remediation<'a> {
    recommendation: Recommendation<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recommendation<'a> {
    text: String,
    url: &'a str,
}

/// What finding providers give instead of `Severity` and `Types`, which customers may change.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FindingProviderFields<'a> {
    severity: SeverityFields<'a>,
    types: [&'static str; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SeverityFields<'a> {
    label: &'static str,
    original: &'a str,
}

/// A resource that a finding is about.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource {
    r#type: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

/// What a key is known by in every run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) kind: KeyKind,
    pub(super) key_id: &'a str,
    pub(super) arn: &'a str,
}

/// What differs between findings.
#[derive(Debug)]
pub(super) struct Content<'a> {
    pub(super) of_type: FindingType,
    pub(super) state: RecordState,
    pub(super) severity: Severity,
    pub(super) created_at: Timestamp,
    pub(super) first_observed_at: Option<Timestamp>,
    pub(super) last_observed_at: Option<Timestamp>,
    /// Texts for people, without untrusted text that is not shortened.
    pub(super) title: String,
    pub(super) description: String,
    pub(super) recommendation: String,
    pub(super) recommendation_url: &'static str,
    pub(super) source_url: Option<String>,
    pub(super) verdict: &'a str,
    /// What programs filter by, beside what every finding has; empty values are left out.
    pub(super) product_fields: Vec<(&'static str, Cow<'a, str>)>,
}

/// AWS's labels of severity
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_FindingProviderSeverity.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

impl<'a> Asff<'a> {
    pub(super) fn new(
        product: &'a Product,
        identity: Identity<'a>,
        now: Timestamp,
        content: Content<'a>,
    ) -> Self {
        let of_type = content.of_type.as_str();
        let fields = [
            ("ProviderName", Cow::from("Keycensus")),
            ("ProviderVersion", env!("CARGO_PKG_VERSION").into()),
            ("keycensus/account_id", identity.account.into()),
            ("keycensus/region", identity.region.into()),
            ("keycensus/kind", identity.kind.as_str().into()),
            ("keycensus/key_id", identity.key_id.into()),
            ("keycensus/verdict", content.verdict.into()),
        ];
        let fields = fields.into_iter().chain(content.product_fields);
        // Security Hub takes no value without a character that can be seen.
        let fields = fields.map(|(name, value)| (name, within(&one_line(&value), PRODUCT_FIELD)));
        let fields = fields.filter(|(_, value)| !value.trim().is_empty());
        Self {
            schema_version: "2018-10-08",
            id: id(identity, content.of_type),
            product_arn: &product.arn,
            product_name: "Keycensus",
            company_name: "Keycensus",
            generator_id: format!("keycensus/{of_type}"),
            aws_account_id: product.account.as_str(),
            created_at: to_seconds(content.created_at),
            updated_at: to_seconds(now),
            first_observed_at: content.first_observed_at.map(to_seconds),
            last_observed_at: content.last_observed_at.map(to_seconds),
            title: within(&content.title, TITLE),
            description: within(&content.description, DESCRIPTION),
            remediation: Remediation {
                recommendation: Recommendation {
                    text: within(&content.recommendation, RECOMMENDATION),
                    url: content.recommendation_url,
                },
            },
            source_url: content.source_url,
            product_fields: fields.collect(),
            resources: resources(identity, product.partition),
            record_state: content.state.as_str(),
            finding_provider_fields: FindingProviderFields {
                severity: SeverityFields {
                    label: content.severity.as_str(),
                    original: of_type,
                },
                types: ["Software and Configuration Checks/AWS Security Best Practices"],
            },
        }
    }

    pub(super) fn rendered(self) -> Finding {
        Finding {
            // A struct of texts always serializes.
            asff: serde_json::to_string(&self).unwrap_or_default(),
            is_archived: self.record_state == RecordState::Archived.as_str(),
            id: self.id,
        }
    }
}

/// The ID of a finding: the same for the same key every night.
fn id(identity: Identity<'_>, of_type: FindingType) -> String {
    let Identity {
        account,
        region,
        kind,
        key_id,
        ..
    } = identity;
    let (of_type, kind) = (of_type.as_str(), kind.as_str());
    let with = |key_id: &str| format!("keycensus/{of_type}/{account}/{region}/{kind}/{key_id}");
    let id = with(key_id);
    match id.len() <= ID {
        true => id,
        false => {
            let hash = hex(&Sha256::digest(key_id));
            with(&format!("sha256:{hash}"))
        }
    }
}

/// The key itself and, for an access key, its user. An access key has no ARN: its ID is its own
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html>). What only the root user has
/// is of the account, by the ID that Security Hub's own findings have for it.
fn resources(identity: Identity<'_>, partition: &str) -> Vec<Resource> {
    let Identity {
        account,
        region,
        kind,
        key_id,
        arn,
    } = identity;
    let resource = |r#type, id: &str| Resource {
        r#type,
        id: within(&one_line(id), RESOURCE_ID),
        partition: PARTITIONS.into_iter().find(|known| *known == partition),
        region: (region != GLOBAL).then(|| region.to_owned()),
    };
    let arn_or = |otherwise: String| match arn {
        "" => otherwise,
        arn => arn.to_owned(),
    };
    let in_region = |service, id| format!("arn:{partition}:{service}:{region}:{account}:{id}");
    match kind.resource() {
        KeyResource::KmsKey => {
            let arn = arn_or(in_region("kms", format!("key/{key_id}")));
            vec![resource("AwsKmsKey", &arn)]
        }
        KeyResource::Secret => {
            let arn = arn_or(in_region("secretsmanager", format!("secret:{key_id}")));
            vec![resource("AwsSecretsManagerSecret", &arn)]
        }
        KeyResource::IamUser if kind == KeyKind::IamAccessKey => {
            let of_user = (!arn.is_empty()).then(|| resource("AwsIamUser", arn));
            let of_key = resource("AwsIamAccessKey", key_id);
            [of_key].into_iter().chain(of_user).collect()
        }
        KeyResource::IamUser => {
            vec![resource("AwsIamUser", &arn_or(key_id.to_owned()))]
        }
        KeyResource::RootUser => {
            vec![resource("AwsAccount", &format!("AWS::::Account:{account}"))]
        }
    }
}

/// `text` within so many bytes, cut between characters where it is longer.
fn within(text: &str, bytes: usize) -> String {
    const CUT: char = '…';
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes - CUT.len_utf8());
    format!("{}{CUT}", &text[..end])
}
