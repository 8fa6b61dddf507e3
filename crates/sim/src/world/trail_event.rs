//! An event of an account's CloudTrail event history.

use serde::{Deserialize, Serialize};

use super::Moment;

/// A management event in one Region. The last use of every KMS key has one besides, which need not be written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailEvent {
    /// Its Region.
    pub region: String,
    /// When it happened.
    pub time: Moment,
    /// Its ID; derived from account, Region and position when absent. The ID of a key's last use replaces the
    /// event that the simulator would derive.
    #[serde(default)]
    pub id: String,
    /// The operation.
    #[serde(default = "name_default")]
    pub name: String,
    /// Its service.
    #[serde(default = "source_default")]
    pub source: String,
    /// The KMS key it was about: the ID or an alias of a key of this account and Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether its `resources` name `key`, as those of KMS do in
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html>. The page has no record of a request
    /// that was refused for the key's state: such a one may have no resources, and cannot be looked up by the key then.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub names_key: bool,
    /// When the history begins to have it; defaults to `time`. AWS says about 5 minutes after the call on average, and guarantees
    /// nothing (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Moment>,
    /// The caller's ARN: a session of a role, or a user; defaults to a session of the role `application`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// `userIdentity` as JSON, for callers that `caller` cannot name: other accounts, AWS services, users of Identity Center, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_identity: Option<String>,
    /// The access key that signed the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// `sourceIPAddress`.
    #[serde(default = "source_ip_default")]
    pub source_ip: String,
    /// `userAgent`.
    #[serde(default = "user_agent_default")]
    pub user_agent: String,
    /// `requestParameters` as JSON; defaults to what names `key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
    /// `errorCode` of a call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// `errorMessage` of a call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// `CloudTrailEvent` instead of all that follows from the other fields: any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl TrailEvent {
    /// A `Decrypt` by a session of the role `application`.
    pub fn new(region: impl Into<String>, time: Moment) -> Self {
        Self {
            region: region.into(),
            time,
            id: String::new(),
            name: name_default(),
            source: source_default(),
            key: None,
            names_key: true,
            delivered: None,
            caller: None,
            user_identity: None,
            access_key: None,
            source_ip: source_ip_default(),
            user_agent: user_agent_default(),
            parameters: None,
            error_code: None,
            error_message: None,
            content: None,
        }
    }
}

fn name_default() -> String {
    "Decrypt".to_owned()
}

fn source_default() -> String {
    "kms.amazonaws.com".to_owned()
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn source_ip_default() -> String {
    "10.20.30.40".to_owned()
}

fn user_agent_default() -> String {
    "aws-sdk-rust/1.3.9 os/linux lang/rust/1.91.0".to_owned()
}
