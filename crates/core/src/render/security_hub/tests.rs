use std::{collections::BTreeSet, sync::Arc};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DueFindings, Finding, MOST_FINDINGS, Product, of_gone, of_key};
use crate::{
    arbitrary::{reading, run},
    examples::{
        access_key, account, first_report, kms_key, next_report, password, root_key, root_password,
        scanned, secret, with_coverage, with_keys, with_text_everywhere,
    },
    expected::matches_file,
    judge::whole_report::WholeReport,
    model::{
        account::{Account, AccountId},
        before_deletion::BeforeDeletion,
        gap::Gap,
        plain_text::hostile,
        reading::{KeyReading, Usage},
        refused_uses::{RefusedUse, RefusedUses},
        region::Region,
    },
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";

fn product() -> Product {
    let scanner = AccountId::parse("111111111111").unwrap();
    Product::default_of(scanner, &Region::parse("eu-west-1").unwrap())
}

fn of(report: &WholeReport) -> Vec<Finding> {
    let product = product();
    let accounts = report.accounts.iter();
    let findings = accounts.flat_map(|account| {
        let keys = account.keys.iter();
        let of_keys = keys.flat_map(|judged| of_key(report, judged, &product));
        let gone = account.gone.iter();
        of_keys.chain(gone.flat_map(|gone| of_gone(report, gone, &product)))
    });
    findings.collect()
}

fn asff(finding: &Finding) -> Value {
    serde_json::from_str(&finding.asff).unwrap()
}

/// The findings of a report by type and key, with their states; as many as were counted.
fn states(report: &WholeReport) -> Vec<String> {
    let findings = of(report);
    let mut counted = DueFindings::default();
    report
        .accounts
        .iter()
        .for_each(|account| counted.add(account));
    let found: Vec<Value> = findings.iter().map(asff).collect();
    let archived = found
        .iter()
        .filter(|finding| finding["RecordState"] == "ARCHIVED");
    let archived = archived.count() as u64;
    assert_eq!(counted.archived, archived);
    assert_eq!(counted.all(), found.len() as u64);
    let state = |finding: &Value| {
        let id = finding["Id"].as_str().unwrap();
        let id: Vec<&str> = id.splitn(6, '/').collect();
        format!(
            "{} {} {}",
            id[1],
            id[5],
            finding["RecordState"].as_str().unwrap()
        )
    };
    found.iter().map(state).collect()
}

fn one() -> Arc<Account> {
    account(222_222_222_222, "payments")
}

fn key(n: usize, used: &str) -> KeyReading {
    let mut key = kms_key(&one(), n, used);
    key.arn = format!("arn:aws:kms:eu-west-1:222222222222:key/{}", key.key_id);
    key
}

/// A disabled key of which the event history says this.
fn disabled(n: usize, refused: Option<RefusedUses>) -> KeyReading {
    let mut key = key(n, IN_USE);
    key.state = Some("Disabled".to_owned());
    key.before_deletion = Some(Box::new(BeforeDeletion {
        refused_uses: refused,
        ..BeforeDeletion::default()
    }));
    key
}

fn refused_at(at: &str) -> RefusedUses {
    RefusedUses {
        count: Some(3),
        last: Some(RefusedUse {
            at: at.parse().unwrap(),
            by: "arn:aws:sts::222222222222:assumed-role/nightly/job".to_owned(),
        }),
        gap: None,
    }
}

fn refused() -> RefusedUses {
    refused_at("2026-11-21T01:30:00Z")
}

/// The report of the night after one with the keys `before`.
fn the_night_after(before: Vec<KeyReading>, keys: Vec<KeyReading>) -> WholeReport {
    next_report(with_keys(keys), &first_report(with_keys(before)))
}

#[test]
fn there_is_a_finding_for_each_flagged_key_root_user_and_refused_use_and_for_nothing_else() {
    let mut exempt = key(3, STALE);
    exempt.exemption = Some("legal".to_owned());
    let report = first_report(with_keys(vec![
        key(1, STALE),
        key(2, IN_USE),
        exempt,
        disabled(4, Some(refused())),
        disabled(5, None),
        access_key(&one(), "deploy", 1, STALE),
        access_key(&one(), "deploy", 2, IN_USE),
        password(&one(), "anna", STALE),
        root_key(&one(), 1, STALE),
        root_key(&one(), 2, IN_USE),
        root_password(&one(), IN_USE),
        root_password(&account(333_333_333_333, "data"), STALE),
        secret(&one(), "prod/db", STALE),
    ]));
    assert_eq!(
        states(&report),
        [
            "unused key-000001 ACTIVE",
            "refused_use key-000004 ACTIVE",
            "unused prod/db-a1b2c3 ACTIVE",
            "unused AKIA2222333344000001 ACTIVE",
            "unused anna ACTIVE",
            "root_access_key root_access_key_1 ACTIVE",
            "root_access_key root_access_key_2 ACTIVE",
            "root_sign_in <root_account> ACTIVE",
        ]
    );
}

#[test]
fn what_was_found_and_does_not_hold_any_more_is_archived_and_what_is_not_known_stays() {
    let mut exempt = key(2, STALE);
    exempt.exemption = Some("legal".to_owned());
    let mut unread = key(3, STALE);
    unread.usage = Usage::Unreadable(Gap::NoTimeLeft);
    let before = vec![
        key(1, STALE),
        key(2, STALE),
        key(3, STALE),
        key(4, STALE),
        disabled(5, Some(refused())),
        disabled(6, Some(refused())),
        disabled(7, Some(refused())),
        root_password(&one(), IN_USE),
    ];
    let keys = vec![
        key(1, IN_USE),
        exempt,
        unread,
        key(4, STALE),
        // Enabled again.
        key(5, IN_USE),
        // Nobody was refused of late.
        disabled(6, Some(RefusedUses::default())),
        // What was found is not known tonight.
        disabled(7, Some(RefusedUses::unread(None, Gap::NoTimeLeft))),
        root_password(&one(), STALE),
    ];
    assert_eq!(
        states(&the_night_after(before, keys)),
        [
            "unused key-000001 ARCHIVED",
            "unused key-000002 ARCHIVED",
            "unused key-000004 ACTIVE",
            "refused_use key-000005 ARCHIVED",
            "refused_use key-000006 ARCHIVED",
            "root_sign_in <root_account> ARCHIVED",
        ]
    );
}

#[test]
fn the_findings_of_a_key_that_is_gone_are_archived_and_those_of_an_unseen_one_stay() {
    let before = vec![
        key(1, STALE),
        key(2, IN_USE),
        disabled(3, Some(refused())),
        root_key(&one(), 1, STALE),
    ];
    let covered = |coverage| with_coverage(Vec::new(), coverage);
    let before = first_report(with_keys(before));
    let listed = covered(vec![
        scanned(&one(), Some("eu-west-1")),
        scanned(&one(), None),
    ]);
    let gone = next_report(listed, &before);
    assert_eq!(
        states(&gone),
        [
            "unused key-000001 ARCHIVED",
            "refused_use key-000003 ARCHIVED",
            "root_access_key root_access_key_1 ARCHIVED",
        ]
    );
    let archived = of(&gone)
        .iter()
        .map(asff)
        .find(|f| f["Id"].as_str().unwrap().contains("key-000001"));
    let archived = archived.unwrap();
    // As it was imported when the key was there.
    assert_eq!(archived["Resources"][0]["Id"], key(1, STALE).arn);
    assert_eq!(archived["CreatedAt"], "2026-11-21T00:00:00Z");
    let unseen = next_report(covered(vec![scanned(&one(), None)]), &before);
    assert_eq!(
        states(&unseen),
        ["root_access_key root_access_key_1 ARCHIVED"]
    );
}

#[test]
fn a_key_that_could_not_be_read_for_a_night_is_archived_once_it_is_used_again() {
    let mut unread = key(1, STALE);
    unread.usage = Usage::Unreadable(Gap::NoTimeLeft);
    let second = the_night_after(vec![key(1, STALE)], vec![unread]);
    assert!(states(&second).is_empty());
    let third = next_report(with_keys(vec![key(1, IN_USE)]), &second);
    assert_eq!(states(&third), ["unused key-000001 ARCHIVED"]);
}

#[test]
fn a_finding_has_the_same_id_and_beginning_every_night_and_another_update() {
    let first = first_report(with_keys(vec![key(1, STALE), root_key(&one(), 1, STALE)]));
    let mut tomorrow = run();
    tomorrow.now = "2026-11-22T02:00:07Z".parse().unwrap();
    let keys = with_keys(vec![key(1, STALE), root_key(&one(), 1, STALE)]);
    let last = crate::examples::last_run(&first);
    let second = crate::examples::report_of(&tomorrow, keys, &last);
    let (before, after) = (of(&first), of(&second));
    assert_eq!(before.len(), 2);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.id, after.id);
        let (before, after) = (asff(before), asff(after));
        for same in ["Id", "CreatedAt", "FirstObservedAt", "ProductArn", "Title"] {
            assert_eq!(before[same], after[same], "{same}");
            assert!(before[same].is_string(), "{same}");
        }
        assert_eq!(before["UpdatedAt"], "2026-11-21T02:00:07Z");
        assert_eq!(after["UpdatedAt"], "2026-11-22T02:00:07Z");
    }
}

