//! Why something could not be read.

use std::fmt;

use crate::model::words::words;

/// Why something could not be read. It is decided once, from AWS's response, where the call fails;
/// reports and retries follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// AWS refused the call, and will refuse it again until a policy is changed.
    Refused(Refusal),
    /// AWS throttled every attempt.
    Throttled,
    /// The run had no time left.
    OutOfTime,
    /// No response: the connection failed, the request timed out, or the service is unavailable.
    NotAnswering,
    /// The response cannot be parsed, or lacks a required member.
    UnreadableAnswer,
    /// It does not exist: it was deleted after it was listed, or a setting names it by mistake.
    Gone,
    /// Any other error, of AWS or of the census.
    Fault,
}

/// Why a call was refused, by the error message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// No policy allows the call, or the message gives no reason.
    NotAllowed,
    /// A policy denies the call explicitly; no other policy can allow it. `None`: the message does
    /// not name the kind of policy.
    ExplicitDeny(Option<PolicyKind>),
}

/// The kinds of policy that AWS names in messages about denied access
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// A policy of the role, user or group.
    IdentityBased,
    /// A policy of what is accessed, such as a key policy.
    ResourceBased,
    /// A service control policy of the organization (SCP).
    ServiceControl,
    /// A resource control policy of the organization (RCP).
    ResourceControl,
    /// The permissions boundary of the role or user.
    PermissionsBoundary,
    /// The policy that the session was limited to.
    Session,
    /// The policy of a VPC endpoint.
    VpcEndpoint,
}

impl Cause {
    /// Every cause; the refusal is [`Self::REFUSED`].
    pub const ALL: [Self; 7] = [
        Self::REFUSED,
        Self::Throttled,
        Self::OutOfTime,
        Self::NotAnswering,
        Self::UnreadableAnswer,
        Self::Gone,
        Self::Fault,
    ];

    /// A refusal without a reason.
    pub const REFUSED: Self = Self::Refused(Refusal::NotAllowed);

    /// The word for it in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Throttled => "throttled",
            Self::OutOfTime => "out_of_time",
            Self::NotAnswering => "not_answering",
            Self::UnreadableAnswer => "unreadable_answer",
            Self::Gone => "gone",
            Self::Fault => "fault",
        }
    }

    /// The cause that the files have `word` for; a refusal has no reason.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// Whether only time was lacking, so that the next run reads it first.
    #[must_use]
    pub fn is_lack_of_time(self) -> bool {
        match self {
            Self::OutOfTime | Self::Throttled => true,
            Self::Refused(_)
            | Self::NotAnswering
            | Self::UnreadableAnswer
            | Self::Gone
            | Self::Fault => false,
        }
    }

    /// The cause behind an error code in a report of a version that did not record causes, by the
    /// code alone. The code is empty where no call was made.
    pub(crate) fn of_older_report(code: &str) -> Self {
        match code {
            "" => Self::OutOfTime,
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "UnauthorizedOperation" => Self::REFUSED,
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "SlowDown" => Self::Throttled,
            "Timeout" | "ConnectionFailed" => Self::NotAnswering,
            "UnreadableAnswer" => Self::UnreadableAnswer,
            "NotFoundException" | "NoSuchEntity" | "AccountNotFound" => Self::Gone,
            _ => Self::Fault,
        }
    }
}

/// What stands before the kind of a policy that denies a call, in AWS's words.
const EXPLICIT_DENY: &str = "with an explicit deny";

impl Refusal {
    /// Reads AWS's message. Only the kind of policy is kept of it: the rest differs
    /// from run to run.
    #[must_use]
    pub fn of_message(message: &str) -> Self {
        match message.find(EXPLICIT_DENY) {
            Some(at) => Self::at_start(&message[at..]).0,
            None => Self::NotAllowed,
        }
    }

