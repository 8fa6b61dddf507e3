//! An event as CloudTrail recorded it: who called what from where.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{identity::Identity, secrets::removed};
use crate::model::access_key::with_ids_shortened;

/// An event as LookupEvents lists it, without its record
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html>). All
/// text is free.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedEvent {
    /// The event's ID.
    pub id: String,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Whose operation was called: `kms.amazonaws.com`.
    pub source: String,
    /// The operation: `Decrypt`.
    pub name: String,
    /// The name of the user or session that called it. AWS leaves it out for callers of
    /// other accounts.
    pub user_name: Option<String>,
}

/// An event: who called what from where. All text is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEvent {
    /// The event as it is listed.
    pub listed: ListedEvent,
    /// Its record. `None`: it cannot be parsed.
    pub record: Option<Record>,
}

/// The fields of an event's record
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Record {
    /// `AssumedRole`, `IAMUser`, `AWSService`, …
    pub principal_type: Option<String>,
    /// The ARN of who called.
    pub principal_arn: Option<String>,
    /// The ARN of the role whose session called.
    pub role_arn: Option<String>,
    /// The AWS service that called for the principal or for itself.
    pub invoked_by: Option<String>,
    /// The address, or name of the AWS service, that the call came from.
    pub source_ip_address: Option<String>,
    /// The program that called.
    pub user_agent: Option<String>,
    /// Why the call failed, if it did.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
    /// What was asked for, without what may be secret; `None` where nothing is recorded.
    pub request_parameters: Option<Value>,
    /// Who called, with every field that is recorded.
    pub user_identity: Identity,
    /// `AwsApiCall`, or `AwsServiceEvent` for what an AWS service did by itself.
    pub event_type: Option<String>,
    /// What the same request is known by in the event histories of all accounts that it concerns.
    pub shared_event_id: Option<String>,
    /// The VPC endpoint that the call came through.
    pub vpc_endpoint_id: Option<String>,
    /// `true` where the credentials are of a session in AWS's console.
    pub session_credential_from_console: Option<String>,
}

impl TrailEvent {
    /// An event that was listed with this `CloudTrailEvent`, the JSON of its record.
    #[must_use]
    pub fn new(listed: ListedEvent, record: Option<&str>) -> Self {
        let read = |text| serde_json::from_str::<Raw>(text).ok();
        Self {
            listed,
            record: record.and_then(read).map(Record::from),
        }
    }

    /// Why the call failed; `None` where it succeeded, or its record cannot be read.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.record.as_ref()?.error_code.as_deref()
    }

    /// Whether it was an attempt to use a KMS key that was refused because the key is
    /// disabled or pending deletion
    /// (<https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>).
    #[must_use]
    pub fn is_refused_use(&self) -> bool {
        let is_refused = matches!(
            self.error_code(),
            Some("DisabledException" | "KMSInvalidStateException")
        );
        is_refused && self.is_use_of_key()
    }

    /// Whether it shows that a KMS key could be used then: a use that succeeded, or that the key was enabled.
    #[must_use]
    pub fn shows_usable_key(&self) -> bool {
        self.has_succeeded() && (self.listed.name == "EnableKey" || self.is_use_of_key())
    }

    /// The best name for who called; `None` where the event has none.
    #[must_use]
    pub fn principal(&self) -> Option<String> {
        let recorded = self.record.as_ref();
        recorded
            .and_then(|record| record.user_identity.principal())
            .or_else(|| self.listed.user_name.clone())
    }

    /// Whether it is what stopped a KMS key from being used.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        matches!(
            self.listed.name.as_str(),
            "DisableKey" | "ScheduleKeyDeletion"
        ) && self.has_succeeded()
    }

    /// Whether its record can be read, and has no error.
    fn has_succeeded(&self) -> bool {
        let record = self.record.as_ref();
        record.is_some_and(|record| record.error_code.is_none())
    }

    fn is_use_of_key(&self) -> bool {
        let name = self.listed.name.as_str();
        USES.iter().any(|use_of_key| name.starts_with(use_of_key))
    }

    /// `kms:Decrypt`.
    #[must_use]
    pub fn operation(&self) -> String {
        let ListedEvent { source, name, .. } = &self.listed;
        let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
        format!("{service}:{name}")
    }
}

/// What the names of operations begin with that use a key, or let an AWS service do so: those that
/// AWS adds will most likely, too. A caller that reads a public key encrypts or verifies with it.
const USES: [&str; 11] = [
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "Derive",
    "Encapsulate",
    "Encrypt",
    "Generate",
    "GetPublicKey",
    "ReEncrypt",
    "Sign",
    "Verify",
];

/// A record as CloudTrail writes it. What is of another form than expected is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(default)]
    user_identity: Value,
    #[serde(default, rename = "sourceIPAddress")]
    source_ip_address: Value,
    #[serde(default)]
    user_agent: Value,
    #[serde(default)]
    error_code: Value,
    #[serde(default)]
    error_message: Value,
    #[serde(default)]
    request_parameters: Value,
    #[serde(default)]
    event_type: Value,
    #[serde(default, rename = "sharedEventID")]
    shared_event_id: Value,
    #[serde(default)]
    vpc_endpoint_id: Value,
    #[serde(default)]
    session_credential_from_console: Value,
}

