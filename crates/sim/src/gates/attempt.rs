//! What refusals and faults match.

use crate::{aws::operation::Operation, call::Target, wire::AwsError};

/// A call, as rules match it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) operation: Operation,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) target: Option<Target<'a>>,
    pub(crate) resource: &'a str,
    /// The caller's ARN, for the message.
    pub(crate) caller: &'a str,
}

impl Attempt<'_> {
    /// Whether a rule with these fields matches the call, whatever its account.
    pub(crate) fn matches(
        &self,
        operation: &str,
        region: Option<&str>,
        key: Option<&str>,
        resource: Option<&str>,
    ) -> bool {
        self.operation.is_covered_by(operation)
            && region.is_none_or(|region| region == self.region)
            && key.is_none_or(|name| self.target.is_some_and(|target| target.is_called(name)))
            && resource.is_none_or(|resource| resource == self.resource)
    }

    /// The service's own answer when no policy allows the call.
    pub(crate) fn denied(&self) -> AwsError {
        let name = match self.target {
            Some(Target::Key(key)) => key.arn(self.account),
            Some(Target::User(user) | Target::AccessKey(user, _)) => format!("user {}", user.name),
            None if self.resource.is_empty() => "*".to_owned(),
            None => self.resource.to_owned(),
        };
        AwsError::denied(self.operation, self.caller, &name)
    }
}
