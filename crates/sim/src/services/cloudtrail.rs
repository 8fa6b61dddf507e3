//! AWS CloudTrail: the event history of an account.

mod record;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::record::Record;
use crate::{
    call::{Call, Subject},
    services::page::{add_next, page_of},
    state::State,
    wire::{AwsError, Reply, input::Input},
};

/// Age of the oldest event (<https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>).
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Events of a page at most, and by default (same page).
const MOST_EVENTS: usize = 50;

/// What a call is about: the value it looks for.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    let attribute = call.input.list("LookupAttributes").first();
    let value = attribute.and_then(|attribute| attribute.get("AttributeValue")?.as_str());
    Subject::of_caller(call, value.unwrap_or_default())
}

/// Answers `LookupEvents`, latest first.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let lookup = Lookup::read(&call.input, state.clock.now())?;
    let mut found: Vec<Record<'_>> = match state.account(&call.caller.account) {
        Some(account) => record::of_region(account, call.region, state.clock.epoch())
            .filter(|record| lookup.wants(record))
            .collect(),
        None => Vec::new(),
    };
    found.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
    let page = page_of(call, "NextToken", found.len(), lookup.page_size)
        .ok_or_else(|| invalid("InvalidNextTokenException", "The token is not valid."))?;
    let events: Vec<_> = found[page.items].iter().map(Record::to_entry).collect();
    let mut body = json!({"Events": events});
    add_next(&mut body, "NextToken", page.next);
    Ok(Reply::Json(body))
}

/// Which events a request asks for.
struct Lookup<'a> {
    attribute: Option<(&'a str, &'a str)>,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
    page_size: usize,
}

impl<'a> Lookup<'a> {
    fn read(input: &'a Input, now: Timestamp) -> Result<Self, AwsError> {
        let attribute = match input.list("LookupAttributes") {
            [] => None,
            [one] => Some(attribute(one)?),
            _ => {
                return Err(invalid(
                    "InvalidLookupAttributesException",
                    "You may only specify one lookup attribute.",
                ));
            }
        };
        let earliest = now.saturating_sub(RETENTION).unwrap_or(Timestamp::MIN);
        let from = moment(input, "StartTime").unwrap_or(earliest).max(earliest);
        let to = moment(input, "EndTime").unwrap_or(now).min(now);
        if moment(input, "StartTime").is_some_and(|start| start > to) {
            return Err(invalid(
                "InvalidTimeRangeException",
                "The start time must be before the end time.",
            ));
        }
        let page_size = input
            .limit("MaxResults", MOST_EVENTS, MOST_EVENTS)
            .map_err(|error| invalid("InvalidMaxResultsException", error.message))?;
        Ok(Self {
            attribute,
            from,
            to,
            now,
            page_size,
        })
    }

    fn wants(&self, record: &Record<'_>) -> bool {
        (self.from..=self.to).contains(&record.time)
            && record.delivered <= self.now
            && self
                .attribute
                .is_none_or(|(name, value)| record.has(name, value))
    }
}

/// Name and value of a lookup attribute.
fn attribute(attribute: &Value) -> Result<(&str, &str), AwsError> {
    let text = |name: &str| attribute.get(name).and_then(Value::as_str);
    match (text("AttributeKey"), text("AttributeValue")) {
        (Some(name), Some(value)) if record::ATTRIBUTES.contains(&name) => Ok((name, value)),
        _ => Err(invalid(
            "InvalidLookupAttributesException",
            format!(
                "The lookup attribute is not valid: AttributeKey is one of {}, and there must be an AttributeValue.",
                record::ATTRIBUTES.join(", ")
            ),
        )),
    }
}

fn moment(input: &Input, name: &str) -> Option<Timestamp> {
    let Input::Json(body) = input else {
        return None;
    };
    let seconds = SignedDuration::try_from_secs_f64(body.get(name)?.as_f64()?).ok()?;
    Timestamp::from_duration(seconds).ok()
}

fn invalid(code: &'static str, message: impl Into<String>) -> AwsError {
    AwsError::new(code, 400, message)
}
