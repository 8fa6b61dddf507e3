//! Errors of policy documents.

/// Why a policy cannot be enforced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The document does not have the shape of a policy.
    #[error("{at}: {problem}")]
    Malformed {
        /// Where: a statement's `Sid` or number, or `the document`.
        at: String,
        /// What is wrong there.
        problem: String,
    },
    /// The document uses something that AWS supports and the simulator does not enforce.
    #[error("{at}: {what} is not enforced by the simulator")]
    Unsupported {
        /// Where: a statement's `Sid` or number, or `the document`.
        at: String,
        /// What it is.
        what: String,
    },
}

impl PolicyError {
    pub(super) fn malformed(at: &str, problem: impl Into<String>) -> Self {
        Self::Malformed {
            at: at.to_owned(),
            problem: problem.into(),
        }
    }

    pub(super) fn unsupported(at: &str, what: impl Into<String>) -> Self {
        Self::Unsupported {
            at: at.to_owned(),
            what: what.into(),
        }
    }
}
