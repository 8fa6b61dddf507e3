//! Who made a request: the `userIdentity` element of a CloudTrail record.

use serde::Serialize;
use serde_json::Value;

use super::secrets::removed;
use crate::model::access_key::with_ids_shortened;

/// A `userIdentity` element with every field that is recorded, those that AWS adds
/// later included: IDs of access keys are shortened, and what a field without
/// documentation could hide is removed. `null` where no identity is recorded
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Identity(Value);

/// The documented fields by their paths, with their labels, in the order in which they are shown.
const FIELDS: [(&str, &str); 27] = [
    (ARN, "ARN"),
    ("principalId", "principal ID"),
    ("userName", "user name"),
    ("accountId", "account"),
    ("accessKeyId", "access key"),
    ("identityProvider", "identity provider"),
    ("onBehalfOf.userId", "on behalf of"),
    ("onBehalfOf.identityStoreArn", "identity store"),
    ("credentialId", "credential ID"),
    (ISSUER_ARN, "issued by"),
    ("sessionContext.sessionIssuer.type", "issuer type"),
    ("sessionContext.sessionIssuer.principalId", "issuer ID"),
    ("sessionContext.sessionIssuer.accountId", "issuer account"),
    ("sessionContext.sessionIssuer.userName", "issuer name"),
    ("sessionContext.sourceIdentity", "source identity"),
    (
        "sessionContext.webIdFederationData.federatedProvider",
        "identity provider",
    ),
    ("sessionContext.attributes.creationDate", "session since"),
    ("sessionContext.attributes.mfaAuthenticated", "MFA"),
    ("sessionContext.assumedRoot", "assumed root"),
    ("sessionContext.signInSessionArn", "sign-in session"),
    ("sessionContext.ec2RoleDelivery", "IMDS version"),
    ("inScopeOf.credentialsIssuedTo", "issued to"),
    ("inScopeOf.issuerType", "resource type"),
    ("inScopeOf.sourceArn", "source ARN"),
    ("inScopeOf.sourceAccount", "source account"),
    ("invokedByDelegate.accountId", "delegate"),
    ("invokedBy", "by way of"),
];

const ARN: &str = "arn";
const ISSUER: &str = "sessionContext.sessionIssuer.";
const ISSUER_ARN: &str = "sessionContext.sessionIssuer.arn";

/// The fields that can name a principal, the most specific first.
const NAMES: [&str; 6] = [
    ARN,
    "userName",
    "principalId",
    "onBehalfOf.userId",
    "invokedBy",
    "accountId",
];

impl Identity {
    /// The identity in a record.
    pub(super) fn new(recorded: Value) -> Self {
        let mut shown = removed(recorded.clone());
        // Some documented fields are called like secrets, and are none.
        for (field, _) in FIELDS {
            let field = pointer(field);
            if let Some(text) = recorded.pointer(&field).and_then(Value::as_str)
                && let Some(value) = shown.pointer_mut(&field)
            {
                *value = with_ids_shortened(text).into();
            }
        }
        Self(shown)
    }

    /// The text of a field, by its path; nothing where it is empty.
    pub(super) fn text(&self, field: &str) -> Option<String> {
        let text = self.0.pointer(&pointer(field))?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The ARN of the role, or of the user, that issued the session.
    pub(super) fn issuer_arn(&self) -> Option<String> {
        self.text(ISSUER_ARN)
    }

    /// The best name for the principal; nothing where the record has no name for it.
    #[must_use]
    pub fn principal(&self) -> Option<String> {
        self.text(self.name()?)
    }

    /// The field that names the principal.
    fn name(&self) -> Option<&'static str> {
        NAMES.into_iter().find(|field| self.text(field).is_some())
    }

    /// `AssumedRole`, `AWSAccount`, …
    #[must_use]
    pub fn principal_type(&self) -> Option<String> {
        self.text("type")
    }

    /// What else is recorded, each value beside its label. What an ARN that is shown
    /// repeats is left out.
    #[must_use]
    pub fn details(&self) -> Vec<(String, String)> {
        let name = self.name();
        let mut leaves = Vec::new();
        collect(&self.0, String::new(), &mut leaves);
        leaves.retain(|(field, value)| {
            field != "type"
                && Some(field.as_str()) != name
                && !self.is_in_arn(field, value)
                && !self.is_of_issuer_with_arn(field)
        });
        let position = |field: &str| FIELDS.iter().position(|(known, _)| *known == field);
        // Fields without documentation come last, in the order of the record.
        leaves.sort_by_key(|(field, _)| position(field).unwrap_or(FIELDS.len()));
        leaves
            .into_iter()
            .map(|(field, value)| (self.label(&field), value))
            .collect()
    }

    fn is_in_arn(&self, field: &str, value: &str) -> bool {
        let Some(arn) = self.text(ARN) else {
            return false;
        };
        match field {
            "accountId" => arn.contains(&format!(":{value}:")),
            "userName" => arn.ends_with(&format!("/{value}")),
            _ => false,
        }
    }

    fn is_of_issuer_with_arn(&self, field: &str) -> bool {
        field != ISSUER_ARN && field.starts_with(ISSUER) && self.issuer_arn().is_some()
    }

    fn label(&self, field: &str) -> String {
        let is_role = self.issuer_arn().is_some_and(|arn| arn.contains(":role/"));
        match FIELDS.iter().find(|(known, _)| *known == field) {
            Some((ISSUER_ARN, _)) if is_role => "role".to_owned(),
            Some((_, label)) => (*label).to_owned(),
            None => field.to_owned(),
        }
    }
}

/// The JSON pointer of a documented field.
fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

/// Every value below `value` that is not empty, with its path.
fn collect(value: &Value, field: String, leaves: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                let field = match field.as_str() {
                    "" => name.clone(),
                    above => format!("{above}.{name}"),
                };
                collect(value, field, leaves);
            }
        }
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => leaves.push((field, text.clone())),
        Value::Array(_) | Value::Bool(_) | Value::Number(_) => {
            leaves.push((field, value.to_string()));
        }
    }
}

#[cfg(test)]
mod tests;