impl From<Raw> for Record {
    fn from(raw: Raw) -> Self {
        let user_identity = Identity::new(raw.user_identity);
        Self {
            principal_type: user_identity.principal_type(),
            principal_arn: user_identity.text("arn"),
            role_arn: user_identity.issuer_arn(),
            invoked_by: user_identity.text("invokedBy"),
            source_ip_address: text(&raw.source_ip_address),
            user_agent: text(&raw.user_agent),
            error_code: text(&raw.error_code),
            error_message: text(&raw.error_message).map(|expected| with_ids_shortened(&expected)),
            request_parameters: Some(raw.request_parameters)
                .filter(|parameters| !parameters.is_null())
                .map(removed),
            user_identity,
            event_type: text(&raw.event_type),
            shared_event_id: text(&raw.shared_event_id),
            vpc_endpoint_id: text(&raw.vpc_endpoint_id),
            session_credential_from_console: text(&raw.session_credential_from_console),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Identity, ListedEvent, Record, TrailEvent};

    fn event(name: &str, record: &str) -> TrailEvent {
        let listed = ListedEvent {
            source: "kms.amazonaws.com".to_owned(),
            name: name.to_owned(),
            ..ListedEvent::default()
        };
        TrailEvent::new(listed, Some(record))
    }

    #[test]
    fn a_record_has_the_caller_the_source_and_the_parameters() {
        let record = json!({
            "userIdentity": {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::222222222222:assumed-role/app/i-1",
                "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::222222222222:role/app"}},
                "invokedBy": "rds.amazonaws.com",
            },
            "sourceIPAddress": "192.0.2.7",
            "userAgent": "aws-cli/2.31",
            "requestParameters": {"keyId": "1234", "plaintext": "hello"},
            "responseElements": null,
            "eventType": "AwsApiCall",
            "sharedEventID": "9a1b",
            "vpcEndpointId": "vpce-0a1b",
            "sessionCredentialFromConsole": "true",
        });
        let event = event("Encrypt", &record.to_string());
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            event.record,
            Some(Record {
                principal_type: some("AssumedRole"),
                principal_arn: some("arn:aws:sts::222222222222:assumed-role/app/i-1"),
                role_arn: some("arn:aws:iam::222222222222:role/app"),
                invoked_by: some("rds.amazonaws.com"),
                source_ip_address: some("192.0.2.7"),
                user_agent: some("aws-cli/2.31"),
                error_code: None,
                error_message: None,
                request_parameters: Some(json!({"keyId": "1234", "plaintext": "[removed]"})),
                user_identity: Identity::new(record["userIdentity"].clone()),
                event_type: some("AwsApiCall"),
                shared_event_id: some("9a1b"),
                vpc_endpoint_id: some("vpce-0a1b"),
                session_credential_from_console: some("true"),
            })
        );
        assert_eq!(event.operation(), "kms:Encrypt");
    }

    #[test]
    fn a_record_of_another_form_has_what_can_be_parsed_and_one_that_is_not_json_nothing() {
        let odd = event("Decrypt", r#"{"userIdentity": "anna", "userAgent": 7}"#);
        let expected = Record {
            user_identity: Identity::new("anna".into()),
            ..Record::default()
        };
        assert_eq!(odd.record, Some(expected));
        for text in ["", "no JSON", "null", "7"] {
            assert_eq!(event("Decrypt", text).record, None, "{text}");
        }
    }

    #[test]
    fn a_refused_use_is_one_of_the_key_and_refused_for_its_state() {
        for (name, code, is_refused) in [
            ("Decrypt", "KMSInvalidStateException", true),
            ("GenerateDataKeyWithoutPlaintext", "DisabledException", true),
            ("CreateGrant", "KMSInvalidStateException", true),
            ("GetPublicKey", "DisabledException", true),
            ("GetPublicKey", "KMSInvalidStateException", true),
            ("Decrypt", "AccessDenied", false),
            ("EnableKey", "KMSInvalidStateException", false),
            ("GetKeyRotationStatus", "KMSInvalidStateException", false),
        ] {
            let event = event(name, &json!({"errorCode": code}).to_string());
            assert_eq!(event.is_refused_use(), is_refused, "{name} {code}");
        }
        assert!(!event("Decrypt", "{}").is_refused_use());
    }

    #[test]
    fn a_stop_is_one_that_succeeded() {
        for (name, record, is_stop) in [
            ("DisableKey", "{}", true),
            ("ScheduleKeyDeletion", "{}", true),
            ("DisableKey", r#"{"errorCode": "AccessDenied"}"#, false),
            ("DisableKey", "no JSON", false),
            ("EnableKey", "{}", false),
        ] {
            assert_eq!(event(name, record).is_stop(), is_stop, "{name} {record}");
        }
    }
}
