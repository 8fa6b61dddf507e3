//! The encryption that requests ask for which create an object, and what to do where an object is refused.

use aws_sdk_s3::types::ServerSideEncryption;
use keycensus_core::settings::{Settings, Source, report_encryption::ReportEncryption};

use crate::transport::call_error::{CallError, Failure};

/// The encryption of the objects of a bucket.
#[derive(Debug)]
pub(crate) struct ObjectEncryption {
    asked: ReportEncryption,
    /// The setting, as who wrote it spells it: `KEYCENSUS_REPORT_ENCRYPTION`.
    setting: String,
}

impl ObjectEncryption {
    /// As `settings` from `source` say.
    pub(crate) fn new(settings: &Settings, source: Source) -> Self {
        Self {
            asked: settings.report_encryption.clone(),
            setting: source.spelling("report_encryption"),
        }
    }

    /// What the headers of a request name: the encryption, and its KMS key.
    pub(crate) fn asked(&self) -> (Option<ServerSideEncryption>, Option<String>) {
        match &self.asked {
            ReportEncryption::Bucket => (None, None),
            ReportEncryption::Aes256 => (Some(ServerSideEncryption::Aes256), None),
            ReportEncryption::Kms => (Some(ServerSideEncryption::AwsKms), None),
            ReportEncryption::KmsKey(arn) => {
                (Some(ServerSideEncryption::AwsKms), Some(arn.to_string()))
            }
        }
    }

    /// What to do about an object that was not written, or not read; empty where there
    /// is nothing to say. Begins with a semicolon.
    pub(crate) fn remedy(&self, error: &CallError) -> String {
        if error.failure != Failure::Refused {
            return String::new();
        }
        if let Some(denial) = Denial::read(&error.message) {
            return self.denied(&denial);
        }
        if ["kms:GenerateDataKey", "kms:Decrypt"]
            .iter()
            .any(|action| error.message.contains(action))
        {
            return "; allow kms:GenerateDataKey and kms:Decrypt on the KMS key of the object, by the role and by the key's policy".to_owned();
        }
        "; allow s3:PutObject and s3:GetObject below the prefix".to_owned()
    }

    fn denied(&self, Denial { policy }: &Denial<'_>) -> String {
        let setting = &self.setting;
        let advice = match &self.asked {
            ReportEncryption::Bucket => format!(
                "if it demands that requests name their encryption, set {setting} to AES256, aws:kms or the ARN of a KMS key"
            ),
            _ => format!("see whether it demands another encryption than {setting} names"),
        };
        format!("; {policy} denies it, which no permission overrides: {advice}")
    }
}

/// Not for writing.
impl Default for ObjectEncryption {
    fn default() -> Self {
        Self::new(&Settings::default(), Source::Environment)
    }
}

/// A policy that denies a request.
struct Denial<'a> {
    /// What kind it is: `a resource-based policy`, `a service control policy`.
    policy: &'a str,
}

impl<'a> Denial<'a> {
    /// Reads AWS's message, which ends "with an explicit deny in a service control policy", also
    /// "… in a resource-based policy" or "… in a resource control policy", and may go on with the
    /// policy's ARN after a colon
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
    fn read(message: &'a str) -> Option<Self> {
        let (_, after) = message.split_once("with an explicit deny in ")?;
        let policy = after.split([':', '\n']).next().unwrap_or(after);
        let policy = policy.trim().trim_end_matches('.');
        Some(Self { policy })
    }
}

#[cfg(test)]
mod tests {
    use super::Denial;

    #[test]
    fn the_kind_of_policy_is_read_from_the_message_of_each_kind() {
        let denied = "User: arn:aws:sts::111111111111:assumed-role/r/s is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\"";
        for (end, policy) in [
            (
                " with an explicit deny in a resource-based policy",
                Some("a resource-based policy"),
            ),
            (
                " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1",
                Some("a service control policy"),
            ),
            (
                " with an explicit deny in a resource control policy.",
                Some("a resource control policy"),
            ),
            (
                " because no identity-based policy allows the s3:PutObject action",
                None,
            ),
        ] {
            let message = format!("{denied}{end}");
            let read = Denial::read(&message).map(|denial| denial.policy);
            assert_eq!(read, policy, "{end}");
        }
        assert!(Denial::read("Access Denied").is_none());
    }
}
