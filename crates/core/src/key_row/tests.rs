use std::sync::Arc;

use super::{JudgedKey, Thresholds, sort, to_csv};
use crate::{
    access_key::none_recorded,
    account::Account,
    arbitrary::run,
    examples::{access_key, account, kms_key, root_key},
    reading::{Gap, KeyReading, LastUse, Usage},
    region::Region,
};

const USED: &str = "2026-11-01T00:00:00Z";

const THRESHOLDS: Thresholds = Thresholds {
    stale_after_days: 90,
    rotate_after_days: 90,
};

fn payments() -> Arc<Account> {
    account(222_222_222_222, "payments")
}

fn judged(key: KeyReading) -> JudgedKey {
    JudgedKey::new(key, "Root/Prod".into(), &THRESHOLDS, run().now)
}

#[test]
fn an_access_key_is_global_and_free_and_told_in_iams_words() {
    let csv = to_csv(
        &[judged(access_key(
            &payments(),
            "deploy-bot",
            7,
            "2026-05-01T00:00:00Z",
        ))],
        "2026-11-21",
    );
    let row = String::from_utf8(csv).unwrap();
    assert_eq!(
        row.lines().nth(1).unwrap(),
        "2026-11-21,222222222222,payments,Root/Prod,global,iam_access_key,AKIA2222333344000007,\
         arn:aws:iam::222222222222:user/deploy-bot,deploy-bot,ci,customer,Active,2025-11-21T02:00:07Z,\
         2025-11-21T02:00:07Z,2026-05-01T00:00:00Z,,s3,eu-west-1,,204,stale,true,false,deactivate,\
         0.00,,,,,,,,,"
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
    let csv = String::from_utf8(to_csv(&[judged(key)], "2026-11-21")).unwrap();
    assert!(
        csv.contains(",2026-11-01T00:00:00Z,,,,,20,in_use,"),
        "{csv}"
    );
}