#[test]
fn severities_are_those_of_security_hubs_own_controls_or_lower() {
    let mut pending = disabled(2, Some(refused()));
    pending.state = Some("PendingDeletion".to_owned());
    pending.usage = Usage::NotRead;
    let report = first_report(with_keys(vec![
        key(1, STALE),
        pending,
        disabled(3, Some(refused())),
        access_key(&one(), "deploy", 1, STALE),
        password(&one(), "anna", STALE),
        root_key(&one(), 1, STALE),
        root_password(&one(), IN_USE),
        secret(&one(), "prod/db", STALE),
    ]));
    let label = |finding: &Value| {
        let severity = &finding["FindingProviderFields"]["Severity"];
        let resource = finding["Resources"][0]["Type"].as_str().unwrap();
        format!(
            "{} {resource} {}",
            severity["Original"].as_str().unwrap(),
            severity["Label"].as_str().unwrap()
        )
    };
    let labels: Vec<String> = of(&report).iter().map(asff).map(|f| label(&f)).collect();
    assert_eq!(
        labels,
        [
            "unused AwsKmsKey LOW",
            "refused_use AwsKmsKey CRITICAL",
            "refused_use AwsKmsKey HIGH",
            "unused AwsSecretsManagerSecret MEDIUM",
            "unused AwsIamAccessKey MEDIUM",
            "unused AwsIamUser MEDIUM",
            "root_access_key AwsAccount CRITICAL",
            "root_sign_in AwsAccount MEDIUM",
        ]
    );
}

