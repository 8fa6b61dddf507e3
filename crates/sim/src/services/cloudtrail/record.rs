//! One event, as CloudTrail records it.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    aws::regions::partition,
    services::kms::event_id,
    world::{Account, Key, TrailEvent, iam_id, uuid},
};

/// What events can be looked up by.
pub(super) const ATTRIBUTES: [&str; 8] = [
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
];

/// The kind of resource that a KMS key is.
const KMS_KEY: &str = "AWS::KMS::Key";
/// Operations that only read, although their names do not begin with one of [`READING`].
const READ_ONLY: [&str; 8] = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "Sign",
    "Verify",
    "VerifyMac",
];
const READING: [&str; 4] = ["Describe", "Get", "Head", "List"];

/// An event with its account and key.
pub(super) struct Record<'a> {
    pub(super) id: String,
    pub(super) time: Timestamp,
    account: &'a Account,
    event: Cow<'a, TrailEvent>,
    key: Option<&'a Key>,
    /// When the history begins to have it.
    pub(super) delivered: Timestamp,
}

/// The events of an account in a Region: those of the world, and the last uses of keys for which it has none.
pub(super) fn of_region<'a>(
    account: &'a Account,
    region: &'a str,
    epoch: Timestamp,
) -> impl Iterator<Item = Record<'a>> {
    let given = account
        .trail_events
        .iter()
        .filter(move |event| event.region == region);
    let given_records = given.clone().map(move |event| Record {
        id: event.id.clone(),
        time: event.time.resolve(epoch),
        delivered: event.delivered.unwrap_or(event.time).resolve(epoch),
        account,
        key: event
            .key
            .as_deref()
            .and_then(|name| account.key_called(region, name)),
        event: Cow::Borrowed(event),
    });
    let keys = account.keys.iter().filter(move |key| key.region == region);
    let last_uses = keys.filter_map(move |key| {
        let used = key.last_used?;
        let id = event_id(&account.id, key);
        let is_given = given.clone().any(|event| event.id == id);
        (!is_given).then(|| Record {
            id,
            time: used.resolve(epoch),
            delivered: used.resolve(epoch),
            account,
            event: Cow::Owned(TrailEvent {
                name: key
                    .operation
                    .clone()
                    .unwrap_or_else(|| "Decrypt".to_owned()),
                ..TrailEvent::new(region, used)
            }),
            key: Some(key),
        })
    });
    given_records.chain(last_uses)
}

