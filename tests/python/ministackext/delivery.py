"""What Lambda, EventBridge Scheduler, Step Functions and CloudWatch alarms may do by roles and policies.

Ministack asks none of them.
"""

from __future__ import annotations

import json
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import (
    cloudwatch,
    cloudwatch_logs,
    eventbridge,
    iam,
    lambda_svc,
    scheduler,
    sqs,
    stepfunctions,
)
from ministack.services.cloudformation import provisioners

from . import authorization

now: ContextVar[float | None] = ContextVar("now", default=None)
"""The moment that schedules take for the present; None: the present."""

request_of_event: ContextVar[str | None] = ContextVar("request_of_event", default=None)
"""The request ID of an asynchronous event: the same whenever Lambda tries it again."""


role_of_machine: ContextVar[str | None] = ContextVar("role_of_machine", default=None)
"""The role of the state machine whose execution this is; None: the role lets Step Functions not in."""

CLOUDWATCH = "cloudwatch.amazonaws.com"


def install() -> None:
    scheduler.time = SimpleNamespace(time=_time, sleep=scheduler.time.sleep)
    eventbridge._invoke_target = _invoked_by_scheduler(eventbridge._invoke_target)
    lambda_svc.invoke_async_with_retry = _under_one_request(lambda_svc.invoke_async_with_retry)
    lambda_svc._execute_function_dispatch = _with_request_of_event(lambda_svc._execute_function_dispatch)
    lambda_svc._route_async_failure = _if_function_may_send(lambda_svc._route_async_failure)
    lambda_svc._emit_lambda_logs = _if_function_may_write(lambda_svc._emit_lambda_logs)
    cloudwatch._dispatch_alarm_actions = _where_alarms_may_publish(cloudwatch._dispatch_alarm_actions)
    stepfunctions._run_execution = _with_role_of_machine(stepfunctions._run_execution)
    stepfunctions._invoke_resource = _if_machine_may(stepfunctions._invoke_resource)
    stepfunctions._add_event = _logged(stepfunctions._add_event)
    machines = provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]
    machines["create"] = _if_machine_may_log(machines["create"], properties=1)
    machines["update"] = _if_machine_may_log(machines["update"], properties=2)
    lambda_runtime.execution_credentials = _if_lambda_may_enter(lambda_runtime.execution_credentials)
    lambda_svc.execution_credentials = lambda_runtime.execution_credentials


_clock = scheduler.time.time


def _time() -> float:
    return now.get() or _clock()


def let_schedules_see(moment: float) -> None:
    """Has every schedule that falls due in the minute up to a moment invoke its target."""
    token = now.set(moment)
    try:
        for schedule in scheduler._schedules._data:
            scheduler._schedule_last_fired[schedule] = moment - 60
        scheduler._tick_schedules()
    finally:
        now.reset(token)


def credentials_of(role_arn: str) -> dict[str, str]:
    """What the environment of a function with a role has."""
    function = f"arn:aws:lambda:us-east-1:{role_arn.split(':')[4]}:function:any"
    return lambda_runtime.execution_credentials({"FunctionArn": function, "FunctionName": "any", "Role": role_arn})


def trusts(role_arn: str, service: str, keys: dict[str, str]) -> bool:
    """Whether a role lets a service in, under the condition keys that the service sends."""
    account_id, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account_id, None, name)
    if role is None:
        return False
    return _lets(role["AssumeRolePolicyDocument"], service, "sts:AssumeRole", role_arn, keys, secure=True)


def lets_publish(topic_arn: str, service: str, keys: dict[str, str], secure: bool) -> bool:
    """Whether a topic lets a service publish, under the condition keys that the service sends."""
    policy, _ = iam_evaluator._resource_policy("sns", topic_arn)
    return _lets(policy, service, "sns:Publish", topic_arn, keys, secure)


def _lets(policy: Any, service: str, action: str, resource: str, keys: dict[str, str], secure: bool) -> bool:
    context = EvalContext(
        principal_arn=f"service:{service}",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region="",
        secure_transport=secure,
        service_context={key.lower(): value for key, value in keys.items()},
    )
    return iam_evaluator.evaluate_resource_policy(policy, context, service).decision == "Allow"


def _may(role_arn: str, action: str, resource: str) -> bool:
    account_id, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return authorization.allows(
        f"arn:aws:sts::{account_id}:assumed-role/{name}/aws", name, account_id, action, resource
    )


