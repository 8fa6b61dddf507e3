//! CloudTrail's event history in one account and Region.

use aws_sdk_cloudtrail::{
    primitives::DateTime,
    types::{Event, LookupAttribute, LookupAttributeKey},
};
use jiff::Timestamp;
use keycensus_core::{
    explain::trail_event::{ListedEvent, TrailEvent},
    model::region::Region,
};

use crate::{
    services::aws::Aws,
    transport::{
        answer::Unreadable,
        call_error::CallError,
        pages::{Page, Pages},
        rate_limit::RateLimit,
        requests::Requests,
        session::{Session, as_account, request},
        timestamps::timestamp,
    },
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
    rate_limit: RateLimit,
}

/// What events are looked up by. There can be one only.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LookupBy<'a> {
    EventId(&'a str),
    /// The ARN of a KMS key.
    ResourceName(&'a str),
    AccessKeyId(&'a str),
}

/// When events happened that are looked up, both moments included; `None`: any time of the last 90 days.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TimeRange {
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

impl<'a> CloudTrail<'a> {
    /// The event history of the account of `session` in `region`.
    pub(crate) fn new(aws: &'a Aws, session: &'a Session, region: &Region) -> Self {
        let (client, endpoint) = aws.cloudtrail(region);
        Self {
            requests: Requests::new(aws, session, endpoint, region),
            client,
            rate_limit: RateLimit::new(LOOKUPS_RPS),
        }
    }

    /// A lookup of the events of the last 90 days that begins.
    pub(crate) fn pages(&self) -> Pages {
        Pages::new(LOOKUP_EVENTS, self.requests.site())
    }

    /// The next page of a lookup, events latest first.
    pub(crate) async fn page(
        &self,
        by: LookupBy<'_>,
        range: TimeRange,
        size: i32,
        pages: &Pages,
    ) -> Result<Page<TrailEvent>, CallError> {
        let attribute = attribute(by).map_err(|why| self.unreadable(why))?;
        let request = request!(
            aws_sdk_cloudtrail,
            self.client,
            lookup_events(
                lookup_attributes = attribute.clone(),
                set_start_time = range.since.map(date_time),
                set_end_time = range.until.map(date_time),
                max_results = size,
                set_next_token = pages.token(),
            )
        );
        self.requests
            .call_at_rate(&self.rate_limit, LOOKUP_EVENTS, request, |page| {
                Page::with_token(page.events, page.next_token)?.read(|event| parse_event(event, by))
            })
            .await
    }

    /// The latest events, a page of them at most; none where there are none in the last
    /// 90 days.
    pub(crate) async fn latest(
        &self,
        by: LookupBy<'_>,
        at_most: i32,
    ) -> Result<Vec<TrailEvent>, CallError> {
        let mut pages = self.pages();
        for _ in 0..EMPTY_PAGES {
            let page = self.page(by, TimeRange::default(), at_most, &pages).await?;
            if !page.items.is_empty() || !pages.go_on(page.next)? {
                return Ok(page.items);
            }
        }
        Err(self.unreadable(Unreadable("pages without events do not end")))
    }

    fn unreadable(&self, why: Unreadable) -> CallError {
        CallError::unreadable(LOOKUP_EVENTS, self.requests.site(), why).never_again()
    }
}

fn attribute(by: LookupBy<'_>) -> Result<LookupAttribute, Unreadable> {
    let (name, value) = match by {
        LookupBy::EventId(id) => (LookupAttributeKey::EventId, id),
        LookupBy::ResourceName(arn) => (LookupAttributeKey::ResourceName, arn),
        LookupBy::AccessKeyId(id) => (LookupAttributeKey::AccessKeyId, id),
    };
    LookupAttribute::builder()
        .attribute_key(name)
        .attribute_value(value)
        .build()
        .map_err(|_| Unreadable("events cannot be looked up by this"))
}

/// A moment as the SDK takes it, to the second.
fn date_time(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_second())
}

/// An event that was looked up by `by`.
///
/// # Errors
/// It is another one than was asked for.
fn parse_event(event: Event, by: LookupBy<'_>) -> Result<TrailEvent, Unreadable> {
    if matches!(by, LookupBy::EventId(id) if event.event_id() != Some(id)) {
        return Err(Unreadable("the answer is about another event"));
    }
    let listed = ListedEvent {
        id: event.event_id.unwrap_or_default(),
        at: event.event_time.and_then(timestamp),
        source: event.event_source.unwrap_or_default(),
        name: event.event_name.unwrap_or_default(),
        user_name: event.username.filter(|name| !name.is_empty()),
    };
    Ok(TrailEvent::new(listed, event.cloud_trail_event.as_deref()))
}
