//! A secret of Secrets Manager in one Region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Moment, iam::created_default};
use crate::aws::regions::partition;

/// A secret in one Region. A replica is a secret of its own, with the name of its primary secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Its Region.
    pub region: String,
    /// Its name: letters, digits and `/_+=.@-` (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>).
    pub name: String,
    /// What its ARN ends with: its name, a hyphen and six characters; derived when absent. That of a replica is that of
    /// its primary secret (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// `PrimaryRegion`. Of a replica the Region of its primary secret, which has the same name. AWS does not document
    /// whether a primary secret has its own Region there: a world has it either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_region: Option<String>,
    /// When it was created.
    #[serde(default = "created_default")]
    pub created: Moment,
    /// When it was marked for deletion; from then on it is listed only where a request asks for such secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Moment>,
    /// When its value was last retrieved in its Region; absent means that no retrieval is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_accessed: Option<Moment>,
    /// The retrieval before the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessed_before: Option<Moment>,
    /// Whether it is rotated.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rotation: bool,
    /// The service that owns it, such as `rds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owning_service: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The verdict that a report with a threshold of 90 days should give; absent when the secret should be in no
    /// report. The simulator never reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Whether that report should flag the secret. The simulator never reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_flagged: Option<bool>,
}

impl Secret {
    /// A secret of this Region and name, created 400 days ago and never retrieved.
    pub fn new(region: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            name: name.into(),
            id: String::new(),
            primary_region: None,
            created: created_default(),
            deleted: None,
            last_accessed: None,
            accessed_before: None,
            rotation: false,
            owning_service: None,
            tags: BTreeMap::new(),
            expect: None,
            expect_flagged: None,
        }
    }

    /// Its ARN in an account.
    pub fn arn(&self, account: &str) -> String {
        let partition = partition(&self.region);
        format!(
            "arn:{partition}:secretsmanager:{}:{account}:secret:{}",
            self.region, self.id
        )
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
