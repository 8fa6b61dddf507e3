//! Whole pages as files beside this one, for people to read.

use serde_json::{Value, json};

use super::{
    Explanation, HistoryRead, LastUsers, Refused,
    athena::{EventKey, EventSearch, Query, TrailTable},
    is_before_history,
    trail_event::{ListedEvent, TrailEvent},
};
use crate::{
    examples::{THRESHOLDS, access_key, account, kms_key},
    expected::matches_file,
    judge::judged_key::JudgedKey,
    model::{
        cause::Cause,
        dependents::Dependents,
        gap::Gap,
        key_policy::{Guard, GuardPeriod},
        reading::{KeyReading, MultiRegion, MultiRegionRole, Usage},
        region::Region,
    },
};

const NOW: &str = "2026-11-21T02:00:07Z";
const ARN: &str = "arn:aws:kms:eu-west-1:222222222222:key/f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546";
const EVENT: &str = "0d8c7e5a-4f1b-4c62-9d57-3a2f1e0b9c8d";

/// A customer's KMS key that was last used at `used`, with everything known of it.
fn key(used: &str) -> KeyReading {
    let mut key = kms_key(&account(222_222_222_222, ""), 1, used);
    key.key_id = "f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546".to_owned();
    key.arn = ARN.to_owned();
    key.created_at = Some("2020-04-26T11:35:12Z".parse().unwrap());
    key.rotations = Some(0);
    if let Usage::Recorded(last) = &mut key.usage {
        last.cloudtrail_event_id = Some(EVENT.to_owned());
        last.kms_request_id = Some("7d0f5b62-93c4-4e0b-9f0c-1d2e3f405162".to_owned());
        last.tracked_since = Some("2026-04-23T00:00:00Z".parse().unwrap());
    }
    let before = key.before_deletion.get_or_insert_default();
    before.guard = Some(Guard::Unguarded);
    before.dependents = Some(Dependents::default());
    key
}

fn explained(key: KeyReading, last_users: LastUsers) -> Explanation {
    let now = NOW.parse().unwrap();
    Explanation {
        now,
        stale_after_days: 90,
        key: JudgedKey::by_itself(key, &THRESHOLDS, now),
        names_gap: None,
        last_users,
        query: None,
        refused: None,
    }
}

fn event(name: &str, at: &str, further: Value) -> TrailEvent {
    let mut record = json!({
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::222222222222:assumed-role/settlement/i-0a1b2c3d4e5f60718",
            "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::222222222222:role/settlement"}},
        },
        "sourceIPAddress": "10.20.30.40",
        "userAgent": "aws-sdk-rust/1.3.9 os/linux lang/rust/1.91.0",
        "requestParameters": {"keyId": ARN, "encryptionContext": {"table": "ledger", "password": "hunter2"}},
    });
    for (name, value) in further.as_object().unwrap() {
        record[name] = value.clone();
    }
    let listed = ListedEvent {
        id: EVENT.to_owned(),
        at: Some(at.parse().unwrap()),
        source: "kms.amazonaws.com".to_owned(),
        name: name.to_owned(),
        user_name: Some("i-0a1b2c3d4e5f60718".to_owned()),
    };
    TrailEvent::new(listed, Some(&record.to_string()))
}

fn matches_expected(name: &str, explanation: &Explanation) {
    for (extension, text) in [("txt", explanation.page()), ("json", explanation.json())] {
        matches_file(&format!("explain/expected/{name}.{extension}"), &text);
    }
    // Whatever is in it is JSON.
    serde_json::from_str::<Value>(&explanation.json()).unwrap();
}

#[test]
fn the_page_of_a_used_key_has_the_event_of_its_last_use() {
    let at = "2026-11-20T21:30:00Z";
    let mut key = key(at);
    key.rotations = Some(3);
    let before = key.before_deletion.get_or_insert_default();
    before.guard = Some(Guard::Everyone(GuardPeriod::Days(365)));
    before.dependents = Some(Dependents {
        ebs_volumes: 3,
        ebs_snapshots: 12,
        grants: [("rds.amazonaws.com".to_owned(), 2), ("iam".to_owned(), 1)].into(),
        gaps: Vec::new(),
    });
    let found = LastUsers::Found(vec![event("Decrypt", at, json!({}))]);
    let explanation = explained(key, found);
    assert!(explanation.is_whole());
    matches_expected("used", &explanation);
}

#[test]
fn the_page_of_a_key_last_used_before_the_history_has_the_query_for_it() {
    let mut explanation = explained(key("2026-05-23T11:35:12Z"), LastUsers::TooOld);
    let without = explanation.page();
    assert!(
        without.contains("With --trail-table DATABASE.TABLE"),
        "{without}"
    );
    let search = EventSearch {
        account: explanation.key.key.account.id,
        region: explanation.key.key.region.as_ref(),
        at: "2026-05-23T11:35:12Z".parse().unwrap(),
        key: EventKey::EventId(EVENT),
    };
    let table = TrailTable::parse("logs.cloudtrail").unwrap();
    explanation.query = Some(Query::new(&table, &search));
    assert!(explanation.is_whole());
    matches_expected("too_old", &explanation);
}

