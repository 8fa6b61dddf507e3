//! A request as policies evaluate it: principal, action, resource and condition keys.

use std::borrow::Cow;

/// The caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal<'a> {
    /// Twelve digits; empty for an AWS service.
    pub account: &'a str,
    /// ARN of the role or user; the name of an AWS service, such as `lambda.amazonaws.com`.
    pub arn: &'a str,
}

/// One permission that a call needs.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The caller.
    pub principal: Principal<'a>,
    /// `service:Action`.
    pub action: &'a str,
    /// ARN of the resource; `*` where AWS defines none for the action.
    pub resource: &'a str,
    /// The condition keys.
    pub context: &'a Context<'a>,
}

/// The condition keys that calls to the simulator carry, where they apply.
pub const CONTEXT_KEYS: [&str; 18] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "events:detail-type",
    "events:source",
    "kms:CallerAccount",
    "kms:ViaService",
    "s3:TlsVersion",
    "s3:prefix",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "sts:ExternalId",
];

/// The values of condition keys in one call. Keys are not case-sensitive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Context<'a> {
    /// The same, with one more key.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    /// The same, with one more key if there is a value.
    #[must_use]
    pub fn with_some(self, key: &'static str, value: Option<impl Into<Cow<'a, str>>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_ref())
    }
}
