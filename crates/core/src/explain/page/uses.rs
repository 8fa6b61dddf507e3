//! Who used the key last, and who tried to since it cannot be used.

use super::{
    super::{Explanation, HistoryRead, LastUsers, Refused},
    Page,
    event::event_rows,
};
use crate::{
    model::{
        kind::LastUseSource,
        reading::{KeyKind, Usage},
        time::{to_seconds, utc_date},
    },
    render::{console::last_use_link, digest::wording::counted},
};

/// How many refused attempts are shown.
const ATTEMPTS_SHOWN: usize = 10;

impl Explanation {
    pub(super) fn last_use(&self, page: &mut Page) {
        page.heading("LAST USE");
        let kind = self.key.key.kind;
        let source = kind.last_use_source();
        let last = match &self.key.key.usage {
            Usage::Recorded(last) => last,
            Usage::NoneRecorded { tracked_since, .. } => {
                let since = utc_date(*tracked_since);
                page.line(&format!("None is recorded since {since}."));
                return;
            }
            Usage::NotRead if source == LastUseSource::Nowhere => {
                page.line("AWS does not record it.");
                return;
            }
            Usage::NotRead | Usage::Unreadable(_) => {
                page.line("Not known.");
                return;
            }
        };
        match source {
            LastUseSource::List => page.row("on", &utc_date(last.at).to_string()),
            LastUseSource::Answer | LastUseSource::CredentialReport | LastUseSource::Nowhere => {
                page.row("at", &to_seconds(last.at))
            }
        }
        for (label, value) in [
            ("operation", &last.operation),
            ("service", &last.service),
            ("region", &last.region),
            ("event", &last.cloudtrail_event_id),
            ("request", &last.kms_request_id),
        ] {
            if let Some(value) = value {
                page.row(label, value);
            }
        }
        if self.last_users != LastUsers::TooOld
            && let Some(link) = last_use_link(&self.key.key, last)
        {
            page.row("console", &link);
        }
        page.row("reported", &self.reported());
        match &self.last_users {
            LastUsers::Found(events) => {
                for event in events {
                    page.line("");
                    event_rows(page, event);
                }
                if !self.is_kms_key() {
                    page.line("");
                    page.line("The history has management events only: what was done to objects in S3 and the like is not in it.");
                }
            }
            LastUsers::NotFound if self.is_kms_key() => page.line(
                "CloudTrail's event history does not have it: an event takes some minutes to appear in it.",
            ),
            LastUsers::NotFound => page.line(
                "CloudTrail's event history has no event of this key in that Region. It has management events only: what was done to objects in S3 and the like is not in it.",
            ),
            LastUsers::TooOld => {
                page.line("That is before the 90 days of CloudTrail's event history.");
            }
            LastUsers::NotReported => page.line(match kind {
                KeyKind::Secret => "AWS does not report which event that was: CloudTrail records a retrieval as GetSecretValue.",
                KeyKind::IamPassword | KeyKind::RootPassword => "AWS does not report which event that was: CloudTrail records a sign-in as ConsoleLogin.",
                _ => "AWS does not report enough to find that event.",
            }),
            LastUsers::Unanswered(_) => page.line("The event of that use could not be read."),
            LastUsers::NoUse => {}
        }
        self.query(page);
    }

    /// When AWS reported the last use.
    fn reported(&self) -> String {
        let key = &self.key.key;
        match (key.usage_read_at, key.kind.last_use_source()) {
            (Some(at), _) => format!("{}, in the credential report of then", to_seconds(at)),
            (None, LastUseSource::Answer) => format!(
                "{}; a report with KEYCENSUS_READ=due may have an earlier use",
                to_seconds(self.now)
            ),
            (None, _) => to_seconds(self.now),
        }
    }

    fn query(&self, page: &mut Page) {
        let is_shown = matches!(self.last_users, LastUsers::Found(_) | LastUsers::NoUse);
        match &self.query {
            Some(query) if !is_shown => {
                page.line("In the organization's trail it is found by:");
                page.line("");
                for line in query.as_str().lines() {
                    page.line(&format!("  {line}"));
                }
            }
            None if self.last_users == LastUsers::TooOld => page.line(
                "With --trail-table DATABASE.TABLE, the query for the organization's trail is here.",
            ),
            _ => {}
        }
    }

    pub(super) fn refused(&self, page: &mut Page, refused: &Refused) {
        page.heading("REFUSED SINCE IT CANNOT BE USED");
        match &refused.since {
            Some(stop) => {
                page.line("Stopped by:");
                event_rows(page, stop);
                page.line("");
            }
            None if refused.history_read == HistoryRead::Complete => {
                page.line("What stopped it is not in the 90 days of CloudTrail's event history.");
            }
            None => {}
        }
        let count = refused.attempts.len() as u64;
        if count == 0 {
            page.line(match refused.history_read {
                HistoryRead::Complete => "The event history has no attempt to use it since then.",
                _ => "No attempt was found, but not everything was read.",
            });
            return;
        }
        page.line(&format!(
            "{} to use it since then: it is still needed.",
            counted(count, "attempt", "attempts")
        ));
        for attempt in refused.attempts.iter().take(ATTEMPTS_SHOWN) {
            page.line("");
            event_rows(page, attempt);
        }
        let more = refused.attempts.len().saturating_sub(ATTEMPTS_SHOWN);
        if more > 0 {
            page.line("");
            page.line(&format!("and {more} more; --json has every one"));
        }
    }
}
