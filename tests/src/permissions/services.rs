//! What AWS's services do with the stack's roles: Lambda with the function's, and
//! EventBridge Scheduler with the schedule's. They do as the template tells them to, so
//! it is read from there.

use keycensus_sim::{
    cloudformation::{Role as Rendered, Stack},
    policy::{Context, Place, Principal, Request, decide},
};
use serde_json::{Value, json};

use super::Role;
use crate::Templates;

/// A call that a service makes.
pub(super) struct ServiceCall {
    pub(super) role: Role,
    /// Logical name of the role.
    logical: String,
    pub(super) action: &'static str,
    /// ARN.
    pub(super) resource: String,
}

/// All calls of services.
pub(super) fn calls(templates: &Templates, stack: &Stack) -> Vec<ServiceCall> {
    let mut calls = Vec::new();
    let resources = templates.scanner.tree["Resources"].as_object();
    for resource in resources.into_iter().flat_map(|all| all.values()) {
        let properties = &resource["Properties"];
        let (role, made) = match resource["Type"].as_str() {
            Some("AWS::Serverless::Function") => {
                (&properties["Role"], of_lambda(stack, properties))
            }
            Some("AWS::Scheduler::Schedule") => {
                let target = &properties["Target"];
                (&target["RoleArn"], of_scheduler(stack, target))
            }
            _ => continue,
        };
        let logical = role["Fn::GetAtt"][0].as_str().unwrap_or_default();
        calls.extend(made.into_iter().map(|(action, resource)| ServiceCall {
            role: match logical == templates.role_of_function() {
                true => Role::Scanner,
                false => Role::Other(logical.to_owned()),
            },
            logical: logical.to_owned(),
            action,
            resource,
        }));
    }
    calls
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html> and
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>.
fn of_lambda(stack: &Stack, function: &Value) -> Vec<(&'static str, String)> {
    let mut calls = Vec::new();
    if let Some(group) = text(stack, &function["LoggingConfig"]["LogGroup"]) {
        let arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${group}:log-stream:";
        let streams = text(stack, &json!({"Fn::Sub": [arn, {"group": group}]})).unwrap_or_default();
        // A stream that there is not yet has no name.
        calls.push(("logs:CreateLogStream", streams.clone()));
        calls.push(("logs:PutLogEvents", streams + "2026/11/21/[$LATEST]0"));
    }
    let on_failure = &function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"];
    if on_failure["Type"] == "SQS" {
        calls.extend(
            text(stack, &on_failure["Destination"]).map(|queue| ("sqs:SendMessage", queue)),
        );
    }
    calls
}

/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html>.
fn of_scheduler(stack: &Stack, target: &Value) -> Vec<(&'static str, String)> {
    let function = text(stack, &target["Arn"]);
    let queue = text(stack, &target["DeadLetterConfig"]["Arn"]);
    let invokes = function.map(|function| ("lambda:InvokeFunction", function));
    let hands_over = queue.map(|queue| ("sqs:SendMessage", queue));
    invokes.into_iter().chain(hands_over).collect()
}

/// A part of the template that is a text, if it is there.
fn text(stack: &Stack, part: &Value) -> Option<String> {
    let resolved = stack.resolve(part);
    let resolved = resolved.unwrap_or_else(|e| panic!("template.yaml: {e}"));
    resolved?.as_str().map(str::to_owned)
}

impl ServiceCall {
    /// Whether the role and what it calls let it.
    pub(super) fn is_allowed(&self, stack: &Stack) -> bool {
        let roles = stack.roles().unwrap_or_default();
        let on_resources = stack.resource_policies().unwrap_or_default();
        let Some(role) = roles.get(&self.logical) else {
            return false;
        };
        let account = self.resource.split(':').nth(4).unwrap_or_default();
        let context = Context::default()
            .with("aws:PrincipalArn", &role.arn)
            .with("aws:SecureTransport", "true");
        let request = Request {
            principal: Principal {
                account,
                arn: &role.arn,
            },
            action: self.action,
            resource: &self.resource,
            context: &context,
        };
        let on_resource = on_resources.get(&self.resource).map(|named| &named.policy);
        let policies = role.policies.iter().map(|named| &named.policy);
        decide(&request, policies, Place::OwnAccount(on_resource)).is_ok()
    }
}

/// The roles of the stack that are not the function's.
pub(super) fn other_roles(templates: &Templates, stack: &Stack) -> Vec<(String, Rendered)> {
    let mut roles = stack.roles().unwrap_or_default();
    roles.remove(templates.role_of_function());
    roles.into_iter().collect()
}