def _invoked_by_scheduler(invoked_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""

    def invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        if event["Source"] != "aws.scheduler":
            return invoked_by_ministack(target, event, rule, view)
        moment = datetime.fromtimestamp(_time(), UTC).replace(second=0, microsecond=0)
        attributes = {
            "<aws.scheduler.schedule-arn>": rule["Arn"],
            "<aws.scheduler.scheduled-time>": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "<aws.scheduler.execution-id>": str(uuid.uuid4()),
            "<aws.scheduler.attempt-number>": "1",
        }
        text = target["Input"]
        for name, value in attributes.items():
            text = text.replace(name, value)
        failure = _deliver(target, rule, text)
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        if failure and queue and _may(target["RoleArn"], "sqs:SendMessage", queue):
            _send(queue, text, ERROR_CODE="AccessDeniedException", ERROR_MESSAGE=failure)

    return invoke_target


def _deliver(target: dict[str, Any], schedule: dict[str, Any], text: str) -> str | None:
    """Hands an event to Lambda or Step Functions; why it could not be, where it could not."""
    account_id, group = schedule["Arn"].split(":")[4], schedule["GroupName"]
    # Its source is the schedule's group, whatever the schedule.
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    source = schedule["Arn"].rsplit(":", 1)[0] + f":schedule-group/{group}"
    keys = {"aws:SourceAccount": account_id, "aws:SourceArn": source}
    if not trusts(target["RoleArn"], "scheduler.amazonaws.com", keys):
        return "the role does not trust Scheduler"
    if ":stateMachine:" in target["Arn"]:
        if not _may(target["RoleArn"], "states:StartExecution", target["Arn"]):
            return "the role may not start the state machine"
        region = target["Arn"].split(":")[3]
        with request_scope(account_id, region):
            stepfunctions._start_execution({"stateMachineArn": target["Arn"], "input": text})
        return None
    if not _may(target["RoleArn"], "lambda:InvokeFunction", target["Arn"]):
        return "the role may not invoke the function"
    function, config, _ = lambda_svc._get_func_record_for_ref(target["Arn"])
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), json.loads(text))
    return None


def _send(queue_arn: str, body: str, **attributes: str) -> None:
    region, account_id, name = queue_arn.split(":")[3:]
    texts = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    iam_evaluator.pin_request_origin("scheduler", secure_transport=True)
    with request_scope(account_id, region):
        sqs._act_send_message({"MessageBody": body, "MessageAttributes": texts}, sqs._queue_url(name))


def _under_one_request(invoked_by_ministack: Any) -> Any:
    def invoke(function: dict[str, Any], event: dict[str, Any]) -> None:
        token = request_of_event.set(str(uuid.uuid4()))
        try:
            invoked_by_ministack(function, event)
        finally:
            request_of_event.reset(token)

    return invoke


def _with_request_of_event(dispatched_by_ministack: Any) -> Any:
    def dispatch(function: dict, config: dict, event: dict, request_id: str, started: float) -> dict[str, Any]:
        return dispatched_by_ministack(function, config, event, request_of_event.get() or request_id, started)

    return dispatch


