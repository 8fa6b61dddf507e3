//! An event of CloudTrail's history.

use super::{
    super::trail_event::{Record, TrailEvent},
    Page,
};
use crate::model::time::to_seconds;

/// The type of an event that is a request to an API: nearly every one.
const API_CALL: &str = "AwsApiCall";

/// The call, its caller and its source.
pub(super) fn event_rows(page: &mut Page, event: &TrailEvent) {
    let listed = &event.listed;
    let at = listed.at.map(to_seconds).unwrap_or_default();
    page.row("called", &format!("{} at {at}", event.operation()));
    let Some(record) = &event.record else {
        if let Some(name) = &listed.user_name {
            page.row("user name", name);
        }
        page.row("record", "cannot be read");
        return;
    };
    caller(page, record, listed.user_name.as_deref());
    let Record {
        source_ip_address,
        user_agent,
        error_code,
        error_message,
        request_parameters,
        event_type,
        shared_event_id,
        vpc_endpoint_id,
        session_credential_from_console,
        // In the identity, which is shown whole.
        principal_type: _,
        principal_arn: _,
        role_arn: _,
        invoked_by: _,
        user_identity: _,
    } = record;
    let is_unusual = |kind: &&String| *kind != API_CALL;
    for (label, value) in [
        ("source", source_ip_address.as_ref()),
        ("VPC endpoint", vpc_endpoint_id.as_ref()),
        ("user agent", user_agent.as_ref()),
        ("from console", session_credential_from_console.as_ref()),
        ("event type", event_type.as_ref().filter(is_unusual)),
        ("shared event", shared_event_id.as_ref()),
        ("refused with", error_code.as_ref()),
        ("message", error_message.as_ref()),
    ] {
        if let Some(value) = value {
            page.row(label, value);
        }
    }
    if let Some(parameters) = request_parameters {
        page.row("parameters", &parameters.to_string());
    }
}

/// Everything that is recorded of the caller.
fn caller(page: &mut Page, record: &Record, user_name: Option<&str>) {
    let identity = &record.user_identity;
    let named = identity.principal();
    let principal = named.as_deref().or(user_name).unwrap_or("not recorded");
    page.row(
        "principal",
        &match identity.principal_type() {
            Some(kind) => format!("{principal} ({kind})"),
            None => principal.to_owned(),
        },
    );
    let details = identity.details();
    if let Some(name) = user_name
        && !principal.contains(name)
        && !details.iter().any(|(_, value)| value.contains(name))
    {
        page.row("user name", name);
    }
    for (label, value) in details {
        page.row(&label, &value);
    }
}