#[test]
fn the_page_of_a_key_pending_deletion_has_the_refused_attempts() {
    let mut key = key("2026-08-01T04:00:00Z");
    key.state = Some("PendingDeletion".to_owned());
    key.rotations = None;
    key.before_deletion.get_or_insert_default().deletion_date =
        Some("2026-12-03T14:00:07Z".parse().unwrap());
    let refused = |at| {
        let code = json!({
            "errorCode": "KMSInvalidStateException",
            "errorMessage": format!("{ARN} is pending deletion."),
        });
        event("Decrypt", at, code)
    };
    let mut explanation = explained(key, LastUsers::NotFound);
    explanation.refused = Some(Refused {
        since: Some(event(
            "ScheduleKeyDeletion",
            "2026-11-03T14:00:07Z",
            json!({}),
        )),
        attempts: vec![
            refused("2026-11-19T03:00:00Z"),
            refused("2026-11-18T03:00:00Z"),
        ],
        history_read: HistoryRead::Complete,
    });
    assert!(explanation.is_whole());
    matches_expected("pending_deletion", &explanation);
}

#[test]
fn what_could_not_be_read_is_listed_beside_the_rest() {
    let refused = |operation| Gap::unanswered(operation, "AccessDeniedException", Cause::REFUSED);
    let mut key = key("2026-11-20T21:30:00Z");
    key.tags_gap = Some(refused("kms:ListResourceTags"));
    key.owner = None;
    key.names = Vec::new();
    key.rotations = None;
    key.multi_region = Some(Box::new(MultiRegion {
        role: MultiRegionRole::Replica,
        primary_region: "us-east-1".to_owned(),
        replica_regions: vec!["eu-west-1".to_owned(), "eu-central-1".to_owned()],
    }));
    let before = key.before_deletion.get_or_insert_default();
    before.guard = None;
    before.dependents = Some(Dependents {
        gaps: vec![refused("ec2:DescribeVolumes"), refused("kms:ListGrants")],
        ..Dependents::default()
    });
    let gap = refused("cloudtrail:LookupEvents");
    let mut explanation = explained(key, LastUsers::Unanswered(gap));
    explanation.names_gap = Some(refused("kms:ListAliases"));
    assert!(!explanation.is_whole());
    matches_expected("gaps", &explanation);
}

#[test]
fn the_page_of_an_access_key_has_its_latest_events() {
    let key = access_key(
        &account(222_222_222_222, ""),
        "deploy-bot",
        1,
        "2026-11-20T21:30:00Z",
    );
    let mut latest = event(
        "GetCallerIdentity",
        "2026-11-20T21:29:00Z",
        json!({"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::222222222222:user/ci/deploy-bot"}, "requestParameters": null}),
    );
    latest.listed.source = "sts.amazonaws.com".to_owned();
    let unreadable = TrailEvent {
        record: None,
        ..latest.clone()
    };
    let explanation = explained(key, LastUsers::Found(vec![latest, unreadable]));
    assert!(!explanation.is_whole(), "a record cannot be read");
    matches_expected("access_key", &explanation);
}

#[test]
fn callers_without_an_arn_are_shown_with_all_that_is_recorded_of_them() {
    let at = "2026-11-20T21:30:00Z";
    let by = |identity: Value, further: Value| {
        let mut further = further;
        further["userIdentity"] = identity;
        let mut event = event("Decrypt", at, further);
        event.listed.user_name = None;
        event
    };
    let of_other_account = by(
        json!({"type": "AWSAccount", "principalId": "AROAEXAMPLEROLEID0001:etl-session", "accountId": "999999999999"}),
        json!({"sharedEventID": "5a1b2c3d-0e4f-4a5b-8c6d-7e8f9a0b1c2d", "vpcEndpointId": "vpce-0a1b2c3d"}),
    );
    let of_service = by(
        json!({"accountId": "222222222222", "invokedBy": "AWS Internal"}),
        json!({"eventType": "AwsServiceEvent", "sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal", "requestParameters": null}),
    );
    let of_nobody = by(Value::Null, json!({"requestParameters": null}));
    let named = TrailEvent {
        listed: ListedEvent {
            user_name: Some("anna".to_owned()),
            ..of_nobody.listed.clone()
        },
        ..of_nobody.clone()
    };
    let events = vec![of_other_account, of_service, of_nobody, named];
    matches_expected("callers", &explained(key(at), LastUsers::Found(events)));
}