def _if_function_may_send(routed_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""

    def route(queue_arn: str, name: str, event: dict[str, Any], result: dict[str, Any]) -> None:
        if _may(lambda_svc._functions[name]["config"]["Role"], "sqs:SendMessage", queue_arn):
            routed_by_ministack(queue_arn, name, event, result)

    return route


def _if_function_may_write(emitted_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"""

    def emit(function: dict[str, Any], *more: Any, **named: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        region, account_id = config["FunctionArn"].split(":")[3:5]
        stream = f"arn:aws:logs:{region}:{account_id}:log-group:{group}:log-stream:stream"
        if all(_may(config["Role"], action, stream) for action in ("logs:CreateLogStream", "logs:PutLogEvents")):
            emitted_by_ministack(function, *more, **named)

    return emit


def _with_role_of_machine(run_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html"""

    def run(execution_arn: str) -> None:
        execution = stepfunctions._executions[execution_arn]
        machine = stepfunctions._state_machines[execution["stateMachineArn"]]
        keys = {"aws:SourceAccount": execution_arn.split(":")[4], "aws:SourceArn": machine["stateMachineArn"]}
        trusted = trusts(machine["roleArn"], "states.amazonaws.com", keys)
        # That it has started.
        for event in execution["events"]:
            _log(execution, event)
        role_of_machine.set(machine["roleArn"] if trusted else None)
        run_by_ministack(execution_arn)

    return run


def _if_machine_may(invoked_by_ministack: Any) -> Any:
    """https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html"""

    def invoke(resource: str, arguments: dict[str, Any]) -> Any:
        if resource.endswith(":lambda:invoke"):
            action, on, error = "lambda:InvokeFunction", arguments["FunctionName"], "Lambda.AWSLambdaException"
        else:
            name = arguments["QueueUrl"].rpartition("/")[2]
            on = f"arn:aws:sqs:{get_region()}:{get_account_id()}:{name}"
            action, error = "sqs:SendMessage", "SQS.SqsException"
        role = role_of_machine.get()
        if role is None or not _may(role, action, on):
            raise stepfunctions._ExecutionError(error, f"the role may not {action}")
        iam_evaluator.pin_request_origin("states", secure_transport=True)
        return invoked_by_ministack(resource, arguments)

    return invoke


LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""What a state machine's role must be allowed on everything for executions to be logged, as the guide has it."""


def _if_machine_may_log(made_by_ministack: Any, properties: int) -> Any:
    """A state machine whose role may not do all that takes is refused when it is created or changed.

    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy, and for the message
    https://github.com/aws/aws-cdk/issues/26432.
    """

    def make(*given: Any, **named: Any) -> Any:
        wanted = given[properties]
        logging = wanted.get("LoggingConfiguration") or {"Level": "OFF"}
        allowed = [_may(wanted["RoleArn"], action, "*") for action in LOG_DELIVERY if logging["Level"] != "OFF"]
        if not all(allowed):
            raise ValueError("The state machine IAM Role is not authorized to access the Log Destination")
        for destination in logging.get("Destinations", []):
            # https://docs.aws.amazon.com/step-functions/latest/apireference/API_CloudWatchLogsLogGroup.html
            if not destination["CloudWatchLogsLogGroup"]["LogGroupArn"].endswith(":*"):
                raise ValueError("Invalid Logging Configuration: the ARN of the log group must end with :*")
        return made_by_ministack(*given, **named)

    return make


def _logged(added_by_ministack: Any) -> Any:
    def add(execution: dict[str, Any], event_type: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        event = added_by_ministack(execution, event_type, details)
        _log(execution, event)
        return event

    return add


def _log(execution: dict[str, Any], event: dict[str, Any]) -> None:
    """An event of an execution goes to the log group that its state machine names, if it logs on the level ``ALL``.

    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """
    logging = stepfunctions._state_machines[execution["stateMachineArn"]]["loggingConfiguration"]
    if logging.get("Level") != "ALL":
        return
    [destination] = logging["Destinations"]
    group = destination["CloudWatchLogsLogGroup"]["LogGroupArn"].split(":")[6]
    stream = {"logGroupName": group, "logStreamName": "states/0"}
    cloudwatch_logs._create_log_stream(stream)
    logged = json.dumps({"type": event["type"], "execution_arn": execution["executionArn"]})
    line = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": logged}
    cloudwatch_logs._put_log_events({**stream, "logEvents": [line]})


def _where_alarms_may_publish(dispatched_by_ministack: Any) -> Any:
    """https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger"""

    def may_publish(topic_arn: str, alarm: dict[str, Any]) -> bool:
        keys = {"aws:SourceAccount": alarm["AlarmArn"].split(":")[4], "aws:SourceArn": alarm["AlarmArn"]}
        allowed = lets_publish(topic_arn, CLOUDWATCH, keys, secure=True)
        authorization.record(f"service:{CLOUDWATCH}", "sns:Publish", topic_arn, allowed)
        return allowed

    def dispatch(alarm: dict[str, Any], *more: Any) -> None:
        topics = [topic for topic in alarm.get("AlarmActions") or [] if may_publish(topic, alarm)]
        dispatched_by_ministack({**alarm, "AlarmActions": topics}, *more)

    return dispatch


def _if_lambda_may_enter(credentials_of_ministack: Any) -> Any:
    def credentials(config: dict[str, Any]) -> dict[str, str]:
        if not trusts(config["Role"], "lambda.amazonaws.com", {}):
            raise RuntimeError("The role defined for the function cannot be assumed by Lambda.")
        return credentials_of_ministack(config)

    return credentials
