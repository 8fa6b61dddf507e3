//! CloudTrail's event history in one account and Region.

use std::sync::Arc;

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use keycensus_core::{
    explain::trail_event::{Listed, TrailEvent},
    region::Region,
};

use crate::{
    call_error::CallError,
    connection::Aws,
    endpoint::Endpoint,
    pace::Pace,
    requests::Requests,
    session::{Session, as_account},
    usage::timestamp,
};

pub(crate) const LOOKUP_EVENTS: &str = "cloudtrail:LookupEvents";

/// LookupEvents requests a second that AWS allows per account and Region
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>).
const LOOKUPS_RPS: f64 = 2.0;
/// The largest page (same page).
pub(crate) const LARGEST_PAGE: i32 = 50;

/// How many pages without events are read before a search is given up: a page may be
/// empty and say that there are more.
const EMPTY_PAGES: usize = 20;

/// The event history of one account and Region.
#[derive(Debug)]
pub(crate) struct CloudTrail<'a> {
    requests: Requests<'a>,
    client: aws_sdk_cloudtrail::Client,
    pace: Pace,
}

/// What events are looked up by. There can be one only.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    EventId(&'a str),
    /// The ARN of a KMS key.
    ResourceName(&'a str),
    AccessKeyId(&'a str),
}

/// One page of events, latest first, and where the next begins.
pub(crate) struct EventsPage {
    pub(crate) events: Vec<TrailEvent>,
    pub(crate) next: Option<String>,
}

impl<'a> CloudTrail<'a> {
    /// The event history of the account of `session` in `region`.
    pub(crate) fn new(aws: &'a Aws, session: &'a Session, region: &Region) -> Self {
        let config = aws_sdk_cloudtrail::Config::from(aws.config())
            .to_builder()
            .region(aws_sdk_cloudtrail::config::Region::new(region.to_string()))
            .build();
        Self {
            requests: Requests::new(aws, session, Arc::new(Endpoint::new()), region),
            client: aws_sdk_cloudtrail::Client::from_conf(config),
            pace: Pace::new(LOOKUPS_RPS),
        }
    }

    /// One page of the events of the last 90 days.
    pub(crate) async fn page(
        &self,
        by: By<'_>,
        size: i32,
        token: Option<&str>,
    ) -> Result<EventsPage, CallError> {
        let attribute = self.attribute(by)?;
        let page = self
            .requests
            .call_at_pace(&self.pace, LOOKUP_EVENTS, |credentials| {
                self.client
                    .lookup_events()
                    .lookup_attributes(attribute.clone())
                    .max_results(size)
                    .set_next_token(token.map(str::to_owned))
                    .customize()
                    .config_override(as_account!(aws_sdk_cloudtrail, credentials))
                    .send()
            })
            .await?;
        let next = page.next_token.filter(|next| !next.is_empty());
        let truncated = next.is_some();
        Ok(EventsPage {
            events: page
                .events
                .unwrap_or_default()
                .into_iter()
                .map(told)
                .collect(),
            next: self.requests.next(LOOKUP_EVENTS, truncated, next, token)?,
        })
    }

    /// The latest events, a page of them at most; none where there are none in the last
    /// 90 days.
    pub(crate) async fn latest(
        &self,
        by: By<'_>,
        at_most: i32,
    ) -> Result<Vec<TrailEvent>, CallError> {
        let mut token = None;
        for _ in 0..EMPTY_PAGES {
            let page = self.page(by, at_most, token.as_deref()).await?;
            token = page.next;
            if !page.events.is_empty() || token.is_none() {
                return Ok(page.events);
            }
        }
        Err(self.requests.unreadable(LOOKUP_EVENTS))
    }

    fn attribute(&self, by: By<'_>) -> Result<LookupAttribute, CallError> {
        let (name, value) = match by {
            By::EventId(id) => (LookupAttributeKey::EventId, id),
            By::ResourceName(arn) => (LookupAttributeKey::ResourceName, arn),
            By::AccessKeyId(id) => (LookupAttributeKey::AccessKeyId, id),
        };
        LookupAttribute::builder()
            .attribute_key(name)
            .attribute_value(value)
            .build()
            .map_err(|_| self.requests.unreadable(LOOKUP_EVENTS))
    }
}

fn told(event: Event) -> TrailEvent {
    let listed = Listed {
        id: event.event_id.unwrap_or_default(),
        at: event.event_time.and_then(timestamp),
        source: event.event_source.unwrap_or_default(),
        name: event.event_name.unwrap_or_default(),
        user_name: event.username.filter(|name| !name.is_empty()),
    };
    TrailEvent::new(listed, event.cloud_trail_event.as_deref())
}
