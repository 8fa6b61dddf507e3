//! What holds for a plan of any report that a census writes.

use proptest::prelude::*;

use super::{MARKS, commands};
use crate::{
    arbitrary::reading,
    examples::{account, first_report, kms_key, of_set, with_keys},
    model::{
        layout::ReportFile,
        organization_reading::Reading,
        reading::{KeyKind, KeyReading, Usage},
    },
    plan::make,
};

/// Keys with ARNs as AWS gives them.
fn with_arns(mut reading: Reading) -> Reading {
    for key in &mut reading.keys {
        let account = key.account.id;
        match (key.kind, &key.region) {
            (KeyKind::KmsKey, Some(region)) => {
                let partition = region.partition();
                key.arn = format!("arn:{partition}:kms:{region}:{account}:key/{}", key.key_id);
            }
            _ => {
                key.names.truncate(1);
                let user = key.names.first().cloned().unwrap_or_default();
                key.arn = format!("arn:aws:iam::{account}:user/{user}");
            }
        }
    }
    reading
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_flagged_key_has_steps_or_a_reason(reading in reading(12).prop_map(with_arns)) {
        let report = first_report(reading);
        let plan = make(&*report.file(ReportFile::KeysCsv)).unwrap();
        let left_out = plan.document.split_once("## Left out\n").map_or("", |(_, rest)| rest);
        for judged in report.keys() {
            let id = judged.key.key_id.as_str();
            let lines: Vec<String> = plan
                .scripts
                .iter()
                .flat_map(|script| commands(&script.text, &MARKS))
                .filter(|line| line.contains(&format!("'{id}'")))
                .collect();
            let is_flagged = judged.is_flagged() && judged.key.kind != KeyKind::RootAccessKey;
            prop_assert_eq!(is_flagged, !lines.is_empty() || is_flagged && left_out.contains(id), "{}", id);
            let is_deleted = lines.iter().any(|line| line.contains("schedule-key-deletion"));
            let is_known_to_be_alone = judged.dependents_checked() == "yes"
                && judged.key.dependents().is_some_and(|found| found.is_empty());
            prop_assert!(!is_deleted || is_known_to_be_alone);
        }
    }

    #[test]
    fn as_it_stands_a_script_changes_nothing(reading in reading(12).prop_map(with_arns)) {
        let report = first_report(reading);
        for script in make(&*report.file(ReportFile::KeysCsv)).unwrap().scripts {
            let account = script.file_name.trim_end_matches(".sh");
            let expected = [
                "set -eu".to_owned(),
                "account=$(aws sts get-caller-identity --query Account --output text)".to_owned(),
                format!("if [ \"${{account}}\" != '{account}' ]; then"),
                format!("    echo \"these credentials are of account ${{account}}, not of {account}\" >&2"),
                "    exit 1".to_owned(),
                "fi".to_owned(),
            ];
            prop_assert_eq!(commands(&script.text, &[]), expected);
        }
    }
}

/// An unused replica of a set with a primary of this usage.
fn set_of(primary: Usage) -> Vec<KeyReading> {
    let regions = ["eu-west-1", "us-east-1"];
    let mut keys: Vec<KeyReading> = regions
        .map(|region| {
            of_set(
                used(STALE),
                "mrk-1234abcd12ab34cd56ef1234567890ab",
                region,
                &regions,
            )
        })
        .into();
    keys[0].usage = primary;
    keys
}

const STALE: &str = "2026-05-01T00:00:00Z";

fn used(at: &str) -> KeyReading {
    kms_key(&account(222_222_222_222, "payments"), 1, at)
}

#[test]
fn an_idle_replica_of_a_used_set_is_left_out_and_a_set_that_is_idle_as_a_whole_is_not() {
    let (idle, used) = (used(STALE).usage, used("2026-11-20T00:00:00Z").usage);
    for (primary, scripts) in [(idle, 1), (used, 0)] {
        let keys = set_of(primary);
        let reading = with_arns(with_keys(keys));
        let report = first_report(reading);
        let plan = make(&*report.file(ReportFile::KeysCsv)).unwrap();
        assert_eq!(plan.scripts.len(), scripts, "{}", plan.document);
        let is_left_out = plan
            .document
            .contains("replica idle; set in use in eu-west-1");
        assert_eq!(is_left_out, scripts == 0);
    }
}
