//! The commands of the AWS CLI, each behind the mark of its step.

use std::fmt;

use super::{DELETION_WINDOW_DAYS, SECRET_WINDOW_DAYS, shell::quoted, target::Target};
use crate::model::region::Region;

/// What stands before a command until a person removes it; a comment to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Disable or deactivate.
    Step1,
    /// Watch.
    Step2,
    /// Delete.
    Step3,
    /// Take step 1 back.
    Undo1,
    /// Take step 3 back, which leaves a key as it was after step 1.
    Undo3,
}

impl Mark {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Step1 => "#1# ",
            Self::Step2 => "#2# ",
            Self::Step3 => "#3# ",
            Self::Undo1 => "#undo1# ",
            Self::Undo3 => "#undo3# ",
        }
    }
}

/// One line for the shell, behind a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    mark: Mark,
    line: String,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.mark.as_str(), self.line)
    }
}

/// `None`: it can only be deleted.
pub(super) fn switch_off(target: &Target<'_>) -> Option<Command> {
    let line = match target {
        Target::KmsKey { region, key_id, .. } => kms("disable-key", region, key_id),
        Target::AccessKey { user, key_id } => update_access_key(user, key_id, "Inactive"),
        Target::ServiceCredential { user, key_id } => {
            service_credential("update", user, key_id) + " --status Inactive"
        }
        Target::Password { .. } | Target::Secret { .. } => return None,
    };
    Some(Command {
        mark: Mark::Step1,
        line,
    })
}

/// `None`: it can only be deleted.
pub(super) fn switch_on(target: &Target<'_>) -> Option<Command> {
    let (key_id, line) = match target {
        Target::KmsKey { region, key_id, .. } => (key_id, kms("enable-key", region, key_id)),
        Target::AccessKey { user, key_id } => (key_id, update_access_key(user, key_id, "Active")),
        Target::ServiceCredential { user, key_id } => (
            key_id,
            service_credential("update", user, key_id) + " --status Active",
        ),
        Target::Password { .. } | Target::Secret { .. } => return None,
    };
    Some(or_left(Mark::Undo1, key_id, &line))
}

/// One command that fails must not stop those for the other keys.
fn or_left(mark: Mark, key_id: &str, line: &str) -> Command {
    Command {
        mark,
        line: format!("{line} || echo \"left as it is: {key_id}\" >&2"),
    }
}

pub(super) fn watch(target: &Target<'_>) -> Command {
    let line = match target {
        Target::KmsKey { region, arn, .. } => format!(
            "aws cloudtrail lookup-events --region {} --lookup-attributes {} --query {REFUSED} --output text",
            quoted(region.as_str()),
            quoted(&format!("AttributeKey=ResourceName,AttributeValue={arn}")),
        ),
        Target::AccessKey { key_id, .. } => format!(
            "aws iam get-access-key-last-used --access-key-id {} --query {} --output text",
            quoted(key_id),
            quoted("AccessKeyLastUsed.[LastUsedDate, ServiceName, Region]"),
        ),
        // AWS records no use: what can be seen is whether it is still switched off.
        Target::ServiceCredential { user, key_id } => status(user, key_id),
        Target::Secret { region, arn } => format!(
            "{} --query LastAccessedDate --output text",
            secrets_manager("describe-secret", region, arn)
        ),
        Target::Password { user } => format!(
            "aws iam get-user --user-name={} --query User.PasswordLastUsed --output text",
            quoted(user)
        ),
    };
    Command {
        mark: Mark::Step2,
        line,
    }
}

/// Those events that are of requests which KMS refused because the key is disabled.
const REFUSED: &str =
    "\"Events[?contains(CloudTrailEvent, 'DisabledException')].[EventTime, EventName, Username]\"";