#[test]
fn untrusted_text_stays_on_its_line() {
    let hostile = "a\r\nVERDICT: in use\u{202e}\u{1b}[2J";
    let mut key = key("2026-11-20T21:30:00Z");
    key.names = vec![hostile.to_owned()];
    key.owner = Some(hostile.to_owned());
    key.exemption = Some(hostile.to_owned());
    let user_agent = json!({
        "userAgent": hostile,
        "errorMessage": hostile,
        "requestParameters": {hostile: hostile},
        "userIdentity": {"type": hostile, "userName": hostile, hostile: hostile, "sessionContext": {"sourceIdentity": hostile}},
        "sharedEventID": hostile,
    });
    let found = LastUsers::Found(vec![event("Decrypt", "2026-11-20T21:30:00Z", user_agent)]);
    matches_expected("hostile", &explained(key, found));
}

#[test]
fn each_verdict_is_explained() {
    let none_recorded = |tracked: &str, created: &str| Usage::NoneRecorded {
        tracked_since: tracked.parse().unwrap(),
        created_at: Some(created.parse().unwrap()),
    };
    let used = key("2026-11-20T21:30:00Z");
    let with = |change: &dyn Fn(&mut KeyReading)| {
        let mut key = used.clone();
        change(&mut key);
        explained(key, LastUsers::NoUse).page()
    };
    for (page, expected) in [
        (
            with(&|_| {}),
            "VERDICT: in use\nLast Decrypt on 2026-11-20, 0 days ago; a key is unused from 90 days on.",
        ),
        (
            with(&|key| key.usage = none_recorded("2026-04-23T00:00:00Z", "2026-05-01T00:00:00Z")),
            "VERDICT: never used\nNo use is recorded since it was created, 204 days ago; a key is unused from 90 days on",
        ),
        (
            with(&|key| key.usage = none_recorded("2026-04-23T00:00:00Z", "2020-05-01T00:00:00Z")),
            "VERDICT: unused since tracking\nNo use since tracking began on 2026-04-23; an earlier use cannot be excluded. That was 212 days ago",
        ),
        (
            with(&|key| key.usage = none_recorded("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z")),
            "VERDICT: undecided\nNo use is recorded for 20 days: too early to say, which takes 90 days.",
        ),
        (
            with(&|key| {
                key.usage = Usage::Unreadable(Gap::unanswered(
                    "kms:GetKeyLastUsage",
                    "Timeout",
                    Cause::NotAnswering,
                ));
            }),
            "VERDICT: unreadable\nWhether it is in use could not be read.",
        ),
        (
            with(&|key| key.manager = Some(crate::model::reading::Manager::Aws)),
            "VERDICT: aws managed\nAWS manages it: it is free",
        ),
        (
            with(&|key| key.state = Some("PendingReplicaDeletion".to_owned())),
            "VERDICT: pending deletion\nIt will be deleted once its replicas are gone, which has no date yet",
        ),
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
}

#[test]
fn the_history_reaches_back_ninety_days() {
    let now = NOW.parse().unwrap();
    for (at, is_before) in [
        ("2026-11-21T02:00:07Z", false),
        ("2026-08-23T02:00:07Z", false),
        ("2026-08-23T02:00:06Z", true),
        ("2026-11-22T02:00:07Z", false),
    ] {
        assert_eq!(
            is_before_history(at.parse().unwrap(), now),
            is_before,
            "{at}"
        );
    }
}

#[test]
fn the_page_of_a_stopped_key_shows_where_its_history_was_not_read_whole() {
    let mut key = key("2026-11-20T21:30:00Z");
    key.state = Some("Disabled".to_owned());
    let mut explanation = explained(key, LastUsers::NoUse);
    for (history_read, expected) in [
        (
            HistoryRead::Complete,
            "The event history has no attempt to use it since then.",
        ),
        (
            HistoryRead::Latest(1000),
            "- all refused attempts: it has more than 1000 events in CloudTrail's history; only the latest were read",
        ),
        (
            HistoryRead::Unanswered(Gap::unanswered(
                "cloudtrail:LookupEvents",
                "ThrottlingException",
                Cause::Throttled,
            )),
            "- all refused attempts: cloudtrail:LookupEvents ThrottlingException\n",
        ),
    ] {
        let is_complete = history_read == HistoryRead::Complete;
        explanation.refused = Some(Refused {
            since: None,
            attempts: Vec::new(),
            history_read,
        });
        let page = explanation.page();
        assert!(page.contains(expected), "{expected}\n{page}");
        assert_eq!(
            page.contains("No attempt was found, but not everything was read."),
            !is_complete
        );
        assert_eq!(explanation.is_whole(), is_complete);
    }
}

#[test]
fn a_key_of_no_region_is_global() {
    let key = access_key(&account(1, ""), "anna", 1, "2026-11-20T21:30:00Z");
    assert_eq!(key.region, None::<Region>);
    let json: Value = serde_json::from_str(&explained(key, LastUsers::NotReported).json()).unwrap();
    assert_eq!(json["region"], "global");
    assert_eq!(json["last_users"]["status"], "not_said");
}
