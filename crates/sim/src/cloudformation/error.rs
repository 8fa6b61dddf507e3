//! Errors of templates.

use crate::policy::PolicyError;

/// Why a template cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is no YAML, or not the YAML of a template.
    #[error("the template is no YAML: {0}")]
    Yaml(String),
    /// It uses something that CloudFormation supports and the simulator does not.
    #[error("{0} is not understood by the simulator")]
    Unsupported(String),
    /// It refers to something that does not exist or does not fit.
    #[error("{0}")]
    Wrong(String),
    /// One of its policies cannot be enforced.
    #[error("{0}: {1}")]
    Policy(String, PolicyError),
}

impl TemplateError {
    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    pub(super) fn wrong(what: impl Into<String>) -> Self {
        Self::Wrong(what.into())
    }
}