/// Only a key that is still switched off is deleted: one that was switched on again is needed. A
/// secret is deleted unless it is marked for deletion already, and a password is not switched off.
pub(super) fn delete(target: &Target<'_>) -> Vec<Command> {
    let (key_id, state, off, delete) = match target {
        Target::KmsKey { region, key_id, .. } => (
            key_id,
            format!(
                "{} --query KeyMetadata.KeyState --output text",
                kms("describe-key", region, key_id)
            ),
            "Disabled",
            format!(
                "{} --pending-window-in-days {DELETION_WINDOW_DAYS}",
                kms("schedule-key-deletion", region, key_id)
            ),
        ),
        Target::AccessKey { user, key_id } => (
            key_id,
            // Letters and digits need no more than JMESPath's own quotes.
            format!(
                "aws iam list-access-keys --user-name={} --query \"AccessKeyMetadata[?AccessKeyId=='{key_id}'].Status\" --output text",
                quoted(user)
            ),
            "Inactive",
            iam("delete-access-key", user, key_id),
        ),
        Target::ServiceCredential { user, key_id } => (
            key_id,
            status(user, key_id),
            "Inactive",
            service_credential("delete", user, key_id),
        ),
        Target::Secret { region, arn } => (
            arn,
            format!(
                "{} --query DeletedDate --output text",
                secrets_manager("describe-secret", region, arn)
            ),
            // How the AWS CLI prints what is not there.
            "None",
            format!(
                "{} --recovery-window-in-days {SECRET_WINDOW_DAYS}",
                secrets_manager("delete-secret", region, arn)
            ),
        ),
        Target::Password { user } => {
            let line = format!("aws iam delete-login-profile --user-name={}", quoted(user));
            return vec![or_left(Mark::Step3, user, &line)];
        }
    };
    // Each line is harmless without the others, and all of them together can run again.
    let mut commands: Vec<Command> = [
        format!("state=$({state})"),
        format!("[ \"${{state}}\" = {off} ] || echo \"left alone: {key_id} is '${{state}}'\" >&2"),
        format!("[ \"${{state}}\" != {off} ] || {delete}"),
    ]
    .map(|line| Command {
        mark: Mark::Step3,
        line,
    })
    .into();
    let undo = match target {
        Target::KmsKey { region, key_id, .. } => kms("cancel-key-deletion", region, key_id),
        Target::Secret { region, arn } => secrets_manager("restore-secret", region, arn),
        Target::AccessKey { .. } | Target::ServiceCredential { .. } | Target::Password { .. } => {
            return commands;
        }
    };
    commands.push(or_left(Mark::Undo3, key_id, &undo));
    commands
}

fn kms(operation: &str, region: &Region, key_id: &str) -> String {
    format!(
        "aws kms {operation} --region {} --key-id {}",
        quoted(region.as_str()),
        quoted(key_id)
    )
}

fn service_credential(operation: &str, user: &str, key_id: &str) -> String {
    format!(
        "aws iam {operation}-service-specific-credential --user-name={} --service-specific-credential-id {}",
        quoted(user),
        quoted(key_id)
    )
}

/// Letters and digits need no more than JMESPath's own quotes.
fn status(user: &str, key_id: &str) -> String {
    format!(
        "aws iam list-service-specific-credentials --user-name={} --query \"ServiceSpecificCredentials[?ServiceSpecificCredentialId=='{key_id}'].Status\" --output text",
        quoted(user)
    )
}

fn secrets_manager(operation: &str, region: &Region, arn: &str) -> String {
    format!(
        "aws secretsmanager {operation} --region {} --secret-id {}",
        quoted(region.as_str()),
        quoted(arn)
    )
}

/// A name that begins with `-` must not pass for an option, hence the `=`.
fn iam(operation: &str, user: &str, key_id: &str) -> String {
    format!(
        "aws iam {operation} --user-name={} --access-key-id {}",
        quoted(user),
        quoted(key_id)
    )
}

fn update_access_key(user: &str, key_id: &str, status: &str) -> String {
    iam("update-access-key", user, key_id) + " --status " + status
}
