//! The page for people.

use super::{
    Explanation, LastUsers, Looked, Refused,
    trail_event::{Record, TrailEvent},
};
use crate::{
    access_key,
    dependents::{Dependents, NOT_LOOKED_FOR},
    digest::wording::{counted, days, last_use_told},
    key_policy::{Guard, Reaching},
    plain_text::one_line,
    price::{dollars, monthly_cents},
    reading::{KeyKind, Manager, MultiRegionRole, Usage},
    time::{idle_days, to_seconds, utc_date},
    verdict::Verdict,
};

/// The width of what values are called.
const LABEL: usize = 14;
/// How many refused attempts are told.
const ATTEMPTS_TOLD: usize = 10;

impl Explanation {
    /// The page, in lines that end with `\n`.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = Page::default();
        self.what_it_is(&mut page);
        self.what_is_said(&mut page);
        self.last_use(&mut page);
        if let Some(refused) = &self.refused {
            self.refused(&mut page, refused);
        }
        if self.is_kms_key() {
            self.before_deletion(&mut page);
        }
        let unseen = self.unseen();
        if !unseen.is_empty() {
            page.heading("WHAT COULD NOT BE SEEN");
            for line in unseen {
                page.line(&format!("- {line}"));
            }
        }
        page.text
    }

    fn what_it_is(&self, page: &mut Page) {
        let key = &self.key.key;
        match key.kind {
            KeyKind::KmsKey => {
                page.line(&format!("KMS key {}", one_line(&key.key_id)));
                page.line("");
                page.row("arn", &key.arn);
                page.row("account", key.account.id.as_str());
                page.row("region", self.key.region());
                let names = match (key.names.as_slice(), &self.names_gap) {
                    ([], Some(_)) => "not known".to_owned(),
                    ([], None) => "none".to_owned(),
                    (names, _) => names.join(", "),
                };
                page.row("aliases", &names);
            }
            KeyKind::IamAccessKey | KeyKind::RootAccessKey => {
                page.line(&format!(
                    "access key {}",
                    one_line(&access_key::shortened(&key.key_id))
                ));
                page.line("");
                page.row("user", &key.names.join(", "));
                page.row("account", key.account.id.as_str());
            }
        }
        page.row("state", key.state.as_deref().unwrap_or("not known"));
        if let Some(date) = key.deletion_date() {
            let left = idle_days(self.now, date);
            page.row(
                "deletion",
                &format!("{}, in {}", to_seconds(date), days(left)),
            );
        }
        if self.is_kms_key() {
            let manager = key.manager.map_or("not known", Manager::as_str);
            page.row("managed by", manager);
        }
        let owner = match (&key.owner, &key.tags_gap) {
            (Some(owner), _) => owner,
            (None, Some(_)) => "not known",
            (None, None) => "not said",
        };
        page.row("owner", owner);
        let created = match (key.created_at, self.key.age_days) {
            (Some(at), Some(age)) => format!("{}, {} ago", to_seconds(at), days(age)),
            _ => "not known".to_owned(),
        };
        page.row("created", &created);
        self.multi_region(page);
        self.cost(page);
    }

    fn multi_region(&self, page: &mut Page) {
        let Some(set) = self.key.key.multi_region.as_deref() else {
            return;
        };
        let mut replicas = set.replica_regions.clone();
        replicas.sort();
        let role = match set.role {
            MultiRegionRole::Primary => "primary of its set".to_owned(),
            MultiRegionRole::Replica => {
                format!("replica; the primary is in {}", set.primary_region)
            }
        };
        page.row(
            "multi-Region",
            &format!(
                "{role}; replicas in {}; the use of each is recorded apart",
                replicas.join(", ")
            ),
        );
    }

    fn cost(&self, page: &mut Page) {
        let key = &self.key.key;
        if !self.is_kms_key() {
            return;
        }
        let is_free = monthly_cents(key) == Some(0);
        if let Some(rotations) = key.rotations {
            page.row("rotated", &counted(u64::from(rotations), "time", "times"));
        }
        if let Some(cents) = monthly_cents(key) {
            let least = match key.rotations {
                None if !is_free => "at least ",
                _ => "",
            };
            page.row(
                "cost",
                &format!("{least}{} USD a month at list price", dollars(cents)),
            );
        }
    }

    fn what_is_said(&self, page: &mut Page) {
        let judged = &self.key;
        page.heading(&format!(
            "VERDICT: {}",
            judged.judgement.verdict.as_str().replace('_', " ")
        ));
        page.line(&self.why());
        if let Usage::Recorded(last) = &judged.key.usage
            && let Some(since) = last.tracked_since
        {
            page.line(&format!(
                "AWS has recorded its uses since {}.",
                utc_date(since)
            ));
        }
        if let Some(reason) = &judged.key.exemption {
            page.line(&format!("It is exempt: {}.", one_line(reason)));
        }
        let flagged = match judged.is_flagged() {
            true => "It is flagged",
            false => "It is not flagged",
        };
        let advice = judged.recommendation.as_str();
        page.line(&format!("{flagged}; recommendation: {advice}."));
    }

    fn why(&self) -> String {
        let judged = &self.key;
        let limit = self.stale_after_days;
        let idle = days(judged.judgement.idle_days.unwrap_or(0));
        match judged.judgement.verdict {
            Verdict::AwsManaged => "AWS manages it: it is free, and nobody can delete it.".to_owned(),
            Verdict::PendingDeletion => match judged.key.deletion_date() {
                Some(_) => "It will be deleted, and cannot be used until that is canceled (CancelKeyDeletion, then EnableKey).".to_owned(),
                None => "It will be deleted once its replicas are gone, which has no date yet; until that is canceled it cannot be used (CancelKeyDeletion, then EnableKey).".to_owned(),
            },
            Verdict::Unreadable => "Whether anybody uses it could not be read.".to_owned(),
            Verdict::InUse | Verdict::Stale => format!(
                "{}, {idle} ago; from {limit} on, a key is unused.",
                sentence(&last_use_told(judged))
            ),
            Verdict::NeverUsed => format!(
                "No use is recorded since it was created, {idle} ago; from {limit} on, a key is unused."
            ),
            Verdict::UnusedSinceTracking => format!(
                "{}. That was {idle} ago; from {limit} on, a key is unused.",
                sentence(&last_use_told(judged))
            ),
            Verdict::Undecided => format!(
                "No use is recorded, for {idle}: too short to say, which takes {limit}."
            ),
        }
    }

    fn last_use(&self, page: &mut Page) {
        page.heading("LAST USE");
        let last = match &self.key.key.usage {
            Usage::Recorded(last) => last,
            Usage::NoneRecorded { tracked_since, .. } => {
                let since = utc_date(*tracked_since);
                page.line(&format!("None is recorded since {since}."));
                return;
            }
            Usage::NotAsked | Usage::Unreadable(_) => {
                page.line("Not known.");
                return;
            }
        };
        page.row("at", &to_seconds(last.at));
        for (label, value) in [
            ("operation", &last.operation),
            ("service", &last.service),
            ("region", &last.region),
            ("event", &last.cloudtrail_event_id),
        ] {
            if let Some(value) = value {
                page.row(label, value);
            }
        }
        match &self.last_users {
            LastUsers::Found(events) => {
                for event in events {
                    page.line("");
                    event_told(page, event);
                }
                if !self.is_kms_key() {
                    page.line("");
                    page.line("The history has management events only: what was done to objects in S3 and the like is not in it.");
                }
            }
            LastUsers::NotFound if self.is_kms_key() => page.line(
                "CloudTrail's event history does not have it: an event takes some minutes to get there.",
            ),
            LastUsers::NotFound => page.line(
                "CloudTrail's event history has no event of this key in that Region. It has management events only: what was done to objects in S3 and the like is not in it.",
            ),
            LastUsers::TooOld => {
                page.line("That is before the 90 days of CloudTrail's event history.");
            }
            LastUsers::NotSaid => {
                page.line("AWS does not say where to look for who that was.");
            }
            LastUsers::Unanswered(_) => page.line("Who that was could not be read."),
            LastUsers::NoUse => {}
        }
        self.query(page);
    }

    fn query(&self, page: &mut Page) {
        let is_told = matches!(self.last_users, LastUsers::Found(_) | LastUsers::NoUse);
        match &self.query {
            Some(query) if !is_told => {
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

    fn refused(&self, page: &mut Page, refused: &Refused) {
        page.heading("REFUSED SINCE IT CANNOT BE USED");
        match &refused.since {
            Some(stop) => {
                page.line("Stopped by:");
                event_told(page, stop);
                page.line("");
            }
            None if refused.looked == Looked::Far => {
                page.line("What stopped it is not in the 90 days of CloudTrail's event history.");
            }
            None => {}
        }
        let count = refused.attempts.len() as u64;
        if count == 0 {
            page.line(match refused.looked {
                Looked::Far => "Nobody tried to use it since, as far as the history tells.",
                _ => "No attempt was found, but not everything was read.",
            });
            return;
        }
        page.line(&format!(
            "{} to use it since: somebody needs it.",
            counted(count, "attempt", "attempts")
        ));
        for attempt in refused.attempts.iter().take(ATTEMPTS_TOLD) {
            page.line("");
            event_told(page, attempt);
        }
        let more = refused.attempts.len().saturating_sub(ATTEMPTS_TOLD);
        if more > 0 {
            page.line("");
            page.line(&format!("and {more} more; --json has every one"));
        }
    }

    fn before_deletion(&self, page: &mut Page) {
        let key = &self.key.key;
        if key.manager != Some(Manager::Customer) {
            return;
        }
        page.heading("BEFORE IT IS DELETED");
        match key.dependents() {
            Some(found) => dependents_told(page, found),
            None => page.line("What depends on it was not looked for."),
        }
        page.line(&format!("Not looked for: {}.", NOT_LOOKED_FOR.join(", ")));
        page.line(&match key.guard() {
            None => "How its key policy guards it is not known.".to_owned(),
            Some(guard) => guard_told(guard),
        });
    }
}

fn dependents_told(page: &mut Page, found: &Dependents) {
    let Dependents {
        ebs_volumes,
        ebs_snapshots,
        grants,
        ..
    } = found;
    if found.is_empty() {
        page.line(match found.is_whole() {
            true => "No EBS volume, EBS snapshot or grant depends on it.",
            false => "Nothing was found to depend on it, but not everything could be read.",
        });
        return;
    }
    page.row("EBS volumes", &ebs_volumes.to_string());
    page.row("EBS snapshots", &ebs_snapshots.to_string());
    let told: Vec<String> = grants
        .iter()
        .map(|(grantee, n)| format!("{n} of {grantee}"))
        .collect();
    let told = match told.is_empty() {
        true => "0".to_owned(),
        false => told.join(", "),
    };
    page.row("grants", &told);
}

fn guard_told(guard: Guard) -> String {
    let told = |whom: &str, reaching: Reaching| match reaching {
        Reaching::Days(n) => format!(
            "Its key policy keeps {whom} from disabling or deleting it until it has been unused for more than {}.",
            counted(n, "day", "days")
        ),
        Reaching::Always => format!("Its key policy keeps {whom} from disabling or deleting it."),
    };
    match guard {
        Guard::Unguarded => {
            "Its key policy does not guard it: whoever may, can disable and delete it at any time."
                .to_owned()
        }
        Guard::Everyone(reaching) => told("everybody", reaching),
        Guard::Partial(reaching) => told("some, or under further conditions,", reaching),
    }
}

fn event_told(page: &mut Page, event: &TrailEvent) {
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
    let Record {
        principal_type,
        principal_arn,
        role_arn,
        invoked_by,
        source_ip_address,
        user_agent,
        error_code,
        error_message,
        request_parameters,
    } = record;
    let principal = principal_arn
        .as_deref()
        .or(listed.user_name.as_deref())
        .or(invoked_by.as_deref())
        .unwrap_or("not said");
    page.row(
        "principal",
        &match principal_type {
            Some(kind) => format!("{principal} ({kind})"),
            None => principal.to_owned(),
        },
    );
    for (label, value) in [
        ("role", role_arn),
        ("by way of", invoked_by),
        ("source", source_ip_address),
        ("user agent", user_agent),
        ("refused with", error_code),
        ("message", error_message),
    ] {
        if let Some(value) = value {
            page.row(label, value);
        }
    }
    if let Some(parameters) = request_parameters {
        page.row("parameters", &parameters.to_string());
    }
}

/// `text` with a capital letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line("");
        self.line(heading);
    }

    /// A value, which may be free text, beside what it is called.
    fn row(&mut self, label: &str, value: &str) {
        self.line(&format!("{label:<LABEL$}{}", one_line(value)));
    }
}