#[test]
fn findings_are_as_expected() {
    let report = the_night_after(
        vec![key(1, STALE), key(2, STALE)],
        vec![
            key(1, STALE),
            key(2, IN_USE),
            disabled(3, Some(refused())),
            access_key(&one(), "deploy", 1, STALE),
            root_key(&one(), 1, STALE),
        ],
    );
    let mut report = report;
    report.summary.report.report_html =
        "s3://acme/census/report/date=2026-11-21/report.html".to_owned();
    let findings: Vec<Value> = of(&report).iter().map(asff).collect();
    let mut text = serde_json::to_string_pretty(&findings).unwrap();
    text.push('\n');
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    matches_file("render/security_hub/tests/findings.json", &text);
}

#[test]
fn an_id_that_is_too_long_is_one_by_its_hash() {
    let mut long = key(1, STALE);
    long.key_id = "x".repeat(600);
    let mut other = long.clone();
    other.key_id.push('y');
    let findings = of(&first_report(with_keys(vec![long, other])));
    let ids: BTreeSet<&str> = findings.iter().map(|finding| &*finding.id).collect();
    assert_eq!(ids.len(), 2);
    assert!(
        ids.iter()
            .all(|id| id.len() <= 512 && id.contains("/sha256:")),
        "{ids:?}"
    );
}

