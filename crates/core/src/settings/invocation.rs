//! The settings that an invocation's event overrides.
//!
//! Four forms are accepted: a scheduled event of an EventBridge rule or of EventBridge Scheduler,
//! whose `detail` may hold overrides; the input of an EventBridge Scheduler schedule, which is the
//! overrides themselves; a bare object of overrides; `{}`. Each of them may be within the event of a
//! [`stage`](super::stage).

use serde_json::{Map, Value};

use super::{
    SettingsError, Source, Written,
    stage::{self, StageOfRun},
};

/// The fields of an EventBridge event around its `detail`
/// (<https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>).
const ENVELOPE: &[&str] = &[
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
    "replay-name",
];

/// The fields by which a schedule's own input names its occurrence: EventBridge
/// Scheduler replaces `<aws.scheduler.schedule-arn>`, `<aws.scheduler.scheduled-time>`
/// and `<aws.scheduler.execution-id>` in them
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html>).
///
/// An execution ID is assigned "for each attempted invocation of a target": a retry of
/// Scheduler's may carry another one. It counts only where the other two are not both
/// given, as in the inputs of stacks that were deployed before they were.
const SCHEDULE_ARN: &str = "scheduler_schedule_arn";
const SCHEDULED_TIME: &str = "scheduler_scheduled_time";
const EXECUTION_ID: &str = "scheduler_execution_id";

/// How a keyword of Scheduler's begins that was not replaced: the input was sent by
/// something else, and names no occurrence.
const NOT_REPLACED: &str = "<aws.scheduler.";

/// A parsed event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its ID: the same however often it is delivered. `None` where it has none.
    pub event_id: Option<String>,
    /// The settings that it overrides.
    pub overrides: Vec<Written>,
    /// The stage that it asks for; `None`: all of them.
    pub stage: Option<StageOfRun>,
}

/// Reads an event.
///
/// # Errors
/// It has none of the accepted forms, which the error names.
pub fn read(event: Value) -> Result<Event, SettingsError> {
    let mut fields = object("the event", event)?;
    if let Some((stage, event)) = stage::take(&mut fields)? {
        let of_run = read_without_stage(object("the event", event)?)?;
        return Ok(Event {
            stage: Some(stage),
            ..of_run
        });
    }
    read_without_stage(fields)
}

fn read_without_stage(mut fields: Map<String, Value>) -> Result<Event, SettingsError> {
    let event_id = match fields.contains_key("detail-type") {
        true => named(fields.get("id")),
        false => occurrence(&mut fields),
    };
    Ok(Event {
        event_id,
        overrides: overrides(fields)?,
        stage: None,
    })
}

/// What names the occurrence of a schedule, taken out of its input.
fn occurrence(fields: &mut Map<String, Value>) -> Option<String> {
    let [schedule, time, execution] =
        [SCHEDULE_ARN, SCHEDULED_TIME, EXECUTION_ID].map(|name| take_text(fields, name));
    match (schedule, time) {
        (Some(schedule), Some(time)) => Some(format!("{schedule} {time}")),
        _ => execution,
    }
}

/// Takes a field out that holds text; any other is left, to be refused as a setting.
fn take_text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name)?.as_str()?;
    named(fields.remove(name).as_ref())
}

/// The text of a field that names something.
fn named(field: Option<&Value>) -> Option<String> {
    let text = field?.as_str()?;
    (!text.is_empty() && !text.starts_with(NOT_REPLACED)).then(|| text.to_owned())
}

fn overrides(mut fields: Map<String, Value>) -> Result<Vec<Written>, SettingsError> {
    if !fields.contains_key("detail-type") {
        return written(fields);
    }
    if let Some(field) = fields
        .keys()
        .find(|field| !ENVELOPE.contains(&field.as_str()))
    {
        return Err(malformed(format!(
            "the event has a field {field:?} beside those of EventBridge: put settings into its detail"
        )));
    }
    match fields.remove("detail") {
        None | Some(Value::Null) => Ok(Vec::new()),
        // EventBridge Scheduler sends an empty detail as text.
        Some(Value::String(text)) => {
            let detail = serde_json::from_str(&text).map_err(|_| {
                malformed(
                    "the event's detail is text that is not JSON: give an object of settings"
                        .to_owned(),
                )
            })?;
            written(object("the event's detail", detail)?)
        }
        Some(detail) => written(object("the event's detail", detail)?),
    }
}

fn object(what: &str, value: Value) -> Result<Map<String, Value>, SettingsError> {
    match value {
        Value::Object(fields) => Ok(fields),
        other => Err(malformed(format!(
            "{what} is {other}: give an object of settings, such as {{\"stale_after_days\": 180}}"
        ))),
    }
}

fn written(fields: Map<String, Value>) -> Result<Vec<Written>, SettingsError> {
    fields
        .into_iter()
        .map(|(name, value)| {
            let text = text(&value).ok_or_else(|| {
                malformed(format!(
                    "{name} is {value}: give text, a number, or a list of texts"
                ))
            })?;
            Ok(Written {
                source: Source::Event,
                name,
                text,
            })
        })
        .collect()
}