    /// The refusal at the beginning of `text`, and what follows it.
    pub(super) fn at_start(text: &str) -> (Self, &str) {
        let Some(after) = text.strip_prefix(EXPLICIT_DENY) else {
            return (Self::NotAllowed, text);
        };
        let named = [" in a ", " in an ", " in the "]
            .iter()
            .find_map(|article| after.strip_prefix(article));
        let kinds = PolicyKind::ALL.into_iter();
        let kind = named.and_then(|named| {
            let mut kinds = kinds.map(|kind| (kind, named.strip_prefix(kind.as_str())));
            kinds.find_map(|(kind, rest)| Some((kind, rest?)))
        });
        match kind {
            Some((kind, rest)) => (Self::ExplicitDeny(Some(kind)), rest),
            None => (Self::ExplicitDeny(None), after),
        }
    }
}

/// What follows an error code: nothing, or `with an explicit deny in a service
/// control policy`. [`Refusal::of_message`] reads it.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed => Ok(()),
            Self::ExplicitDeny(None) => f.write_str(EXPLICIT_DENY),
            Self::ExplicitDeny(Some(kind)) => {
                write!(f, "{EXPLICIT_DENY} in {}", kind.with_article())
            }
        }
    }
}

words!(PolicyKind {
    IdentityBased = "identity-based policy",
    ResourceBased = "resource-based policy",
    ServiceControl = "service control policy",
    ResourceControl = "resource control policy",
    PermissionsBoundary = "permissions boundary",
    Session = "session policy",
    VpcEndpoint = "VPC endpoint policy",
});

impl PolicyKind {
    /// `a service control policy`, `an identity-based policy`.
    #[must_use]
    pub fn with_article(self) -> String {
        let article = match self {
            Self::IdentityBased => "an",
            Self::ResourceBased
            | Self::ServiceControl
            | Self::ResourceControl
            | Self::PermissionsBoundary
            | Self::Session
            | Self::VpcEndpoint => "a",
        };
        format!("{article} {}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, PolicyKind, Refusal};

    #[test]
    fn every_cause_has_a_word_of_its_own() {
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.as_str()), Some(cause));
        }
        assert_eq!(Cause::parse(""), None);
        assert_eq!(Cause::parse("bored"), None);
    }

    #[test]
    fn the_kind_of_policy_that_denies_is_read_from_the_message_of_aws() {
        const USER: &str = "User: arn:aws:sts::222222222222:assumed-role/R/s is not authorized to perform: kms:ListKeys";
        let in_policy = [
            ("an identity-based policy", PolicyKind::IdentityBased),
            ("a resource-based policy", PolicyKind::ResourceBased),
            ("a service control policy", PolicyKind::ServiceControl),
            (
                "a service control policy: arn:aws:organizations::1:policy/p-a",
                PolicyKind::ServiceControl,
            ),
            ("a resource control policy", PolicyKind::ResourceControl),
            ("a permissions boundary", PolicyKind::PermissionsBoundary),
            (
                "a permissions boundary: arn:aws:iam::222222222222:policy/b",
                PolicyKind::PermissionsBoundary,
            ),
            ("a session policy", PolicyKind::Session),
            ("a VPC endpoint policy", PolicyKind::VpcEndpoint),
            ("the VPC endpoint policy", PolicyKind::VpcEndpoint),
        ]
        .map(|(policy, kind)| (format!("in {policy}"), Some(kind)));
        let unnamed =
            ["", ". Encoded authorization failure message: x"].map(|rest| (rest.to_owned(), None));
        let denied = in_policy.into_iter().chain(unnamed).map(|(rest, kind)| {
            let why = format!(" with an explicit deny {rest}");
            (why.replace(" .", "."), Refusal::ExplicitDeny(kind))
        });
        let not_allowed = ["", "identity-based policy", "service control policy"].map(|policy| {
            let why = format!(" because no {policy} allows the kms:ListKeys action");
            (why, Refusal::NotAllowed)
        });
        for (why, refusal) in denied.chain(not_allowed) {
            assert_eq!(
                Refusal::of_message(&format!("{USER}{why}")),
                refusal,
                "{why}"
            );
            assert_eq!(Refusal::of_message(&refusal.to_string()), refusal);
        }
    }
}
