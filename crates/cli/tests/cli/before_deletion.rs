//! Four keys of the demo's world that must not just be deleted: files, digest, page,
//! explanation and plan tell the same of each.

use std::sync::OnceLock;

use crate::{
    demo_world::{demo_world, scan_and_tell},
    desk::{Desk, Row},
};

/// What a census with the audit of guards has left, and an AWS to ask further.
struct Night {
    desk: Desk,
    rows: Vec<Row>,
    digest: String,
    page: String,
    plan: String,
}

fn night() -> &'static Night {
    static NIGHT: OnceLock<Night> = OnceLock::new();
    NIGHT.get_or_init(|| {
        let desk = Desk::of(demo_world());
        let digest = scan_and_tell(&desk);
        let said = desk.run(&["plan", "out/latest/keys.csv", "--out", "plan"]);
        assert_eq!(said.code, 0, "{said:?}");
        Night {
            rows: desk.rows("out/latest/keys.csv"),
            digest,
            page: desk.folder.read("out/latest/report.html"),
            plan: desk.folder.read("plan/plan.md"),
            desk,
        }
    })
}

impl Night {
    /// The one row that `column` says this of.
    fn row(&self, column: &str, value: &str) -> &Row {
        let mut rows = self.rows.iter().filter(|row| row[column] == value);
        let row = rows.next().unwrap();
        assert_eq!(rows.next(), None, "{column} {value}");
        row
    }

    /// What the digest says of a key, up to the next one.
    fn in_digest(&self, name: &str) -> &str {
        let (_, entry) = self.digest.split_once(&format!(": {name}, ")).unwrap();
        entry.split("\n- ").next().unwrap()
    }

    fn explanation(&self, row: &Row) -> String {
        let said = self.desk.run(&["explain", &row["arn"]]);
        assert_eq!(said.code, 0, "{said:?}");
        said.stdout
    }

    /// Whether the plan has steps for a key, and else the reason why it has none.
    fn in_plan(&self, row: &Row) -> Result<(), &str> {
        let (steps, left_out) = self.plan.split_once("\n## Left out").unwrap();
        let key_id = &row["key_id"];
        match left_out.lines().find(|line| line.contains(key_id)) {
            None => {
                assert!(steps.contains(key_id), "{key_id} is nowhere");
                Ok(())
            }
            Some(line) => {
                assert!(!steps.contains(key_id), "{key_id} is in both");
                Err(line)
            }
        }
    }
}

#[test]
fn a_key_that_volumes_need_is_no_key_to_disable() {
    let night = night();
    let row = night.row("name", "alias/hadoop-volumes");
    assert_eq!(row["flagged"], "true");
    assert_eq!(row["dependents"], "ebs_volumes=3;ebs_snapshots=2");
    assert_eq!(row["recommendation"], "check_dependents");
    let needed = "still needed by 3 EBS volumes, 2 EBS snapshots";
    let entry = night.in_digest("alias/hadoop-volumes");
    assert!(entry.contains(needed), "{entry}");
    assert!(night.page.contains("3 EBS volumes, 2 EBS snapshots"));
    let explanation = night.explanation(row);
    assert!(explanation.contains("EBS volumes   3\n"), "{explanation}");
    let reason = night.in_plan(row).unwrap_err();
    assert!(reason.contains("ebs_volumes=3"), "{reason}");
}

#[test]
fn a_key_that_grants_are_out_for_is_no_key_to_disable() {
    let night = night();
    let row = night.row("name", "alias/psp-gateway-2019");
    assert_eq!(row["flagged"], "true");
    assert_eq!(row["dependents"], "grants=rds.amazonaws.com:2");
    assert_eq!(row["recommendation"], "check_dependents");
    let needed = "2 grants (rds.amazonaws.com)";
    let entry = night.in_digest("alias/psp-gateway-2019");
    assert!(entry.contains(needed), "{entry}");
    assert!(night.page.contains(needed));
    let explanation = night.explanation(row);
    assert!(explanation.contains("rds.amazonaws.com"), "{explanation}");
    let reason = night.in_plan(row).unwrap_err();
    assert!(reason.contains("rds.amazonaws.com"), "{reason}");
}

#[test]
fn a_guarded_key_cannot_be_disabled_yet() {
    let night = night();
    let row = night.row("name", "alias/exports");
    assert_eq!(row["flagged"], "true");
    assert_eq!(row["guard_days"], "365");
    let denied = "its key policy denies to disable and to delete it until it is unused for more than 365 days";
    let entry = night.in_digest("alias/exports");
    assert!(entry.contains(denied), "{entry}");
    let counted = "Key policies let 37 of 38 customer managed KMS keys be disabled";
    assert!(night.digest.contains(counted), "{}", night.digest);
    assert!(night.page.contains("A key is guarded when its key policy"));
    let explanation = night.explanation(row);
    assert!(explanation.contains("365 days"), "{explanation}");
    let reason = night.in_plan(row).unwrap_err();
    assert!(reason.contains(denied), "{reason}");
}

#[test]
fn a_key_pending_deletion_that_somebody_tries_to_use_is_told_as_such() {
    let night = night();
    let row = night.row("state", "PendingDeletion");
    let date = &row["deletion_date"][..10];
    assert_eq!(row["verdict"], "pending_deletion");
    let entry = format!("- in 12 days, on {date}: no alias, eu-central-1");
    assert!(night.digest.contains(&entry), "{}", night.digest);
    assert!(night.page.contains(date));
    let explanation = night.explanation(row);
    let attempt = "1 attempt to use it since: somebody needs it.";
    assert!(explanation.contains(attempt), "{explanation}");
    assert!(explanation.contains("KMSInvalidStateException"));
    let reason = night.in_plan(row).unwrap_err();
    assert!(reason.contains("pending deletion"), "{reason}");
}
