//! What AWS's services do with the stack's roles: Lambda with the function's, and
//! EventBridge Scheduler with the schedule's. They do as the template tells them to, so
//! it is read from there.

use keycensus_sim::{
    cloudformation::{Role as Rendered, Stack},
    policy::{Context, Place, Principal, Request, decide},
};
use serde_json::Value;

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

/// All calls of services.
pub(super) fn calls(templates: &Templates, stack: &Stack) -> Vec<ServiceCall> {
    let mut calls = Vec::new();
    let resolved = |part: &Value| match stack.resolve(part) {
        Ok(value) => value.unwrap_or_default(),
        Err(error) => panic!("template.yaml: {error}"),
    };
    let resources = templates.scanner.tree["Resources"].as_object();
    for resource in resources.into_iter().flat_map(|all| all.values()) {
        let properties = &resource["Properties"];
        let role = match resource["Type"].as_str() {
            Some("AWS::Serverless::Function") => &properties["Role"],
            Some("AWS::Scheduler::Schedule") => &properties["Target"]["RoleArn"],
            _ => continue,
        };
        let logical = role["Fn::GetAtt"][0].as_str().unwrap_or_default();
        let mut call = |action, resource: String| {
            calls.push(ServiceCall {
                role: match logical == templates.role_of_function() {
                    true => Role::Scanner,
                    false => Role::Other(logical.to_owned()),
                },
                logical: logical.to_owned(),
                action,
                resource,
            });
        };
        let text = |part: &Value| resolved(part).as_str().map(str::to_owned);
        // Lambda: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html> and
        // <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>.
        if let Some(group) = text(&properties["LoggingConfig"]["LogGroup"]) {
            let group = resolved(&serde_json::json!({
                "Fn::Sub": format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{group}")
            }));
            let group = group.as_str().unwrap_or_default();
            call("logs:CreateLogStream", format!("{group}:log-stream:"));
            call(
                "logs:PutLogEvents",
                format!("{group}:log-stream:2026/11/21/[$LATEST]0"),
            );
        }
        let on_failure = &properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"];
        if on_failure["Type"] == "SQS" {
            call(
                "sqs:SendMessage",
                text(&on_failure["Destination"]).unwrap_or_default(),
            );
        }
        // EventBridge Scheduler: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html>.
        let target = &properties["Target"];
        if let Some(function) = text(&target["Arn"]) {
            call("lambda:InvokeFunction", function);
        }
        if let Some(queue) = text(&target["DeadLetterConfig"]["Arn"]) {
            call("sqs:SendMessage", queue);
        }
    }
    calls
}
