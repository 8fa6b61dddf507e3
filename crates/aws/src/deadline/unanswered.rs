//! Why a call has no answer that can be used.

use keycensus_core::model::gap::Gap;

use crate::{deadline::NoTimeLeft, transport::call_error::CallError};

/// Why something is not known.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// There was no time left to ask.
    NoTimeLeft,
    /// The call failed.
    Failed(CallError),
}

impl Unanswered {
    /// What the report says of it.
    pub(crate) fn gap(&self) -> Gap {
        match self {
            Self::NoTimeLeft => Gap::NoTimeLeft,
            Self::Failed(error) => error.gap(),
        }
    }
}

/// The answer of a call that had to be made in time, or why there is none.
pub(crate) fn answer<T>(
    outcome: Result<Result<T, CallError>, NoTimeLeft>,
) -> Result<T, Unanswered> {
    match outcome {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Unanswered::Failed(error)),
        Err(NoTimeLeft) => Err(Unanswered::NoTimeLeft),
    }
}

/// The same. A call that failed is logged: `what` says what is not known for it.
pub(crate) fn answer_or_log<T>(
    outcome: Result<Result<T, CallError>, NoTimeLeft>,
    what: &'static str,
) -> Result<T, Unanswered> {
    let answer = answer(outcome);
    if let Err(Unanswered::Failed(error)) = &answer {
        error.log_gap(what);
    }
    answer
}
