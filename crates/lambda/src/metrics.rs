//! Metrics for CloudWatch: a line of the log in embedded metric format for each run that
//! wrote a report
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
//! The alarms and the dashboard of `template.yaml` know them by these names.

use std::{
    fmt,
    io::{self, Write},
};

use jiff::Timestamp;
use keycensus_core::{
    judge::summary::Summary,
    model::{kind::Family, reading::KeyKind, time::to_seconds},
};
use lambda_runtime::Error;
use metrics::{Unit, describe_gauge, gauge};
use metrics_cloudwatch_embedded::{Builder, Collector};
use serde_json::Value;

const NAMESPACE: &str = "Keycensus";
/// The one dimension of all metrics: the name of the function.
const DIMENSION: &str = "FunctionName";

/// Digests that were not sent or may not have been.
const MISSING: &str = "DigestsMissing";

/// Flagged keys of each family of kinds that can be flagged.
const FLAGGED_OF: [(&str, Family, &str); 4] = [
    ("FlaggedKmsKeys", Family::Kms, "KMS keys that are flagged."),
    (
        "FlaggedAccessKeys",
        Family::Iam,
        "Access keys and root access keys that are flagged.",
    ),
    (
        "FlaggedPasswords",
        Family::Passwords,
        "Passwords that are flagged.",
    ),
    (
        "FlaggedSecrets",
        Family::Secrets,
        "Secrets that are flagged.",
    ),
];