/// A value as a setting's text: a list is joined by commas.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(items?.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

fn malformed(problem: String) -> SettingsError {
    SettingsError::Event(problem)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{super::Settings, read};

    fn threshold_or_error(event: Value) -> String {
        match read(event).and_then(|event| Settings::read(event.overrides)) {
            Ok(settings) => format!("T = {}", settings.stale_after_days),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn settings_are_found_in_every_shape_of_event() {
        let envelope = |detail: Value| {
            json!({"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
                   "account": "111111111111", "time": "2026-11-21T02:00:00Z", "region": "eu-west-1",
                   "resources": ["arn:aws:events:eu-west-1:111111111111:rule/nightly"], "detail": detail})
        };
        let cases = [
            (json!({}), 90),
            (json!({"stale_after_days": 180}), 180),
            (json!({"stale_after_days": "180"}), 180),
            (occurrence(json!({"stale_after_days": 180})), 180),
            (envelope(json!({})), 90),
            (envelope(json!({"stale_after_days": 180})), 180),
            (envelope(json!("{}")), 90),
            (envelope(json!("{\"stale_after_days\": 180}")), 180),
        ];
        for (event, days) in cases {
            assert_eq!(
                threshold_or_error(event.clone()),
                format!("T = {days}"),
                "{event}"
            );
        }
    }

    const OCCURRENCE: &str =
        "arn:aws:scheduler:eu-west-1:111111111111:schedule/keycensus/nightly 2026-11-21T02:00:00Z";

    /// The input of a schedule, as Scheduler sends it.
    fn occurrence(more: Value) -> Value {
        let mut input = json!({
            "scheduler_schedule_arn": "arn:aws:scheduler:eu-west-1:111111111111:schedule/keycensus/nightly",
            "scheduler_scheduled_time": "2026-11-21T02:00:00Z",
        });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    }

    #[test]
    fn an_event_is_known_by_its_id_however_often_it_is_delivered() {
        let cases = [
            (
                json!({"detail-type": "Scheduled Event", "id": "c2b7"}),
                Some("c2b7"),
            ),
            (
                json!({"scheduler_execution_id": "d32c5kddcf5bb8c3"}),
                Some("d32c5kddcf5bb8c3"),
            ),
            (
                occurrence(json!({"scheduler_execution_id": "d32c5kddcf5bb8c3"})),
                Some(OCCURRENCE),
            ),
            (
                occurrence(json!({"scheduler_execution_id": "of-a-retry"})),
                Some(OCCURRENCE),
            ),
            (
                json!({"scheduler_schedule_arn": "arn:aws:scheduler:eu-west-1:111111111111:schedule/a/b",
                       "scheduler_execution_id": "d32c5kddcf5bb8c3"}),
                Some("d32c5kddcf5bb8c3"),
            ),
            (
                json!({"scheduler_schedule_arn": "<aws.scheduler.schedule-arn>",
                       "scheduler_scheduled_time": "<aws.scheduler.scheduled-time>"}),
                None,
            ),
            (json!({"detail-type": "Scheduled Event"}), None),
            (json!({}), None),
        ];
        for (event, id) in cases {
            assert_eq!(
                read(event.clone()).unwrap().event_id.as_deref(),
                id,
                "{event}"
            );
        }
    }

    #[test]
    fn a_list_of_texts_is_a_list() {
        let event = read(json!({"accounts": ["111111111111", "222222222222"]})).unwrap();
        let settings = Settings::read(event.overrides).unwrap();
        assert_eq!(settings.accounts.unwrap().len(), 2);
    }

    #[test]
    fn an_event_of_another_form_is_an_error_with_the_accepted_forms() {
        let cases = [
            (json!([1]), "the event is [1]: give an object of settings"),
            (json!(null), "the event is null: give an object"),
            (
                json!({"stale_after_days": true}),
                "stale_after_days is true: give text, a number",
            ),
            (
                json!({"scheduler_scheduled_time": 5}),
                "there is no setting scheduler_scheduled_time",
            ),
            (
                json!({"stale_after_days": 0}),
                "stale_after_days is \"0\": give a whole number of days from 1 to 3650",
            ),
            (
                json!({"stale_days": 5}),
                "there is no setting stale_days: did you mean stale_after_days?",
            ),
            (
                json!({"detail-type": "x", "stale_after_days": 5}),
                "the event has a field \"stale_after_days\" beside those of EventBridge",
            ),
            (
                json!({"detail-type": "x", "detail": "hello"}),
                "the event's detail is text that is not JSON",
            ),
            (
                json!({"detail-type": "x", "detail": 5}),
                "the event's detail is 5: give an object",
            ),
        ];
        for (event, error) in cases {
            let message = threshold_or_error(event);
            assert!(message.starts_with(error), "{message}");
        }
    }
}