/// What Security Hub does not take
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>).
fn is_within_limits(finding: &Value) {
    let length = |text: &Value| text.as_str().unwrap().chars().count();
    for (name, most) in [
        ("Id", 512),
        ("Title", 256),
        ("Description", 1_024),
        ("GeneratorId", 512),
    ] {
        let length = length(&finding[name]);
        assert!((1..=most).contains(&length), "{name}: {length}");
    }
    let recommendation = &finding["Remediation"]["Recommendation"]["Text"];
    assert!(
        (1..=512).contains(&length(recommendation)),
        "{recommendation}"
    );
    let fields = finding["ProductFields"].as_object().unwrap();
    assert!(fields.len() <= 50);
    for (name, value) in fields {
        assert!(name.len() <= 128 && length(value) <= 2_048, "{name}");
        assert!(!value.as_str().unwrap().trim().is_empty(), "{name}");
    }
    let resources = finding["Resources"].as_array().unwrap();
    assert!((1..=2).contains(&resources.len()));
    for resource in resources {
        assert!(length(&resource["Id"]) > 0);
        assert!(
            resource["Region"]
                .as_str()
                .is_none_or(|region| region.len() <= 16)
        );
    }
    assert_eq!(finding["AwsAccountId"], "111111111111");
    assert_eq!(finding["Resources"][0].get("Tags"), None);
    // A full call is within 6 MB.
    assert!(finding.to_string().len() < (6 << 20) / MOST_FINDINGS);
}

#[test]
fn no_hostile_text_breaks_a_line_hides_anything_or_becomes_a_link() {
    for text in hostile::texts() {
        let report = first_report(with_text_everywhere(&text));
        for finding in of(&report).iter().map(asff) {
            is_within_limits(&finding);
            for name in ["Title", "Description"] {
                let shown = finding[name].as_str().unwrap();
                assert!(hostile::is_plain(shown), "{shown:?}");
                assert!(!shown.contains("://"), "{shown:?}");
            }
            for value in finding["ProductFields"].as_object().unwrap().values() {
                assert!(hostile::is_plain(value.as_str().unwrap()), "{value:?}");
            }
        }
    }
}

#[test]
fn a_resource_in_a_partition_that_security_hub_does_not_name_has_none() {
    let mut key = key(1, STALE);
    key.arn = "arn:aws-iso:kms:us-iso-east-1:222222222222:key/1".to_owned();
    key.region = Region::parse("us-iso-east-1");
    let report = first_report(with_keys(vec![key]));
    let scanner = AccountId::parse("111111111111").unwrap();
    let product = Product::default_of(scanner, &Region::parse("us-iso-east-1").unwrap());
    assert!(
        product
            .arn
            .starts_with("arn:aws-iso:securityhub:us-iso-east-1:")
    );
    let finding = of_key(&report, report.keys().next().unwrap(), &product);
    let resource = &asff(&finding[0])["Resources"][0];
    assert_eq!(
        *resource,
        json!({"Type": "AwsKmsKey", "Id": "arn:aws-iso:kms:us-iso-east-1:222222222222:key/1", "Region": "us-iso-east-1"})
    );
}

proptest! {
    #[test]
    fn any_report_has_findings_that_security_hub_takes_one_for_each_id(before in reading(12), tonight in reading(12)) {
        let report = next_report(tonight, &first_report(before));
        let findings = of(&report);
        let ids: BTreeSet<&str> = findings.iter().map(|finding| &*finding.id).collect();
        prop_assert_eq!(ids.len(), findings.len());
        prop_assert_eq!(states(&report).len(), findings.len());
        findings.iter().map(asff).for_each(|finding| is_within_limits(&finding));
        let active = findings.iter().map(asff).filter(|f| f["RecordState"] == "ACTIVE");
        let unused = active.filter(|f| f["GeneratorId"] == "keycensus/unused").count() as u64;
        let root = report.keys().filter(|key| key.is_flagged() && key.key.kind == crate::model::reading::KeyKind::RootAccessKey);
        prop_assert_eq!(unused + root.count() as u64, report.summary.keys.flagged);
    }
}
