//! The Athena query for events of an organization's trail that are older than CloudTrail's
//! event history.

use std::fmt::Write;

use jiff::{Timestamp, ToSpan, civil::Date};

use crate::model::{account::AccountId, region::Region, time::date};

/// What names a table, in words that fit after "give".
pub const ACCEPTS: &str =
    "the names of a database and a table in Athena, with a dot between, such as logs.cloudtrail";

/// A table over an organization's trail, with the columns and partitions of AWS's own
/// example for one: `account`, `region`, `year`, `month` and `day`
/// (<https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-org-wide-trail.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailTable {
    database: String,
    table: String,
}

impl TrailTable {
    /// Reads `DATABASE.TABLE`, or nothing when `text` is not of that form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (database, table) = text.split_once('.')?;
        let is_name = |name: &str| {
            (1..=255).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        (is_name(database) && is_name(table)).then(|| Self {
            database: database.to_owned(),
            table: table.to_owned(),
        })
    }
}

/// Which event to find in a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSearch<'a> {
    /// The account whose trail has the event.
    pub account: AccountId,
    /// The event's Region; `None` where that is not known.
    pub region: Option<&'a Region>,
    /// When it happened.
    pub at: Timestamp,
    /// What identifies the event.
    pub key: EventKey<'a>,
}

/// What identifies an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKey<'a> {
    /// Its ID.
    EventId(&'a str),
    /// The access key that signed the call.
    AccessKeyId(&'a str),
}

/// A query in Athena's SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    /// The query for an event, which scans two days of one account and Region.
    #[must_use]
    pub fn new(table: &TrailTable, search: &EventSearch<'_>) -> Self {
        let TrailTable { database, table } = table;
        let mut sql = format!(
            "SELECT eventtime, eventsource, eventname, useridentity,\n       sourceipaddress, useragent, errorcode, requestparameters\nFROM \"{database}\".\"{table}\"\nWHERE account = '{}'",
            search.account
        );
        // Writing into memory cannot fail.
        if let Some(region) = search.region {
            let _ = write!(sql, " AND region = '{region}'");
        }
        // A log file's partition is the day of its delivery, which may be the next day.
        let first = date(search.at);
        let next = first.checked_add(1.day()).unwrap_or(first);
        let _ = write!(sql, "\n  AND ({}\n    OR {})", on(first), on(next));
        let _ = match search.key {
            EventKey::EventId(id) => write!(sql, "\n  AND eventid = {}", literal(id)),
            EventKey::AccessKeyId(id) => write!(
                sql,
                "\n  AND useridentity.accesskeyid = {}\nORDER BY eventtime DESC\nLIMIT 50",
                literal(id)
            ),
        };
        Self(sql)
    }

    /// The query, on several lines.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn on(day: Date) -> String {
    day.strftime("(year = '%Y' AND month = '%m' AND day = '%d')")
        .to_string()
}

/// Text from AWS as an SQL string literal.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::{EventKey, EventSearch, Query, TrailTable};
    use crate::model::{account::AccountId, region::Region};

    fn query(key: EventKey<'_>, region: Option<&Region>) -> String {
        let search = EventSearch {
            account: AccountId::parse("222222222222").unwrap(),
            region,
            at: "2026-05-31T23:59:59Z".parse().unwrap(),
            key,
        };
        let table = TrailTable::parse("logs.cloudtrail").unwrap();
        Query::new(&table, &search).as_str().to_owned()
    }

    #[test]
    fn a_table_is_named_with_its_database() {
        for (text, is_table) in [
            ("logs.cloudtrail", true),
            ("LOGS.cloudtrail_2026", true),
            ("cloudtrail", false),
            ("catalog.logs.cloudtrail", false),
            ("logs.cloud-trail", false),
            ("logs.", false),
            ("logs.\"; DROP", false),
        ] {
            assert_eq!(TrailTable::parse(text).is_some(), is_table, "{text}");
        }
    }

    #[test]
    fn the_query_scans_the_day_of_the_event_and_the_next_in_its_account_and_region() {
        let region = Region::parse("eu-west-1").unwrap();
        assert_eq!(
            query(EventKey::EventId("0d8c7e5a"), Some(&region)),
            "SELECT eventtime, eventsource, eventname, useridentity,\n       \
             sourceipaddress, useragent, errorcode, requestparameters\n\
             FROM \"logs\".\"cloudtrail\"\n\
             WHERE account = '222222222222' AND region = 'eu-west-1'\n  \
             AND ((year = '2026' AND month = '05' AND day = '31')\n    \
             OR (year = '2026' AND month = '06' AND day = '01'))\n  \
             AND eventid = '0d8c7e5a'"
        );
    }

    #[test]
    fn the_query_finds_the_latest_events_of_an_access_key_by_its_id() {
        let sql = query(EventKey::AccessKeyId("AKIAIOSFODNN7EXAMPLE"), None);
        assert!(
            sql.contains("WHERE account = '222222222222'\n  AND (("),
            "{sql}"
        );
        assert!(
            sql.ends_with("AND useridentity.accesskeyid = 'AKIAIOSFODNN7EXAMPLE'\nORDER BY eventtime DESC\nLIMIT 50"),
            "{sql}"
        );
    }

    #[test]
    fn text_from_aws_cannot_leave_its_quotes() {
        let sql = query(EventKey::EventId("' OR '1' = '1"), None);
        assert!(sql.ends_with("eventid = ''' OR ''1'' = ''1'"), "{sql}");
    }
}
