//! What could not be read, and why.

use std::{borrow::Cow, fmt, sync::Arc};

use crate::model::cause::{Cause, Refusal};

/// What could not be seen, and why. It is data, not an error: the run continues and the report has
/// it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// A failed call.
    Unanswered {
        /// The call, as IAM names it: `kms:GetKeyLastUsage`.
        operation: Cow<'static, str>,
        /// AWS's error code (`AccessDeniedException`), or for a call without a usable response one
        /// of `Timeout`, `ConnectionFailed`, `UnreadableAnswer`. `MoreEvents`: no call failed, but
        /// there are more pages of them than are read of one key.
        code: Arc<str>,
        /// Why.
        cause: Cause,
    },
    /// There was no time left for the call.
    NoTimeLeft,
}

/// STS's error code where STS is not active in the account for the called Region.
pub const REGION_DISABLED: &str = "RegionDisabledException";

const NO_TIME_LEFT: &str = "no time left";

impl Gap {
    /// A call that failed with `code`, because of `cause`.
    #[must_use]
    pub fn unanswered(operation: &'static str, code: &str, cause: Cause) -> Self {
        Self::Unanswered {
            operation: operation.into(),
            code: code.into(),
            cause,
        }
    }

    /// A response that lacks a required member.
    #[must_use]
    pub fn unreadable_answer(operation: &'static str) -> Self {
        Self::unanswered(operation, "UnreadableAnswer", Cause::UnreadableAnswer)
    }

    /// Reads what [`Display`](fmt::Display) wrote: `kms:DescribeKey Timeout`. `recorded` is the
    /// cause that stands beside it; `None` where none was recorded, so that it is derived from the
    /// error code.
    #[must_use]
    pub fn parse(text: &str, recorded: Option<Cause>) -> Option<Self> {
        let (gap, rest) = Self::at_start(text, recorded)?;
        rest.is_empty().then_some(gap)
    }

    /// The gap at the beginning of `text`, as [`Gap::parse`] reads it, and what follows it.
    pub(crate) fn at_start(text: &str, recorded: Option<Cause>) -> Option<(Self, &str)> {
        if let Some(rest) = text.strip_prefix(NO_TIME_LEFT) {
            return Some((Self::NoTimeLeft, rest));
        }
        let (operation, rest) = text.split_once(' ')?;
        let (service, call) = operation.split_once(':')?;
        let end = rest.find([' ', ':', ';', ',']).unwrap_or(rest.len());
        let (code, rest) = rest.split_at(end);
        if [service, call, code].contains(&"") {
            return None;
        }
        let refusal = rest.strip_prefix(' ').map(Refusal::at_start);
        let (cause, rest) = match (recorded, refusal) {
            (None | Some(Cause::Refused(_)), Some((refusal @ Refusal::ExplicitDeny(_), rest))) => {
                (Cause::Refused(refusal), rest)
            }
            (recorded, _) => {
                let cause = recorded.unwrap_or_else(|| Cause::of_older_report(code));
                (cause, rest)
            }
        };
        let operation = operation.to_owned().into();
        let code = code.into();
        let gap = Self::Unanswered {
            operation,
            code,
            cause,
        };
        Some((gap, rest))
    }

    /// Why.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::Unanswered { cause, .. } => *cause,
            Self::NoTimeLeft => Cause::OutOfTime,
        }
    }

    /// The error code; empty where no call failed.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unanswered { code, .. } => code,
            Self::NoTimeLeft => "",
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unanswered {
                operation,
                code,
                cause,
            } => {
                write!(f, "{operation} {code}")?;
                match cause {
                    Cause::Refused(refusal @ Refusal::ExplicitDeny(_)) => write!(f, " {refusal}"),
                    Cause::Refused(Refusal::NotAllowed)
                    | Cause::Throttled
                    | Cause::OutOfTime
                    | Cause::NotAnswering
                    | Cause::UnreadableAnswer
                    | Cause::Gone
                    | Cause::Fault => Ok(()),
                }
            }
            Self::NoTimeLeft => f.write_str(NO_TIME_LEFT),
        }
    }
}
