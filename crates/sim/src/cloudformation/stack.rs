//! A template with its parameters, in an account and Region.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    error::TemplateError,
    function, parameters,
    policies::{self, Named, Role},
    yaml::Template,
};
use crate::policy::Policy;

/// What a stack is made with, besides its template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackInput {
    /// Its name.
    pub name: String,
    /// The account it is in.
    pub account: String,
    /// The Region it is in, which says the partition.
    pub region: String,
    /// Parameters; the others have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// What `Ref` gives for resources, by logical name, where CloudFormation would make up a name.
    pub names: BTreeMap<String, String>,
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
    /// A parameter has no value, or there is none of that name.
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

    /// A part of the template without functions; `None` where it is `AWS::NoValue`.
    ///
    /// # Errors
    /// It has a function that is not understood.
    pub fn resolve(&self, part: &Value) -> Result<Option<Value>, TemplateError> {
        function::resolve(self, part)
    }

    /// The roles that there are, by logical name.
    ///
    /// # Errors
    /// One of them is not understood, or something that would give a role more than it says.
    pub fn roles(&self) -> Result<BTreeMap<String, Role>, TemplateError> {
        policies::roles(self)
    }

    /// The policies on buckets, topics and queues, by the ARN of what they are on.
    ///
    /// # Errors
    /// One of them is not understood.
    pub fn resource_policies(&self) -> Result<BTreeMap<String, Named<Policy>>, TemplateError> {
        policies::on_resources(self)
    }

    /// Whether a condition of the template holds.
    pub(super) fn holds(&self, condition: &str) -> Result<bool, TemplateError> {
        match self.template.tree["Conditions"].get(condition) {
            Some(spelled_out) => function::is_true(self, spelled_out),
            None => Err(TemplateError::wrong(format!(
                "there is no condition {condition}"
            ))),
        }
    }

    /// The logical names of the resources that there are under the stack's conditions.
    pub(super) fn resources(&self) -> Result<Vec<&str>, TemplateError> {
        let all = self.template.tree["Resources"].as_object();
        let mut there = Vec::new();
        for (logical, resource) in all.into_iter().flatten() {
            if self.is_there(resource)? {
                there.push(logical.as_str());
            }
        }
        Ok(there)
    }

    /// A resource that there is.
    pub(super) fn resource(&self, logical: &str) -> Result<&Value, TemplateError> {
        match self.template.tree["Resources"].get(logical) {
            Some(resource) if self.is_there(resource)? => Ok(resource),
            _ => Err(TemplateError::wrong(format!("there is no {logical}"))),
        }
    }

    fn is_there(&self, resource: &Value) -> Result<bool, TemplateError> {
        match resource.get("Condition").and_then(Value::as_str) {
            Some(condition) => self.holds(condition),
            None => Ok(true),
        }
    }
}
