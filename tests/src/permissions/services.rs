//! What AWS's services do with the stack's roles: Lambda with the function's, EventBridge
//! Scheduler with the schedule's, and Step Functions with the state machine's. They do as
//! the template tells them to, so it is read from there.

use std::fs;

use keycensus_sim::{
    cloudformation::{Role as Rendered, Stack},
    policy::{Context, Principal, Request, ResourceIn, decide},
};
use serde_json::{Value, json};

use super::Role;
use crate::{Templates, here};

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
        if !exists(stack, resource) {
            continue;
        }
        let (role, made) = match resource["Type"].as_str() {
            Some("AWS::Serverless::Function") => {
                (&properties["Role"], of_lambda(stack, properties))
            }
            Some("AWS::Scheduler::Schedule") => {
                let target = &properties["Target"];
                (&target["RoleArn"], of_scheduler(stack, target))
            }
            Some("AWS::Serverless::StateMachine") => {
                (&properties["Role"], of_machine(stack, properties))
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
    let started = text(stack, &target["Arn"]);
    let queue = text(stack, &target["DeadLetterConfig"]["Arn"]);
    let starts = started.map(|started| match started.contains(":stateMachine:") {
        true => ("states:StartExecution", started),
        false => (INVOKE, started),
    });
    let hands_over = queue.map(|queue| (SEND, queue));
    starts.into_iter().chain(hands_over).collect()
}

const INVOKE: &str = "lambda:InvokeFunction";
const SEND: &str = "sqs:SendMessage";

/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html>.
fn of_machine(stack: &Stack, machine: &Value) -> Vec<(&'static str, String)> {
    let path = machine["DefinitionUri"].as_str().unwrap_or_default();
    let definition = fs::read_to_string(here(&format!("../{path}")));
    let definition = definition.unwrap_or_else(|e| panic!("{path}: {e}"));
    let definition = definition.parse().unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut calls = Vec::new();
    for task in tasks(&definition) {
        let substituted = |argument: &str| {
            let name = task["Arguments"][argument].as_str().unwrap_or_default();
            &machine["DefinitionSubstitutions"][name.trim_matches(['$', '{', '}'])]
        };
        let resource = task["Resource"].as_str().unwrap_or_default();
        let (action, on) = match resource.rsplit_once(":::").map(|(_, api)| api) {
            Some("lambda:invoke") => (INVOKE, substituted("FunctionName").clone()),
            Some("sqs:sendMessage") => {
                // Its URL is given, by its logical name.
                let queue = &substituted("QueueUrl")["Ref"];
                (SEND, json!({"Fn::GetAtt": [queue, "Arn"]}))
            }
            _ => panic!("{path}: what does {resource} call?"),
        };
        calls.extend(text(stack, &on).map(|on| (action, on)));
    }
    if machine["Logging"]["Level"] != "OFF" && !machine["Logging"].is_null() {
        calls.extend(DELIVERS_LOG.map(|action| (action, "*".to_owned())));
    }
    calls
}

/// What Step Functions calls to have the log of a state machine's executions delivered:
/// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy>.
const DELIVERS_LOG: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
];

/// Every task of a state machine's definition, wherever it stands.
fn tasks(definition: &Value) -> Vec<&Value> {
    if definition["Type"] == "Task" {
        return vec![definition];
    }
    let fields = definition.as_object().into_iter().flatten();
    fields.flat_map(|(_, field)| tasks(field)).collect()
}

/// Whether the stack has a resource.
fn exists(stack: &Stack, resource: &Value) -> bool {
    let Some(condition) = resource.get("Condition") else {
        return true;
    };
    let nothing = json!({"Ref": "AWS::NoValue"});
    text(stack, &json!({"Fn::If": [condition, "there", nothing]})).is_some()
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
        decide(&request, policies, ResourceIn::OwnAccount(on_resource)).is_ok()
    }
}

/// The roles of the stack that are not the function's.
pub(super) fn other_roles(templates: &Templates, stack: &Stack) -> Vec<(String, Rendered)> {
    let mut roles = stack.roles().unwrap_or_default();
    roles.remove(templates.role_of_function());
    roles.into_iter().collect()
}
