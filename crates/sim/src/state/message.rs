//! Messages on SNS topics.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// A message that was published to a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The topic.
    pub topic_arn: String,
    /// The subject; empty when there was none.
    pub subject: String,
    /// The message as it was sent: with a structure of `json`, one text a protocol.
    pub message: String,
    /// `MessageStructure`, if it was given.
    pub message_structure: Option<String>,
    /// Attributes by name: data type and value.
    pub attributes: BTreeMap<String, (String, String)>,
    /// `MessageId` of the answer.
    pub message_id: String,
}

impl Message {
    /// What a subscriber of `protocol` (such as `email`) receives.
    pub fn body(&self, protocol: &str) -> String {
        if self.message_structure.as_deref() != Some("json") {
            return self.message.clone();
        }
        let texts: Value = serde_json::from_str(&self.message).unwrap_or_default();
        let text = texts.get(protocol).or_else(|| texts.get("default"));
        text.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The message as text: the subject's line, a blank line, the default text.
    pub fn text(&self) -> String {
        format!("Subject: {}\n\n{}", self.subject, self.body("default"))
    }
}
