//! Amazon EventBridge.

use serde_json::{Value, json};

use crate::{
    aws::regions::partition,
    call::{Call, Subject},
    lock::lock,
    state::{State, event::Event},
    wire::{AwsError, Reply},
    world::{EventBus, uuid},
};

/// Entries of a call at most (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>).
const MOST_ENTRIES: usize = 10;
/// Bytes of all entries of a call together at most
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>). In 2026 AWS raised this to 1 MB,
/// not on every page of its documentation; the old limit is accepted everywhere.
const LARGEST_CALL: usize = 262_144;
/// Size of a `Time` (same page).
const TIME_BYTES: usize = 14;
/// The bus that every account has in every Region.
const DEFAULT_BUS: &str = "default";
/// Required members of an entry.
const REQUIRED: [&str; 3] = ["Source", "DetailType", "Detail"];

/// A bus that an entry names; it need not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bus<'a> {
    name: &'a str,
    account: &'a str,
    region: &'a str,
}

/// Code and message for a refused entry.
type Refused = (&'static str, String);

/// What a call is about: the bus of its first entry.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    let first = call.input.list("Entries").first();
    Subject::of_caller(call, first.map_or("", named_bus))
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    put_events(state, call, None)
}

/// Answers a call whose last entry fails in EventBridge, while the others are put.
pub(crate) fn answer_but_the_last(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let last = call.input.list("Entries").len().checked_sub(1);
    put_events(state, call, last)
}

fn put_events(state: &State, call: &Call<'_>, lost: Option<usize>) -> Result<Reply, AwsError> {
    let entries = call.input.list("Entries");
    check_call(entries)?;
    let buses: Vec<_> = entries
        .iter()
        .map(|entry| bus(call, named_bus(entry)))
        .collect::<Result<_, _>>()?;
    let mut events = lock(&state.events);
    let mut failed = 0;
    let mut results = Vec::with_capacity(entries.len());
    for (position, (entry, bus)) in entries.iter().zip(buses).enumerate() {
        let refused = match lost == Some(position) {
            true => Some(("InternalFailure", "Internal failure.".to_owned())),
            false => check_entry(entry),
        };
        if let Some((code, message)) = refused {
            failed += 1;
            results.push(json!({"ErrorCode": code, "ErrorMessage": message}));
            continue;
        }
        let event_id = uuid(&state.request_id());
        results.push(json!({"EventId": event_id}));
        // AWS answers success for a bus that does not exist, and drops the event.
        if exists(state, call, bus) {
            events.push(event(bus, entry, event_id));
        }
    }
    Ok(Reply::Json(
        json!({"FailedEntryCount": failed, "Entries": results}),
    ))
}

fn event(bus: Bus<'_>, entry: &Value, event_id: String) -> Event {
    let field = |name| text(entry, name).to_owned();
    Event {
        bus: bus.name.to_owned(),
        account: bus.account.to_owned(),
        region: bus.region.to_owned(),
        source: field("Source"),
        detail_type: field("DetailType"),
        detail: field("Detail"),
        resources: resources(entry).map(str::to_owned).collect(),
        event_id,
    }
}

/// Why EventBridge refuses a whole call.
fn check_call(entries: &[Value]) -> Result<(), AwsError> {
    if !(1..=MOST_ENTRIES).contains(&entries.len()) {
        let bound = match entries.len() {
            0 => "greater than or equal to 1".to_owned(),
            _ => format!("less than or equal to {MOST_ENTRIES}"),
        };
        return Err(AwsError::validation(format!(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length {bound}"
        )));
    }
    if entries.iter().map(size).sum::<usize>() > LARGEST_CALL {
        return Err(AwsError::validation(
            "Total size of the entries in the request is over the limit.",
        ));
    }
    if entries.iter().all(|entry| missing(entry).is_some()) {
        return Err(AwsError::validation(
            "No entry has all of Source, DetailType and Detail.",
        ));
    }
    Ok(())
}

/// Why EventBridge refuses one entry.
fn check_entry(entry: &Value) -> Option<Refused> {
    if let Some(name) = missing(entry) {
        let message =
            format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
        return Some(("InvalidArgument", message));
    }
    if text(entry, "Source").starts_with("aws.") {
        let message = "Not authorized for the source.".to_owned();
        return Some(("NotAuthorizedForSourceException", message));
    }
    let detail: Result<Value, _> = serde_json::from_str(text(entry, "Detail"));
    match detail {
        Ok(Value::Object(_)) => None,
        _ => Some(("MalformedDetail", "Detail is malformed.".to_owned())),
    }
}

fn missing(entry: &Value) -> Option<&'static str> {
    REQUIRED
        .into_iter()
        .find(|name| text(entry, name).is_empty())
}

fn size(entry: &Value) -> usize {
    let time = entry.get("Time").map_or(0, |_| TIME_BYTES);
    let texts: usize = REQUIRED.iter().map(|name| text(entry, name).len()).sum();
    time + texts + resources(entry).map(str::len).sum::<usize>()
}

/// The bus that a call names: one of the caller's by its name or ARN.
fn bus<'a>(call: &'a Call<'_>, named: &'a str) -> Result<Bus<'a>, AwsError> {
    let own = Bus {
        name: named,
        account: &call.caller.account,
        region: call.region,
    };
    let parts: Vec<_> = named.split(':').collect();
    match parts[..] {
        [_] => Ok(own),
        ["arn", _, "events", region, account, resource] if account == own.account => Ok(Bus {
            name: resource.strip_prefix("event-bus/").unwrap_or(resource),
            account,
            region,
        }),
        // No bus of the world has a policy that lets other accounts in.
        ["arn", _, "events", ..] => Err(call.denied(named)),
        _ => Err(AwsError::validation(format!(
            "1 validation error detected: Value '{named}' at 'entries.1.member.eventBusName' failed to satisfy constraint: Member must be a name or an ARN"
        ))),
    }
}

/// Whether there is such a bus in the Region that the call was signed for.
fn exists(state: &State, call: &Call<'_>, bus: Bus<'_>) -> bool {
    let is_it = |known: &EventBus| {
        known.name == bus.name && known.account == bus.account && known.region == bus.region
    };
    let known = || state.world.event_buses.iter().any(is_it);
    bus.region == call.region && (bus.name == DEFAULT_BUS || known())
}

/// The ARN of the bus that an entry names.
pub(crate) fn bus_arn(call: &Call<'_>, entry: &Value) -> String {
    let named = named_bus(entry);
    if named.starts_with("arn:") {
        return named.to_owned();
    }
    let (region, account) = (call.region, &call.caller.account);
    format!(
        "arn:{}:events:{region}:{account}:event-bus/{named}",
        partition(region)
    )
}

fn named_bus(entry: &Value) -> &str {
    match text(entry, "EventBusName") {
        "" => DEFAULT_BUS,
        named => named,
    }
}

fn resources(entry: &Value) -> impl Iterator<Item = &str> {
    let listed = entry.get("Resources").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str)
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}
