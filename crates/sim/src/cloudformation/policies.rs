//! Roles and policies of a stack.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{error::TemplateError, function::resource_names, stack::Stack};
use crate::policy::{Policy, PolicyError};

/// A policy with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T> {
    /// `PolicyName` of a role's policy, the logical name of one on a resource.
    pub name: String,
    /// The policy.
    pub policy: T,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Who may assume it.
    pub trust: Policy,
    /// What it may do.
    pub policies: Vec<Named<Policy>>,
}

/// The supported properties of a role. The last three do not affect permissions.
const ROLE_PROPERTIES: [&str; 6] = [
    "AssumeRolePolicyDocument",
    "Policies",
    "Path",
    "RoleName",
    "Description",
    "MaxSessionDuration",
];

/// The supported policies on resources, and the property that lists the resources.
const ON_RESOURCES: [(&str, &str); 3] = [
    ("AWS::S3::BucketPolicy", "Bucket"),
    ("AWS::SNS::TopicPolicy", "Topics"),
    ("AWS::SQS::QueuePolicy", "Queues"),
];

/// Resources that affect permissions too, and that no template here has.
const UNSUPPORTED: [&str; 8] = [
    "AWS::IAM::Group",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::User",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::StepFunctions::StateMachine",
];

fn roles(stack: &Stack) -> Result<BTreeMap<String, Role>, TemplateError> {
    let mut roles = BTreeMap::new();
    for logical in stack.resources()? {
        let resource = stack.resource(logical)?;
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::IAM::Role" => {
                roles.insert(logical.to_owned(), role(stack, logical, properties)?);
            }
            // SAM would make a role of these.
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine"
                if properties.get("Role").is_none() =>
            {
                return Err(TemplateError::unsupported(format!(
                    "{logical} without Role"
                )));
            }
            "AWS::SNS::Topic" => check_key_of_topic(logical, properties)?,
            kind if UNSUPPORTED.contains(&kind) => {
                return Err(TemplateError::unsupported(format!("{logical}, a {kind},")));
            }
            _ => {}
        }
    }
    Ok(roles)
}

fn role(stack: &Stack, logical: &str, properties: &Value) -> Result<Role, TemplateError> {
    for property in properties
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        if !ROLE_PROPERTIES.contains(&property.as_str()) {
            return Err(TemplateError::unsupported(format!("{logical}.{property}")));
        }
    }
    let trust = document(
        stack,
        &properties["AssumeRolePolicyDocument"],
        logical,
        Policy::trust,
    )?;
    let mut policies = Vec::new();
    for listed in stack.list(&properties["Policies"])? {
        let name = listed["PolicyName"].as_str().unwrap_or_default().to_owned();
        let at = format!("{logical}.{name}");
        let policy = Policy::identity(&listed["PolicyDocument"]);
        let policy = policy.map_err(|error| TemplateError::Policy(at, error))?;
        policies.push(Named { name, policy });
    }
    Ok(Role {
        arn: resource_names::attribute(stack, logical, "Arn")?,
        trust,
        policies,
    })
}

/// The key `alias/aws/sns` allows every principal that may publish; another key would need permissions of its own
/// (<https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>).
fn check_key_of_topic(logical: &str, properties: &Value) -> Result<(), TemplateError> {
    match properties.get("KmsMasterKeyId").map(Value::as_str) {
        None | Some(Some("alias/aws/sns")) => Ok(()),
        Some(_) => Err(TemplateError::unsupported(format!(
            "the KMS key of {logical}"
        ))),
    }
}

fn on_resources(stack: &Stack) -> Result<BTreeMap<String, Named<Policy>>, TemplateError> {
    let mut policies = BTreeMap::new();
    for logical in stack.resources()? {
        let resource = stack.resource(logical)?;
        let kind = resource["Type"].as_str().unwrap_or_default();
        let Some((_, of)) = ON_RESOURCES.iter().find(|(known, _)| *known == kind) else {
            continue;
        };
        let properties = &resource["Properties"];
        let policy = document(
            stack,
            &properties["PolicyDocument"],
            logical,
            Policy::on_resource,
        )?;
        for on in named(&properties[*of]) {
            let on = on.ok_or_else(|| TemplateError::unsupported(format!("{logical}.{of}")))?;
            let arn = match kind {
                "AWS::SNS::TopicPolicy" => resource_names::reference(stack, on)?,
                _ => resource_names::attribute(stack, on, "Arn")?,
            };
            let named = Named {
                name: logical.to_owned(),
                policy: policy.clone(),
            };
            if policies.insert(arn, named).is_some() {
                return Err(TemplateError::wrong(format!("{on} has two policies")));
            }
        }
    }
    Ok(policies)
}

/// The logical names in one `Ref` or a list of them.
fn named(value: &Value) -> Vec<Option<&str>> {
    match value {
        Value::Array(list) => list.iter().map(|one| one["Ref"].as_str()).collect(),
        one => vec![one["Ref"].as_str()],
    }
}

fn document(
    stack: &Stack,
    value: &Value,
    at: &str,
    parse: fn(&Value) -> Result<Policy, PolicyError>,
) -> Result<Policy, TemplateError> {
    let document = stack.resolve(value)?.unwrap_or_default();
    parse(&document).map_err(|error| TemplateError::Policy(at.to_owned(), error))
}

impl Stack {
    /// The roles whose conditions hold, by logical name.
    ///
    /// # Errors
    /// A role is not supported, or a resource that would give a role further permissions.
    pub fn roles(&self) -> Result<BTreeMap<String, Role>, TemplateError> {
        roles(self)
    }

    /// The policies on buckets, topics and queues, by the ARN of the bucket, topic or queue.
    ///
    /// # Errors
    /// A policy is not supported.
    pub fn resource_policies(&self) -> Result<BTreeMap<String, Named<Policy>>, TemplateError> {
        on_resources(self)
    }

    /// A list without functions; empty where it is not there.
    fn list(&self, value: &Value) -> Result<Vec<Value>, TemplateError> {
        match self.resolve(value)? {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(TemplateError::wrong(format!("{other} is no list"))),
        }
    }
}
