//! A template with its parameters, in an account and Region.

use std::collections::BTreeMap;

use super::{error::TemplateError, parameters, yaml::Template};
use crate::aws::regions::partition;

/// The input of a stack besides its template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackInput {
    /// Its name.
    pub name: String,
    /// The account it is in.
    pub account: String,
    /// The Region it is in, which determines the partition.
    pub region: String,
    /// Parameters; the others have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// What `Ref` gives for resources, by logical name, where CloudFormation would generate a name.
    pub names: BTreeMap<String, String>,
}

impl StackInput {
    /// The value of a pseudo parameter such as `AWS::AccountId`; `AWS::NoValue` has none.
    pub(super) fn pseudo_parameter(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::AccountId" => self.account.clone(),
            "AWS::Region" => self.region.clone(),
            "AWS::Partition" => partition(&self.region).to_owned(),
            "AWS::StackName" => self.name.clone(),
            "AWS::URLSuffix" => match partition(&self.region) {
                "aws-cn" => "amazonaws.com.cn".to_owned(),
                _ => "amazonaws.com".to_owned(),
            },
            _ => return None,
        })
    }
}

/// A stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    pub(super) template: Template,
    pub(super) input: StackInput,
    /// All of them, defaults included.
    pub(super) parameters: BTreeMap<String, String>,
}

impl Stack {
    /// A stack of `template`.
    ///
    /// # Errors
    /// A parameter has no value, or the template does not declare it.
    pub fn new(template: &Template, input: StackInput) -> Result<Self, TemplateError> {
        let parameters = parameters::complete(template, &input.parameters)?;
        Ok(Self {
            template: template.clone(),
            input,
            parameters,
        })
    }

    /// The value of a parameter, its default included.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}
