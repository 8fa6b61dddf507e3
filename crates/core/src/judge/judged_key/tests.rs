use std::sync::Arc;

use super::{COLUMNS, JudgedKey, KEYS_A_PIECE, Thresholds, csv_piece, sort};
use crate::{
    arbitrary::run,
    examples::{access_key, account, kms_key, root_key},
    model::{
        access_key::none_recorded,
        account::Account,
        cause::{Cause, Refusal},
        gap::Gap,
        reading::{KeyReading, LastUse, Usage},
        region::Region,
    },
};

const USED: &str = "2026-11-01T00:00:00Z";

const THRESHOLDS: Thresholds = Thresholds {
    stale_after_days: 90,
    rotate_after_days: 90,
};

fn payments() -> Arc<Account> {
    account(222_222_222_222, "payments")
}

/// `keys.csv` of one key.
fn csv_of(key: KeyReading) -> String {
    String::from_utf8(csv_piece(&[judged(key)], "2026-11-21", 0).unwrap()).unwrap()
}

fn judged(key: KeyReading) -> JudgedKey {
    JudgedKey::new(key, "Root/Prod".into(), &THRESHOLDS, run().now)
}

#[test]
fn an_access_key_is_global_and_free_and_told_in_iams_words() {
    let key = access_key(&payments(), "deploy-bot", 7, "2026-05-01T00:00:00Z");
    assert_eq!(
        csv_of(key).lines().nth(1).unwrap(),
        "2026-11-21,222222222222,payments,Root/Prod,global,iam_access_key,AKIA2222333344000007,\
         arn:aws:iam::222222222222:user/deploy-bot,deploy-bot,ci,customer,Active,2025-11-21T02:00:07Z,\
         2025-11-21T02:00:07Z,2026-05-01T00:00:00Z,,s3,eu-west-1,,204,stale,true,false,deactivate,\
         0.00,,,,,,,,,,,"
    );
}

#[test]
fn the_last_columns_name_the_request_of_a_use_and_the_cause_of_a_gap() {
    let last_cells = |key: KeyReading| {
        let csv = csv_of(key);
        let row = csv.lines().nth(1).unwrap().to_owned();
        let (_, last) = row.rsplit_once(",,").unwrap();
        last.to_owned()
    };
    let mut used = kms_key(&payments(), 1, USED);
    if let Usage::Recorded(last_use) = &mut used.usage {
        last_use.kms_request_id = Some("7d0f5b62-93c4".to_owned());
    }
    assert_eq!(last_cells(used), "7d0f5b62-93c4,");
    for (cause, word) in [
        (Cause::REFUSED, "refused"),
        (Cause::Throttled, "throttled"),
        (Cause::OutOfTime, "out_of_time"),
        (Cause::NotAnswering, "not_answering"),
        (Cause::UnreadableAnswer, "unreadable_answer"),
        (Cause::Gone, "gone"),
        (Cause::Fault, "fault"),
    ] {
        let mut unread = kms_key(&payments(), 1, USED);
        let gap = Gap::unanswered("kms:GetKeyLastUsage", "SomethingNew", cause);
        unread.usage = Usage::Unreadable(gap);
        assert_eq!(last_cells(unread), word);
    }
}

#[test]
fn a_policy_that_denies_is_named_by_its_kind_alone() {
    let mut unread = kms_key(&payments(), 1, USED);
    let refusal = Refusal::of_message(
        "User: arn:aws:sts::222222222222:assumed-role/R/s is not authorized to perform: \
         kms:GetKeyLastUsage with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p-1",
    );
    unread.usage = Usage::Unreadable(Gap::unanswered(
        "kms:GetKeyLastUsage",
        "AccessDeniedException",
        Cause::Refused(refusal),
    ));
    assert_eq!(
        judged(unread).detail(),
        "kms:GetKeyLastUsage AccessDeniedException with an explicit deny in a service control policy"
    );
}

#[test]
fn the_credential_report_is_named_where_a_verdict_rests_on_it() {
    let told_at = Some("2026-11-21T01:00:00Z".parse().unwrap());
    let used = access_key(&payments(), "deploy-bot", 1, USED);
    let detail = |usage| {
        let key = KeyReading {
            told_at,
            usage,
            ..used.clone()
        };
        judged(key).detail()
    };
    let report = "credential report of 2026-11-21T01:00:00Z";
    assert_eq!(detail(used.usage.clone()), report);
    assert_eq!(detail(none_recorded(used.created_at)), report);
    let gap = Gap::unreadable_answer("iam:GetCredentialReport");
    assert_eq!(
        detail(Usage::Unreadable(gap)),
        "iam:GetCredentialReport UnreadableAnswer"
    );
    assert_eq!(judged(used.clone()).detail(), "");
    let exempt = KeyReading {
        told_at,
        exemption: Some("legal".to_owned()),
        ..used
    };
    assert_eq!(judged(exempt).detail(), format!("{report}; exempt: legal"));
}

#[test]
fn a_use_in_the_future_is_a_use_of_today() {
    let judged = judged(access_key(
        &payments(),
        "deploy-bot",
        1,
        "2026-11-24T00:00:00Z",
    ));
    assert_eq!(judged.judgement.idle_days, Some(0));
    assert!(!judged.is_flagged());
}

#[test]
fn keys_are_sorted_by_account_region_kind_and_id() {
    let payments = payments();
    let mut elsewhere = kms_key(&payments, 4, USED);
    elsewhere.region = Region::parse("us-east-1");
    let mut keys = [
        root_key(&payments, 1, USED),
        access_key(&payments, "b", 2, USED),
        elsewhere,
        access_key(&payments, "a", 3, USED),
        kms_key(&payments, 5, USED),
        access_key(&account(1, "one"), "anna", 9, USED),
    ]
    .map(judged);
    sort(&mut keys);
    let order = keys
        .each_ref()
        .map(|key| format!("{} {}", key.region(), key.key.key_id));
    assert_eq!(
        order,
        [
            "global AKIA2222333344000009",
            "eu-west-1 key-000005",
            "global AKIA2222333344000002",
            "global AKIA2222333344000003",
            "global root_access_key_1",
            "us-east-1 key-000004",
        ]
    );
}

#[test]
fn where_iam_does_not_say_service_and_region_the_cells_are_empty() {
    let mut key = access_key(&payments(), "deploy-bot", 1, USED);
    if let Usage::Recorded(LastUse {
        service, region, ..
    }) = &mut key.usage
    {
        (*service, *region) = (None, None);
    }
    let csv = csv_of(key);
    assert!(
        csv.contains(",2026-11-01T00:00:00Z,,,,,20,in_use,"),
        "{csv}"
    );
}

#[test]
fn pieces_of_many_keys_are_one_file_with_one_header() {
    let key = judged(access_key(&payments(), "deploy-bot", 1, USED));
    for keys in [0, 1, KEYS_A_PIECE, KEYS_A_PIECE + 1, 2 * KEYS_A_PIECE + 1] {
        let keys = vec![key.clone(); keys];
        let pieces: Vec<_> = (0..)
            .map_while(|piece| csv_piece(&keys, "2026-11-21", piece))
            .collect();
        assert_eq!(pieces.len(), keys.len().div_ceil(KEYS_A_PIECE).max(1));
        let file = pieces.concat();
        let mut file = csv::Reader::from_reader(&*file);
        assert_eq!(file.headers().unwrap(), &COLUMNS[..]);
        assert_eq!(file.records().map(Result::unwrap).count(), keys.len());
    }
}