impl Record<'_> {
    /// Whether an attribute of it has this value.
    pub(super) fn has(&self, attribute: &str, value: &str) -> bool {
        match attribute {
            "EventId" => self.id == value,
            "EventName" => self.event.name == value,
            "ReadOnly" => self.read_only() == value,
            "Username" => self.user_name().as_deref() == Some(value),
            "ResourceType" => self.resource().is_some() && value == KMS_KEY,
            "ResourceName" => self.resource().as_deref() == Some(value),
            "EventSource" => self.event.source == value,
            _ => self.access_key().as_deref() == Some(value),
        }
    }

    /// The entry in an answer.
    pub(super) fn to_entry(&self) -> Value {
        let resources: Vec<_> = self
            .resource()
            .map(|arn| json!({"ResourceType": KMS_KEY, "ResourceName": arn}))
            .into_iter()
            .collect();
        let mut entry = json!({
            "EventId": self.id,
            "EventName": self.event.name,
            "ReadOnly": self.read_only(),
            "EventTime": self.time.as_second(),
            "EventSource": self.event.source,
            "Resources": resources,
            "CloudTrailEvent": match &self.event.content {
                Some(content) => content.clone(),
                None => self.content().to_string(),
            },
        });
        for (name, value) in [
            ("AccessKeyId", self.access_key()),
            ("Username", self.user_name()),
        ] {
            if let Some(value) = value {
                entry[name] = value.into();
            }
        }
        entry
    }

    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
    fn content(&self) -> Value {
        let TrailEvent {
            name,
            source,
            source_ip,
            user_agent,
            error_code,
            ..
        } = &*self.event;
        let id = &self.account.id;
        let mut content = json!({
            "eventVersion": "1.11",
            "userIdentity": self.user_identity(),
            "eventTime": date_time(self.time),
            "eventSource": source,
            "eventName": name,
            "awsRegion": self.event.region,
            "sourceIPAddress": source_ip,
            "userAgent": user_agent,
            "requestParameters": self.parameters(),
            "responseElements": null,
            "requestID": uuid(&format!("{}/request", self.id)),
            "eventID": self.id,
            "readOnly": self.read_only() == "true",
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": id,
            "eventCategory": "Management",
        });
        if let Some(arn) = self.resource() {
            content["resources"] = json!([{"accountId": id, "type": KMS_KEY, "ARN": arn}]);
        }
        if let Some(code) = error_code {
            content["errorCode"] = code.as_str().into();
            content["errorMessage"] = self.error_message(code).into();
        }
        content
    }

    /// `userIdentity` of the record; null where it has none.
    fn user_identity(&self) -> Value {
        let TrailEvent {
            content,
            user_identity,
            ..
        } = &*self.event;
        if let Some(content) = content {
            let mut record: Value = serde_json::from_str(content).unwrap_or_default();
            return record["userIdentity"].take();
        }
        match user_identity {
            Some(identity) => serde_json::from_str(identity).unwrap_or_default(),
            None => self.identity_of_caller(),
        }
    }

    fn identity_of_caller(&self) -> Value {
        let id = &self.account.id;
        let arn = self.caller();
        let derived = || iam_id("ASIA", 16, &format!("{}/access_key", self.id));
        let access_key = self.event.access_key.clone().unwrap_or_else(derived);
        let (_, name) = arn.rsplit_once('/').unwrap_or(("", &arn));
        let Some((_, session)) = arn.split_once(":assumed-role/") else {
            return json!({
                "type": "IAMUser",
                "principalId": iam_id("AIDA", 17, &format!("{id}/{name}")),
                "arn": arn,
                "accountId": id,
                "accessKeyId": access_key,
                "userName": name,
            });
        };
        let role = session.split('/').next().unwrap_or_default();
        let principal = iam_id("AROA", 17, &format!("{id}/{role}"));
        let partition = partition(&self.event.region);
        json!({
            "type": "AssumedRole",
            "principalId": format!("{principal}:{name}"),
            "arn": arn,
            "accountId": id,
            "accessKeyId": access_key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": format!("arn:{partition}:iam::{id}:role/{role}"),
                    "accountId": id,
                    "userName": role,
                },
                "attributes": {"creationDate": date_time(self.time), "mfaAuthenticated": "false"},
            },
        })
    }

    fn parameters(&self) -> Value {
        if let Some(text) = &self.event.parameters {
            return serde_json::from_str(text).unwrap_or_default();
        }
        match self.key {
            None => Value::Null,
            Some(key) => {
                let mut parameters = json!({"keyId": key.arn(&self.account.id)});
                if key.is_for_symmetric_encryption() {
                    parameters["encryptionAlgorithm"] = "SYMMETRIC_DEFAULT".into();
                }
                parameters
            }
        }
    }

    fn error_message(&self, code: &str) -> String {
        let arn = self.key_arn().unwrap_or_default();
        match (&self.event.error_message, code) {
            (Some(message), _) => message.clone(),
            (None, "KMSInvalidStateException") => format!("{arn} is pending deletion."),
            (None, "DisabledException") => format!("{arn} is disabled."),
            (None, _) => String::new(),
        }
    }

    /// The ARN of the key, where the resources of the record name it.
    fn resource(&self) -> Option<String> {
        self.key_arn().filter(|_| self.event.names_key)
    }

    fn key_arn(&self) -> Option<String> {
        self.key.map(|key| key.arn(&self.account.id))
    }

    fn caller(&self) -> String {
        let default_caller = || {
            let partition = partition(&self.event.region);
            let id = &self.account.id;
            format!("arn:{partition}:sts::{id}:assumed-role/application/i-0a1b2c3d4e5f60718")
        };
        self.event.caller.clone().unwrap_or_else(default_caller)
    }

    /// The name of the session or user, which AWS leaves out where the record has none: for callers of other accounts and AWS
    /// services.
    fn user_name(&self) -> Option<String> {
        let identity = self.user_identity();
        let text = |name: &str| Some(identity.get(name)?.as_str()?.to_owned());
        match text("type")?.as_str() {
            "Root" => Some("root".to_owned()),
            "IAMUser" => text("userName"),
            "AssumedRole" | "FederatedUser" => Some(text("arn")?.rsplit('/').next()?.to_owned()),
            _ => None,
        }
    }

    /// The access key that signed the call, if it is known.
    fn access_key(&self) -> Option<String> {
        let identity = self.user_identity();
        let recorded = identity.get("accessKeyId").and_then(Value::as_str);
        let recorded = recorded.filter(|key| !key.is_empty()).map(str::to_owned);
        recorded.or_else(|| self.event.access_key.clone())
    }

    fn read_only(&self) -> &'static str {
        let name = self.event.name.as_str();
        let reads =
            READ_ONLY.contains(&name) || READING.iter().any(|prefix| name.starts_with(prefix));
        if reads { "true" } else { "false" }
    }
}

fn date_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