/// The metrics of this process.
#[derive(Clone, Copy)]
pub struct Metrics(&'static Collector);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// The metrics of the function of that name, whose log has lines of `level` up
    /// (`INFO` unless another is set).
    ///
    /// # Errors
    /// This process has metrics already.
    pub fn begin(function_name: &str, level: Option<&str>) -> Result<Self, Error> {
        let collector = Builder::new()
            .cloudwatch_namespace(NAMESPACE)
            .with_dimension(DIMENSION, function_name.to_owned())
            .init()?;
        // Lambda takes a line that does not say its level for INFO, and drops it where
        // the log is to be quieter. Whatever the level is, metrics are to get through.
        collector.set_property("level", level.unwrap_or("INFO"));
        collector.set_property("message", "metrics of the census");
        describe_gauge!("FlaggedKeys", Unit::Count, "Keys that are flagged.");
        for (name, _, what) in FLAGGED_OF {
            describe_gauge!(name, Unit::Count, what);
        }
        describe_gauge!(
            "KeysNeeded",
            Unit::Count,
            "Keys that are disabled or pending deletion, and that somebody was refused of late."
        );
        describe_gauge!("KeysRead", Unit::Count, "Keys that are not unreadable.");
        describe_gauge!("CellsNotScanned", Unit::Count, "Gaps in coverage.");
        describe_gauge!("ThrottledCalls", Unit::Count, "Calls that AWS throttled.");
        describe_gauge!("Duration", Unit::Milliseconds, "How long the run took.");
        describe_gauge!(
            MISSING,
            Unit::Count,
            "Digests that were not sent or may not have been."
        );
        Ok(Self(collector))
    }

    /// Writes what `summary` says of a run that ended at `now`.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn write(self, summary: &Summary, now: Timestamp, to: &mut impl Write) -> io::Result<()> {
        let Summary { keys, coverage, .. } = summary;
        let unreadable = keys.by_verdict.get("unreadable").copied().unwrap_or(0);
        // An account that could not be entered is one gap: its cells are not known.
        let gaps = coverage.gaps();
        let throttled: u64 = summary.calls.values().map(|calls| calls.throttled).sum();
        gauge!("FlaggedKeys").set(keys.flagged as f64);
        for (name, family, _) in FLAGGED_OF {
            let kinds = KeyKind::ALL.into_iter();
            let of_family = kinds.filter(|kind| kind.family() == family);
            let flagged: u64 = of_family.map(|kind| keys.flagged_of_kind(kind)).sum();
            gauge!(name).set(flagged as f64);
        }
        gauge!("KeysNeeded").set(keys.needed as f64);
        gauge!("KeysRead").set((keys.total - unreadable) as f64);
        gauge!("CellsNotScanned").set(gaps as f64);
        gauge!("ThrottledCalls").set(throttled as f64);
        // In US dollars, for which CloudWatch has no unit.
        gauge!("MonthlyCostFlagged").set(keys.monthly_cost_usd_flagged);
        gauge!("Duration").set(summary.elapsed_ms as f64);
        gauge!(MISSING).set(summary.digest.missing() as f64);
        // What is not read is not known to be 0.
        let is_read = |name: &str| {
            let family = FLAGGED_OF.iter().find(|(of_family, ..)| *of_family == name);
            family.is_none_or(|(_, kind, _)| summary.kinds.contains(kind))
        };
        self.write_line(&summary.run_id, now, is_read, to)
    }

    /// Writes how many digests of the run `run_id` are missing, for an invocation that did
    /// not make the report.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn write_missing(
        self,
        run_id: &str,
        digests: u64,
        now: Timestamp,
        to: &mut impl Write,
    ) -> io::Result<()> {
        gauge!(MISSING).set(digests as f64);
        self.write_line(run_id, now, |name| name == MISSING, to)
    }

    /// Writes the metrics that are `wanted`, by name: the collector has every gauge that was ever set in this
    /// process, by other runs too.
    fn write_line(
        self,
        run_id: &str,
        now: Timestamp,
        wanted: impl Fn(&str) -> bool,
        to: &mut impl Write,
    ) -> io::Result<()> {
        let mut line: Value = serde_json::from_slice(&self.line(run_id, now)?)?;
        let directive = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array_mut();
        let is_wanted = |metric: &Value| metric["Name"].as_str().is_some_and(&wanted);
        let others: Vec<Value> = directive
            .map(|metrics| {
                metrics
                    .extract_if(.., |metric| !is_wanted(metric))
                    .collect()
            })
            .unwrap_or_default();
        if let Some(values) = line.as_object_mut() {
            values.retain(|name, _| others.iter().all(|other| other["Name"] != *name));
        }
        let mut line = line.to_string();
        line.push('\n');
        to.write_all(line.as_bytes())?;
        to.flush()
    }

    /// The line, in one piece, so that no other line of the log comes in between.
    fn line(self, run_id: &str, now: Timestamp) -> io::Result<Vec<u8>> {
        self.0.set_property("timestamp", to_seconds(now));
        self.0.set_property("run.id", run_id);
        let mut line = Vec::new();
        self.0.flush(&mut line)?;
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use keycensus_core::{
        judge::{
            changes::ComparedWith,
            findings::{Findings, limits::Limits},
            last_run::NoLastRun,
            report::Report,
            summary::{CallCounts, RunFacts, Summary},
        },
        model::{kind::Family, reading::KeyKind},
        settings::{ReadMode, Switch},
    };
    use serde_json::{Value, json};

    use super::{FLAGGED_OF, Metrics};

    fn summary() -> Summary {
        let run = RunFacts {
            run_id: "run-1".to_owned(),
            now: "2026-11-21T02:00:00Z".parse().unwrap(),
            stale_after_days: 90,
            rotate_after_days: 90,
            watch_days: 30,
            member_role: "KeycensusReader".to_owned(),
            dependents: Switch::On,
            aws_managed: Switch::Off,
            read: ReadMode::All,
            read_again_days: 7,
            exempt_tag: "keycensus:exempt".to_owned(),
            owner_tags: vec!["owner".to_owned()],
            kinds: Family::ALL.into(),
        };
        let first = ComparedWith::Nothing(NoLastRun::Missing);
        Report::new(&run, Findings::new(first, &Limits::NONE)).summary
    }

    fn written(metrics: Metrics, summary: &Summary) -> Value {
        let mut line = Vec::new();
        let now = "2026-11-21T02:14:00Z".parse().unwrap();
        metrics.write(summary, now, &mut line).unwrap();
        assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn each_family_with_a_kind_that_can_be_flagged_has_a_metric() {
        let flagged = KeyKind::ALL
            .into_iter()
            .filter(|kind| kind.can_be_flagged());
        let families: BTreeSet<Family> = flagged.map(KeyKind::family).collect();
        assert_eq!(
            BTreeSet::from(FLAGGED_OF.map(|(_, family, _)| family)),
            families
        );
    }

    /// One test: a process has one set of metrics.
    #[test]
    fn a_run_is_one_line_in_embedded_metric_format_that_says_what_its_summary_does() {
        let metrics = Metrics::begin("keycensus", Some("WARN")).unwrap();
        let mut summary = summary();
        summary.keys.total = 54;
        summary.keys.flagged = 21;
        summary.keys.flagged_by_kind = [
            ("kms_key", 12),
            ("iam_access_key", 5),
            ("root_access_key", 2),
            ("secret", 2),
        ]
        .into();
        summary.kinds = [Family::Kms, Family::Iam, Family::Passwords].into();
        summary.keys.needed = 2;
        summary.keys.by_verdict.insert("unreadable", 4);
        summary.keys.monthly_cost_usd_flagged = 14.5;
        (
            summary.coverage.cells.partial,
            summary.coverage.cells.denied,
        ) = (2, 1);
        summary.coverage.accounts.unreachable = 3;
        summary.coverage.accounts.skipped = 7;
        summary.elapsed_ms = 840_000;
        summary.digest.may_be_lost = true;
        summary.digest.per_account.failed = 2;
        for (operation, throttled) in [("kms:ListKeys", 5), ("iam:ListUsers", 6)] {
            let counts = CallCounts {
                sent: 100,
                throttled,
            };
            summary.calls.insert(operation.to_owned(), counts);
        }
        let line = written(metrics, &summary);
        let [directive] = line["_aws"]["CloudWatchMetrics"]
            .as_array()
            .unwrap()
            .as_slice()
        else {
            panic!("one directive: {line}");
        };
        assert_eq!(directive["Namespace"], "Keycensus");
        assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
        assert_eq!(line["FunctionName"], "keycensus");
        let declared: Vec<(Value, Value, Value)> = directive["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| {
                let name = metric["Name"].as_str().unwrap();
                (name.into(), metric["Unit"].clone(), line[name].clone())
            })
            .collect();
        let metric =
            |name: &str, unit: Option<&str>, value: f64| (name.into(), json!(unit), json!(value));
        assert_eq!(
            declared,
            [
                metric("CellsNotScanned", Some("Count"), 6.0),
                metric("DigestsMissing", Some("Count"), 3.0),
                metric("Duration", Some("Milliseconds"), 840_000.0),
                metric("FlaggedAccessKeys", Some("Count"), 7.0),
                metric("FlaggedKeys", Some("Count"), 21.0),
                metric("FlaggedKmsKeys", Some("Count"), 12.0),
                metric("FlaggedPasswords", Some("Count"), 0.0),
                metric("KeysNeeded", Some("Count"), 2.0),
                metric("KeysRead", Some("Count"), 50.0),
                metric("MonthlyCostFlagged", None, 14.5),
                metric("ThrottledCalls", Some("Count"), 11.0),
            ]
        );
        // Secrets were not read.
        assert_eq!(line.get("FlaggedSecrets"), None, "{line}");
        assert_eq!(
            (&line["level"], &line["timestamp"], &line["run.id"]),
            (
                &json!("WARN"),
                &json!("2026-11-21T02:14:00Z"),
                &json!("run-1")
            )
        );

        // A run in which there is nothing of anything says so, rather than nothing.
        let nothing = written(metrics, &self::summary());
        assert_eq!(nothing["FlaggedKeys"], 0.0);
        assert_eq!(nothing["ThrottledCalls"], 0.0);
        assert_eq!(nothing["DigestsMissing"], 0.0);

        // What an invocation says of an earlier run's digest is not another census.
        let mut line = Vec::new();
        let now = "2026-11-21T02:17:00Z".parse().unwrap();
        metrics.write_missing("run-1", 1, now, &mut line).unwrap();
        let line: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(line["DigestsMissing"], 1.0);
        assert_eq!(line["run.id"], "run-1");
        let [directive] = line["_aws"]["CloudWatchMetrics"]
            .as_array()
            .unwrap()
            .as_slice()
        else {
            panic!("one directive: {line}");
        };
        assert_eq!(directive["Metrics"].as_array().unwrap().len(), 1, "{line}");
        assert_eq!(line.get("FlaggedKeys"), None, "{line}");
    }
}
